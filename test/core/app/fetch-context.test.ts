// What a fetch app is told beside its Request, and the Responses of others.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getRequestListener } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import { Hono } from 'hono';
import type { FetchObject } from '@appserve/core/app';
import { get } from '../../support/apps.ts';
import { Deferred } from '../../support/deferred.ts';
import { eventually, turns } from '../../support/eventually.ts';
import { startTestServer, type TestServer } from '../../support/http-server.ts';

const TIMEOUT = { timeout: 120_000 };
const LONG_MS = 60_000;

async function asked(server: TestServer, path = '/'): Promise<string | undefined> {
  await using client = await server.client();
  await client.send(get(path));
  return (await client.response())?.body;
}

describe('a context', TIMEOUT, () => {
  it('tells who the client is, as getConnInfo of @hono/node-server reads it', async () => {
    const app = new Hono().get('/', (c) => c.json(getConnInfo(c).remote));
    await using server = await startTestServer(app, { listen: 'tcp' });
    const { address, port, addressType } = JSON.parse((await asked(server))!) as Record<string, unknown>;
    assert.deepEqual([address, typeof port, addressType], ['127.0.0.1', 'number', 'IPv4']);
  });

  it('has the environ of the same request, which keeps what is put into it', async () => {
    const app: FetchObject = {
      fetch: (_request, { environ }) => {
        environ['shop.user'] = 'Ada';
        return Response.json([environ.PATH_INFO, environ.QUERY_STRING, environ['HTTP_HOST']]);
      },
    };
    const filter: FetchObject = {
      fetch: async (request, context, again) => {
        const response = await app.fetch(request, context, again);
        return new Response(`${String(context.environ['shop.user'])} ${await response.text()}`);
      },
    };
    await using server = await startTestServer(filter);
    assert.equal(await asked(server, '/a%20b?c'), 'Ada ["/a b","c","test"]');
  });

  it('lets work go on behind the answer: a server that closes waits for it', async () => {
    const mayEnd = new Deferred();
    let isDone = false;
    const work = async (): Promise<void> => {
      await mayEnd.promise;
      isDone = true;
    };
    const app: FetchObject = {
      fetch: (_request, context) => {
        context.waitUntil(work());
        return new Response('answered');
      },
    };
    await using server = await startTestServer(app);
    assert.equal(await asked(server), 'answered');
    let isClosed = false;
    const closed = server.server.close(LONG_MS).then(() => (isClosed = true));
    await turns(20);
    assert.equal(isClosed, false);
    mayEnd.resolve();
    await closed;
    assert.equal(isDone, true);
  });

  it('is waited for no longer than the grace, and the log says so', async () => {
    const app: FetchObject = {
      fetch: (_request, context) => {
        context.waitUntil(new Promise(() => undefined));
        return new Response('answered');
      },
    };
    await using server = await startTestServer(app);
    await asked(server);
    await server.server.close(30);
    assert.deepEqual(
      server.log.filter(({ level }) => level === 'warn').map(({ message }) => message),
      ['1 piece of work behind an answer went on for too long: it is not waited for'],
    );
  });

  it('logs what fails behind the answer', async () => {
    const app: FetchObject = {
      fetch: (_request, context) => {
        context.waitUntil(Promise.reject(new Error('my own fault')));
        return new Response('answered');
      },
    };
    await using server = await startTestServer(app);
    assert.equal(await asked(server), 'answered');
    await eventually('it is logged', () =>
      server.log.some(
        ({ level, message }) => level === 'error' && message.includes('work behind an answer failed: Error: my own fault'),
      ),
    );
  });

  it('is found by Hono in both of its places', async () => {
    const done = new Deferred();
    const app = new Hono<{ Bindings: { remoteAddress: string } }>().get('/', (c) => {
      c.executionCtx.waitUntil(Promise.resolve().then(() => done.resolve()));
      return c.text(c.env.remoteAddress);
    });
    await using server = await startTestServer(app, { listen: 'tcp' });
    assert.equal(await asked(server), '127.0.0.1');
    await done.promise;
  });
});

describe('a Response', TIMEOUT, () => {
  it('may be the light one of @hono/node-server', async () => {
    const native = globalThis.Response;
    // As it does for every program that serves with it.
    getRequestListener(() => new Response());
    const Light = globalThis.Response;
    globalThis.Response = native;
    assert.notEqual(Light, native);
    const answers: Readonly<Record<string, () => Response>> = {
      '/text': () => new Light('text', { status: 201, headers: { 'X-A': 'b' } }),
      '/json': () => Light.json({ a: 1 }),
      '/stream': () => new Light(new Blob(['stream']).stream()),
    };
    await using server = await startTestServer({ fetch: (request) => answers[new URL(request.url).pathname]!() });
    assert.deepEqual(
      [await asked(server, '/text'), await asked(server, '/json'), await asked(server, '/stream')],
      ['text', '{"a":1}', 'stream'],
    );
  });
});
