// An Express app, as Express has it; the factory returns it instead of calling listen().

import express from 'express';

export function makeApp(globalConf, { greeting = 'Hello' }) {
  const app = express();
  app.disable('x-powered-by');

  app.get('/', (request, response) => {
    const { name } = request.query;
    response.json({ greeting: `${greeting}, ${typeof name === 'string' ? name : 'world'}!` });
  });

  app.post('/books', express.json(), (request, response) => {
    response.status(201).json({ ...request.body, saved: true });
  });

  app.get('/count', (request, response) => {
    response.type('text/plain');
    for (const word of ['one', 'two', 'three']) response.write(`${word}\n`);
    response.end();
  });

  app.use((request, response) => {
    response.status(404).send('There is nothing here.\n');
  });
  return app;
}
