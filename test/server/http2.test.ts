// HTTP/2 frame by frame: what a request is, what is refused, what is limited, and how connections end.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { GatewayApp } from '@appserve/core/app';
import type { Exchange } from '@appserve/core/exchange';
import { Fields, ResponseHead } from '@appserve/core/message';
import type { Counters, HttpServer } from '@appserve/server';
import { Deferred } from '../support/deferred.ts';
import { eventually } from '../support/eventually.ts';
import { Http2Client } from '../support/http2-client.ts';
import { startTestHandler, startTestServer, type TestServerOptions } from '../support/http-server.ts';
import {
  block,
  CODE,
  data,
  FLAG,
  frame,
  FrameConnection,
  get,
  headers,
  ping,
  priority,
  reset,
  settings,
  SETTINGS_ACK,
  TYPE,
  windowUpdate,
  type FieldLines,
} from '../support/http2-wire.ts';

const TIMEOUT = { timeout: 240_000 };
const H2C: TestServerOptions = { h2c: true, date: false, via: false };

const seenApp: GatewayApp = (environ, startResponse) => {
  startResponse('200 OK', []);
  const { SERVER_PROTOCOL, REQUEST_METHOD, RAW_URI, HTTP_HOST, HTTP_COOKIE = '-' } = environ;
  return [Buffer.from([REQUEST_METHOD, RAW_URI, SERVER_PROTOCOL, HTTP_HOST, HTTP_COOKIE].join(' '))];
};

const echoApp: GatewayApp = async (environ, startResponse) => {
  const body = await environ['wsgi.input'].read();
  startResponse('200 OK', []);
  return [body];
};

const withTrailers = async (exchange: Exchange): Promise<void> => {
  for (let piece = await exchange.body.read(); piece !== null; piece = await exchange.body.read());
  exchange.inform(103, ['Link', '</a>; rel=preload']);
  exchange.respond(ResponseHead.of(200, ['X-Seen', exchange.body.trailers.get('x-sum') ?? 'none']));
  exchange.write(Buffer.from('body'));
  exchange.end(new Fields(['X-End', 'yes']));
};

const takingOver = (exchange: Exchange): void => {
  assert.equal(exchange.connection.socket, undefined);
  exchange.takeOver();
};

const unevenApp: GatewayApp = (environ, startResponse) => {
  startResponse('200 OK', []);
  return [Buffer.alloc(environ.PATH_INFO === '/big' ? 100_000 : 5, 'x')];
};

const oddApp: GatewayApp = (_environ, startResponse) => {
  startResponse('700 Odd', []);
  return [];
};

/** `/a`: a file of so many a. */
const FILE_BYTES = 100 * 1_024;

let closedFiles = 0;

const filesApp: GatewayApp = (environ, startResponse) => {
  let rest = FILE_BYTES;
  const read = async (buffer: Uint8Array, offset: number, length: number): Promise<{ bytesRead: number }> => {
    const bytesRead = Math.min(length, rest);
    buffer.fill(environ.PATH_INFO.charCodeAt(1), offset, offset + bytesRead);
    rest -= bytesRead;
    return { bytesRead };
  };
  startResponse('200 OK', []);
  return environ['wsgi.file_wrapper']({ read, close: () => void (closedFiles += 1) });
};

const bigApp: GatewayApp = (_environ, startResponse) => {
  startResponse('200 OK', []);
  return [Buffer.alloc(16 * 2 ** 20)];
};

const slowApp: GatewayApp = async (environ, startResponse) => {
  await delay(20);
  return seenApp(environ, startResponse);
};

const ignore = (): void => undefined;

const post = (path: string, ...others: FieldLines): FieldLines =>
  get(path, ...others).map(([name, value]) => [name, name === ':method' ? 'POST' : value] as const);

/** Of a request on stream 1: its status, or the code of its reset. */
async function outcome(connection: FrameConnection): Promise<string> {
  const end = await connection.untilStreamEnd(1);
  return typeof end === 'number' ? `reset ${end}` : (/^[0-9]{3}/.exec(connection.body(1))?.[0] ?? connection.body(1));
}

async function said(fields: FieldLines, options: TestServerOptions = {}): Promise<string> {
  await using server = await startTestServer(seenApp, { ...H2C, ...options });
  await using connection = await FrameConnection.connect(server.at);
  await connection.send(headers(1, fields));
  return await outcome(connection);
}

/** In the order of the pseudo-header fields; `undefined` leaves one out. */
function pseudo(changed: Readonly<Record<string, string | undefined>>, ...others: FieldLines): FieldLines {
  const kept = get('/').flatMap(([name, value]) => {
    const now = name in changed ? changed[name] : value;
    return now === undefined ? [] : [[name, now] as const];
  });
  return [...kept, ...others];
}

describe('a WebSocket over HTTP/2', TIMEOUT, () => {
  const endpoint = { message: (): void => undefined };

  it('is not offered, and an endpoint says where it is', async () => {
    await using server = await startTestServer(endpoint, H2C);
    await using connection = await FrameConnection.connect(server.at);
    await connection.send(headers(1, get('/', ['sec-websocket-version', '13'])));
    assert.equal(
      await outcome(connection),
      'this is a WebSocket endpoint, which is reached over HTTP/1.1: there are no WebSockets over HTTP/2 here (RFC 8441)\n',
    );
  });

  it('is no CONNECT with a protocol either', async () => {
    assert.equal(await said(pseudo({ ':method': 'CONNECT' }, [':protocol', 'websocket'])), 'reset 1');
  });
});

describe('a request over HTTP/2', TIMEOUT, () => {
  for (const [name, fields, wanted] of [
    ['names its host by :authority', get('/a?b'), 'GET /a?b HTTP/2.0 example.test -'],
    ['or by Host', pseudo({ ':authority': undefined }, ['host', 'b.test']), 'GET / HTTP/2.0 b.test -'],
    ['or by both, which are the same', get('/', ['host', 'EXAMPLE.test']), 'GET / HTTP/2.0 example.test -'],
    [
      'has the crumbs of its cookie as one',
      get('/', ['cookie', 'a=1'], ['x', 'y'], ['cookie', 'b=2']),
      'GET / HTTP/2.0 example.test a=1; b=2',
    ],
    ['may be for the whole server', pseudo({ ':method': 'OPTIONS', ':path': '*' }), 'OPTIONS * HTTP/2.0 example.test -'],
    [
      'may say https in clear, as what ends TLS in front of us does',
      pseudo({ ':scheme': 'https' }),
      'GET / HTTP/2.0 example.test -',
    ],
    ['may say that it knows trailers', get('/', ['te', 'trailers']), 'GET / HTTP/2.0 example.test -'],
  ] as const) {
    it(name, async () => assert.equal(await said(fields), wanted));
  }

  for (const [name, fields, wanted] of [
    // By node:http2, which resets the stream.
    ['without :path', pseudo({ ':path': undefined }), 'reset 1'],
    ['without :method', pseudo({ ':method': undefined }), 'reset 1'],
    ['without a host', pseudo({ ':authority': undefined }), 'reset 1'],
    ['with an empty :authority', pseudo({ ':authority': '' }), 'reset 1'],
    ['with a path that is none', pseudo({ ':path': 'a' }), 'reset 1'],
    ['with two paths', get('/', [':path', '/b']), 'reset 1'],
    ['with an unknown pseudo-header field', get('/', [':a', 'b']), 'reset 1'],
    ['with capitals in a name', get('/', ['X-A', 'b']), 'reset 1'],
    ['with Connection', get('/', ['connection', 'keep-alive']), 'reset 1'],
    ['with Keep-Alive', get('/', ['keep-alive', '5']), 'reset 1'],
    ['with Transfer-Encoding', get('/', ['transfer-encoding', 'chunked']), 'reset 1'],
    ['with Upgrade, as for a WebSocket', get('/', ['upgrade', 'websocket']), 'reset 1'],
    ['with TE that says more than trailers', get('/', ['te', 'gzip']), 'reset 1'],
    ['with two lengths', get('/', ['content-length', '0'], ['content-length', '0']), 'reset 1'],
    ['with a WebSocket by extended CONNECT', pseudo({ ':method': 'CONNECT' }, [':protocol', 'websocket']), 'reset 1'],
    // By us, with an answer.
    ['with a scheme that is none of HTTP', pseudo({ ':scheme': 'ftp' }), '400'],
    ['with userinfo in :authority', pseudo({ ':authority': 'a@b' }), '400'],
    ['with a Host that is another', get('/', ['host', 'b.test']), '400'],
    ['with a fragment in its path', get('/a#b'), '400'],
    ['with two content types', get('/', ['content-type', 'a/b'], ['content-type', 'a/b']), '400'],
    ['that expects what nobody knows', [...post('/', ['expect', 'more'])], '417'],
    [
      'for a tunnel',
      [
        [':method', 'CONNECT'],
        [':authority', 'a.test:1'],
      ],
      '405',
    ],
  ] as const satisfies readonly (readonly [string, FieldLines, string])[]) {
    it(`is refused ${name}`, async () => assert.equal(await said(fields), wanted));
  }

  it('is refused where it has more fields, a longer line or a larger head than may be', async () => {
    const many = Array.from({ length: 32 }, (_, index) => [`x-${index}`, 'y'] as const);
    assert.equal(await said(get('/', ...many)), '431');
    assert.equal(await said(get('/', ...many.slice(1))), 'GET / HTTP/2.0 example.test -');
    assert.equal(await said(get(`/${'a'.repeat(9_000)}`)), '414');
    assert.equal(await said(get('/', ['x', 'y'.repeat(2_000)]), { maxHeadSizeBytes: 1_024 }), '431');
  });

  it('is not even heard where it is larger by far', async () => {
    await using server = await startTestServer(seenApp, { ...H2C, maxHeadSizeBytes: 256, maxNumberHeaders: 1 });
    await using connection = await FrameConnection.connect(server.at);
    // What we have announced counts from here on (RFC 9113 §6.5.3); before, we answer.
    await connection.until((frames) => frames.some(({ type }) => type === TYPE.settings));
    await connection.send(SETTINGS_ACK, headers(1, get('/', ['x', 'y'.repeat(14_000)])));
    assert.equal(await connection.untilStreamEnd(1), CODE.enhanceYourCalm);
  });

  it('is refused where its body is larger than may be, and told to stop', async () => {
    await using server = await startTestServer(seenApp, { ...H2C, maxBodySizeBytes: 10 });
    await using connection = await FrameConnection.connect(server.at);
    await connection.send(headers(1, post('/', ['content-length', '11']), FLAG.endHeaders));
    assert.equal(await outcome(connection), '413');
    await connection.until((frames) => frames.some(({ type }) => type === TYPE.rstStream));
    assert.equal(connection.of(TYPE.rstStream)[0]?.payload.readUInt32BE(0), CODE.noError);
  });

  it('is refused where its body turns out to be larger than may be', async () => {
    await using server = await startTestServer(echoApp, { ...H2C, maxBodySizeBytes: 10 });
    await using connection = await FrameConnection.connect(server.at);
    await connection.send(headers(1, post('/'), FLAG.endHeaders), data(1, 'x'.repeat(11)));
    assert.equal(await outcome(connection), '413');
  });

  it('whose body is not as long as it said is a fault to its app, never a short body', async () => {
    const begun = new Deferred();
    const seen = new Deferred<unknown>();
    const read: GatewayApp = async (environ, startResponse) => {
      begun.resolve();
      await environ['wsgi.input'].read().catch((error: unknown) => seen.resolve(error));
      startResponse('200 OK', []);
      return [];
    };
    await using server = await startTestServer(read, H2C);
    await using connection = await FrameConnection.connect(server.at);
    await connection.send(headers(1, post('/', ['content-length', '5']), FLAG.endHeaders));
    await begun.promise;
    await connection.send(data(1, 'abc', FLAG.endStream));
    assert.equal(await outcome(connection), 'reset 1');
    assert.equal(((await seen.promise) as { code?: string }).code, 'BODY_INCOMPLETE');
  });

  it('gets 408 when its body does not come', async () => {
    await using server = await startTestServer(echoApp, { ...H2C, bodyTimeoutMs: 200 });
    await using connection = await FrameConnection.connect(server.at);
    await connection.send(headers(1, post('/'), FLAG.endHeaders), data(1, 'abc'));
    assert.equal(await outcome(connection), '408');
  });
});

describe('an exchange over HTTP/2', TIMEOUT, () => {
  it('has trailers both ways, and hints before the answer', async () => {
    await using server = await startTestHandler(withTrailers, H2C);
    await using client = await Http2Client.connect(server.at);
    await client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Sum: 7\r\n\r\n');
    const text = await client.untilEnd();
    assert.equal(
      text,
      'HTTP/2.0 103 \r\nlink: </a>; rel=preload\r\n\r\nHTTP/2.0 200 \r\nx-seen: 7\r\ntransfer-encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nx-end: yes\r\n\r\n',
    );
  });

  it('is left by a reset: its app is told, and what it says then is dropped', async () => {
    const begun = new Deferred();
    const left = new Deferred();
    const handler = async (exchange: Exchange): Promise<void> => {
      exchange.signal.addEventListener('abort', () => left.resolve());
      begun.resolve();
      await left.promise;
      exchange.send(ResponseHead.of(200, []), [Buffer.from('late')]);
    };
    await using server = await startTestHandler(handler, H2C);
    await using connection = await FrameConnection.connect(server.at);
    await connection.send(headers(1, get()));
    await begun.promise;
    await connection.send(reset(1), headers(3, get()));
    await left.promise;
    await connection.untilStreamEnd(3);
    assert.deepEqual([connection.body(1), connection.body(3)], ['', 'late']);
    assert.deepEqual(
      server.log.filter(({ level }) => level !== 'debug'),
      [],
    );
  });

  it('cannot be taken over', async () => {
    await using server = await startTestHandler(takingOver, H2C);
    await using connection = await FrameConnection.connect(server.at);
    await connection.send(headers(1, get()));
    assert.equal(await outcome(connection), '500');
    assert.match(server.log.at(-1)!.message, /HTTP\/2 is not taken over/);
  });

  it('waits for windows of its stream, and others do not', async () => {
    await using server = await startTestServer(unevenApp, H2C);
    await using connection = await FrameConnection.connect(server.at, settings([4, 10]));
    await connection.send(headers(1, get('/big')), headers(3, get('/small')));
    assert.equal(await connection.untilStreamEnd(3), 'ended');
    assert.equal(connection.body(1).length, 10);
    await connection.send(windowUpdate(0, 100_000), windowUpdate(1, 100_000));
    assert.equal(await connection.untilStreamEnd(1), 'ended');
    assert.equal(connection.body(1).length, 100_000);
  });

  it('gives each client the bytes of its own file, also where one stalls in the last slice of a block', async () => {
    await using server = await startTestServer(filesApp, H2C);
    await using slow = await FrameConnection.connect(server.at, settings([4, 70_000]));
    await slow.send(windowUpdate(0, FILE_BYTES), headers(1, get('/a')));
    await slow.until(() => slow.body(1).length === 70_000);
    // The block of the first file waits to be sent: nobody else's may be read into it.
    await using quick = await FrameConnection.connect(server.at, settings([4, 2 * FILE_BYTES]));
    await quick.send(windowUpdate(0, FILE_BYTES), headers(1, get('/b')));
    assert.equal(await quick.untilStreamEnd(1), 'ended');
    assert.equal(quick.body(1), 'b'.repeat(FILE_BYTES));
    await slow.send(windowUpdate(1, FILE_BYTES));
    assert.equal(await slow.untilStreamEnd(1), 'ended');
    assert.ok(slow.body(1) === 'a'.repeat(FILE_BYTES), `${slow.body(1).replaceAll('a', '').length} bytes are not its own`);
  });

  it('closes the file of a client that breaks off, or goes, in the midst of it', async () => {
    await using server = await startTestServer(filesApp, H2C);
    const before = closedFiles;
    for (const isReset of [true, false]) {
      await using connection = await FrameConnection.connect(server.at, settings([4, 10_000]));
      await connection.send(headers(1, get('/a')));
      await connection.until(() => connection.body(1).length === 10_000);
      if (isReset) {
        await connection.send(reset(1));
        await eventually('it is closed', () => closedFiles === before + 1);
      }
    }
    await eventually('both are closed', () => closedFiles === before + 2);
  });

  it('that is told a status which HTTP/2 has not is a failure of its app', async () => {
    await using server = await startTestServer(oddApp, H2C);
    await using connection = await FrameConnection.connect(server.at);
    await connection.send(headers(1, get()));
    assert.equal(await outcome(connection), '500');
  });
});

/** An app whose answers are held back. */
function held(): { readonly app: GatewayApp; readonly calls: () => number; readonly release: () => void } {
  const gate = new Deferred();
  let calls = 0;
  const app: GatewayApp = async (_environ, startResponse) => {
    calls += 1;
    await gate.promise;
    startResponse('200 OK', []);
    return [Buffer.from('done')];
  };
  return { app, calls: () => calls, release: () => gate.resolve() };
}

function acknowledged({ frames }: FrameConnection): number {
  return frames.filter(({ type, flags }) => (type === TYPE.ping || type === TYPE.settings) && flags === FLAG.ack).length;
}

describe('a client of HTTP/2 that asks too much', TIMEOUT, () => {
  it('has so many streams at once, and further ones are refused', async () => {
    const { app, release } = held();
    await using server = await startTestServer(app, { ...H2C, http2MaxConcurrentStreams: 2 });
    await using connection = await FrameConnection.connect(server.at);
    await connection.send(headers(1, get()), headers(3, get()), headers(5, get()));
    assert.equal(await connection.untilStreamEnd(5), CODE.refusedStream);
    release();
    assert.deepEqual([await connection.untilStreamEnd(1), await connection.untilStreamEnd(3)], ['ended', 'ended']);
  });

  it('gets 503 where the queue is full', async () => {
    const { app, release } = held();
    await using server = await startTestServer(app, { ...H2C, concurrency: 1, queueLimit: 1 });
    await using connection = await FrameConnection.connect(server.at);
    await connection.send(headers(3, get()), headers(5, get()), headers(7, get()));
    await connection.untilStreamEnd(7);
    assert.match(connection.body(7), /^503 /);
    release();
    await connection.untilStreamEnd(5);
    assert.equal(connection.body(5), 'done');
  });

  for (const method of ['GET', 'HEAD']) {
    it(`and breaks it off again and again, by ${method}, is told to calm down (CVE-2023-44487)`, async () => {
      const { app, calls } = held();
      await using server = await startTestServer(app, { ...H2C, http2MaxResets: 50 });
      await using connection = await FrameConnection.connect(server.at);
      const fields = get('/').map(([name, value]) => [name, name === ':method' ? method : value] as const);
      const sinceMs = performance.now();
      let begun = 0;
      for (let stream = 1; stream < 2_000 && !connection.isEnded; stream += 2) {
        await connection.send(headers(stream, fields), ping());
        begun += 1;
        await connection.until(() => acknowledged(connection) > begun);
        await connection.send(reset(stream));
      }
      await connection.untilEnd();
      assert.equal(connection.goaway, CODE.enhanceYourCalm);
      // As many as come back meanwhile may be broken off beyond them.
      const back = (50 * (performance.now() - sinceMs)) / 10_000;
      assert.ok(calls() >= 50 && calls() < 60 + back, `${calls()} calls`);
      assert.match(server.log.find(({ level }) => level === 'warn')!.message, /RESETS_TOO_MANY/);
      await eventually('it is gone', () => server.server.connections === 0);
    });
  }

  it('and breaks it off in the same packet costs no call', async () => {
    const { app, calls } = held();
    await using server = await startTestServer(app, { ...H2C, http2MaxResets: 50 });
    await using connection = await FrameConnection.connect(server.at);
    const pairs = Array.from({ length: 60 }, (_, index) => [headers(1 + index * 2, get()), reset(1 + index * 2)]);
    await connection.send(...pairs.flat());
    await connection.untilEnd();
    assert.equal(connection.goaway, CODE.enhanceYourCalm);
    assert.ok(calls() < 60, `${calls()} calls`);
  });

  it('and makes us break it off is told the same (CVE-2025-8671)', async () => {
    const { app, calls } = held();
    await using server = await startTestServer(app, { ...H2C, http2MaxResets: 50 });
    await using connection = await FrameConnection.connect(server.at);
    // A window that is opened by nothing is an error of the stream (RFC 9113 §6.9).
    for (let stream = 1; stream < 2_000 && !connection.isEnded; stream += 2)
      await connection.send(headers(stream, get()), windowUpdate(stream, 0));
    await connection.untilEnd();
    assert.ok(connection.goaway !== undefined && connection.goaway !== CODE.noError);
    assert.ok(calls() < 250, `${calls()} calls`);
  });

  it('and cancels now and then is not', async () => {
    const { app, release } = held();
    await using server = await startTestServer(app, { ...H2C, http2MaxResets: 50 });
    await using connection = await FrameConnection.connect(server.at);
    for (let stream = 1; stream < 100; stream += 2) await connection.send(headers(stream, get()), reset(stream));
    release();
    await connection.send(headers(101, get()));
    assert.equal(await connection.untilStreamEnd(101), 'ended');
  });

  for (const [name, flood] of [
    ['PING', ping()],
    ['SETTINGS', settings([3, 100])],
    ['PRIORITY', priority(1)],
  ] as const) {
    it(`of ${name} is told to calm down`, async () => {
      await using server = await startTestServer(seenApp, H2C);
      await using connection = await FrameConnection.connect(server.at);
      for (let round = 1; round <= 20 && !connection.isEnded; round += 1) {
        await connection.send(...Array.from({ length: 100 }, () => flood));
        // One that does not read our answers is stopped by node:http2 itself.
        if (name !== 'PRIORITY') await connection.until(() => acknowledged(connection) >= round * 100);
      }
      await connection.untilEnd();
      assert.equal(connection.goaway, CODE.enhanceYourCalm);
    });
  }

  it('of CONTINUATION is cut before it costs anything (CVE-2024-27316)', async () => {
    await using server = await startTestServer(seenApp, H2C);
    await using connection = await FrameConnection.connect(server.at);
    await connection.send(headers(1, get(), FLAG.endStream));
    const more = frame(TYPE.continuation, { stream: 1, payload: block([['x', 'y']]) });
    for (let round = 0; round < 100 && !connection.isEnded; round += 1) await connection.send(more);
    await connection.untilEnd();
    assert.ok(connection.goaway !== CODE.noError);
    assert.deepEqual(connection.of(TYPE.headers), []);
  });

  it('of DATA that holds nothing is cut (CVE-2019-9518)', async () => {
    const { app } = held();
    await using server = await startTestServer(app, H2C);
    await using connection = await FrameConnection.connect(server.at);
    await connection.send(headers(1, post('/'), FLAG.endHeaders));
    for (let round = 0; round < 20 && !connection.isEnded; round += 1)
      await connection.send(...Array.from({ length: 50 }, () => data(1, '')));
    await connection.untilEnd();
    assert.ok(connection.isEnded);
  });

  it('and opens no window has its stream cut after send_timeout, and its app is told', async () => {
    const left = new Deferred();
    const endless: GatewayApp = (environ, startResponse) => {
      environ['wsgi.signal']().addEventListener('abort', () => left.resolve());
      startResponse('200 OK', []);
      return (function* () {
        for (;;) yield Buffer.alloc(1_000, 'x');
      })();
    };
    await using server = await startTestServer(endless, { ...H2C, sendTimeoutMs: 1_000 });
    await using connection = await FrameConnection.connect(server.at, settings([4, 0]));
    await connection.send(headers(1, get()));
    // What it says meanwhile does not count.
    for (let round = 0; round < 5; round += 1) await connection.send(ping());
    assert.equal(await connection.untilStreamEnd(1), CODE.internalError);
    await left.promise;
    assert.match(server.log.find(({ level }) => level === 'warn')!.message, /the stream is cut/);
  });

  it('and reads nothing at all is cut', async () => {
    await using server = await startTestServer(bigApp, { ...H2C, sendTimeoutMs: 1_000 });
    await using connection = await FrameConnection.connect(server.at, settings([4, 2 ** 30]));
    connection.pause();
    await connection.send(windowUpdate(0, 2 ** 30), headers(1, get()));
    await eventually('it is gone', () => server.server.connections === 0);
    assert.match(server.log.find(({ level }) => level === 'warn')!.message, /cut/);
  });
});

describe('a connection of HTTP/2', TIMEOUT, () => {
  it('stands beside HTTP/1.1 on the same address, also when its first bytes come one by one', async () => {
    await using server = await startTestServer(seenApp, { ...H2C, maxReuseCount: 0 });
    await using http1 = await server.client();
    await http1.send('P');
    await http1.send('ROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.match(await http1.untilEnd(), /PROPFIND \/ HTTP\/1\.1 a -$/);
    await using other = await server.client();
    for (const char of 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n') await other.send(char);
    await other.send(settings().toString('latin1'));
    assert.match(await other.until((text) => text.length >= 9), /^\0\0.\x04\0/);
  });

  it('is refused where it is not wanted', async () => {
    await using server = await startTestServer(seenApp);
    await using client = await server.client();
    await client.send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    assert.match(await client.untilEnd(), /^HTTP\/1\.1 505 /);
  });

  it('that says nothing, or nothing more, is closed in time, with GOAWAY', async () => {
    await using server = await startTestServer(seenApp, { ...H2C, headTimeoutMs: 200, keepaliveTimeoutMs: 200 });
    await using silent = await server.client();
    assert.equal(await silent.untilEnd(), '');
    await using fresh = await FrameConnection.connect(server.at);
    await fresh.untilEnd();
    assert.equal(fresh.goaway, CODE.noError);
    await using idle = await FrameConnection.connect(server.at);
    await idle.send(headers(1, get()));
    await idle.untilEnd();
    assert.deepEqual([idle.goaway, idle.body(1)], [CODE.noError, 'GET / HTTP/2.0 example.test -']);
    await eventually('none is left', () => server.server.connections === 0);
  });

  it('ends behind as many requests as it may have, when none is under way', async () => {
    const { app, calls, release } = held();
    await using server = await startTestServer(app, { ...H2C, http2MaxRequests: 2 });
    await using connection = await FrameConnection.connect(server.at);
    await connection.send(headers(1, get()), headers(3, get()), headers(5, get()));
    await eventually('it is asked', () => calls() === 3);
    assert.equal(connection.goaway, undefined);
    release();
    await connection.untilEnd();
    assert.deepEqual([connection.body(1), connection.body(3), connection.body(5)], ['done', 'done', 'done']);
    assert.equal(connection.of(TYPE.goaway).at(-1)!.payload.readUInt32BE(0), 5);
  });

  it('ends with its server: an idle one at once, a busy one behind its answer, and what comes too late is nobody’s', async () => {
    const { app, calls, release } = held();
    const server = await startTestServer(app, H2C);
    await using idle = await FrameConnection.connect(server.at);
    await using busy = await FrameConnection.connect(server.at);
    await busy.send(headers(1, get()));
    await eventually('it is asked', () => calls() === 1 && server.server.connections === 2);
    await idle.until((frames) => frames.some(({ type }) => type === TYPE.settings));
    const closed = server.server.close(60_000);
    await idle.untilEnd();
    assert.equal(idle.goaway, CODE.noError);
    await busy.until((frames) => frames.some(({ type }) => type === TYPE.goaway));
    assert.equal(busy.of(TYPE.goaway)[0]!.payload.readUInt32BE(0), 1);
    await busy.send(headers(3, get()));
    release();
    await busy.untilEnd();
    assert.deepEqual([busy.body(1), busy.body(3), calls()], ['done', '', 1]);
    assert.equal(await closed, 0);
    await server[Symbol.asyncDispose]();
  });

  it('of a patient server goes on until there is a moment of quiet', async () => {
    const server = await startTestServer(seenApp, H2C);
    await using connection = await FrameConnection.connect(server.at);
    await connection.send(headers(1, get('/1')));
    await connection.untilStreamEnd(1);
    const closed = server.server.close(60_000, true);
    await connection.send(headers(3, get('/3')));
    await connection.untilEnd();
    assert.deepEqual([connection.body(3), connection.goaway], ['GET /3 HTTP/2.0 example.test -', CODE.noError]);
    assert.equal(await closed, 0);
    await server[Symbol.asyncDispose]();
  });

  it('of a server that will stop soon goes on until there is a moment of quiet behind an answer', async () => {
    await using server = await startTestServer(seenApp, H2C);
    await using idle = await FrameConnection.connect(server.at);
    await using connection = await FrameConnection.connect(server.at);
    await idle.send(headers(1, get('/1')));
    await idle.untilStreamEnd(1);
    server.server.forewarn();
    for (const stream of [1, 3]) {
      await connection.send(headers(stream, get(`/${stream}`)));
      await connection.untilStreamEnd(stream);
    }
    await connection.untilEnd();
    assert.deepEqual([connection.body(3), connection.goaway], ['GET /3 HTTP/2.0 example.test -', CODE.noError]);
    // It has not asked since: it need not hear of it.
    await eventually('one is left', () => server.server.connections === 1);
    assert.equal(idle.goaway, undefined);
    await using late = await FrameConnection.connect(server.at);
    await late.send(headers(1, get('/late')));
    await late.untilStreamEnd(1);
    assert.equal(late.body(1), 'GET /late HTTP/2.0 example.test -');
  });

  const ENDINGS: readonly (readonly [why: string, begin: (server: HttpServer) => void])[] = [
    ['of a patient server', (server) => void server.close(10_000, true)],
    ['of a server that will stop soon', (server) => server.forewarn()],
  ];
  for (const [why, begin] of ENDINGS) {
    it(`${why} that is busy with one request behind the other ends between two of them, and loses none`, async () => {
      await using server = await startTestServer(slowApp, H2C);
      await using connection = await FrameConnection.connect(server.at);
      await connection.send(headers(1, get('/1')));
      await connection.untilStreamEnd(1);
      begin(server.server);
      const told = (): boolean => connection.of(TYPE.goaway).length > 0;
      let stream = 1;
      for (; !told(); stream += 2) {
        await connection.send(headers(stream + 2, get(`/${stream + 2}`)));
        await connection.until(() => connection.body(stream + 2) !== '' || told());
      }
      await connection.untilEnd();
      const last = connection.of(TYPE.goaway)[0]!.payload.readUInt32BE(0);
      for (let one = 1; one <= last; one += 2) assert.match(connection.body(one), new RegExp(`^GET /${one} `));
      assert.ok(stream >= last && last > 3, `${stream} were sent, ${last} were answered`);
      await eventually('it is gone', () => server.server.connections === 0);
    });
  }

  it('of a patient server whose client rests between two requests ends with an answer, not while the next one is on its way', async () => {
    await using server = await startTestServer(seenApp, H2C);
    await using connection = await FrameConnection.connect(server.at);
    const told = (): boolean => connection.of(TYPE.goaway).length > 0;
    void server.server.close(10_000, true);
    for (let stream = 1; !told(); stream += 2) {
      await connection.send(headers(stream, get(`/${stream}`)));
      await connection.until(() => connection.body(stream) !== '' || told());
      assert.match(connection.body(stream), new RegExp(`^GET /${stream} `));
      if (told()) break;
      // Less than the quiet in which a connection is ended, and more than enough to be found idle.
      await delay(40);
      assert.equal(told(), false, `GOAWAY came between two requests, behind ${stream}`);
    }
    await connection.untilEnd();
  });

  it('that is never without a request is told GOAWAY in the midst of them, and what is under way is answered', async () => {
    const { app, release } = held();
    const server = await startTestServer(app, H2C);
    await using connection = await FrameConnection.connect(server.at);
    await connection.send(headers(1, get()));
    const closed = server.server.close(20_000, true);
    await connection.until((frames) => frames.some(({ type }) => type === TYPE.goaway));
    assert.deepEqual([connection.goaway, connection.body(1)], [CODE.noError, '']);
    release();
    await connection.untilEnd();
    assert.equal(connection.body(1), 'done');
    assert.equal(await closed, 0);
    await server[Symbol.asyncDispose]();
  });

  it('is counted in bytes of its frames', async () => {
    const counted = { received: 0, sent: 0, busy: 0, rested: 0 };
    const counters: Counters = {
      isTimed: false,
      open: ignore,
      connected: ignore,
      disconnected: ignore,
      refused: ignore,
      received: (bytes) => void (counted.received += bytes),
      sent: (bytes) => void (counted.sent += bytes),
      called: ignore,
      returned: ignore,
      done: ignore,
      oldest: ignore,
      queued: ignore,
      answered: ignore,
      handedOver: ignore,
      handedOverClosed: ignore,
      busy: () => void (counted.busy += 1),
      rested: () => void (counted.rested += 1),
      waited: ignore,
      finished: ignore,
    };
    await using server = await startTestServer(seenApp, { ...H2C, counters });
    await using connection = await FrameConnection.connect(server.at);
    await connection.send(headers(1, get()));
    await connection.untilStreamEnd(1);
    await connection[Symbol.asyncDispose]();
    await eventually('it is gone', () => server.server.connections === 0);
    const sent = connection.frames.reduce((sum, { payload }) => sum + 9 + payload.length, 0);
    const spoken = 24 + settings().length + headers(1, get()).length;
    assert.deepEqual([counted.received, counted.busy, counted.rested], [spoken, 1, 1]);
    assert.ok(counted.sent >= sent, `${counted.sent} of ${sent}`);
  });
});
