// HTTP over TLS: the same as in clear, and what TLS itself can do to a connection.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ClientRequest } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { describe, it } from 'node:test';
import tls from 'node:tls';
import type { FetchFunction, GatewayApp } from '@appserve/core/app';
import type { ConnectionFacts } from '@appserve/core/exchange';
import { echoApp, get, ok, pathApp } from '../support/apps.ts';
import { Deferred } from '../support/deferred.ts';
import { eventually, turns } from '../support/eventually.ts';
import { CERTIFICATE, startTestServer, type TestServer } from '../support/http-server.ts';
import { RawClient } from '../support/raw-client.ts';

const TIMEOUT = { timeout: 120_000 };
const LONG_MS = 60_000;
/** The head of a record that promises more of a ClientHello. */
const HALF_A_HELLO = '\x16\x03\x01\x02\x00\x01';
const MIB = 1_024 * 1_024;
const PIECE_BYTES = 64 * 1_024;
const BIG_BYTES = 32 * MIB;
/** What may be under way between two ends: the kernel's buffers of two TCP sockets, and what both sides hold of it. */
const HELD_BYTES_MAX = 12 * MIB;

const tellsScheme: GatewayApp = (environ, startResponse) =>
  ok(startResponse, `${environ['wsgi.url_scheme']} ${environ.HTTPS} ${environ.SERVER_PORT} ${environ.REMOTE_ADDR}`);

const tellsUrl: FetchFunction = (request) => new Response(request.url);

function complaints({ log }: TestServer): string[] {
  return log.filter(({ level }) => level !== 'debug').map(({ message }) => message);
}

async function noConnection({ server }: TestServer): Promise<void> {
  await eventually('no connection is left', () => server.connections === 0);
}

/** A client of node:https's, which takes and gives bodies in pieces. */
function ask({ at }: TestServer, method: string): ClientRequest {
  return https.request({ port: Number(at), host: '127.0.0.1', method, path: '/', agent: false, rejectUnauthorized: false });
}

async function responseTo(sent: ClientRequest): Promise<AsyncIterable<Buffer>> {
  return new Promise((resolve, reject) => {
    sent.once('response', resolve);
    sent.once('error', reject);
  });
}

describe('a connection over TLS', TIMEOUT, () => {
  it('serves one request after the other', async () => {
    await using server = await startTestServer(pathApp, { listen: 'tls' });
    await using client = await server.client();
    await client.send(get('/first'));
    assert.equal((await client.response())?.body, '/first');
    await client.send(get('/second') + get('/third'));
    assert.deepEqual([(await client.response())?.body, (await client.response())?.body], ['/second', '/third']);
    assert.equal(client.isEnded, false);
  });

  it('is https for a gateway app', async () => {
    await using server = await startTestServer(tellsScheme, { listen: 'tls' });
    await using client = await server.client();
    await client.send(get('/').replace('Host: test', 'Host: test:8443'));
    assert.equal((await client.response())?.body, `https on ${server.at} 127.0.0.1`);
  });

  it('is https for a fetch app', async () => {
    await using server = await startTestServer(tellsUrl, { listen: 'tls' });
    await using client = await server.client();
    await client.send(get('/path?query'));
    assert.equal((await client.response())?.body, 'https://test/path?query');
  });

  it('is the right one for an absolute https target, which in clear is misdirected', async () => {
    const absolute = get('https://test/path');
    await using secure = await startTestServer(pathApp, { listen: 'tls' });
    await using inClear = await startTestServer(pathApp, { listen: 'tcp' });
    await using client = await secure.client();
    await client.send(absolute);
    assert.equal((await client.response())?.body, '/path');
    await using lost = await inClear.client();
    await lost.send(absolute);
    assert.match(await lost.untilEnd(), /^HTTP\/1\.1 421 Misdirected Request\r\n.*\r\nConnection: close\r\n/s);
  });

  it('is announced after its handshake, with its two ends', async () => {
    await using server = await startTestServer(pathApp, { listen: 'tls' });
    const announced: ConnectionFacts[] = [];
    server.server.on('connection', (facts) => announced.push(facts));
    await using plain = await RawClient.connect(server.at);
    await plain.send('no handshake\r\n\r\n');
    await plain.untilEnd();
    await using client = await server.client();
    await client.send(get('/'));
    await client.response();
    assert.deepEqual(
      announced.map(({ scheme, localAddress, localPort }) => [scheme, localAddress, localPort]),
      [['https', '127.0.0.1', String(server.at)]],
    );
  });

  it('takes what node:tls takes: a certificate by the name that the client asks for', async () => {
    const names: string[] = [];
    await using server = await startTestServer(pathApp);
    const { port } = (await server.server.listen('127.0.0.1:0', {
      tls: {
        SNICallback: (name, found) => {
          names.push(name);
          found(null, tls.createSecureContext(CERTIFICATE));
        },
      },
    })) as { port: number };
    const socket = tls.connect({ port, host: '127.0.0.1', servername: 'example.test', rejectUnauthorized: false });
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    socket.destroy();
    assert.deepEqual(names, ['example.test']);
  });

  it('agrees on a protocol with its client (ALPN)', async () => {
    await using server = await startTestServer(pathApp, { listen: 'tls' });
    const agreed = async (offered: string[]): Promise<string | false | null> => {
      const options = { port: Number(server.at), host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: offered };
      const socket = tls.connect(options);
      await once(socket, 'secureConnect');
      socket.destroy();
      return socket.alpnProtocol;
    };
    assert.equal(await agreed(['unheard-of', 'http/1.1']), 'http/1.1');
    assert.equal(await agreed([]), false);
    await assert.rejects(agreed(['unheard-of']), { code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' });
  });

  it('is closed with its server when it is idle, and after its answer when it is not', async () => {
    const isRunning = new Deferred();
    const mayAnswer = new Deferred();
    const app: GatewayApp = async (environ, startResponse) => {
      isRunning.resolve();
      await mayAnswer.promise;
      return ok(startResponse, environ.PATH_INFO);
    };
    await using server = await startTestServer(app, { listen: 'tls' });
    await using idle = await server.client();
    await using busy = await server.client();
    await busy.send(get('/busy'));
    await isRunning.promise;
    const closed = server.server.close(LONG_MS);
    assert.equal(await idle.untilEnd(), '');
    mayAnswer.resolve();
    assert.match(await busy.untilEnd(), /\r\nConnection: close\r\n\r\n\/busy$/);
    assert.equal(await closed, 0);
  });
});

describe('a big body over TLS', TIMEOUT, () => {
  it('goes up at the pace of the app', async () => {
    let sentBytes = 0;
    let receivedBytes = 0;
    let heldBytesMost = 0;
    const app: GatewayApp = async (environ, startResponse) => {
      for (;;) {
        // The client is given time to run ahead, as far as it can.
        await turns(4);
        const piece = await environ['wsgi.input'].read(PIECE_BYTES);
        if (piece.length === 0) break;
        receivedBytes += piece.length;
        heldBytesMost = Math.max(heldBytesMost, sentBytes - receivedBytes);
      }
      return ok(startResponse, String(receivedBytes));
    };
    await using server = await startTestServer(app, { listen: 'tls' });
    const sent = ask(server, 'POST');
    const answered = responseTo(sent);
    const piece = Buffer.alloc(PIECE_BYTES, 'x');
    for (let at = 0; at < BIG_BYTES; at += PIECE_BYTES) {
      await new Promise<void>((resolve) => sent.write(piece, () => resolve()));
      sentBytes += PIECE_BYTES;
    }
    sent.end();
    const pieces: Buffer[] = [];
    for await (const bytes of await answered) pieces.push(bytes);
    assert.equal(Buffer.concat(pieces).toString(), String(BIG_BYTES));
    assert.ok(heldBytesMost < HELD_BYTES_MAX, `${heldBytesMost} bytes were held`);
  });

  it('comes down at the pace of the client', async () => {
    let madeBytes = 0;
    let receivedBytes = 0;
    let heldBytesMost = 0;
    const app: GatewayApp = (_environ, startResponse) => {
      startResponse('200 OK', [['Content-Length', String(BIG_BYTES)]]);
      return (function* () {
        for (; madeBytes < BIG_BYTES; madeBytes += PIECE_BYTES) yield Buffer.alloc(PIECE_BYTES, 'x');
      })();
    };
    await using server = await startTestServer(app, { listen: 'tls' });
    const sent = ask(server, 'GET');
    sent.end();
    for await (const piece of await responseTo(sent)) {
      await turns(2);
      receivedBytes += piece.length;
      heldBytesMost = Math.max(heldBytesMost, madeBytes - receivedBytes);
    }
    assert.equal(receivedBytes, BIG_BYTES);
    assert.ok(heldBytesMost < HELD_BYTES_MAX, `${heldBytesMost} bytes were held`);
  });
});

const twentyMebibytes: GatewayApp = (_environ, startResponse) => ok(startResponse, 'x'.repeat(20 * MIB));

describe('a client over TLS that reads slowly', { ...TIMEOUT, concurrency: true }, () => {
  it('may take longer than send_timeout in all, as long as it takes something', async () => {
    await using server = await startTestServer(twentyMebibytes, { listen: 'tls', sendTimeoutMs: 3_000 });
    const sent = ask(server, 'GET');
    sent.end();
    let receivedBytes = 0;
    const sinceMs = performance.now();
    // A rest after each mebibyte: never three seconds without a byte, also on a busy machine, but longer than that in all.
    for await (const piece of await responseTo(sent)) {
      const before = receivedBytes;
      receivedBytes += piece.length;
      if (Math.floor(before / MIB) !== Math.floor(receivedBytes / MIB)) await later(200);
    }
    assert.equal(receivedBytes, 20 * MIB);
    assert.ok(performance.now() - sinceMs > 3_000, 'it took longer than send_timeout');
    assert.deepEqual(complaints(server), []);
  });

  it('is cut when it takes nothing for send_timeout', async () => {
    await using server = await startTestServer(twentyMebibytes, { listen: 'tls', sendTimeoutMs: 1_000 });
    await using client = await server.client();
    client.pause();
    await client.send(get('/'));
    await eventually('it is cut', () => complaints(server).length > 0);
    assert.match(complaints(server)[0]!, /the client took no byte for 1000 ms; the connection is cut$/);
    await noConnection(server);
  });
});

/** The slowness itself, not a way to wait for something. */
async function later(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

describe('a handshake', TIMEOUT, () => {
  const BROKEN: readonly (readonly [what: string, leave: (client: RawClient) => Promise<void>])[] = [
    // Of the methods of a person's browser it is known what they are; then there is an answer (tls-clients.test.ts).
    ['a request in clear', (client) => client.send(get('/').replace('GET', 'DELETE'))],
    ['noise', (client) => client.send('\x16\x03\x01\xff\xff'.repeat(100))],
    ['the end of the client', async (client) => client.endSending()],
    [
      'half a hello, and a reset',
      async (client) => {
        await client.send(HALF_A_HELLO);
        client.reset();
      },
    ],
    [
      'half a hello, and the end',
      async (client) => {
        await client.send(HALF_A_HELLO);
        client.endSending();
      },
    ],
  ];
  for (const [what, leave] of BROKEN) {
    it(`that is ${what} instead is the client’s affair: the app is not asked, the next client is served`, async () => {
      let calls = 0;
      const app: GatewayApp = (_environ, startResponse) => {
        calls += 1;
        return ok(startResponse, 'served');
      };
      await using server = await startTestServer(app, { listen: 'tls' });
      await using client = await RawClient.connect(server.at);
      await leave(client);
      assert.doesNotMatch(await client.untilEnd(), /HTTP/);
      await using next = await server.client();
      await next.send(get('/'));
      assert.equal((await next.response())?.body, 'served');
      assert.deepEqual([calls, complaints(server), server.server.connections], [1, [], 1]);
    });
  }

  it('that the client breaks off, since it does not trust us, is his affair too', async () => {
    await using server = await startTestServer(pathApp, { listen: 'tls' });
    const socket = tls.connect({ port: Number(server.at), host: '127.0.0.1', ca: [] });
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => socket.once('error', resolve));
    assert.equal(error.code, 'DEPTH_ZERO_SELF_SIGNED_CERT');
    await noConnection(server);
    assert.deepEqual(complaints(server), []);
  });

  it('that does not come is waited for as long as handshake_timeout', async () => {
    await using server = await startTestServer(pathApp, { listen: 'tls', handshakeTimeoutMs: 50 });
    await using silent = await RawClient.connect(server.at);
    assert.equal(await silent.untilEnd(), '');
    await noConnection(server);
    assert.deepEqual(complaints(server), []);
  });

  it('that has not come is not waited for when the server closes', async () => {
    await using server = await startTestServer(pathApp, { listen: 'tls' });
    await using silent = await RawClient.connect(server.at);
    await silent.send(HALF_A_HELLO);
    await eventually('it is accepted', () => server.server.connections === 1);
    assert.equal(await server.server.close(LONG_MS), 0);
    assert.equal(await silent.untilEnd(), '');
  });

  it('is done, and one request answered, when the server closes with patience', async () => {
    await using server = await startTestServer(echoApp, { listen: 'tls' });
    const transport = net.connect(Number(server.at), '127.0.0.1');
    await once(transport, 'connect');
    await eventually('it has connected', () => server.server.connections === 1);
    const closed = server.server.close(LONG_MS, true);
    const client = tls.connect({ socket: transport, rejectUnauthorized: false });
    client.write(get('/'));
    let answer = '';
    for await (const bytes of client) answer += String(bytes);
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
    assert.equal(await closed, 0, 'nobody is cut');
  });

  it('that does not come is not waited for with patience either', async () => {
    await using server = await startTestServer(echoApp, { listen: 'tls' });
    await using client = await RawClient.connect(server.at);
    await client.send(HALF_A_HELLO);
    await eventually('it has connected', () => server.server.connections === 1);
    assert.equal(await server.server.close(LONG_MS, true), 0);
    assert.equal(await client.untilEnd(), '');
  });

  it('under way counts as a connection: the next client waits where there may be no more', async () => {
    await using server = await startTestServer(pathApp, { listen: 'tls', maxConnections: 1 });
    const silent = await RawClient.connect(server.at);
    await eventually('it is accepted', () => server.server.connections === 1);
    const waiting = server.client();
    await turns(20);
    assert.equal(server.server.connections, 1);
    await silent[Symbol.asyncDispose]();
    await using client = await waiting;
    await client.send(get('/waited'));
    assert.equal((await client.response())?.body, '/waited');
    assert.equal(server.server.connections, 1);
  });
});

describe('a client whose connection ends below TLS, without a word', TIMEOUT, () => {
  it('is gone where it has asked nothing', async () => {
    await using server = await startTestServer(pathApp, { listen: 'tls' });
    await using client = await server.client();
    client.endTransport();
    assert.equal(await client.untilEnd(), '');
    await noConnection(server);
  });

  it('has sent no whole body: the app sees an error', async () => {
    const seen = new Deferred<unknown>();
    const app: GatewayApp = async (environ, startResponse) => {
      await environ['wsgi.input'].read().catch((error: { code?: string }) => seen.resolve(error.code));
      return ok(startResponse, 'nobody reads this');
    };
    await using server = await startTestServer(app, { listen: 'tls' });
    await using client = await server.client();
    await client.send('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 8\r\n\r\nbody');
    client.endTransport();
    assert.equal(await seen.promise, 'BODY_INCOMPLETE');
    await client.untilEnd();
    await noConnection(server);
    assert.deepEqual(complaints(server), []);
  });

  it('is answered all the same, as one that has closed its side of TCP', async () => {
    await using server = await startTestServer(echoApp, { listen: 'tls' });
    await using client = await server.client();
    await client.send('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nbody');
    client.endTransport();
    assert.match(await client.untilEnd(), /\r\n\r\nbody$/);
    await noConnection(server);
  });
});

/** An app whose answer has no length, and perhaps no end. */
function answersUntil(failure?: Error): GatewayApp {
  return (_environ, startResponse) => {
    startResponse('200 OK', []);
    return (async function* () {
      yield Buffer.from('begin');
      await turns(1);
      if (failure !== undefined) throw failure;
      yield Buffer.from(', end');
    })();
  };
}

describe('the end of an answer that ends with its connection', TIMEOUT, () => {
  it('is said by TLS, so that nobody can cut it short', async () => {
    await using server = await startTestServer(answersUntil(), { listen: 'tls' });
    const { text, isSaid } = await endingOf(server);
    assert.match(text, /\r\n\r\nbegin, end$/);
    assert.equal(isSaid, true);
  });

  it('is not said of one that is broken off, so that nobody takes it for whole', async () => {
    await using server = await startTestServer(answersUntil(new Error('halfway')), { listen: 'tls' });
    const { text, isSaid } = await endingOf(server);
    assert.match(text, /\r\n\r\nbegin$/);
    assert.equal(isSaid, false);
    assert.match(complaints(server).join('\n'), /^GET \/: the app failed: Error: halfway\n/);
  });
});

/** The content type of TLS records that are alerts (RFC 5246 §6.2.1); with TLS 1.3 one could not see it from outside. */
const ALERT = 21;

/** What a client hears, and whether the last record that the server sends is an alert: close_notify. */
async function endingOf({ at }: TestServer): Promise<{ text: string; isSaid: boolean }> {
  let wire = Buffer.alloc(0);
  const between = net.createServer((near) => {
    const far = net.connect(Number(at), '127.0.0.1');
    far.on('data', (bytes) => {
      wire = Buffer.concat([wire, bytes]);
    });
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy());
  });
  between.listen(0, '127.0.0.1');
  await new Promise((resolve) => between.once('listening', resolve));
  const { port } = between.address() as net.AddressInfo;
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
  let text = '';
  socket.on('data', (bytes: Buffer) => (text += bytes.toString()));
  socket.write(get('/'));
  await new Promise((resolve) => socket.once('close', resolve));
  between.close();
  return { text, isSaid: lastRecordType(wire) === ALERT };
}

function lastRecordType(wire: Buffer): number | undefined {
  let type: number | undefined;
  for (let at = 0; at + 5 <= wire.length; at += 5 + wire.readUInt16BE(at + 3)) type = wire[at];
  return type;
}
