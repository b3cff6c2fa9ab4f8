// A Koa app, as Koa has it; the factory returns it instead of calling listen().

import Koa from 'koa';
import { Readable } from 'node:stream';

export function makeApp(globalConf, { greeting = 'Hello' }) {
  const app = new Koa();

  app.use(async (context, next) => {
    await next();
    context.set('X-Served-By', 'koa');
  });

  app.use((context) => {
    if (context.path === '/') {
      context.body = { greeting: `${greeting}, ${String(context.query.name ?? 'world')}!` };
    } else if (context.path === '/count') {
      context.type = 'text/plain';
      context.body = Readable.from(['one\n', 'two\n', 'three\n']);
    } else if (context.path === '/echo' && context.method === 'POST') {
      // Not read here: it passes through piece by piece.
      context.type = context.get('Content-Type');
      context.body = context.req;
    }
  });
  return app;
}
