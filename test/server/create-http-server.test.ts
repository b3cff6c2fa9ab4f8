// A server in the thread of a program that embeds one: how it is made, where it listens, what it announces, and how it ends.

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import net from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, it, mock } from 'node:test';
import type { GatewayApp } from '@appserve/core/app';
import type { ConnectionFacts } from '@appserve/core/exchange';
import { createHttpServer, VERSION, type Address, type CreateOptions, type HttpServer, type LogRecord } from '@appserve/server';
import { get, ok, pathApp } from '../support/apps.ts';
import { Deferred } from '../support/deferred.ts';
import { eventually, turns } from '../support/eventually.ts';
import { RawClient } from '../support/raw-client.ts';
import { temporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 120_000 };
const LONG_MS = 60_000;
const ANY = '127.0.0.1:0';

/** A server that the scope closes, and what it has logged. */
async function created(
  app: Parameters<typeof createHttpServer>[0],
  options: CreateOptions = {},
): Promise<AsyncDisposable & { server: HttpServer; log: LogRecord[] }> {
  const log: LogRecord[] = [];
  const server = await createHttpServer(app, { logLevel: 'debug', errorLog: (record) => log.push(record), ...options });
  return { server, log, [Symbol.asyncDispose]: async () => void (await server.close(0)) };
}

async function connectTo(address: Address): Promise<RawClient> {
  if (address.type === 'unix') return RawClient.connect(address.path);
  return RawClient.connect(address.port, address.host);
}

async function bodyFrom(address: Address, path = '/hello'): Promise<string | undefined> {
  await using client = await connectTo(address);
  await client.send(get(path));
  return (await client.response())?.body;
}

/** An app that answers `/slow` when it is told to. */
function slowApp(): { app: GatewayApp; isRunning: Deferred; mayAnswer: Deferred } {
  const isRunning = new Deferred();
  const mayAnswer = new Deferred();
  const app: GatewayApp = async (environ, startResponse) => {
    if (environ.PATH_INFO === '/slow') {
      isRunning.resolve();
      await mayAnswer.promise;
    }
    return ok(startResponse, environ.PATH_INFO);
  };
  return { app, isRunning, mayAnswer };
}

const tellsPlace: GatewayApp = (environ, startResponse) => {
  const { SERVER_SOFTWARE, 'wsgi.multiprocess': multiprocess, 'wsgi.multithread': multithread } = environ;
  return ok(startResponse, `${SERVER_SOFTWARE} ${String(multiprocess)} ${String(multithread)}`);
};

const complains: GatewayApp = (environ, startResponse) => {
  environ['wsgi.errors'].write('a complaint\n');
  return ok(startResponse, 'answer');
};

/** One whose parameters cannot be counted. */
const shy: GatewayApp = (...both) => pathApp(...both);

describe('createHttpServer', TIMEOUT, () => {
  it('serves a gateway app, which is told where it is', async () => {
    await using scene = await created(tellsPlace);
    assert.equal(await bodyFrom(await scene.server.listen(ANY)), `appserve/${VERSION} false false`);
  });

  it('serves a fetch app', async () => {
    await using scene = await created({ fetch: ({ url }) => new Response(new URL(url).pathname) });
    assert.equal(await bodyFrom(await scene.server.listen(ANY)), '/hello');
  });

  it('believes what it is told of the contract', async () => {
    await using scene = await created(shy, { interface: 'gateway' });
    assert.equal(await bodyFrom(await scene.server.listen(ANY)), '/hello');
  });

  it('keeps connections, unless it is told otherwise', async () => {
    for (const [options, isKept] of [
      [{}, true],
      [{ maxReuseCount: 0 }, false],
    ] as const) {
      await using scene = await created(pathApp, options);
      await using client = await connectTo(await scene.server.listen(ANY));
      await client.send(get('/'));
      assert.equal((await client.response())?.head.includes('\r\nConnection: close'), !isKept);
    }
  });

  it('logs what the app complains of, where it is told to', async () => {
    await using scene = await created(complains);
    await bodyFrom(await scene.server.listen(ANY));
    assert.deepEqual(
      scene.log.filter(({ level }) => level === 'error').map(({ message, thread }) => [message, thread]),
      [['a complaint', 'main']],
    );
  });

  it('logs nothing below its level', async () => {
    await using scene = await created(pathApp, { logLevel: 'error' });
    await using client = await connectTo(await scene.server.listen(ANY));
    await client.send('no request\r\n\r\n');
    await client.untilEnd();
    assert.deepEqual(scene.log, []);
  });

  it('opens no tunnels, unless it is told otherwise', async () => {
    for (const [options, status] of [
      [{}, 405],
      // It reaches the app, whose plain 200 would open no tunnel.
      [{ allowsConnect: true }, 500],
    ] as const) {
      await using scene = await created(pathApp, options);
      await using client = await connectTo(await scene.server.listen(ANY));
      await client.send('CONNECT test:443 HTTP/1.1\r\nHost: test:443\r\n\r\n');
      assert.equal((await client.response())?.status, status);
    }
  });

  const REFUSED: readonly (readonly [what: string, app: unknown, options: object, fault: object])[] = [
    ['what is no app', {}, {}, { name: 'Fault', code: 'APP_UNKNOWN' }],
    ['an option that there is not', pathApp, { keepAliveTimeout: 5 }, { name: 'Fault', code: 'OPTION_UNKNOWN' }],
    ['a value that is not allowed', pathApp, { backlog: 0 }, { name: 'Fault', code: 'OPTION_INVALID' }],
  ];
  for (const [what, app, options, fault] of REFUSED) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(createHttpServer(app as GatewayApp, options), fault);
    });
  }
});

describe('listen', TIMEOUT, () => {
  for (const text of ['127.0.0.1:0', 'localhost:0']) {
    it(`takes ${text}, and gives the address as bound`, async () => {
      await using scene = await created(pathApp);
      const address = await scene.server.listen(text);
      assert.ok(address.type === 'tcp' && address.port > 0);
      assert.match(address.host, /^(127\.0\.0\.1|::1)$/);
      assert.equal(await bodyFrom(address), '/hello');
    });
  }

  it('takes [::1]:0, where the machine has that', async () => {
    await using scene = await created(pathApp);
    const hasIt = Object.values(networkInterfaces()).some((ends) => ends?.some(({ address }) => address === '::1'));
    const listening = scene.server.listen('[::1]:0');
    if (hasIt) assert.equal(await bodyFrom(await listening), '/hello');
    else await assert.rejects(listening, { name: 'Fault', code: 'ADDRESS_REFUSED' });
  });

  for (const text of [':0', '*:0']) {
    it(`takes ${text} for every interface`, async () => {
      await using scene = await created(pathApp);
      const address = await scene.server.listen(text);
      assert.ok(address.type === 'tcp');
      assert.match(address.host, /^(::|0\.0\.0\.0)$/);
      assert.equal(await bodyFrom({ ...address, host: '127.0.0.1' }), '/hello');
    });
  }

  for (const prefix of ['', 'unix:']) {
    it(`takes ${prefix}/path of a unix socket`, async () => {
      using folder = temporaryFolder();
      await using scene = await created(pathApp);
      const address = await scene.server.listen(`${prefix}${folder.path}/s`);
      assert.deepEqual(address, { type: 'unix', path: `${folder.path}/s` });
      assert.equal(await bodyFrom(address), '/hello');
    });
  }

  it('may be called for several addresses, which are all served and all closed', async () => {
    using folder = temporaryFolder();
    await using scene = await created(pathApp);
    const addresses = [
      await scene.server.listen(ANY),
      await scene.server.listen(ANY),
      await scene.server.listen(`${folder.path}/s`),
    ];
    const bodies = await Promise.all(addresses.map((address) => bodyFrom(address)));
    assert.deepEqual(bodies, ['/hello', '/hello', '/hello']);
    await scene.server.close(0);
    for (const address of addresses) await assert.rejects(connectTo(address));
    assert.deepEqual(readdirSync(folder.path), []);
  });

  it('may be called again when the server is closed', async () => {
    await using scene = await created(pathApp);
    await scene.server.listen(ANY);
    await scene.server.close(0);
    assert.equal(await bodyFrom(await scene.server.listen(ANY)), '/hello');
  });

  it('refuses an address that is in use, and the one who uses it goes on', async () => {
    await using scene = await created(pathApp);
    await using other = await created(pathApp);
    const address = await scene.server.listen(ANY);
    assert.ok(address.type === 'tcp');
    const text = `127.0.0.1:${address.port}`;
    const fault = { name: 'Fault', code: 'ADDRESS_IN_USE', message: `${text} is in use` };
    await assert.rejects(scene.server.listen(text), fault);
    await assert.rejects(other.server.listen(text), fault);
    assert.equal(await bodyFrom(address), '/hello');
  });

  it('refuses an address that this machine has not', async () => {
    await using scene = await created(pathApp);
    // For documentation only (RFC 5737).
    await assert.rejects(scene.server.listen('192.0.2.1:0'), { name: 'Fault', code: 'ADDRESS_REFUSED' });
  });

  for (const text of ['', '80', 'http://127.0.0.1:80', '127.0.0.1:70000']) {
    it(`refuses what is no address: ${JSON.stringify(text)}`, async () => {
      await using scene = await created(pathApp);
      await assert.rejects(scene.server.listen(text), { name: 'Fault', code: 'OPTION_INVALID' });
    });
  }

  it('leaves nothing behind when TLS cannot be had', async () => {
    using folder = temporaryFolder();
    await using scene = await created(pathApp);
    await assert.rejects(scene.server.listen(`${folder.path}/s`, { tls: { key: 'no key', cert: 'no certificate' } }));
    assert.equal(existsSync(`${folder.path}/s`), false);
    assert.equal(await bodyFrom(await scene.server.listen(`${folder.path}/s`)), '/hello');
  });

  it('refuses a descriptor that is none', async () => {
    await using scene = await created(pathApp);
    await assert.rejects(
      scene.server.accept(() => 999_999),
      { name: 'Fault', code: 'DESCRIPTOR_FAILED' },
    );
    assert.equal(await bodyFrom(await scene.server.listen(ANY)), '/hello');
  });
});

describe('accepting', TIMEOUT, () => {
  it('goes on when the system fails to accept, now and again', async () => {
    const listeners: net.Server[] = [];
    const createServer = mock.method(net, 'createServer', (...all: Parameters<typeof net.createServer>) => {
      const listener = new net.Server(...all);
      listeners.push(listener);
      return listener;
    });
    await using scene = await created(pathApp);
    const address = await scene.server.listen(ANY);
    createServer.mock.restore();
    // As Node tells of errors that accept(2) passes on from the network.
    for (const code of ['ENETDOWN', 'EPROTO']) listeners[0]!.emit('error', new Error(`accept ${code}`));
    assert.equal(await bodyFrom(address), '/hello');
    assert.deepEqual(
      scene.log.filter(({ level }) => level === 'warn').map(({ message }) => message),
      ['a connection was not accepted: accept ENETDOWN', 'a connection was not accepted: accept EPROTO'],
    );
  });
});

describe('a server in this thread', TIMEOUT, () => {
  it('announces where it listens', async () => {
    await using scene = await created(pathApp);
    const announced: Address[] = [];
    scene.server.on('listening', (address) => announced.push(address));
    const address = await scene.server.listen(ANY);
    assert.deepEqual(announced, [address]);
  });

  it('announces each connection, with its two ends', async () => {
    await using scene = await created(pathApp);
    const announced: ConnectionFacts[] = [];
    scene.server.on('connection', (facts) => announced.push(facts));
    const address = await scene.server.listen(ANY);
    assert.ok(address.type === 'tcp');
    await using client = await connectTo(address);
    await client.send(get('/1') + get('/2'));
    await client.response();
    await client.response();
    assert.deepEqual(
      announced.map(({ scheme, remoteAddress, remotePort, localAddress, localPort }) => [
        scheme,
        remoteAddress,
        remotePort,
        localAddress,
        localPort,
      ]),
      [['http', '127.0.0.1', String(client.localPort), '127.0.0.1', String(address.port)]],
    );
  });

  it('counts its connections', async () => {
    await using scene = await created(pathApp);
    const address = await scene.server.listen(ANY);
    assert.equal(scene.server.connections, 0);
    await using _first = await connectTo(address);
    await using _second = await connectTo(address);
    await eventually('both are there', () => scene.server.connections === 2);
  });

  it('announces its end once, when nobody is left', async () => {
    const { app, isRunning, mayAnswer } = slowApp();
    await using scene = await created(app);
    let ends = 0;
    scene.server.on('close', () => (ends += 1));
    await using client = await connectTo(await scene.server.listen(ANY));
    await client.send(get('/slow'));
    await isRunning.promise;
    const closings = [scene.server.close(LONG_MS), scene.server.close(LONG_MS)];
    await turns(5);
    assert.equal(ends, 0);
    mayAnswer.resolve();
    await Promise.all(closings);
    await scene.server.close(0);
    assert.equal(ends, 1);
  });

  it('announces a second end when it has listened again', async () => {
    await using scene = await created(pathApp);
    let ends = 0;
    scene.server.on('close', () => (ends += 1));
    await scene.server.listen(ANY);
    await scene.server.close(0);
    await scene.server.listen(ANY);
    await scene.server.close(0);
    assert.equal(ends, 2);
  });

  it('closes what is idle at once, and what is busy behind its answer', async () => {
    const { app, isRunning, mayAnswer } = slowApp();
    await using scene = await created(app);
    const address = await scene.server.listen(ANY);
    await using idle = await connectTo(address);
    await using used = await connectTo(address);
    await used.send(get('/'));
    await used.response();
    await using busy = await connectTo(address);
    await busy.send(get('/slow'));
    await isRunning.promise;
    const closed = scene.server.close(LONG_MS);
    assert.deepEqual([await idle.untilEnd(), await used.untilEnd()], ['', '']);
    mayAnswer.resolve();
    assert.match(await busy.untilEnd(), /\r\nConnection: close\r\n\r\n\/slow$/);
    assert.equal(await closed, 0);
    assert.equal(scene.server.connections, 0);
  });

  it('waits for graceful_timeout where it is not told how long', async () => {
    const { app, isRunning } = slowApp();
    await using scene = await created(app, { gracefulTimeoutMs: 100 });
    await using client = await connectTo(await scene.server.listen(ANY));
    await client.send(get('/slow'));
    await isRunning.promise;
    const sinceMs = performance.now();
    assert.equal(await scene.server.close(), 1);
    const tookMs = performance.now() - sinceMs;
    assert.ok(tookMs > 90, `${tookMs} ms`);
  });

  it('closes with the scope that holds it', async () => {
    const { app, isRunning, mayAnswer } = slowApp();
    const server = await createHttpServer(app);
    const address = await server.listen(ANY);
    await using client = await connectTo(address);
    await client.send(get('/slow'));
    await isRunning.promise;
    const left = (async () => {
      await using _held = server;
    })();
    mayAnswer.resolve();
    assert.match(await client.untilEnd(), /\r\nConnection: close\r\n\r\n\/slow$/);
    await left;
    await assert.rejects(connectTo(address), { code: 'ECONNREFUSED' });
  });
});

describe('closeIdleConnections', TIMEOUT, () => {
  it('closes connections between two requests, and no others', async () => {
    const { app, isRunning, mayAnswer } = slowApp();
    await using scene = await created(app);
    const address = await scene.server.listen(ANY);
    await using idle = await connectTo(address);
    await using begun = await connectTo(address);
    await begun.send(`${get('/')}GET /begun HTTP/1.1\r\n`);
    await begun.response();
    await using busy = await connectTo(address);
    await busy.send(get('/slow'));
    await isRunning.promise;
    await eventually('all are there', () => scene.server.connections === 3);
    scene.server.closeIdleConnections();
    assert.equal(await idle.untilEnd(), '');
    await begun.send('Host: test\r\n\r\n');
    mayAnswer.resolve();
    assert.deepEqual([(await begun.response())?.body, (await busy.response())?.body], ['/begun', '/slow']);
    assert.deepEqual([begun.isEnded, busy.isEnded], [false, false]);
  });

  it('leaves the server open for others', async () => {
    await using scene = await created(pathApp);
    const address = await scene.server.listen(ANY);
    await using idle = await connectTo(address);
    await eventually('it is there', () => scene.server.connections === 1);
    scene.server.closeIdleConnections();
    await idle.untilEnd();
    assert.equal(await bodyFrom(address), '/hello');
  });
});
