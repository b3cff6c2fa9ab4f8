// The same small app in one contract, on one server: `CONTRACT SERVER`. What it costs to keep a contract, here and elsewhere.

import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { installLightFetch, type App, type FetchObject } from '@appserve/core/app';
import { createHttpServer } from '@appserve/server';

type Made = RequestListener | FetchObject;

const FIELDS = { 'Content-Type': 'text/plain', 'X-App': 'bench' };

function plain(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'X-App': 'bench', 'Content-Length': '13' });
  response.end('Hello, world!');
}

/** Each gives what its server is given; imported only by who measures it. */
const APPS: Readonly<Record<string, () => Promise<Made>>> = {
  node: async () => plain,
  express: async () => {
    const { default: express } = await import('express');
    const app = express();
    app.get('/', (_request, response) => void response.set(FIELDS).send('Hello, world!'));
    return app;
  },
  fastify: async () => {
    const { default: fastify } = await import('fastify');
    const app = fastify();
    app.get('/', (_request, reply) => void reply.headers(FIELDS).send('Hello, world!'));
    await app.ready();
    return (request, response) => app.routing(request, response);
  },
  fetch: async () => ({ fetch: () => new Response('Hello, world!', { headers: FIELDS }) }),
  hono: async () => {
    const { Hono } = await import('hono');
    const app = new Hono();
    app.get('/', (context) => context.text('Hello, world!', 200, FIELDS));
    return app;
  },
};

async function ours(made: Made): Promise<number> {
  const isListener = typeof made === 'function';
  const app: App = isListener ? made : made;
  const server = await createHttpServer(app, { interface: isListener ? 'node' : 'fetch', logLevel: 'warn' });
  const address = await server.listen('127.0.0.1:0');
  return address.type === 'tcp' ? address.port : 0;
}

const SERVERS: Readonly<Record<string, (made: Made) => Promise<number>>> = {
  appserve: ours,
  'appserve, light_fetch': ours,
  'node:http': async (made) => listening(http.createServer(made as RequestListener)),
  '@hono/node-server': async (made) => {
    const { createAdaptorServer } = await import('@hono/node-server');
    return listening(createAdaptorServer({ fetch: (made as { fetch: (request: Request) => Response }).fetch }) as http.Server);
  },
};

async function listening(server: http.Server): Promise<number> {
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const [contract = 'node', name = 'appserve'] = process.argv.slice(2);
// Before the app's modules: they may keep what they find.
if (name === 'appserve, light_fetch') installLightFetch();
console.log(await SERVERS[name]!(await APPS[contract]!()));
