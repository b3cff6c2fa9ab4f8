// An h3 app, as h3 has it: a fetch app. The factory returns it instead of calling serve().

import { H3, getQuery, HTTPError } from 'h3';

export function makeApp(globalConf, { greeting = 'Hello' }) {
  const app = new H3();

  app.get('/', (event) => ({ greeting: `${greeting}, ${String(getQuery(event).name ?? 'world')}!` }));

  app.post('/books', async (event) => {
    event.res.status = 201;
    return { ...(await event.req.json()), saved: true };
  });

  app.get('/teapot', () => {
    throw new HTTPError({ status: 418, message: 'Short and stout' });
  });
  return app;
}
