// A Hono app, as Hono has it: a fetch app. The factory returns it; @hono/node-server is not needed.

import { Hono } from 'hono';
import { streamText } from 'hono/streaming';

export function makeApp(globalConf, { greeting = 'Hello' }) {
  const app = new Hono();

  app.get('/', (context) => context.json({ greeting: `${greeting}, ${context.req.query('name') ?? 'world'}!` }));

  app.post('/books', async (context) => context.json({ ...(await context.req.json()), saved: true }, 201));

  app.get('/count', (context) =>
    streamText(context, async (stream) => {
      for (const word of ['one', 'two', 'three']) await stream.writeln(word);
    }),
  );
  return app;
}
