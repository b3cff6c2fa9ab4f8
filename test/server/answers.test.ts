// Answers that are not what they should be: what the client gets, what the log says, and what becomes of the connection.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Environ, GatewayApp, StartResponse } from '@appserve/core/app';
import { get, ok } from '../support/apps.ts';
import { Deferred } from '../support/deferred.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer, type TestServer } from '../support/http-server.ts';

const TIMEOUT = { timeout: 120_000 };

function codeOf(error: (Error & { code?: string }) | undefined): string | undefined {
  return error?.code;
}

function errors({ log }: TestServer): string[] {
  return log.filter(({ level }) => level === 'error').map(({ message }) => message);
}

/** Apps as nobody should write them: TypeScript would not let them return what they return. */
type AnyApp = (environ: Environ, startResponse: StartResponse) => unknown;

const FAILING: readonly (readonly [what: string, app: AnyApp, said: RegExp])[] = [
  [
    'throws at once',
    () => {
      throw new Error('at once');
    },
    /^GET \/path: the app failed: Error: at once\n +at /,
  ],
  ['throws later', async () => Promise.reject(new Error('later')), /^GET \/path: the app failed: Error: later\n +at /],
  [
    'throws text',
    () => {
      // oxlint-disable-next-line typescript/only-throw-error -- apps do
      throw 'text';
    },
    /^GET \/path: the app failed: 'text'$/,
  ],
  [
    'throws after startResponse, before the first bytes',
    (_environ, startResponse) => {
      startResponse('200 OK', []);
      throw new Error('between');
    },
    /the app failed: Error: between/,
  ],
  [
    'throws in the first step of its body',
    (_environ, startResponse) => {
      startResponse('200 OK', []);
      // oxlint-disable-next-line require-yield -- it fails before
      return (function* (): Generator<Uint8Array> {
        throw new Error('first step');
      })();
    },
    /the app failed: Error: first step/,
  ],
  ['never calls startResponse', () => [Buffer.from('body')], /startResponse was not called/],
  ['returns nothing', () => undefined, /the app returned undefined instead of an iterable of bytes/],
  [
    'gives text instead of bytes',
    (_environ, startResponse) => {
      startResponse('200 OK', []);
      return ['text'];
    },
    /a body holds bytes \(Uint8Array\), but the app gave a string/,
  ],
  [
    'splits its header',
    (_environ, startResponse) => {
      startResponse('200 OK', [['X', 'a\r\nSet-Cookie: b']]);
      return [];
    },
    /invalid response field "X": the value "a\\r\\nSet-Cookie: b" holds a character that no field value may hold/,
  ],
  [
    'gives a field that is the connection’s',
    (_environ, startResponse) => {
      startResponse('200 OK', [['Transfer-Encoding', 'chunked']]);
      return [];
    },
    /the app may not send Transfer-Encoding/,
  ],
  [
    'gives a status without digits',
    (_environ, startResponse) => {
      startResponse('OK', []);
      return [];
    },
    /invalid response status "OK"/,
  ],
  [
    'begins twice',
    (_environ, startResponse) => {
      startResponse('200 OK', []);
      startResponse('201 Created', []);
      return [];
    },
    /startResponse was called twice without excInfo/,
  ],
];

const failsAtBad: GatewayApp = (environ, startResponse) => {
  if (environ.PATH_INFO === '/bad') throw new Error('bad');
  return ok(startResponse, 'good');
};

const failsInClose: GatewayApp = (_environ, startResponse) => {
  startResponse('200 OK', []);
  return Object.assign([Buffer.from('whole')], {
    close: () => {
      throw new Error('in close');
    },
  });
};

const miscounts: GatewayApp = (environ, startResponse) => {
  startResponse('200 OK', [['Content-Length', environ.PATH_INFO.slice(1)]]);
  return [Buffer.from('12345')];
};

const bodyless: GatewayApp = (environ, startResponse) => {
  startResponse(environ.PATH_INFO === '/304' ? '304 Not Modified' : '200 OK', [['Content-Length', '10']]);
  return [];
};

describe('an app that fails before its first bytes', TIMEOUT, () => {
  for (const [what, app, said] of FAILING) {
    it(`gives 500 and says why in the log, not to the client: ${what}`, async () => {
      await using server = await startTestServer(app as GatewayApp, { interface: 'gateway' });
      await using client = await server.client();
      await client.send(get('/path'));
      const answer = await client.response();
      assert.deepEqual([answer?.status, answer?.body], [500, '500 Internal Server Error\n']);
      assert.equal(errors(server).length, 1);
      assert.match(errors(server)[0]!, said);
    });
  }

  it('is called again for the next client', async () => {
    await using server = await startTestServer(failsAtBad);
    await using first = await server.client();
    await first.send(get('/bad'));
    await first.response();
    await using second = await server.client();
    await second.send(get('/good'));
    assert.equal((await second.response())?.body, 'good');
  });
});

/** An app that gives these pieces, one in a turn, and then fails if it is told to. */
function pieces(headers: readonly (readonly [string, string])[], texts: readonly string[], failure?: Error): GatewayApp {
  return (_environ, startResponse) => {
    startResponse('200 OK', headers);
    return (async function* () {
      for (const text of texts) {
        yield Buffer.from(text);
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (failure !== undefined) throw failure;
    })();
  };
}

describe('an app that fails after its first bytes', TIMEOUT, () => {
  it('has its answer broken off by a reset over TCP, so that nobody takes it for whole', async () => {
    const mayFail = new Deferred();
    const app: GatewayApp = (_environ, startResponse) => {
      startResponse('200 OK', []);
      return (async function* () {
        yield Buffer.from('begin');
        await mayFail.promise;
        throw new Error('halfway');
      })();
    };
    await using server = await startTestServer(app, { listen: 'tcp' });
    await using client = await server.client();
    await client.send(get('/path'));
    await client.until((text) => text.endsWith('begin'));
    mayFail.resolve();
    assert.match(await client.untilEnd(), /\r\n\r\nbegin$/);
    assert.equal(codeOf(client.error), 'ECONNRESET');
    assert.match(errors(server).join('\n'), /^GET \/path: the app failed: Error: halfway\n/);
  });

  it('has its answer broken off over a unix socket, where there is no reset', async () => {
    await using server = await startTestServer(pieces([], ['begin'], new Error('halfway')));
    await using client = await server.client();
    await client.send(get('/path'));
    assert.match(await client.untilEnd(), /\r\n\r\nbegin$/);
    assert.match(errors(server).join('\n'), /^GET \/path: the app failed: Error: halfway\n/);
  });

  it('leaves a chunked answer without its last chunk', async () => {
    await using server = await startTestServer(pieces([], ['begin'], new Error('halfway')), { chunkedTransfer: true });
    await using client = await server.client();
    await client.send(get('/path'));
    assert.match(await client.untilEnd(), /\r\nTransfer-Encoding: chunked\r\n.*\r\n\r\n5\r\nbegin\r\n$/s);
  });

  it('leaves an answer shorter than its length', async () => {
    await using server = await startTestServer(pieces([['Content-Length', '10']], ['begin'], new Error('halfway')));
    await using client = await server.client();
    await client.send(get('/path'));
    assert.match(await client.untilEnd(), /\r\nContent-Length: 10\r\n.*\r\n\r\nbegin$/s);
  });

  it('is told in the log when it fails after all was said', async () => {
    await using server = await startTestServer(failsInClose);
    await using client = await server.client();
    await client.send(get('/path'));
    assert.equal((await client.response())?.body, 'whole');
    await eventually('the log says so', () => errors(server).length === 1);
    assert.match(errors(server)[0]!, /^GET \/path: the app failed after its answer: Error: in close\n/);
    await client.send(get('/next'));
    assert.equal((await client.response())?.body, 'whole');
  });
});

describe('an app that miscounts', TIMEOUT, () => {
  it('by more than it said: the rest is cut, the log says so, and the connection closes', async () => {
    await using server = await startTestServer(pieces([['Content-Length', '5']], ['right, and more']));
    await using client = await server.client();
    await client.send(get('/path'));
    assert.match(await client.untilEnd(), /\r\n\r\nright$/);
    assert.deepEqual(errors(server), ['GET /path: the body is longer than its Content-Length of 5; the connection is closed']);
  });

  it('by less than it said: the log says so, and the connection closes', async () => {
    await using server = await startTestServer(pieces([['Content-Length', '10']], ['short']));
    await using client = await server.client();
    await client.send(get('/path'));
    assert.match(await client.untilEnd(), /\r\n\r\nshort$/);
    assert.deepEqual(errors(server), ['GET /path: the body ended after 5 of 10 bytes; the connection is closed']);
  });

  it('in an answer that is whole at once', async () => {
    for (const [length, body] of [
      ['3', '123'],
      ['7', '12345'],
    ] as const) {
      await using server = await startTestServer(miscounts);
      await using client = await server.client();
      await client.send(get(`/${length}`));
      assert.ok((await client.untilEnd()).endsWith(`\r\n\r\n${body}`));
      assert.equal(errors(server).length, 1);
    }
  });

  it('hurts nobody where there is no body: HEAD and 304 may carry the length of another answer', async () => {
    await using server = await startTestServer(bodyless);
    await using client = await server.client();
    await client.send(get('/').replace('GET', 'HEAD') + get('/304'));
    assert.equal((await client.response({ isHead: true }))?.status, 200);
    assert.equal((await client.response())?.status, 304);
    assert.deepEqual([errors(server), client.isEnded], [[], false]);
  });
});
