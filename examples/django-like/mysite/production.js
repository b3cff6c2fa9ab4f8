// What is different in production.

export * from './settings.js';

export const DEBUG = false;

export const ALLOWED_HOSTS = ['polls.example.org'];
