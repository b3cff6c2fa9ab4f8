// docs/reference/gateway.md, rule by rule, on the wire: how an answer ends, well or badly.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GatewayApp } from '@appserve/core/app';
import { Deferred } from '../../support/deferred.ts';
import { eventually, turns } from '../../support/eventually.ts';
import { bytes, errorsOf, get, giving, serving } from '../../support/gateway-app.ts';

const TIMEOUT = { timeout: 120_000 };
const TCP = { listen: 'tcp' } as const;

/** What was asked of a result, in order. */
class Watched implements AsyncIterable<Uint8Array> {
  readonly calls: string[] = [];
  readonly closed = new Deferred();
  readonly #pieces: AsyncIterator<Uint8Array>;

  constructor(pieces: AsyncGenerator<Uint8Array>) {
    this.#pieces = pieces;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () => {
        this.calls.push('next');
        return this.#pieces.next();
      },
      return: async () => ({ done: true, value: undefined }),
    };
  }

  async close(): Promise<void> {
    this.calls.push('close');
    await Promise.resolve();
    this.calls.push('closed');
    this.closed.resolve();
  }
}

describe('close()', TIMEOUT, () => {
  it('G47: is called once at the end, and awaited before the next request', async () => {
    const watched: Watched[] = [];
    const app: GatewayApp = (environ, startResponse) => {
      for (const { calls } of watched) assert.equal(calls.at(-1), 'closed');
      const result = new Watched(
        (async function* () {
          yield bytes(environ.PATH_INFO);
        })(),
      );
      watched.push(result);
      startResponse('200 OK', [['Content-Length', '4']]);
      return result;
    };
    await serving(
      app,
      async (client) => {
        await client.send(get('/one') + get('/two'));
        assert.deepEqual([(await client.response())?.body, (await client.response())?.body], ['/one', '/two']);
        await watched[1]!.closed.promise;
        for (const { calls } of watched) assert.deepEqual(calls, ['next', 'next', 'close', 'closed']);
      },
      { concurrency: 1 },
    );
  });

  it('G47: is called once after an error', async () => {
    const result = new Watched(
      (async function* () {
        yield bytes('hello');
        throw new Error('in the middle');
      })(),
    );
    await serving(
      giving(() => result),
      async (client) => {
        await client.send(get());
        await client.untilEnd();
        await result.closed.promise;
        assert.deepEqual(result.calls, ['next', 'next', 'close', 'closed']);
      },
    );
  });

  it('G47: is called once, and at once, when the client has gone', async () => {
    const result = new Watched(
      (async function* () {
        yield bytes('hello');
        await new Promise(() => undefined);
      })(),
    );
    await serving(
      giving(() => result),
      async (client) => {
        await client.send(get());
        await client.until((text) => text.includes('hello'));
        client.reset();
        await result.closed.promise;
        assert.deepEqual(result.calls, ['next', 'next', 'close', 'closed']);
      },
      TCP,
    );
  });
});

describe('a result whose client leaves while it is waited for', TIMEOUT, () => {
  it('G47: is closed, and asked for nothing more', async () => {
    const piece = Buffer.alloc(4 * 1_024 * 1_024);
    const result = new Watched(
      (async function* () {
        for (;;) yield piece;
      })(),
    );
    await serving(
      giving(() => result),
      async (client) => {
        await client.send(get());
        await client.until((text) => text.length > 0);
        client.pause();
        client.reset();
        await result.closed.promise;
        await turns(10);
        assert.equal(result.calls.indexOf('close') + 2, result.calls.length, result.calls.join(' '));
      },
      TCP,
    );
  });
});

function failing(): never {
  throw new Error('my own fault');
}

describe('an app that fails', TIMEOUT, () => {
  for (const [name, app] of [
    ['at once', () => failing()],
    ['later', async () => failing()],
    ['behind its head', giving(failing)],
    [
      'in its first step',
      giving(function* () {
        failing();
        yield bytes('');
      }),
    ],
  ] satisfies [string, GatewayApp][]) {
    it(`G48: ${name} is answered with 500, and logged once`, async () => {
      await serving(
        app,
        async (client, server) => {
          await client.send(get());
          assert.equal((await client.response())?.body, '500 Internal Server Error\n');
          assert.deepEqual(errorsOf(server), ['GET /: the app failed: Error: my own fault']);
        },
        { interface: 'gateway' },
      );
    });
  }

  it('G49: behind its first bytes has its connection cut, with no last chunk', async () => {
    const app = giving(function* () {
      yield bytes('hello');
      failing();
    });
    await serving(app, async (client, server) => {
      await client.send(get() + get('/never'));
      assert.match(await client.untilEnd(), /\r\n\r\n5\r\nhello\r\n$/);
      assert.deepEqual(errorsOf(server), ['GET /: the app failed: Error: my own fault']);
    });
  });

  it('G49: behind its first bytes has its connection reset where its end would be the end of the body', async () => {
    const received = new Deferred();
    const app = giving(async function* () {
      yield bytes('hello');
      await received.promise;
      failing();
    });
    await serving(
      app,
      async (client) => {
        await client.send(get());
        await client.until((text) => text.endsWith('hello'));
        received.resolve();
        await client.untilEnd();
        assert.equal(client.error?.message, 'read ECONNRESET');
      },
      { ...TCP, chunkedTransfer: false },
    );
  });
});

describe('a client that has gone', TIMEOUT, () => {
  it('G50: hears nothing any more, and is no reason for a line in the log', async () => {
    const done = new Deferred();
    const app: GatewayApp = async (environ, startResponse) => {
      const gone = new Promise((resolve) => environ['wsgi.signal']().addEventListener('abort', resolve));
      const write = startResponse('200 OK', []);
      await write(bytes('hello'));
      await gone;
      await write(bytes('lost'));
      done.resolve();
      throw new Error('which comes of it');
    };
    await serving(
      app,
      async (client, server) => {
        await client.send(get());
        await client.until((text) => text.includes('hello'));
        client.reset();
        await done.promise;
        await using next = await server.client();
        await next.send('OPTIONS / HTTP/2.0\r\n\r\n');
        await next.untilEnd();
        await eventually('the call has come back', () => server.server.connections === 0);
        assert.deepEqual(errorsOf(server), []);
      },
      TCP,
    );
  });
});
