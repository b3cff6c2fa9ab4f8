// A Fastify app, as Fastify has it; the factory returns it instead of calling listen().

import Fastify from 'fastify';

export function makeApp(globalConf, { greeting = 'Hello' }) {
  const app = Fastify();
  const books = [];

  app.get('/', (request, reply) => {
    reply.send({ greeting: `${greeting}, ${request.query.name ?? 'world'}!` });
  });

  const schema = { body: { type: 'object', required: ['title'], properties: { title: { type: 'string' } } } };
  app.post('/books', { schema }, async (request, reply) => {
    books.push(request.body);
    return reply.code(201).send({ ...request.body, saved: true });
  });

  // Plugins load before the worker says that it is ready, and hooks run when it ends: appserve calls ready() and close().
  app.register(async (admin) => {
    admin.get('/ready', () => 'plugins are loaded');
  });
  app.addHook('onClose', async () => books.splice(0));
  return app;
}
