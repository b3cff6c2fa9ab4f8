// docs/reference/gateway.md, rule by rule, on the wire: what an app returns, and what becomes of it.

import assert from 'node:assert/strict';
import { open, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import type { FileHandle } from 'node:fs/promises';
import type { Environ, GatewayApp, HeaderList, StartResponse } from '@appserve/core/app';
import { Deferred } from '../../support/deferred.ts';
import { turns } from '../../support/eventually.ts';
import { handshake } from '../../support/frame-client.ts';
import { answerOf, bytes, errorsOf, get, giving, serving } from '../../support/gateway-app.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const TIMEOUT = { timeout: 120_000 };
const LENGTH_5: HeaderList = [['Content-Length', '5']];

function* pieces(...texts: string[]): Generator<Buffer> {
  for (const text of texts) yield bytes(text);
}

async function* later(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield bytes(text);
}

/** All that a client gets which asks once, and to be left then. */
async function wire(app: GatewayApp, options = {}, method = 'GET'): Promise<string> {
  let received = '';
  const talk = async (client: { send(text: string): Promise<void>; untilEnd(): Promise<string> }): Promise<void> => {
    await client.send(get('/', 'Connection: close\r\n').replace('GET', method));
    received = await client.untilEnd();
  };
  await serving(app, talk, options);
  return received;
}

function* lateHead(_environ: Environ, startResponse: StartResponse): Generator<Buffer> {
  yield bytes('');
  startResponse('201 Created', []);
  yield bytes('');
}

describe('the result', TIMEOUT, () => {
  for (const [name, make] of [
    ['an array', () => [bytes('hel'), bytes('lo')]],
    ['a generator', () => pieces('hel', 'lo')],
    ['an async generator', () => later('hel', 'lo')],
    ['a set', () => new Set([bytes('hel'), bytes('lo')])],
    ['a web stream', () => new Blob(['hello']).stream()],
    ['a promise of an array', () => Promise.resolve([bytes('hello')])],
    ['a promise of an async generator', () => Promise.resolve(later('hello'))],
  ] as const) {
    it(`G2: may be ${name}`, async () => {
      assert.equal((await answerOf(giving(make, LENGTH_5))).body, 'hello');
    });
  }

  for (const [found, result] of [
    ['undefined', undefined],
    ['null', null],
    ['a string', 'hello'],
    ['an instance of Buffer', bytes('hello')],
    ['an object', {}],
  ] as const) {
    it(`G2: is never ${found}, and the log says so`, async () => {
      await serving(
        giving(() => result),
        async (client, server) => {
          await client.send(get());
          assert.equal((await client.response())?.status, 500);
          const expected = `GET /: the app failed: Fault: the app returned ${found} instead of an iterable of bytes`;
          assert.deepEqual(errorsOf(server), [expected]);
        },
      );
    });
  }

  for (const [found, piece] of [
    ['a string', 'hello'],
    ['a number', 104],
    ['null', null],
    ['an instance of ArrayBuffer', new ArrayBuffer(2)],
    ['an instance of Uint16Array', new Uint16Array(2)],
  ] as const) {
    it(`G37: has no piece that is ${found}, and the log says so`, async () => {
      for (const result of [[piece], new Set([piece])]) {
        await serving(
          giving(() => result),
          async (client, server) => {
            await client.send(get());
            assert.equal((await client.response())?.status, 500);
            const expected = `GET /: the app failed: Fault: a body holds bytes (Uint8Array), but the app gave ${found}`;
            assert.deepEqual(errorsOf(server), [expected]);
          },
        );
      }
    });
  }

  it('G38: is sent piece by piece', async () => {
    const more = new Deferred();
    const app = giving(async function* () {
      yield bytes('one');
      await more.promise;
      yield bytes('two');
    });
    await serving(app, async (client) => {
      await client.send(get());
      assert.match(await client.until((text) => text.includes('one\r\n')), /\r\n\r\n3\r\none\r\n$/);
      more.resolve();
      assert.match(await client.until((text) => text.endsWith('0\r\n\r\n')), /\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n$/);
    });
  });

  it('G39: may have empty pieces, which send nothing', async () => {
    const text = await wire(giving(() => pieces('', 'one', '', '', 'two', '')));
    assert.equal(text.slice(text.indexOf('\r\n\r\n')), '\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n');
    assert.match(await wire(lateHead), /^HTTP\/1\.1 201 Created\r\n/);
  });

  it('G40: waits for a client that is slow', async () => {
    const piece = Buffer.alloc(1_024 * 1_024);
    const count = 16;
    let asked = 0;
    const app = giving(
      function* () {
        for (; asked < count; asked += 1) yield piece;
      },
      [['Content-Length', String(piece.length * count)]],
    );
    await serving(app, async (client) => {
      client.pause();
      await client.send(get('/', 'Connection: close\r\n'));
      // As many turns as would do for all of it.
      await turns(1_000);
      assert.ok(asked < count / 2, `${asked} pieces were asked for`);
      client.resume();
      const text = await client.untilEnd();
      assert.equal(text.length - text.indexOf('\r\n\r\n') - 4, piece.length * count);
    });
  });

  it('G41: has a length where it is an array, else chunks, or the end of the connection', async () => {
    assert.match(await wire(giving(() => [bytes('hel'), bytes('lo')])), /\r\nContent-Length: 5\r\n.*\r\n\r\nhello$/s);
    assert.match(await wire(giving(() => [])), /\r\nContent-Length: 0\r\n/);
    const chunked = await wire(giving(() => pieces('hello')));
    assert.match(chunked, /\r\nTransfer-Encoding: chunked\r\n.*\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/s);
    const unchunked = await wire(
      giving(() => pieces('hello')),
      { chunkedTransfer: false },
    );
    assert.equal(unchunked, 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello');
  });

  it('G43: is cut at its Content-Length, and asked for no more', async () => {
    let asked = 0;
    const app = giving(function* () {
      for (; asked < 10; asked += 1) yield bytes('abc');
    }, LENGTH_5);
    await serving(app, async (client, server) => {
      await client.send(get());
      assert.match(await client.untilEnd(), /\r\n\r\nabcab$/);
      assert.equal(asked, 1, 'counted behind each piece that was followed by another');
      assert.match(errorsOf(server)[0]!, /the body is longer than its Content-Length of 5/);
    });
  });

  it('G43: that is shorter than its Content-Length has its connection cut', async () => {
    for (const make of [() => [bytes('abc')], () => pieces('abc')]) {
      await serving(giving(make, LENGTH_5), async (client, server) => {
        await client.send(get());
        assert.match(await client.untilEnd(), /\r\nContent-Length: 5\r\n\r\nabc$/);
        assert.match(errorsOf(server)[0]!, /the body ended after 3 of 5 bytes/);
      });
    }
  });

  it('G44: is not sent to HEAD, whose head is that of GET', async () => {
    const app = giving(() => [bytes('hello')]);
    const [got, head] = [await wire(app), await wire(app, {}, 'HEAD')];
    assert.equal(head, got.slice(0, -'hello'.length));
  });

  for (const status of ['204 No Content', '304 Not Modified']) {
    it(`G44: is not sent with ${status}`, async () => {
      for (const make of [() => [bytes('hello')], () => pieces('hello')]) {
        const text = await wire(giving(make, [], status));
        assert.match(text, /\r\n\r\n$/);
        assert.doesNotMatch(text, /hello|Transfer-Encoding/);
      }
    });
  }

  it('G45: may be a file, from its position to its end or to Content-Length', async () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/file`;
    await writeFile(path, 'hello world');
    const opened: FileHandle[] = [];
    const filed = (headers: HeaderList): GatewayApp => {
      return async (environ, startResponse) => {
        const file = await open(path);
        opened.push(file);
        await file.read(Buffer.alloc(6), 0, 6, null);
        startResponse('200 OK', headers);
        return environ['wsgi.file_wrapper'](file, 2);
      };
    };
    assert.match(await wire(filed([])), /\r\n\r\n5\r\nworld\r\n0\r\n\r\n$/);
    assert.match(await wire(filed([['Content-Length', '3']])), /\r\n\r\nwor$/);
    assert.deepEqual(
      opened.map(({ fd }) => fd),
      [-1, -1],
      'they are closed',
    );
  });

  it('G51: may be a WebSocket, open when its result is asked for', async () => {
    const offered: boolean[] = [];
    const app: GatewayApp = (environ, startResponse) => {
      const upgrade = environ['appserve.websocket'];
      offered.push(upgrade !== undefined);
      if (upgrade !== undefined) return upgrade(startResponse, { open: (socket) => socket.send('open') });
      startResponse('200 OK', []);
      return [];
    };
    await serving(app, async (client) => {
      await client.send(get('/') + handshake());
      await client.until((text) => /^HTTP\/1\.1 200 [^]*HTTP\/1\.1 101 [^]*\r\n\r\n\x81\x04open$/.test(text));
    });
    assert.deepEqual(offered, [false, true]);
  });

  it('G46: may be announced by early hints', async () => {
    const app = giving((environ) => {
      environ['wsgi.early_hints']([['Link', '</a.css>; rel=preload']]);
      return [bytes('hello')];
    });
    assert.match(
      await wire(app),
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload\r\n\r\nHTTP\/1\.1 200 OK\r\n.*hello$/s,
    );
  });
});
