// What an app makes of a WebSocket: the hooks, what it can say, and what becomes of its mistakes.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Environ, WebSocketApp } from '@appserve/core/app';
import type { WebSocketConnection, WebSocketMessage } from '@appserve/core/websocket';
import { Deferred } from '../../support/deferred.ts';
import { eventually } from '../../support/eventually.ts';
import { FrameClient, handshake } from '../../support/frame-client.ts';
import { bytesOf } from '../../support/frames.ts';
import { startTestServer, type TestServer } from '../../support/http-server.ts';

const TIMEOUT = { timeout: 120_000, concurrency: 4 };
const MIB = 1_024 * 1_024;
const LONG_MS = 60_000;

/** An app that says nothing, but for what a test is about. */
function appOf(hooks: Partial<WebSocketApp>): WebSocketApp {
  return { message: () => undefined, ...hooks };
}

/** Opens one, and gives both ends of it. */
async function opened(
  hooks: Partial<WebSocketApp> = {},
): Promise<{ server: TestServer; client: FrameClient; socket: WebSocketConnection }> {
  const arrived = new Deferred<WebSocketConnection>();
  const server = await startTestServer(
    appOf({
      ...hooks,
      open: (socket, environ) => {
        arrived.resolve(socket);
        return hooks.open?.(socket, environ);
      },
    }),
  );
  const client = await FrameClient.open(server.at);
  return { server, client, socket: await arrived.promise };
}

function errorsOf({ log }: TestServer): string[] {
  return log.filter(({ level }) => level === 'error').map(({ message }) => message.split('\n')[0]!);
}

describe('a WebSocket app', TIMEOUT, () => {
  it('learns of the request when a client comes', async () => {
    const environ = new Deferred<Environ>();
    await using server = await startTestServer(appOf({ open: (_socket, given) => environ.resolve(given) }));
    await using client = await FrameClient.open(server.at, '/room/7?name=Ada', ['X-A: b']);
    const { PATH_INFO, QUERY_STRING, HTTP_X_A } = await environ.promise;
    assert.deepEqual([PATH_INFO, QUERY_STRING, HTTP_X_A], ['/room/7', 'name=Ada', 'b']);
    assert.match(client.head, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
    assert.match(client.head, /^Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=$/m);
  });

  it('hears text as text and bytes as bytes, in their order', async () => {
    const heard: WebSocketMessage[] = [];
    const { server, client } = await opened({ message: (_socket, message) => heard.push(message) });
    client.send('text héllo', 'binary 0x00ff', 'text', 'binary');
    await eventually('all are heard', () => heard.length === 4);
    assert.deepEqual(heard, ['héllo', Buffer.from([0, 255]), '', Buffer.alloc(0)]);
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it('hears what came together with the handshake', async () => {
    const heard = new Deferred<WebSocketMessage>();
    await using server = await startTestServer(appOf({ message: (_socket, message) => heard.resolve(message) }));
    await using client = await server.client();
    await client.send(handshake() + bytesOf('text early').toString('latin1'));
    assert.equal(await heard.promise, 'early');
  });

  it('says text, bytes and parts of buffers', async () => {
    const { server, client, socket } = await opened();
    socket.send('héllo');
    socket.send(Buffer.from([1, 2, 3]).subarray(1));
    socket.send(new Uint8Array([4]).buffer);
    socket.send('');
    assert.deepEqual(
      [await client.hear(), await client.hear(), await client.hear(), await client.hear()],
      ['text héllo', 'binary 0x0203', 'binary 0x04', 'text'],
    );
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it('keeps its own data with each, and knows the subprotocol', async () => {
    const app = appOf({
      protocols: ['v2', 'v1'],
      data: 'mine',
      message: (socket) => socket.send(`${String(socket.data)} ${socket.protocol} ${socket.remoteAddress} ${socket.isOpen}`),
    });
    await using server = await startTestServer(app, { listen: 'tcp' });
    await using client = await FrameClient.open(server.at, '/', ['Sec-WebSocket-Protocol: v0, v1, v2']);
    assert.match(client.head, /^Sec-WebSocket-Protocol: v2$/m);
    client.send('text');
    assert.equal(await client.hear(), 'text mine v2 127.0.0.1 true');
    await using other = await FrameClient.open(server.at, '/', ['Sec-WebSocket-Protocol: v0']);
    assert.doesNotMatch(other.head, /protocol:/i);
  });

  it('may add fields to the 101', async () => {
    await using server = await startTestServer(
      appOf({
        headers: [
          ['Set-Cookie', 'a=1'],
          ['Set-Cookie', 'b=2'],
        ],
      }),
    );
    await using client = await FrameClient.open(server.at);
    assert.match(client.head, /\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2$/);
  });

  it('has the bytes of those fields on the wire, as any answer has them', async () => {
    const app = appOf({ headers: [['X-Name', '\xc3\xa9']], open: (socket) => socket.send('é') });
    await using server = await startTestServer(app);
    await using client = await FrameClient.open(server.at);
    // A char for each byte.
    assert.match(client.head, /\r\nX-Name: \xc3\xa9$/);
    assert.equal(await client.hear(), 'text é');
  });

  it('that adds a field of the handshake itself is wrong, and not served', async () => {
    const app = appOf({ headers: [['Sec-WebSocket-Accept', 'x']] });
    await assert.rejects(startTestServer(app), /the app may not send Sec-WebSocket-Accept/);
  });

  it('hears the end once: with the code and the reason of the client', async () => {
    const ends: unknown[] = [];
    const { server, client, socket } = await opened({ close: (_socket, code, reason) => ends.push([code, reason]) });
    client.send('close 4001 enough');
    assert.deepEqual([await client.hear(), await client.hear()], ['close 4001 enough', 'end']);
    await eventually('it is told', () => ends.length > 0);
    assert.deepEqual(ends, [[4001, 'enough']]);
    assert.equal(socket.isOpen, false);
    await eventually('the connection is forgotten', () => server.server.connections === 0);
    await server[Symbol.asyncDispose]();
  });

  for (const [how, code, act] of [
    ['says no code', 1005, (client: FrameClient) => client.send('close')],
    ['breaks off', 1006, (client: FrameClient) => void client[Symbol.asyncDispose]()],
    ['breaks the protocol', 1006, (client: FrameClient) => client.send('opcode3')],
  ] as const) {
    it(`hears ${code} where the client ${how}`, async () => {
      const end = new Deferred<number>();
      const { server, client } = await opened({ close: (_socket, given) => end.resolve(given) });
      act(client);
      assert.equal(await end.promise, code);
      assert.deepEqual(errorsOf(server), []);
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });
  }

  it('says goodbye with a code and a reason, and hears the answer', async () => {
    const end = new Deferred<string>();
    const { server, client, socket } = await opened({ close: (_socket, code, reason) => end.resolve(`${code} ${reason}`) });
    socket.close(3000, 'genug');
    assert.equal(await client.hear(), 'close 3000 genug');
    assert.equal(socket.send('too late'), false);
    client.send('close 3000 genug');
    assert.equal(await client.hear(), 'end');
    assert.equal(await end.promise, '3000 genug');
    await server[Symbol.asyncDispose]();
  });

  it('cannot say a code that is none, nor a reason that is too long', async () => {
    const { server, client, socket } = await opened();
    for (const code of [0, 999, 1005, 1006, 1015, 2999, 5000])
      assert.throws(() => socket.close(code), { code: 'WEBSOCKET_OPTION_INVALID' });
    assert.throws(() => socket.close('bye' as never), { code: 'WEBSOCKET_OPTION_INVALID' });
    assert.throws(() => socket.close(1000, 'é'.repeat(62)), { code: 'WEBSOCKET_OPTION_INVALID' });
    assert.throws(() => socket.close(1000, 5 as never), { code: 'WEBSOCKET_OPTION_INVALID' });
    assert.equal(socket.isOpen, true);
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it('may end it without a word', async () => {
    const { server, client, socket } = await opened();
    socket.terminate();
    assert.equal(await client.hear(), 'end');
    await server[Symbol.asyncDispose]();
  });

  it('may send a ping of its own', async () => {
    const { server, client, socket } = await opened();
    socket.ping('are you there');
    assert.equal(await client.hear(), 'ping are you there');
    assert.throws(() => socket.ping('x'.repeat(126)), { code: 'WEBSOCKET_OPTION_INVALID' });
    assert.throws(() => socket.ping(5 as never), { code: 'WEBSOCKET_MESSAGE_INVALID' });
    socket.ping(new Uint16Array([0x6161]));
    assert.equal(await client.hear(), 'ping aa');
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
});

const BYTES = Uint8Array.from([1, 2, 3, 4]);

const SENT: readonly (readonly [name: string, given: unknown, heard: string])[] = [
  ['a DataView', new DataView(BYTES.buffer, 1, 2), 'binary 0x0203'],
  ['a Float32Array', new Float32Array([1.5]), 'binary 0x0000c03f'],
  ['a Uint16Array', new Uint16Array(BYTES.buffer), 'binary 0x01020304'],
  ['a part of a buffer', BYTES.subarray(2), 'binary 0x0304'],
  ['an ArrayBuffer', BYTES.buffer, 'binary 0x01020304'],
  ['half a surrogate', '\ud800', 'text \ufffd'],
];

const NOT_SENT: readonly (readonly [name: string, given: unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['a number', 42],
  ['an object', { a: 1 }],
  ['an object', { length: 3 }],
  ['an array', [1, 2, 3]],
  ['an instance of Promise', Promise.resolve('x')],
  ['an instance of Blob', new Blob(['x'])],
  ['an instance of SharedArrayBuffer', new SharedArrayBuffer(3)],
];

async function talking(compression: boolean): Promise<{ server: TestServer; client: FrameClient; socket: WebSocketConnection }> {
  const arrived = new Deferred<WebSocketConnection>();
  const server = await startTestServer(appOf({ compression, open: (socket) => arrived.resolve(socket) }));
  const offers = compression ? ['Sec-WebSocket-Extensions: permessage-deflate'] : [];
  const client = await FrameClient.open(server.at, '/', offers);
  return { server, client, socket: await arrived.promise };
}

for (const compression of [false, true]) {
  describe(`a message, ${compression ? 'with' : 'without'} compression`, TIMEOUT, () => {
    // Behind each comes `after`, so that what is sent wrongly, or not at all, is seen.
    for (const [name, given, heard] of SENT) {
      it(`may be ${name}`, async () => {
        const { server, client, socket } = await talking(compression);
        socket.send(given as string);
        socket.send('after');
        assert.deepEqual([await client.hear(), await client.hear()], [heard, 'text after']);
        await client[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
      });
    }

    for (const [name, given] of NOT_SENT) {
      it(`may not be ${name}: ${JSON.stringify(given)}; nothing is sent of it`, async () => {
        const { server, client, socket } = await talking(compression);
        assert.throws(() => socket.send(given as string), {
          code: 'WEBSOCKET_MESSAGE_INVALID',
          message: `a message is text or bytes (an ArrayBuffer or a view of one), but the app gave ${name}`,
        });
        socket.send('after');
        assert.equal(await client.hear(), 'text after');
        await client[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
      });
    }
  });
}

function broken(): never {
  throw new Error('my own fault');
}

function unspeakable(): never {
  throw Object.create(null);
}

describe('a hook that fails', TIMEOUT, () => {
  for (const [name, hooks] of [
    ['open', { open: broken }],
    ['message', { message: broken }],
    ['message, later', { message: async () => broken() }],
  ] as const) {
    it(`closes with 1011, and is logged: ${name}`, async () => {
      await using server = await startTestServer(appOf(hooks));
      await using client = await FrameClient.open(server.at);
      client.send('text hello');
      assert.equal(await client.hear(), 'close 1011');
      await eventually('it is logged', () => errorsOf(server).length > 0);
      assert.deepEqual(
        errorsOf(server).map((message) => /the app failed: Error: my own fault/.test(message)),
        [true],
      );
    });
  }

  it('is told to the hook for errors instead, where there is one', async () => {
    const told: string[] = [];
    await using server = await startTestServer(appOf({ message: broken, error: (_socket, error) => told.push(error.message) }));
    await using client = await FrameClient.open(server.at);
    client.send('text hello');
    assert.equal(await client.hear(), 'close 1011');
    assert.deepEqual([told, errorsOf(server)], [['my own fault'], []]);
  });

  it('is logged where the hook for errors fails as well', async () => {
    await using server = await startTestServer(appOf({ message: broken, error: broken }));
    await using client = await FrameClient.open(server.at);
    client.send('text hello');
    assert.equal(await client.hear(), 'close 1011');
    assert.equal(errorsOf(server).length, 1);
  });

  it('harms nobody, whatever it throws', async () => {
    const app = appOf({ message: unspeakable, close: unspeakable });
    await using server = await startTestServer(app);
    await using client = await FrameClient.open(server.at);
    client.send('text hello');
    assert.equal(await client.hear(), 'close 1011');
    client.send('close 1011');
    await eventually('both are logged', () => errorsOf(server).length === 2);
  });

  it('at the end is logged, and nothing else', async () => {
    await using server = await startTestServer(appOf({ close: broken }));
    await using client = await FrameClient.open(server.at);
    client.send('close 1000');
    assert.equal(await client.hear(), 'close 1000');
    await eventually('it is logged', () => errorsOf(server).length === 1);
  });

  it('leaves the others as they were', async () => {
    await using server = await startTestServer(
      appOf({ message: (socket, message) => (message === 'bad' ? broken() : socket.send(message)) }),
    );
    await using good = await FrameClient.open(server.at);
    await using bad = await FrameClient.open(server.at);
    bad.send('text bad');
    assert.equal(await bad.hear(), 'close 1011');
    good.send('text good');
    assert.equal(await good.hear(), 'text good');
  });
});

describe('a client that breaks the protocol', TIMEOUT, () => {
  it('is told to the hook for errors, and is nobody to log above debug', async () => {
    const told = new Deferred<string>();
    const { server, client } = await opened({ error: (_socket, error) => told.resolve(error.message) });
    client.send('opcode3');
    assert.equal(await client.hear(), 'close 1002');
    assert.match(await told.promise, /invalid opcode 3/);
    assert.deepEqual(
      server.log.filter(({ level }) => level !== 'debug'),
      [],
    );
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
});

describe('a client that is slow', TIMEOUT, () => {
  it('is waited for: send says so, drained() and the hook tell when it has kept up', async () => {
    let drains = 0;
    const { server, client, socket } = await opened({ drain: () => (drains += 1) });
    client.pause();
    assert.equal(socket.send('short'), true);
    let sent = 0;
    while (socket.send(Buffer.alloc(MIB, sent)) && sent < 64) sent += 1;
    assert.ok(sent < 64, 'the kernel takes no more');
    assert.ok(socket.bufferedBytes > 0);
    let isDrained = false;
    const drained = socket.drained().then(() => (isDrained = true));
    assert.deepEqual([drains, isDrained], [0, false]);
    client.resume();
    await drained;
    await eventually('the hook is called', () => drains === 1);
    assert.equal(socket.bufferedBytes, 0);
    assert.equal(await client.hear(), 'text short');
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it('wakes who waits for it also when it goes', async () => {
    const { server, client, socket } = await opened();
    client.pause();
    while (socket.send(Buffer.alloc(MIB)));
    const drained = socket.drained();
    await client[Symbol.asyncDispose]();
    await drained;
    await socket.drained();
    await server[Symbol.asyncDispose]();
  });

  it('is waited for with compression too', async () => {
    const arrived = new Deferred<WebSocketConnection>();
    let drains = 0;
    await using server = await startTestServer(
      appOf({ compression: true, open: (socket) => arrived.resolve(socket), drain: () => (drains += 1) }),
    );
    await using client = await FrameClient.open(server.at, '/', ['Sec-WebSocket-Extensions: permessage-deflate']);
    const socket = await arrived.promise;
    // It waits to be compressed.
    assert.equal(socket.send('a'.repeat(MIB)), false);
    await socket.drained();
    await eventually('the hook is called', () => drains === 1);
    assert.equal((await client.frame())?.reserved, 4);
  });
});

describe('an app that is slow', TIMEOUT, () => {
  it('may stop reading, and go on', async () => {
    let heard = 0;
    const { server, client, socket } = await opened({ message: (_socket, message) => (heard += message.length) });
    socket.pause();
    client.sendBytes(Buffer.concat(Array.from({ length: 64 }, () => bigFrame)));
    await new Promise(setImmediate);
    assert.equal(heard, 0);
    socket.resume();
    await eventually('all is heard', () => heard === 64 * BIG_BYTES);
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  for (const [who, code, act] of [
    ['the app closes', 1000, (_server: TestServer, socket: WebSocketConnection) => socket.close()],
    ['the server stops', 1001, ({ server }: TestServer) => void server.close(LONG_MS)],
  ] as const) {
    it(`hears all that a client says before its Close, where ${who} meanwhile`, async () => {
      const heard: unknown[] = [];
      const end = new Deferred<number>();
      const story = await opened({
        message: (paused, message) => {
          heard.push(message);
          paused.pause();
        },
        close: (_socket, given) => end.resolve(given),
      });
      await using server = story.server;
      await using client = story.client;
      client.send('text enough');
      await eventually('it has stopped reading', () => heard.length === 1);
      act(server, story.socket);
      assert.equal(await client.hear(), `close ${code}`);
      client.send('text late', 'text later', `close ${code}`);
      assert.equal(await end.promise, code);
      assert.deepEqual(heard, ['enough', 'late', 'later']);
      assert.deepEqual(
        server.log.filter(({ message }) => message.includes('is cut')),
        [],
      );
    });
  }
});

const BIG_BYTES = 60_000;

const bigFrame = bytesOf(`binary a*${BIG_BYTES}`);
