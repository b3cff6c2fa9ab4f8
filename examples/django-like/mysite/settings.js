// For development.

export const DEBUG = true;

export const ALLOWED_HOSTS = [];

export const MIDDLEWARE = ['django.middleware.securityMiddleware', 'django.middleware.commonMiddleware'];

export const ROOT_URLCONF = 'mysite.urls';
