// A connection that ends HTTP: an upgrade or CONNECT hands its socket over, whole, and the server only counts it from then on.

import assert from 'node:assert/strict';
import net from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as silence } from 'node:timers/promises';
import type { Duplex } from 'node:stream';
import { Fault } from '@appserve/core';
import type { Exchange, Handler, TakenConnection } from '@appserve/core/exchange';
import { ResponseHead } from '@appserve/core/message';
import { get, post } from '../support/apps.ts';
import { Deferred } from '../support/deferred.ts';
import { eventually, turns } from '../support/eventually.ts';
import { startTestHandler } from '../support/http-server.ts';
import type { RawClient } from '../support/raw-client.ts';

const TIMEOUT = { timeout: 120_000 };
const LONG_MS = 60_000;
const MIB = 1_024 * 1_024;
const UPGRADE = get('/', 'Connection: upgrade', 'Upgrade: echo');
const CONNECT = 'CONNECT example.test:443 HTTP/1.1\r\nHost: example.test:443\r\n\r\n';
const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n';
const TRANSPORTS = ['unix', 'tcp', 'tls'] as const;

/** Sends back what it is sent, and closes its side when the client has closed his. */
const echo: Handler = (exchange) => {
  const { socket, unread } = exchange.takeOver();
  socket.write(SWITCHING);
  socket.write(unread);
  socket.pipe(socket);
};

/** A handler that hands the connection to the test. */
function givingAway(): { handler: Handler; taken: Promise<TakenConnection> } {
  const taken = new Deferred<TakenConnection>();
  return { handler: (exchange) => taken.resolve(exchange.takeOver()), taken: taken.promise };
}

/** A handler that hands over its exchange when it has begun. */
function holding(): { handler: Handler; exchange: Promise<Exchange> } {
  const begun = new Deferred<Exchange>();
  return { handler: (exchange) => begun.resolve(exchange), exchange: begun.promise };
}

function answer(exchange: Exchange, text: string): void {
  exchange.send(new ResponseHead(200, 'OK', []), [Buffer.from(text)]);
}

async function ended(socket: Duplex): Promise<void> {
  await new Promise<void>((resolve) => socket.once('end', resolve).resume());
}

async function textOf(socket: Duplex, length: number): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  await new Promise<void>((resolve) =>
    socket.on('data', (piece: Buffer) => {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes >= length) resolve();
    }),
  );
  return Buffer.concat(pieces).toString('latin1');
}

/** Eight megabytes of which no part is like another. */
const LONG_TEXT = Array.from({ length: 1_000_000 }, (_, number) => String(1_000_000 + number)).join(' ');

/** What the client hears of the new protocol, once that is there. */
async function hears(client: RawClient, text: string): Promise<void> {
  assert.equal(await client.until((received) => received.length >= text.length), text);
}

for (const listen of TRANSPORTS) {
  describe(`a connection over ${listen} that is handed over`, TIMEOUT, () => {
    it('brings what the client has sent behind its request, then what it sends later', async () => {
      await using server = await startTestHandler(echo, { listen });
      await using client = await server.client();
      await client.send(`${UPGRADE}one, `);
      await hears(client, `${SWITCHING}one, `);
      await client.send('two, ');
      await client.send('three');
      await hears(client, `${SWITCHING}one, two, three`);
    });

    it('is no place for requests any more: what looks like one is its new owner’s', async () => {
      let calls = 0;
      const { handler, taken } = givingAway();
      const counting: Handler = (exchange) => {
        calls += 1;
        return handler(exchange);
      };
      await using server = await startTestHandler(counting, { listen });
      await using client = await server.client();
      await client.send(UPGRADE + get('/unread'));
      const { socket, unread } = await taken;
      assert.equal(Buffer.from(unread).toString(), get('/unread'));
      await client.send(get('/later'));
      const [later] = (await new Promise((resolve) => socket.once('data', (bytes) => resolve([bytes])))) as [Buffer];
      assert.deepEqual([later.toString(), calls], [get('/later'), 1]);
    });

    it('brings more than is read ahead of an app that thinks it over', async () => {
      const { handler, exchange } = holding();
      await using server = await startTestHandler(handler, { listen });
      await using client = await server.client();
      const sent = client.send(UPGRADE + LONG_TEXT);
      const begun = await exchange;
      await turns(20);
      const { socket, unread } = begun.takeOver();
      assert.ok(unread.length < MIB, `${unread.length} bytes were read ahead`);
      const rest = await textOf(socket, LONG_TEXT.length - unread.length);
      assert.ok(Buffer.from(unread).toString() + rest === LONG_TEXT, 'it is not what was sent');
      await sent;
    });

    it('makes the client wait while its new owner does not read', async () => {
      const { handler, taken } = givingAway();
      await using server = await startTestHandler(handler, { listen });
      await using client = await server.client();
      await client.send(UPGRADE);
      const { socket } = await taken;
      const sent = client.send(LONG_TEXT);
      await eventually('something comes', () => socket.readableLength > 0);
      await turns(50);
      assert.ok(socket.readableLength <= 256 * 1_024, `${socket.readableLength} bytes are held`);
      assert.ok((await textOf(socket, LONG_TEXT.length)) === LONG_TEXT, 'it is not what was sent');
      await sent;
    });

    it('makes its new owner wait while the client does not read', async () => {
      const { handler, taken } = givingAway();
      await using server = await startTestHandler(handler, { listen });
      await using client = await server.client();
      await client.send(UPGRADE);
      const { socket } = await taken;
      client.pause();
      const piece = Buffer.alloc(64 * 1_024, 'x');
      // The kernel takes some of it, and after that nobody.
      let pieces = 0;
      for (let isTaken = true; isTaken && pieces < 1_000; pieces += 1) {
        isTaken = socket.write(piece) || (await drainedWithin(socket, 20));
      }
      assert.ok(pieces < 1_000, 'it never had to wait');
      const drained = new Promise((resolve) => socket.once('drain', resolve));
      client.resume();
      await drained;
      socket.end();
      assert.equal((await client.untilEnd()).length, pieces * piece.length);
    });

    it('lets the client close its side first', async () => {
      const { handler, taken } = givingAway();
      await using server = await startTestHandler(handler, { listen });
      await using client = await server.client();
      await client.send(UPGRADE);
      const { socket } = await taken;
      client.endSending();
      await ended(socket);
      socket.end('the last word');
      assert.equal(await client.untilEnd(), 'the last word');
      await eventually('the connection is forgotten', () => server.server.connections === 0);
    });

    it('lets its new owner close his side first', async () => {
      const { handler, taken } = givingAway();
      await using server = await startTestHandler(handler, { listen });
      await using client = await server.client();
      await client.send(UPGRADE);
      const { socket } = await taken;
      socket.end('the first word');
      assert.equal(await client.untilEnd(), 'the first word');
      const heard = textOf(socket, 'the last word'.length);
      await client.send('the last word');
      assert.equal(await heard, 'the last word');
      client.endSending();
      await eventually('the connection is forgotten', () => server.server.connections === 0);
    });

    it('is no complaint when the client is gone all of a sudden, though its new owner does not listen', async () => {
      const { handler, taken } = givingAway();
      await using server = await startTestHandler(handler, { listen });
      await using client = await server.client();
      await client.send(UPGRADE);
      const { socket } = await taken;
      socket.resume();
      if (listen === 'unix') await client[Symbol.asyncDispose]();
      else client.reset();
      socket.end();
      await eventually('the connection is forgotten', () => server.server.connections === 0);
      assert.deepEqual(
        server.log.filter(({ level }) => level !== 'debug'),
        [],
      );
    });
  });
}

async function drainedWithin(socket: Duplex, turnsMax: number): Promise<boolean> {
  for (let turn = 0; turn < turnsMax && socket.writableNeedDrain; turn += 1) await turns(1);
  return !socket.writableNeedDrain;
}

describe('the bytes that were read already', TIMEOUT, () => {
  it('are the owner’s: what other clients send does not change them', async () => {
    const { handler, taken } = givingAway();
    await using server = await startTestHandler((exchange) =>
      exchange.head.target === '/' ? handler(exchange) : answer(exchange, 'other'),
    );
    await using client = await server.client();
    await client.send(`${UPGRADE}mine`);
    const { unread } = await taken;
    await using other = await server.client();
    await other.send(get('/other', `X: ${'x'.repeat(1_000)}`));
    await other.response();
    assert.equal(Buffer.from(unread).toString(), 'mine');
  });

  it('are none where the client waits for the switch', async () => {
    const { handler, taken } = givingAway();
    await using server = await startTestHandler(handler);
    await using client = await server.client();
    await client.send(UPGRADE);
    assert.equal((await taken).unread.length, 0);
  });
});

describe('handing over', TIMEOUT, () => {
  it('sends nothing: the first byte that the client hears is its new owner’s', async () => {
    const { handler, taken } = givingAway();
    await using server = await startTestHandler(handler);
    await using client = await server.client();
    await client.send(UPGRADE);
    const { socket } = await taken;
    await turns(5);
    socket.end('first');
    assert.equal(await client.untilEnd(), 'first');
  });

  it('comes behind the answers to what was pipelined before', async () => {
    await using server = await startTestHandler((exchange) =>
      exchange.head.target === '/' ? echo(exchange) : answer(exchange, exchange.head.target),
    );
    await using client = await server.client();
    await client.send(`${get('/1')}${get('/2')}${UPGRADE}new`);
    const first = [await client.response(), await client.response()].map((response) => response?.body);
    await hears(client, `${SWITCHING}new`);
    assert.deepEqual(first, ['/1', '/2']);
  });

  it('comes behind a long answer that the client has not taken yet', async () => {
    const big = 'x'.repeat(MIB);
    await using server = await startTestHandler((exchange) =>
      exchange.head.target === '/big' ? answer(exchange, big) : echo(exchange),
    );
    await using client = await server.client();
    client.pause();
    await client.send(`${get('/big')}${UPGRADE}new`);
    client.resume();
    assert.equal((await client.response())?.body.length, big.length);
    await hears(client, `${SWITCHING}new`);
  });

  it('comes behind short answers that the client has not taken yet: a drain that its new owner hears is his own', async () => {
    const { handler, exchange } = holding();
    await using server = await startTestHandler((asked) =>
      asked.head.target === '/' ? handler(asked) : answer(asked, 'x'.repeat(8_000)),
    );
    await using client = await server.client();
    client.pause();
    // As many as are answered by one write, which is more than the kernel takes.
    await client.send(get('/short').repeat(31) + UPGRADE);
    const { socket } = (await exchange).takeOver();
    const waitingAtDrain: number[] = [];
    socket.on('drain', () => waitingAtDrain.push(socket.writableLength));
    socket.write(SWITCHING);
    socket.write(LONG_TEXT);
    client.resume();
    for (let answers = 0; answers < 31; answers += 1) assert.equal((await client.response())?.status, 200);
    assert.ok((await client.until((text) => text.length >= SWITCHING.length + LONG_TEXT.length)) === SWITCHING + LONG_TEXT);
    assert.deepEqual(waitingAtDrain, [0]);
  });

  it('is for good, however the answers before it went out: HTTP looks after the socket no more', async () => {
    const taken: Duplex[] = [];
    const clients: RawClient[] = [];
    await using server = await startTestHandler((exchange) => {
      if (exchange.head.target === '/') taken.push(exchange.takeOver().socket);
      else answer(exchange, 'x'.repeat(exchange.head.target === '/long' ? 12_000 : 1));
    });
    // Around the number of answers that fill the kernel's buffers: for some clients a little of the last one waits for a while.
    for (let answers = 10; answers < 25; answers += 1) {
      const client = await server.client();
      clients.push(client);
      client.pause();
      for (let sent = 0; sent < answers; sent += 1) {
        await client.send(get('/long'));
        await turns(2);
      }
      client.resume();
      for (let received = 0; received < answers; received += 1) await client.response();
      // As many as are answered in one turn, so that the upgrade is the first thing of the next.
      await client.send(get('/short').repeat(32) + UPGRADE);
      await eventually('it is handed over', () => taken.length === clients.length);
    }
    // Longer than a client gets to read a last word of HTTP's.
    await silence(2_500);
    assert.equal(taken.filter(({ destroyed }) => destroyed).length, 0);
    for (const client of clients) await client[Symbol.asyncDispose]();
  });

  it('may come behind early hints', async () => {
    await using server = await startTestHandler((exchange) => {
      exchange.inform(103, ['Link', '</a>']);
      return echo(exchange);
    });
    await using client = await server.client();
    await client.send(`${UPGRADE}new`);
    await hears(client, `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${SWITCHING}new`);
  });

  it('may come behind the body of the request', async () => {
    await using server = await startTestHandler(async (exchange) => {
      const body: string[] = [];
      for await (const piece of exchange.body) body.push(Buffer.from(piece).toString());
      const { socket, unread } = exchange.takeOver();
      socket.end(`${body.join('')}, ${Buffer.from(unread).toString()}`);
    });
    await using client = await server.client();
    await client.send(`${post('/', 'body', 'Connection: upgrade', 'Upgrade: echo')}behind`);
    assert.equal(await client.untilEnd(), 'body, behind');
  });

  const TOO_SOON_OR_LATE: readonly (readonly [when: string, request: string, before: (exchange: Exchange) => void])[] = [
    ['before the body of the request is read', post('/', 'body'), () => undefined],
    ['when an answer has begun', get('/'), (exchange) => exchange.respond(new ResponseHead(200, 'OK', []))],
    ['when the answer is complete', get('/'), (exchange) => answer(exchange, 'whole')],
    ['twice', get('/'), (exchange) => exchange.takeOver().socket.end('taken')],
  ];
  for (const [when, request, before] of TOO_SOON_OR_LATE) {
    it(`is refused ${when}`, async () => {
      const refusal = new Deferred<unknown>();
      await using server = await startTestHandler((exchange) => {
        before(exchange);
        try {
          exchange.takeOver();
        } catch (error) {
          refusal.resolve(error);
        }
        if (!exchange.isOver && !exchange.isHeadSent) exchange.fail(new Error('refused'));
      });
      await using client = await server.client();
      await client.send(request);
      const error = await refusal.promise;
      assert.ok(error instanceof Fault);
      assert.equal(error.code, 'RESPONSE_OUT_OF_TURN');
      assert.match(await client.until((text) => text !== ''), /^(HTTP\/1\.1 (200|500) |taken$)/);
    });
  }

  it('is refused when the client has gone, without a complaint', async () => {
    const { handler, exchange } = holding();
    await using server = await startTestHandler(handler, { listen: 'tcp' });
    await using client = await server.client();
    await client.send(UPGRADE);
    const begun = await exchange;
    client.reset();
    await eventually('the connection is forgotten', () => server.server.connections === 0);
    assert.throws(() => begun.takeOver(), { code: 'RESPONSE_OUT_OF_TURN' });
    assert.deepEqual(
      server.log.filter(({ level }) => level !== 'debug'),
      [],
    );
  });

  it('finds the end of a client that has closed its side before', async () => {
    const { handler, exchange } = holding();
    await using server = await startTestHandler(handler, { listen: 'tcp' });
    await using client = await server.client();
    await client.send(`${UPGRADE}all that I have to say`);
    client.endSending();
    const begun = await exchange;
    await turns(20);
    const { socket, unread } = begun.takeOver();
    socket.write(unread);
    socket.pipe(socket);
    assert.equal(await client.untilEnd(), 'all that I have to say');
    await eventually('the connection is forgotten', () => server.server.connections === 0);
  });

  it('is the end of the exchange: its place in the queue is free, its signal stays silent', async () => {
    const signals: AbortSignal[] = [];
    const keeping: Handler = (exchange) => {
      signals.push(exchange.signal);
      return exchange.head.target === '/' ? echo(exchange) : answer(exchange, 'next');
    };
    await using server = await startTestHandler(keeping, { concurrency: 1, queueLimit: 0 });
    await using client = await server.client();
    await client.send(UPGRADE);
    await hears(client, SWITCHING);
    await using other = await server.client();
    await other.send(get('/next'));
    assert.equal((await other.response())?.body, 'next');
    await client[Symbol.asyncDispose]();
    await eventually('the connection is forgotten', () => server.server.connections === 1);
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [false, false],
    );
  });
});

describe('a server with a connection that is handed over', { ...TIMEOUT, concurrency: true }, () => {
  it('counts it, and lets it outlive every deadline', async () => {
    await using server = await startTestHandler(echo, { headTimeoutMs: 50, keepaliveTimeoutMs: 50, maxBodySizeBytes: 1 });
    await using client = await server.client();
    await client.send(UPGRADE);
    await hears(client, SWITCHING);
    await using witness = await server.client();
    // Nobody is left more time than one who has been refused, and this one has come later.
    await witness.send(post('/', 'too large'));
    await witness.untilEnd();
    await eventually('one is left', () => server.server.connections === 1);
    await client.send('still here');
    await hears(client, `${SWITCHING}still here`);
  });

  it('does not take it for an idle one', async () => {
    await using server = await startTestHandler(echo);
    await using client = await server.client();
    await client.send(UPGRADE);
    await hears(client, SWITCHING);
    server.server.closeIdleConnections();
    await client.send('still here');
    await hears(client, `${SWITCHING}still here`);
  });

  it('waits for it when it closes, and leaves the goodbye to its owner', async () => {
    const { handler, taken } = givingAway();
    await using server = await startTestHandler(handler);
    await using client = await server.client();
    await client.send(UPGRADE);
    const { socket } = await taken;
    const closed = server.server.close(LONG_MS);
    await turns(5);
    assert.equal(server.server.connections, 1);
    socket.end('goodbye');
    client.endSending();
    socket.resume();
    assert.equal(await client.untilEnd(), 'goodbye');
    assert.equal(await closed, 0);
  });

  it('cuts it when the grace is over', async () => {
    await using server = await startTestHandler(echo);
    await using client = await server.client();
    await client.send(UPGRADE);
    await hears(client, SWITCHING);
    assert.equal(await server.server.close(20), 1);
    assert.equal(await client.untilEnd(), SWITCHING);
  });

  it('counts it to max_connections', async () => {
    await using server = await startTestHandler(
      (exchange) => (exchange.head.target === '/' ? echo(exchange) : answer(exchange, 'next')),
      { maxConnections: 1 },
    );
    const client = await server.client();
    await client.send(UPGRADE);
    await hears(client, SWITCHING);
    await using waiting = await server.client();
    await waiting.send(get('/next'));
    await turns(5);
    assert.equal(server.server.connections, 1);
    await client[Symbol.asyncDispose]();
    assert.equal((await waiting.response())?.body, 'next');
  });
});

describe('CONNECT', TIMEOUT, () => {
  it('is refused unless it is allowed, and the app is not asked', async () => {
    let calls = 0;
    await using server = await startTestHandler((exchange) => {
      calls += 1;
      answer(exchange, 'asked');
    });
    await using client = await server.client();
    await client.send(`${CONNECT}${get('/smuggled')}`);
    const received = await client.untilEnd();
    assert.match(received, /^HTTP\/1\.1 405 Method Not Allowed\r\n.*\r\nAllow: GET, .*\r\nConnection: close\r\n/s);
    assert.deepEqual([received.match(/HTTP\/1\.1/g)?.length, calls], [1, 0]);
  });

  it('reaches the app where it is allowed, which opens the tunnel', async () => {
    await using target = await echoTarget();
    await using server = await startTestHandler(
      (exchange) => {
        const port = Number(exchange.head.target.split(':')[1]);
        const { socket, unread } = exchange.takeOver();
        const there = net.connect(port, '127.0.0.1');
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        there.write(unread);
        socket.pipe(there).pipe(socket);
      },
      { allowsConnect: true },
    );
    await using client = await server.client();
    await client.send(`${CONNECT.replaceAll('443', String(target.port))}early, `);
    await client.send('late');
    client.endSending();
    assert.equal(await client.untilEnd(), 'HTTP/1.1 200 Connection Established\r\n\r\nearly, late');
    await eventually('the connection is forgotten', () => server.server.connections === 0);
  });

  it('that is refused by the app leaves the connection to further requests', async () => {
    await using server = await startTestHandler(
      (exchange) => {
        const isTunnel = exchange.head.method === 'CONNECT';
        exchange.send(isTunnel ? new ResponseHead(403, 'Forbidden', []) : new ResponseHead(200, 'OK', []), [
          Buffer.from(`[${exchange.head.pathAndQuery}]`),
        ]);
      },
      { allowsConnect: true },
    );
    await using client = await server.client();
    await client.send(CONNECT + get('/next'));
    const answers = [await client.response(), await client.response()];
    assert.deepEqual(
      answers.map((response) => [response?.status, response?.body]),
      [
        [403, '[]'],
        [200, '[/next]'],
      ],
    );
  });

  it('must name host and port, also where it is allowed', async () => {
    await using server = await startTestHandler(echo, { allowsConnect: true });
    await using client = await server.client();
    await client.send('CONNECT /path HTTP/1.1\r\nHost: test\r\n\r\n');
    assert.equal((await client.response())?.status, 400);
  });
});

/** Somebody whom tunnels lead to. */
async function echoTarget(): Promise<AsyncDisposable & { readonly port: number }> {
  const listener = net.createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  return {
    port: (listener.address() as net.AddressInfo).port,
    [Symbol.asyncDispose]: async () => void (await new Promise((resolve) => listener.close(resolve))),
  };
}
