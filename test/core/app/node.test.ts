// The node contract: every scene is played by node:http and by us. What the app sees, and what its client hears, must be the same.

import assert from 'node:assert/strict';
import http, { type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, it } from 'node:test';
import { nodeApp, toGateway, toNode, type App, type GatewayApp } from '@appserve/core/app';
import { answersOf } from '../../support/answers-of.ts';
import { Deferred } from '../../support/deferred.ts';
import { eventually } from '../../support/eventually.ts';
import { startTestServer } from '../../support/http-server.ts';
import { NODE_SCENES, type NodeScene } from '../../support/node-scenes.ts';
import { RawClient } from '../../support/raw-client.ts';

const TIMEOUT = { timeout: 120_000 };
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

interface Played {
  readonly log: readonly string[];
  readonly heard: unknown;
}

interface Served extends AsyncDisposable {
  client(): Promise<RawClient>;
}

type Serve = (listener: RequestListener) => Promise<Served>;

async function byNode(listener: RequestListener): Promise<Served> {
  const server = http.createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    client: () => RawClient.connect((server.address() as AddressInfo).port),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const byUs: Serve = (listener) => startTestServer(nodeApp(listener), { listen: 'tcp', chunkedTransfer: true });

/** Where the two say the same in other words: the connection is the server's, and a length is better than chunks. */
const OURS = new Set(['date', 'connection', 'keep-alive', 'via', 'content-length', 'transfer-encoding']);

async function play(serve: Serve, scene: NodeScene): Promise<Played> {
  const {
    says = GET,
    methods = [says.split(' ')[0]!],
    app,
    leavesAt,
    untilEnd = leavesAt !== undefined,
    until = ['over'],
  } = scene;
  const log: string[] = [];
  const write = (...words: readonly unknown[]): void =>
    void log.push(words.map((word) => (typeof word === 'string' ? word : JSON.stringify(word))).join(' '));
  let over = false;
  await using server = await serve((request, response) => {
    response.on('close', () => (over = true));
    return app(request, response, write);
  });
  await using client = await server.client();
  await client.send(says);
  if (leavesAt !== undefined) {
    await eventually(leavesAt, () => log.includes(leavesAt));
    client.reset();
  }
  const isWhole = (text: string): boolean =>
    answersOf(text, methods).filter((answer) => answer.isWhole).length === methods.length;
  const text = leavesAt !== undefined ? '' : untilEnd ? await client.untilEnd() : await client.until(isWhole);
  await eventually(
    until.join(),
    () => over && until.every((line) => line === 'over' || log.some((logged) => logged.startsWith(line))),
  );
  const heard = answersOf(text, methods).map(({ status, reason, fields, body, trailers }) => ({
    status,
    reason,
    fields: [...fields].filter(([name]) => !OURS.has(name)),
    body,
    trailers,
  }));
  // node:http says 100 also where the body is here already.
  const interim = [...text.matchAll(/^HTTP\/1\.1 (10[1-9])[^]*?\r\n\r\n/gm)].map(([head]) => head);
  return { log, heard: { heard, interim, ends: untilEnd } };
}

const placeOf: GatewayApp = (environ, startResponse) => {
  startResponse('200 OK', []);
  return [Buffer.from(JSON.stringify([environ.SCRIPT_NAME, environ.PATH_INFO, environ.QUERY_STRING]))];
};

describe('an app for node:http sees and says the same here', TIMEOUT, () => {
  for (const scene of NODE_SCENES) {
    it(scene.name, async () => {
      const [theirs, ours] = [await play(byNode, scene), await play(byUs, scene)];
      // What happens within one turn has no order that anybody could rely on.
      assert.deepEqual(ours.log.toSorted(), theirs.log.toSorted());
      assert.deepEqual(ours.heard, theirs.heard);
    });
  }
});

const UPGRADE = 'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: echo\r\n\r\n';

function echo(_request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
  socket.write(head);
  socket.pipe(socket);
}

function refuse(_request: IncomingMessage, socket: Duplex): void {
  socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n');
}

function fail(): void {
  throw new Error('no upgrade today');
}

describe('an upgrade', TIMEOUT, () => {
  const apps: Readonly<Record<string, () => App>> = {
    'an http.Server that listens for it': () =>
      http.createServer((_request, response) => response.end('ordinary')).on('upgrade', echo),
    'a node app with `upgrade`': () => nodeApp((_request, response) => response.end('ordinary'), echo),
    'a node app that was converted': () => toGateway(nodeApp((_request, response) => response.end('ordinary'), echo)),
  };
  for (const [name, make] of Object.entries(apps)) {
    it(`reaches ${name}, with what the client has sent already`, async () => {
      await using server = await startTestServer(make(), { listen: 'tcp' });
      await using client = await server.client();
      await client.send(`${UPGRADE}early `);
      await client.until((text) => text.endsWith('early '));
      await client.send('late');
      assert.match(await client.until((text) => text.endsWith('late')), /^HTTP\/1\.1 101 .*early late$/s);
      await using other = await server.client();
      await other.send(GET);
      assert.equal((await other.response())?.body, 'ordinary');
    });
  }

  it('that nobody listens for is an ordinary request', async () => {
    await using server = await startTestServer(http.createServer((_request, response) => response.end('ordinary')));
    await using client = await server.client();
    await client.send(UPGRADE);
    assert.equal((await client.response())?.body, 'ordinary');
  });

  it('may be refused by the app, which then has the socket', async () => {
    await using server = await startTestServer(nodeApp(() => undefined, refuse));
    await using client = await server.client();
    await client.send(UPGRADE);
    assert.match(await client.untilEnd(), /^HTTP\/1\.1 401 /);
  });

  it('that throws closes the connection and is logged', async () => {
    await using server = await startTestServer(nodeApp(() => undefined, fail));
    await using client = await server.client();
    await client.send(UPGRADE);
    assert.equal(await client.untilEnd(), '');
    assert.ok(server.log.some(({ message }) => message.includes('no upgrade today')));
  });

  it('reaches CONNECT where it is allowed', async () => {
    const app = http.createServer().on('connect', (_request, socket) => void socket.end('HTTP/1.1 200 OK\r\n\r\ntunnel'));
    await using server = await startTestServer(app, { allowsConnect: true });
    await using client = await server.client();
    await client.send('CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n');
    assert.match(await client.untilEnd(), /tunnel$/);
  });
});

describe('a node app', TIMEOUT, () => {
  it('that listens for checkContinue says itself that it goes on', async () => {
    const app = http.createServer().on('checkContinue', (request: IncomingMessage, response: http.ServerResponse) => {
      response.writeContinue();
      request.resume().on('end', () => response.end('continued'));
    });
    await using server = await startTestServer(app);
    await using client = await server.client();
    await client.send('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n');
    await client.until((text) => text.endsWith('\r\n\r\n'));
    await client.send('body');
    const text = await client.until((received) => received.endsWith('continued'));
    assert.equal(text.match(/100 Continue/g)?.length, 1);
  });

  it('over TLS sees a socket that is encrypted, and its certificate', async () => {
    const app = nodeApp((request, response) => {
      const socket = request.socket as unknown as { encrypted: boolean; getPeerCertificate(): object; getProtocol(): string };
      response.end(JSON.stringify([socket.encrypted, typeof socket.getPeerCertificate(), socket.getProtocol()]));
    });
    await using server = await startTestServer(app, { listen: 'tls' });
    await using client = await server.client();
    await client.send(GET);
    assert.equal((await client.response())?.body, '[true,"object","TLSv1.3"]');
  });

  it('that throws is answered for with 500, and its response is closed', async () => {
    const events: string[] = [];
    const app = nodeApp((_request, response) => {
      response.on('close', () => events.push('close'));
      response.on('finish', () => events.push('finish'));
      throw new Error('thrown');
    });
    await using server = await startTestServer(app);
    await using client = await server.client();
    await client.send(GET);
    assert.equal((await client.response())?.status, 500);
    await eventually('it is closed', () => events.length > 0);
    assert.deepEqual(events, ['close']);
  });

  it('that fails behind its answer is logged', async () => {
    const app = nodeApp(async (_request, response) => {
      response.end('fine');
      await Promise.resolve();
      throw new Error('too late');
    });
    await using server = await startTestServer(app);
    await using client = await server.client();
    await client.send(GET);
    assert.equal((await client.response())?.body, 'fine');
    await eventually('it is logged', () => server.log.some(({ message }) => message.includes('too late')));
  });

  it('that has a trailer which nobody may send fails alone, also where its client is slow', async () => {
    const ended = new Deferred();
    const app = nodeApp((request, response) => {
      if (request.url === '/next') return void response.end('next');
      response.write(Buffer.alloc(8 * 2 ** 20));
      setImmediate(() => {
        response.addTrailers({ 'Transfer-Encoding': 'chunked' });
        response.end();
        ended.resolve();
      });
    });
    await using server = await startTestServer(app, { chunkedTransfer: true });
    await using client = await server.client();
    client.pause();
    await client.send(GET);
    await ended.promise;
    client.resume();
    const text = await client.untilEnd();
    assert.ok(!text.endsWith('0\r\n\r\n'), 'the answer looks whole');
    assert.match(server.log.at(-1)!.message, /the app may not send Transfer-Encoding/);
    await using other = await server.client();
    await other.send('GET /next HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.equal((await other.response())?.body, 'next');
  });

  it('may use its bytes again when write has called back, though its client is slow', async () => {
    // Less than what a socket holds before it says that it is full.
    const [pieces, bytes] = [60, 12_000];
    let written = 0;
    const app = nodeApp(async (_request, response) => {
      const buffer = Buffer.alloc(bytes);
      response.setHeader('Content-Length', (pieces + 1) * bytes);
      for (; written < pieces; written += 1) {
        buffer.fill(written);
        await new Promise((resolve) => response.write(buffer, resolve));
      }
      response.end(buffer.fill(written), () => buffer.fill(written + 1));
    });
    await using server = await startTestServer(app);
    await using client = await server.client();
    client.pause();
    await client.send(GET);
    let before = 0;
    await eventually('it waits', () => before === (before = written) && written > 0);
    client.resume();
    const { body } = (await client.response())!;
    const wrong = Array.from({ length: pieces + 1 }, (_, piece) => piece).filter(
      (piece) => body.slice(piece * bytes, (piece + 1) * bytes) !== String.fromCharCode(piece & 255).repeat(bytes),
    );
    assert.deepEqual(wrong, []);
  });

  it('holds its place until it has answered', async () => {
    const waiting: http.ServerResponse[] = [];
    const app = nodeApp((_request, response) => void waiting.push(response));
    await using server = await startTestServer(app, { concurrency: '1' });
    await using first = await server.client();
    await using second = await server.client();
    await first.send(GET);
    await eventually('the first is called', () => waiting.length === 1);
    await second.send(GET);
    await using third = await server.client();
    await third.send(GET);
    waiting[0]!.end('first');
    assert.equal((await first.response())?.body, 'first');
    await eventually('one more is called', () => waiting.length === 2);
    waiting[1]!.end('second');
    await eventually('the last is called', () => waiting.length === 3);
  });

  it('with writes of one turn costs its client one piece', async () => {
    const app = nodeApp((_request, response) => {
      response.flushHeaders();
      for (const text of ['a', 'b', 'c']) response.write(text);
      setImmediate(() => response.end());
    });
    await using server = await startTestServer(app, { chunkedTransfer: true });
    await using client = await server.client();
    await client.send(GET);
    assert.match(await client.until((text) => text.endsWith('0\r\n\r\n')), /\r\n\r\n3\r\nabc\r\n0\r\n\r\n$/);
  });

  it('knows where it is mounted', async () => {
    const inner = toGateway(
      nodeApp((request, response) => {
        const { url, originalUrl, baseUrl } = request as IncomingMessage & { originalUrl?: string; baseUrl?: string };
        response.end(JSON.stringify([url, originalUrl, baseUrl]));
      }),
    );
    const mounted: GatewayApp = (environ, startResponse) => {
      environ.SCRIPT_NAME = '/mo unt';
      environ.PATH_INFO = environ.PATH_INFO.slice(environ.SCRIPT_NAME.length);
      return inner(environ, startResponse);
    };
    await using server = await startTestServer(mounted);
    await using client = await server.client();
    await client.send('GET /mo%20unt/a%2Fb?c HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.equal((await client.response())?.body, '["/a%2Fb?c","/mo%20unt/a%2Fb?c","/mo%20unt"]');
    // Connect and Express put a slash where the mount has taken all: no framework finds a route for an empty path.
    await client.send('GET /mo%20unt HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.equal((await client.response())?.body, '["/","/mo%20unt","/mo%20unt"]');
    await client.send('GET /mo%20unt?c HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.equal((await client.response())?.body, '["/?c","/mo%20unt?c","/mo%20unt"]');
  });

  it('mounts a gateway app where nothing is left of the path, as PEP 3333 has it', async () => {
    const inner = toGateway(toNode(placeOf));
    const mounted: GatewayApp = (environ, startResponse) => {
      environ.SCRIPT_NAME = '/m';
      environ.PATH_INFO = environ.PATH_INFO.slice(2);
      return inner(environ, startResponse);
    };
    await using server = await startTestServer(mounted);
    await using client = await server.client();
    for (const [target, body] of [
      ['/m', '["/m","",""]'],
      ['/m?', '["/m","",""]'],
      ['/m?a=1', '["/m","","a=1"]'],
      ['/m/', '["/m","/",""]'],
      ['/m/?a=1', '["/m","/","a=1"]'],
    ]) {
      await client.send(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
      assert.equal((await client.response())?.body, body, target);
    }
  });
});
