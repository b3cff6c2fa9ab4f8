// Apps behind the real server: what a client gets, byte by byte, and what an app learns of its client.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Environ, FetchFunction, GatewayApp } from '@appserve/core/app';
import { startTestServer, type TestServer, type TestServerOptions } from '../../support/http-server.ts';
import type { RawClient } from '../../support/raw-client.ts';

const BARE: TestServerOptions = { via: false, date: false, chunkedTransfer: true };

interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

/** A moment that a test waits for, or says to have come. */
function deferred(): Deferred {
  let resolve: (() => void) | undefined;
  const promise = new Promise<void>((given) => (resolve = given));
  return { promise, resolve: resolve! };
}

type Served = { readonly gateway: GatewayApp } | { readonly fetch: FetchFunction };

/** Serves an app for as long as one client talks to it. */
async function serving(
  app: Served,
  talk: (client: RawClient, server: TestServer) => Promise<void>,
  options?: TestServerOptions,
): Promise<void> {
  await using server = await startTestServer('gateway' in app ? app.gateway : app, { ...BARE, ...options });
  await using client = await server.client();
  await talk(client, server);
}

/** Over TCP, where a client can leave with a reset. */
async function servingTcp(app: Served, talk: (client: RawClient, server: TestServer) => Promise<void>): Promise<void> {
  await serving(app, talk, { listen: 'tcp' });
}

function get(target = '/', fields = ''): string {
  return `GET ${target} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function errorsOf({ log }: TestServer): string[] {
  return log.filter(({ level }) => level === 'error').map(({ message }) => message.split('\n')[0]!);
}

const hello: GatewayApp = (_environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [bytes('hel'), bytes('lo')];
};

describe('a gateway app, served', () => {
  it('gives an array with its length', async () => {
    await serving({ gateway: hello }, async (client) => {
      await client.send(get());
      assert.deepEqual(await client.response(), {
        status: 200,
        head: 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5',
        body: 'hello',
      });
    });
  });

  it('gives HEAD the head of GET', async () => {
    await serving({ gateway: hello }, async (client) => {
      await client.send(get() + get().replace('GET', 'HEAD') + get('/last', 'Connection: close\r\n'));
      const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5';
      assert.equal(await client.untilEnd(), `${head}\r\n\r\nhello${head}\r\n\r\n${head}\r\nConnection: close\r\n\r\nhello`);
    });
  });

  it('gives every piece as soon as it is there', async () => {
    const more = deferred();
    await serving(
      {
        gateway: (_environ, startResponse) => {
          startResponse('200 OK', []);
          return (async function* () {
            yield bytes('one');
            await more.promise;
            yield bytes('two');
          })();
        },
      },
      async (client) => {
        await client.send(get());
        const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
        assert.equal(await client.until((text) => text.includes('one\r\n')), `${head}3\r\none\r\n`);
        more.resolve();
        assert.equal(await client.until((text) => text.endsWith('0\r\n\r\n')), `${head}3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n`);
      },
    );
  });

  it('ends with its connection where chunks are not wanted', async () => {
    await serving(
      {
        gateway: (_environ, startResponse) => {
          startResponse('200 OK', []);
          return new Set([bytes('one'), bytes('two')]);
        },
      },
      async (client) => {
        await client.send(get());
        assert.equal(await client.untilEnd(), 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nonetwo');
      },
      { chunkedTransfer: false },
    );
  });

  it('sends what it writes before it returns', async () => {
    const more = deferred();
    await serving(
      {
        gateway: async (_environ, startResponse) => {
          const write = startResponse('200 OK', [['Content-Length', '6']]);
          await write(bytes('one'));
          await more.promise;
          return [bytes('two')];
        },
      },
      async (client) => {
        await client.send(get());
        await client.until((text) => text.endsWith('one'));
        more.resolve();
        assert.equal(await client.until((text) => text.endsWith('two')), 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nonetwo');
      },
    );
  });

  it('reads its body to its end, and no further', async () => {
    await serving(
      {
        gateway: async (environ, startResponse) => {
          startResponse('200 OK', []);
          return [await environ['wsgi.input'].read()];
        },
      },
      async (client) => {
        const chunked = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n';
        await client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello${chunked}${get()}`);
        const bodies = [await client.response(), await client.response(), await client.response()].map((answer) => answer?.body);
        assert.deepEqual(bodies, ['hello', 'onetwo', '']);
      },
    );
  });

  it('that asks for its body lets a waiting client send it', async () => {
    await serving(
      {
        gateway: async (environ, startResponse) => {
          startResponse('200 OK', []);
          return [await environ['wsgi.input'].read()];
        },
      },
      async (client) => {
        await client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n');
        assert.equal(await client.until((text) => text.includes('\r\n\r\n')), 'HTTP/1.1 100 Continue\r\n\r\n');
        await client.send('hello');
        assert.match(
          await client.until((text) => text.endsWith('hello')),
          /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/,
        );
      },
    );
  });

  it('that does not ask for its body answers instead', async () => {
    await serving({ gateway: hello }, async (client) => {
      await client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n');
      assert.equal((await client.response())?.status, 200);
    });
  });

  it('sees a body that breaks as a fault, and its client gets 400', async () => {
    const seen = deferred();
    let fault: unknown;
    await serving(
      {
        gateway: async (environ, startResponse) => {
          try {
            await environ['wsgi.input'].read();
          } catch (error) {
            fault = error;
            seen.resolve();
          }
          startResponse('200 OK', []);
          return [];
        },
      },
      async (client) => {
        await client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel');
        client.endSending();
        assert.equal((await client.response())?.status, 400);
        await seen.promise;
        assert.equal((fault as { code?: string }).code, 'BODY_INCOMPLETE');
      },
    );
  });
});

describe('a gateway app that fails, served', () => {
  it('before its first bytes is a 500, and the log says why', async () => {
    await serving(
      {
        gateway: (_environ, startResponse) => {
          startResponse('200 OK', []);
          throw new Error('my own fault');
        },
      },
      async (client, server) => {
        await client.send(get('/broken'));
        assert.equal((await client.response())?.body, '500 Internal Server Error\n');
        assert.deepEqual(errorsOf(server), ['GET /broken: the app failed: Error: my own fault']);
      },
    );
  });

  it('behind its first bytes cuts the connection, with no last chunk', async () => {
    await serving(
      {
        gateway: (_environ, startResponse) => {
          startResponse('200 OK', []);
          return (function* () {
            yield bytes('one');
            throw new Error('my own fault');
          })();
        },
      },
      async (client, server) => {
        await client.send(get());
        assert.match(await client.untilEnd(), /\r\n\r\n3\r\none\r\n$/);
        assert.equal(errorsOf(server).length, 1);
      },
    );
  });

  it('over TCP cuts with a reset, so that nobody takes the end for an end', async () => {
    const received = deferred();
    await serving(
      {
        gateway: (_environ, startResponse) => {
          startResponse('200 OK', []);
          return (async function* () {
            yield bytes('one');
            await received.promise;
            throw new Error('my own fault');
          })();
        },
      },
      async (client) => {
        await client.send(get());
        await client.until((text) => text.endsWith('one'));
        received.resolve();
        await client.untilEnd();
        assert.equal(client.error?.message, 'read ECONNRESET');
      },
      { listen: 'tcp', chunkedTransfer: false },
    );
  });

  it('leaves the server as it was for the next client', async () => {
    await serving(
      {
        gateway: (environ, startResponse) => {
          if (environ.PATH_INFO === '/broken') throw new Error('my own fault');
          return hello(environ, startResponse);
        },
      },
      async (client, server) => {
        await client.send(get('/broken'));
        await client.untilEnd();
        await using next = await server.client();
        await next.send(get());
        assert.equal((await next.response())?.body, 'hello');
      },
    );
  });

  for (const [name, app, code] of [
    ['without startResponse', (_environ, _startResponse) => [], 'startResponse was not called'],
    [
      'with text instead of bytes',
      (_environ, startResponse) => {
        startResponse('200 OK', []);
        return ['text'] as never;
      },
      'a body holds bytes (Uint8Array), but the app gave a string',
    ],
    [
      'with a field that splits the response',
      (_environ, startResponse) => {
        startResponse('200 OK', [['X', 'a\r\nSet-Cookie: b']]);
        return [];
      },
      'invalid response field "X"',
    ],
    [
      'with a field that Node would cut to a line feed',
      (_environ, startResponse) => {
        startResponse('200 OK', [['X', 'aĊSet-Cookie: b']]);
        return [];
      },
      'invalid response field "X"',
    ],
  ] satisfies [string, GatewayApp, string][]) {
    it(`${name} is a 500, and the log says what is wrong`, async () => {
      await serving({ gateway: app }, async (client, server) => {
        await client.send(get());
        const answer = await client.response();
        assert.equal(answer?.status, 500);
        assert.doesNotMatch(answer.head, /Set-Cookie/);
        assert.ok(errorsOf(server)[0]!.includes(code), errorsOf(server)[0]);
      });
    });
  }

  it('by its own Content-Length is cut, and the connection closed', async () => {
    await serving(
      {
        gateway: (_environ, startResponse) => {
          startResponse('200 OK', [['Content-Length', '3']]);
          return [bytes('hello')];
        },
      },
      async (client, server) => {
        await client.send(get() + get());
        assert.equal(await client.untilEnd(), 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhel');
        assert.match(errorsOf(server)[0]!, /the body is longer than its Content-Length of 3/);
      },
    );
  });

  it('by its own Content-Length is told once, and asked for no more', async () => {
    let asked = 0;
    await serving(
      {
        gateway: (_environ, startResponse) => {
          startResponse('200 OK', [['Content-Length', '3']]);
          return (function* () {
            for (; asked < 10; asked += 1) yield bytes('xx');
          })();
        },
      },
      async (client, server) => {
        await client.send(get());
        assert.match(await client.untilEnd(), /\r\n\r\nxxx$/);
        assert.equal(errorsOf(server).length, 1);
        assert.ok(asked <= 2, `asked ${asked} times`);
      },
    );
  });
});

describe('an app that throws what is hard to tell, served', () => {
  const circle = new Error('round and round');
  circle.cause = circle;
  for (const [name, thrown] of [
    ['an error that is its own cause', circle],
    ['an object without a prototype', Object.create(null)],
    ['an error whose stack is no text', Object.assign(new Error('x'), { stack: ['x'] })],
  ] as const) {
    it(`by ${name} is a 500 like any other, and ends no worker`, async () => {
      const crashed = deferred();
      process.once('unhandledRejection', crashed.resolve);
      try {
        await serving({ gateway: () => Promise.reject(thrown as Error) }, async (client) => {
          await client.send(get());
          const answer = await Promise.race([client.response(), crashed.promise]);
          assert.equal(answer?.status, 500);
        });
      } finally {
        process.off('unhandledRejection', crashed.resolve);
      }
    });
  }
});

describe('an app that reads on behind its answer, served', () => {
  const UPLOAD = 'POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n';

  it('does not say 100 Continue to the next request', async () => {
    const asked = deferred();
    let first: Environ | undefined;
    await serving(
      {
        gateway: async (environ, startResponse) => {
          if (environ.PATH_INFO === '/1') first = environ;
          else {
            void first!['wsgi.input'].read().catch(() => undefined);
            await asked.promise;
          }
          startResponse(environ.PATH_INFO === '/1' ? '200 OK' : '401 Unauthorized', []);
          return [];
        },
      },
      async (client) => {
        await client.send(UPLOAD);
        assert.equal((await client.response())?.status, 200);
        await client.send(`abcd${UPLOAD.replace('/1', '/2').replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n')}`);
        setImmediate(asked.resolve);
        assert.equal((await client.response())?.status, 401);
      },
    );
  });

  it('is told that there is no more', async () => {
    let isSettled = false;
    await serving(
      {
        gateway: (environ, startResponse) => {
          if (environ.PATH_INFO === '/1') {
            const settle = (): void => void (isSettled = true);
            environ['wsgi.input'].read().then(settle, settle);
          }
          startResponse('200 OK', []);
          return [];
        },
      },
      async (client) => {
        await client.send(UPLOAD);
        await client.response();
        await client.send(`abcd${get('/2')}`);
        await client.response();
        assert.equal(isSettled, true);
      },
    );
  });
});

describe('a write() that nobody awaits, served', () => {
  it('does not end the worker when it comes too late', async () => {
    const answered = deferred();
    const rejections: unknown[] = [];
    const listen = (error: unknown): void => void rejections.push(error);
    process.on('unhandledRejection', listen);
    try {
      await serving(
        {
          gateway: (environ, startResponse) => {
            const write = startResponse('200 OK', []);
            if (environ.PATH_INFO === '/1') void answered.promise.then(() => void write(bytes('late')));
            return [];
          },
        },
        async (client) => {
          await client.send(get('/1'));
          await client.response();
          answered.resolve();
          await client.send(get('/2'));
          assert.equal((await client.response())?.status, 200);
          assert.deepEqual(rejections, []);
        },
      );
    } finally {
      process.off('unhandledRejection', listen);
    }
  });
});

describe('a client that goes', () => {
  it('ends a gateway result: its generator is left and close() is called, once', async () => {
    const order: string[] = [];
    const closed = deferred();
    await servingTcp(
      {
        gateway: (_environ, startResponse) => {
          startResponse('200 OK', []);
          const pieces = (async function* () {
            try {
              for (;;) {
                yield Buffer.alloc(64 * 1_024, 'x');
              }
            } finally {
              order.push('left');
            }
          })();
          return Object.assign(pieces, {
            close: () => {
              order.push('closed');
              closed.resolve();
            },
          });
        },
      },
      async (client, server) => {
        await client.send(get());
        await client.until((text) => text.length > 1_000);
        client.reset();
        await closed.promise;
        assert.deepEqual(order, ['left', 'closed']);
        assert.deepEqual(errorsOf(server), []);
      },
    );
  });

  it('aborts the signal of a Request', async () => {
    const started = deferred();
    const aborted = deferred();
    await servingTcp(
      {
        fetch: (request) => {
          request.signal.addEventListener('abort', () => aborted.resolve());
          started.resolve();
          return new Promise<Response>(() => undefined);
        },
      },
      async (client) => {
        await client.send(get());
        await started.promise;
        client.reset();
        await aborted.promise;
      },
    );
  });

  it('cancels a streamed Response', async () => {
    const cancelled = deferred();
    await servingTcp(
      {
        fetch: () =>
          new Response(
            new ReadableStream({
              pull: (controller) => controller.enqueue(Buffer.alloc(64 * 1_024, 'x')),
              cancel: () => cancelled.resolve(),
            }),
          ),
      },
      async (client) => {
        await client.send(get());
        await client.until((text) => text.length > 1_000);
        client.reset();
        await cancelled.promise;
      },
    );
  });

  it('is no error of the app', async () => {
    const started = deferred();
    const failed = deferred();
    await servingTcp(
      {
        fetch: async (request) => {
          started.resolve();
          await new Promise((resolve) => request.signal.addEventListener('abort', resolve));
          failed.resolve();
          throw new Error('nobody is there');
        },
      },
      async (client, server) => {
        await client.send(get());
        await started.promise;
        client.reset();
        await failed.promise;
        assert.deepEqual(errorsOf(server), []);
      },
    );
  });
});

describe('a fetch app, served', () => {
  it('gives text with its length', async () => {
    await serving({ fetch: () => new Response('hello') }, async (client) => {
      await client.send(get());
      assert.deepEqual(await client.response(), {
        status: 200,
        head: 'HTTP/1.1 200 OK\r\ncontent-type: text/plain;charset=UTF-8\r\nContent-Length: 5',
        body: 'hello',
      });
    });
  });

  it('gives HEAD the head of GET', async () => {
    await serving({ fetch: () => new Response('hello') }, async (client) => {
      await client.send(get().replace('GET', 'HEAD') + get('/', 'Connection: close\r\n'));
      const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain;charset=UTF-8\r\nContent-Length: 5';
      assert.equal(await client.untilEnd(), `${head}\r\n\r\n${head}\r\nConnection: close\r\n\r\nhello`);
    });
  });

  it('gives every piece as soon as it is there', async () => {
    const more = deferred();
    await serving(
      {
        fetch: () =>
          new Response(
            new ReadableStream({
              start: async (controller) => {
                controller.enqueue(Buffer.from('one'));
                await more.promise;
                controller.enqueue(Buffer.from('two'));
                controller.close();
              },
            }),
          ),
      },
      async (client) => {
        await client.send(get());
        await client.until((text) => text.endsWith('3\r\none\r\n'));
        more.resolve();
        assert.match(await client.until((text) => text.endsWith('0\r\n\r\n')), /3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n$/);
      },
    );
  });

  it('sends a body back while it comes in', async () => {
    await serving({ fetch: (request) => new Response(request.body) }, async (client) => {
      await client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n');
      await client.until((text) => text.endsWith('3\r\none\r\n'));
      await client.send('3\r\ntwo\r\n0\r\n\r\n');
      assert.match(await client.until((text) => text.endsWith('0\r\n\r\n')), /3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n$/);
    });
  });

  it('sees a body that breaks as an error, and its client gets 400', async () => {
    await serving({ fetch: async (request) => new Response(await request.text()) }, async (client, server) => {
      await client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\nnonsense\r\n');
      assert.equal((await client.response())?.status, 400);
      assert.deepEqual(errorsOf(server), []);
    });
  });
});

describe('pipelined requests', () => {
  it('are answered in their order, whoever is done first', async () => {
    const first = deferred();
    await serving(
      {
        gateway: async (environ, startResponse) => {
          if (environ.PATH_INFO === '/1') await first.promise;
          startResponse('200 OK', []);
          return [bytes(environ.PATH_INFO)];
        },
      },
      async (client) => {
        await client.send(get('/1') + get('/2') + get('/3'));
        first.resolve();
        const bodies = [await client.response(), await client.response(), await client.response()].map((answer) => answer?.body);
        assert.deepEqual(bodies, ['/1', '/2', '/3']);
      },
    );
  });

  it('wait: the second is not begun before the first is answered', async () => {
    const first = deferred();
    const begun: string[] = [];
    await serving(
      {
        gateway: async (environ, startResponse) => {
          begun.push(environ.PATH_INFO);
          if (environ.PATH_INFO === '/1') await first.promise;
          startResponse('200 OK', []);
          return [bytes(begun.join())];
        },
      },
      async (client) => {
        await client.send(get('/1') + get('/2'));
        first.resolve();
        const bodies = [await client.response(), await client.response()].map((answer) => answer?.body);
        assert.deepEqual(bodies, ['/1', '/1,/2']);
      },
    );
  });

  it('are found behind a body that the app left alone', async () => {
    await serving({ gateway: hello }, async (client) => {
      const smuggled = get('/smuggled');
      await client.send(`POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`);
      await client.send(get('/2', 'Connection: close\r\n'));
      assert.equal((await client.untilEnd()).split('HTTP/1.1 200 OK').length - 1, 2);
    });
  });
});

function hi(): Response {
  return new Response('hi');
}

describe('an app as people write it, served', () => {
  for (const [name, app] of [
    ['(request, context)', (_request: Request, _context: unknown) => hi()],
    ['(request, env, ctx)', (_request: Request, _env: unknown, _ctx: unknown) => hi()],
    ['async (req, info)', async (_req: Request, _info: unknown) => hi()],
  ] as const) {
    it(`answers: ${name}`, async () => {
      await using server = await startTestServer(app as FetchFunction);
      await using client = await server.client();
      await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      assert.equal((await client.response())?.body, 'hi');
    });
  }

  for (const [name, app, says] of [
    ['a gateway app', (_a: unknown, _b: unknown) => hi(), /an instance of Response instead of an iterable/],
    ['a node app', (_a: unknown, _b: unknown, _c: unknown) => hi(), /returned a Response and has written nothing/],
    ['a node app, later', async (_a: unknown, _b: unknown, _c: unknown) => hi(), /has written nothing/],
  ] as const) {
    it(`is told at once where it looks like ${name} and gives a Response`, async () => {
      await using server = await startTestServer(app);
      await using client = await server.client();
      await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      assert.equal((await client.response())?.status, 500);
      const [line] = server.log.filter(({ level }) => level === 'error').map(({ message }) => message);
      assert.match(line!, says);
      assert.match(line!, /is this a fetch app\? say interface = fetch/);
    });
  }
});
