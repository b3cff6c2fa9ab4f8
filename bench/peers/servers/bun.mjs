import { fetchAnswer, PORT } from './answers.mjs';

Bun.serve({ port: PORT, hostname: '127.0.0.1', fetch: fetchAnswer });
