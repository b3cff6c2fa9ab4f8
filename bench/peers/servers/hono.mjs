import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { ANSWERS, PORT } from './answers.mjs';

const app = new Hono();
for (const [path, text] of Object.entries(ANSWERS)) app.get(path, (context) => context.text(text));
serve({ fetch: app.fetch, port: PORT, hostname: '127.0.0.1' }).keepAliveTimeout = 60_000;
