import fastify from 'fastify';
import { ANSWERS, PORT } from './answers.mjs';

const app = fastify({ keepAliveTimeout: 60_000 });
for (const [path, text] of Object.entries(ANSWERS)) app.get(path, (_request, reply) => reply.type('text/plain').send(text));
await app.listen({ port: PORT, host: '127.0.0.1' });
