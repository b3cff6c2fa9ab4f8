// Ours: a fetch app that gives a plain Response; one worker. `fetch.js [light]`: with light_fetch.

import { serve } from '@appserve/server';
import { fetchAnswer } from './fetch-answer.ts';

export const application = { fetch: fetchAnswer };

const [kind] = process.argv.slice(2);
const options = { workers: 1, maxReuseCount: 'unlimited', logLevel: 'warn', lightFetch: kind === 'light' } as const;
const server = await serve(application, { socket: '127.0.0.1:0', ...options });
console.log(new URL(server.url).port);
