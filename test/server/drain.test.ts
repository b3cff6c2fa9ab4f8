// A server that is closed: what is under way is answered, what is idle goes at once, and there is an end to patience.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { GatewayApp } from '@appserve/core/app';
import { get, ok, pathApp } from '../support/apps.ts';
import { Deferred } from '../support/deferred.ts';
import { eventually, turns } from '../support/eventually.ts';
import { startTestServer } from '../support/http-server.ts';
import { RawClient } from '../support/raw-client.ts';

const TIMEOUT = { timeout: 120_000 };
const LONG_MS = 60_000;

/** An app that answers when it is told to. */
function slowApp(): { app: GatewayApp; isRunning: Deferred; mayAnswer: Deferred } {
  const isRunning = new Deferred();
  const mayAnswer = new Deferred();
  const app: GatewayApp = async (environ, startResponse) => {
    isRunning.resolve();
    await mayAnswer.promise;
    return ok(startResponse, environ.PATH_INFO);
  };
  return { app, isRunning, mayAnswer };
}

describe('a server that closes', TIMEOUT, () => {
  it('is closed at once when nobody is there', async () => {
    await using server = await startTestServer(pathApp);
    assert.equal(await server.server.close(LONG_MS), 0);
  });

  it('answers what is under way and says that it closes', async () => {
    const { app, isRunning, mayAnswer } = slowApp();
    await using server = await startTestServer(app);
    await using client = await server.client();
    await client.send(get('/'));
    await isRunning.promise;
    const closed = server.server.close(LONG_MS);
    mayAnswer.resolve();
    assert.match(await client.untilEnd(), /^HTTP\/1\.1 200 OK\r\n.*\r\nConnection: close\r\n\r\n\/$/s);
    assert.equal(await closed, 0);
  });

  it('finishes an answer whose head is out already', async () => {
    const isStreaming = new Deferred();
    const mayGoOn = new Deferred();
    const app: GatewayApp = async (_environ, startResponse) => {
      const write = startResponse('200 OK', [['Content-Length', '10']]);
      await write(Buffer.from('first'));
      isStreaming.resolve();
      await mayGoOn.promise;
      return [Buffer.from('whole')];
    };
    await using server = await startTestServer(app);
    await using client = await server.client();
    await client.send(get('/'));
    await isStreaming.promise;
    const closed = server.server.close(LONG_MS);
    mayGoOn.resolve();
    assert.match(await client.untilEnd(), /\r\n\r\nfirstwhole$/);
    assert.equal(await closed, 0);
  });

  for (const [what, resultOf] of [
    ['an array', (pieces: Uint8Array[], close: () => Promise<void>) => Object.assign(pieces, { close })],
    ['an iterable', (pieces: Uint8Array[], close: () => Promise<void>) => ({ [Symbol.iterator]: () => pieces.values(), close })],
  ] as const) {
    it(`waits for the close() of ${what}, also behind the whole answer`, async () => {
      const mayClose = new Deferred();
      const said: string[] = [];
      const app: GatewayApp = (_environ, startResponse) => {
        startResponse('200 OK', [['Content-Length', '5']]);
        return resultOf([Buffer.from('whole')], async () => {
          await mayClose.promise;
          said.push('app');
        });
      };
      await using server = await startTestServer(app);
      await using client = await server.client();
      await client.send(get('/', 'Connection: close'));
      assert.match(await client.untilEnd(), /whole$/);
      const closed = server.server.close(LONG_MS).then(() => said.push('server'));
      // Nobody else is there: what does not wait is closed in a turn or two.
      await turns(20);
      mayClose.resolve();
      await closed;
      assert.deepEqual(said, ['app', 'server']);
    });
  }

  it('waits for the close() of what a client has left', async () => {
    const mayClose = new Deferred();
    const isClosing = new Deferred();
    const said: string[] = [];
    const app: GatewayApp = (_environ, startResponse) => {
      startResponse('200 OK', []);
      return {
        async *[Symbol.asyncIterator]() {
          yield Buffer.from('first');
          await new Promise(() => undefined);
        },
        close: async () => {
          isClosing.resolve();
          await mayClose.promise;
          said.push('app');
        },
      };
    };
    await using server = await startTestServer(app);
    const client = await server.client();
    await client.send(get('/'));
    await client.until((received) => received.includes('first'));
    await client[Symbol.asyncDispose]();
    await isClosing.promise;
    const closed = server.server.close(LONG_MS).then(() => said.push('server'));
    await turns(20);
    mayClose.resolve();
    await closed;
    assert.deepEqual(said, ['app', 'server']);
  });

  it('lets a client finish the request that it has begun', async () => {
    await using server = await startTestServer(pathApp);
    await using client = await server.client();
    await client.send('GET /begun HTTP/1.1\r\n');
    await eventually('it is accepted', () => server.server.connections === 1);
    // The head stands in the server's buffer when the next client has been answered.
    await using witness = await server.client();
    await witness.send(get('/'));
    await witness.response();
    const closed = server.server.close(LONG_MS);
    await client.send('Host: test\r\n\r\n');
    assert.match(await client.untilEnd(), /\r\nConnection: close\r\n\r\n\/begun$/);
    assert.equal(await closed, 0);
  });

  it('closes idle connections at once, new and used ones', async () => {
    await using server = await startTestServer(pathApp);
    await using fresh = await server.client();
    await using used = await server.client();
    await used.send(get('/'));
    await used.response();
    await eventually('both are there', () => server.server.connections === 2);
    assert.equal(await server.server.close(LONG_MS), 0);
    assert.deepEqual([await fresh.untilEnd(), await used.untilEnd()], ['', '']);
  });

  it('does not begin what is pipelined behind the answer under way', async () => {
    const { app, isRunning, mayAnswer } = slowApp();
    await using server = await startTestServer(app);
    await using client = await server.client();
    await client.send(get('/first') + get('/second'));
    await isRunning.promise;
    const closed = server.server.close(LONG_MS);
    mayAnswer.resolve();
    assert.doesNotMatch(await client.untilEnd(), /second/);
    assert.equal(await closed, 0);
  });

  it('answers who waits in the request queue', async () => {
    const { app, isRunning, mayAnswer } = slowApp();
    await using server = await startTestServer(app, { concurrency: 1, qmonWarnThreshold: 1 });
    await using first = await server.client();
    await using second = await server.client();
    await first.send(get('/first'));
    await isRunning.promise;
    await second.send(get('/second'));
    await eventually('it waits', () => server.log.some(({ level }) => level === 'warn'));
    const closed = server.server.close(LONG_MS);
    mayAnswer.resolve();
    assert.deepEqual([(await first.response())?.body, (await second.response())?.body], ['/first', '/second']);
    assert.equal(await closed, 0);
  });

  it('cuts what is not done after the grace, and says how many', async () => {
    const { app, isRunning } = slowApp();
    await using server = await startTestServer(app);
    await using client = await server.client();
    await client.send(get('/'));
    await isRunning.promise;
    assert.equal(await server.server.close(50), 1);
    assert.equal(await client.untilEnd(), '');
  });

  for (const graceMs of [0, 50]) {
    it(`cuts nothing where connections are idle, however short the grace: ${graceMs} ms`, async () => {
      const { app, isRunning } = slowApp();
      await using server = await startTestServer(app);
      await using idle = await server.client();
      await eventually('it is accepted', () => server.server.connections === 1);
      assert.equal(await server.server.close(graceMs, true), 0);
      assert.equal(await idle.untilEnd(), '');
      await using other = await startTestServer(app);
      await using waits = await other.client();
      await eventually('it is accepted', () => other.server.connections === 1);
      await using busy = await other.client();
      await busy.send(get('/'));
      await isRunning.promise;
      assert.equal(await other.server.close(graceMs, true), 1);
      assert.equal(await waits.untilEnd(), '');
    });
  }

  it('takes no more than max_connections of those whom the kernel has connected before', async () => {
    const { app, mayAnswer } = slowApp();
    await using server = await startTestServer(app, { maxConnections: 2 });
    let most = 0;
    server.server.on('connection', () => (most = Math.max(most, server.server.connections)));
    // All in one turn: they wait in the queue of the kernel when the server is told to close.
    const connecting = Array.from({ length: 20 }, async () => RawClient.connect(server.at));
    const closed = server.server.close(LONG_MS, true);
    const clients = await Promise.all(connecting);
    await eventually('it listens no more', () => !existsSync(String(server.at)));
    assert.equal(most, 2);
    mayAnswer.resolve();
    for (const client of clients) await client[Symbol.asyncDispose]();
    await closed;
  });

  it('takes no new connections', async () => {
    const { app, isRunning, mayAnswer } = slowApp();
    await using server = await startTestServer(app);
    await using client = await server.client();
    await client.send(get('/'));
    await isRunning.promise;
    const closed = server.server.close(LONG_MS);
    await assert.rejects(RawClient.connect(server.at), { code: 'ENOENT' });
    mayAnswer.resolve();
    await closed;
  });

  it('answers whoever the kernel has connected before, when it is patient', async () => {
    await using server = await startTestServer(pathApp);
    // All in one turn: they wait in the queue of the kernel when the server is told to close.
    const connecting = Array.from({ length: 20 }, async () => RawClient.connect(server.at));
    const closed = server.server.close(LONG_MS, true);
    const answers = await Promise.all(
      connecting.map(async (connected, index) => {
        await using client = await connected;
        await client.send(get(`/${index}`));
        return await client.untilEnd();
      }),
    );
    for (const [index, answer] of answers.entries())
      assert.match(answer, new RegExp(`^HTTP/1\\.1 200 OK\r\n.*\r\n\r\n/${index}$`, 's'));
    assert.equal(await closed, 0);
    await assert.rejects(RawClient.connect(server.at), { code: 'ENOENT' });
  });

  it('answers what was on its way on an idle connection, and says that it closes, when it is patient', async () => {
    await using server = await startTestServer(pathApp);
    await using client = await server.client();
    await client.send(get('/first'));
    await client.response();
    const closed = server.server.close(LONG_MS, true);
    // From here on it drains.
    await eventually('it listens no more', () => !existsSync(String(server.at)));
    await client.send(get('/last'));
    assert.match(await client.untilEnd(), /^HTTP\/1\.1 200 OK\r\n.*\r\nConnection: close\r\n\r\n\/last$/s);
    assert.equal(await closed, 0);
  });

  it('may be closed again, with less patience', async () => {
    const { app, isRunning } = slowApp();
    await using server = await startTestServer(app);
    await using client = await server.client();
    await client.send(get('/'));
    await isRunning.promise;
    const patient = server.server.close(LONG_MS);
    assert.equal(await server.server.close(0), 1);
    await patient;
  });
});
