// Clients that leave without a word, whatever is going on: no connection stays behind, and the app hears of it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FetchFunction, GatewayApp } from '@appserve/core/app';
import { get, ok, pathApp, post } from '../support/apps.ts';
import { Deferred } from '../support/deferred.ts';
import { eventually, turns } from '../support/eventually.ts';
import { startTestServer, type TestServer } from '../support/http-server.ts';

const TIMEOUT = { timeout: 120_000 };

async function noConnection({ server }: TestServer): Promise<void> {
  await eventually('no connection is left', () => server.connections === 0);
}

describe('a client that leaves', TIMEOUT, () => {
  it('before it has said anything', async () => {
    await using server = await startTestServer(pathApp, { listen: 'tcp' });
    await using client = await server.client();
    await eventually('it is accepted', () => server.server.connections === 1);
    client.reset();
    await noConnection(server);
  });

  it('in the middle of a head', async () => {
    await using server = await startTestServer(pathApp, { listen: 'tcp' });
    await using client = await server.client();
    await client.send('GET / HTTP/1.1\r\nHo');
    await eventually('it is accepted', () => server.server.connections === 1);
    client.reset();
    await noConnection(server);
  });

  it('between two requests', async () => {
    await using server = await startTestServer(pathApp, { listen: 'tcp' });
    await using client = await server.client();
    await client.send(get('/'));
    await client.response();
    client.reset();
    await noConnection(server);
  });

  it('in the middle of its body: the app sees an error, never a short body', async () => {
    const reading = new Deferred();
    const seen = new Deferred<unknown>();
    const app: GatewayApp = async (environ, startResponse) => {
      const first = await environ['wsgi.input'].read(4);
      reading.resolve();
      const rest = await environ['wsgi.input'].read().catch((error: unknown) => error);
      seen.resolve([Buffer.from(first).toString(), (rest as { code?: string }).code]);
      return ok(startResponse, 'too late');
    };
    await using server = await startTestServer(app, { listen: 'tcp' });
    await using client = await server.client();
    await client.send(post('/', 'body').replace('Content-Length: 4', 'Content-Length: 8'));
    await reading.promise;
    client.reset();
    assert.deepEqual(await seen.promise, ['body', 'PEER_GONE']);
    await noConnection(server);
  });

  it('politely in the middle of its body: that is an incomplete body', async () => {
    const seen = new Deferred<unknown>();
    const app: GatewayApp = async (environ, startResponse) => {
      await environ['wsgi.input'].read().catch((error: { code?: string }) => seen.resolve(error.code));
      return ok(startResponse, 'nobody reads this');
    };
    await using server = await startTestServer(app);
    await using client = await server.client();
    await client.send(post('/', 'body').replace('Content-Length: 4', 'Content-Length: 8'));
    client.endSending();
    assert.match(await client.untilEnd(), /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.equal(await seen.promise, 'BODY_INCOMPLETE');
    await noConnection(server);
  });

  it('while the app works: its signal is aborted, with the reason', async () => {
    const isRunning = new Deferred();
    const aborted = new Deferred<unknown>();
    const app: FetchFunction = async (request) => {
      request.signal.addEventListener('abort', () => aborted.resolve(request.signal.reason));
      isRunning.resolve();
      await aborted.promise;
      return new Response('nobody reads this');
    };
    await using server = await startTestServer(app, { listen: 'tcp' });
    await using client = await server.client();
    await client.send(get('/'));
    await isRunning.promise;
    client.reset();
    assert.equal(((await aborted.promise) as { code: string }).code, 'PEER_GONE');
    await noConnection(server);
  });

  it('while the app works: what it still says is dropped, without a complaint', async () => {
    const isRunning = new Deferred();
    const mayAnswer = new Deferred();
    const hasAnswered = new Deferred();
    const app: GatewayApp = async (_environ, startResponse) => {
      isRunning.resolve();
      await mayAnswer.promise;
      const write = startResponse('200 OK', []);
      await write(Buffer.from('piece'));
      await write(Buffer.from('piece'));
      hasAnswered.resolve();
      return [Buffer.from('rest')];
    };
    await using server = await startTestServer(app, { listen: 'tcp' });
    await using client = await server.client();
    await client.send(get('/'));
    await isRunning.promise;
    client.reset();
    await noConnection(server);
    mayAnswer.resolve();
    await hasAnswered.promise;
    await turns(2);
    assert.deepEqual(
      server.log.filter(({ level }) => level !== 'debug'),
      [],
    );
  });

  it('while it does not take its answer: the iterable is closed, once', async () => {
    let closed = 0;
    let finished = 0;
    let pieces = 0;
    const isBlocked = new Deferred();
    const app: GatewayApp = (_environ, startResponse) => {
      startResponse('200 OK', []);
      const body = (async function* () {
        try {
          for (;;) {
            pieces += 1;
            yield Buffer.alloc(1_024 * 1_024);
            isBlocked.resolve();
          }
        } finally {
          finished += 1;
        }
      })();
      return Object.assign(body, {
        close: () => {
          closed += 1;
        },
      });
    };
    await using server = await startTestServer(app, { listen: 'tcp' });
    await using client = await server.client();
    client.pause();
    await client.send(get('/'));
    await isBlocked.promise;
    client.reset();
    await eventually('the iterable is closed', () => closed > 0);
    await noConnection(server);
    await turns(10);
    assert.deepEqual([finished, closed], [1, 1]);
    assert.ok(pieces < 100, `${pieces} MiB were made`);
  });

  it('while its answer is streamed: the next piece is the last', async () => {
    const mayGoOn = new Deferred();
    const cancelled = new Deferred();
    let pulls = 0;
    const app: FetchFunction = () =>
      new Response(
        new ReadableStream(
          {
            pull: async (controller) => {
              pulls += 1;
              if (pulls > 1) await mayGoOn.promise;
              controller.enqueue(Buffer.from('piece'));
            },
            cancel: () => cancelled.resolve(),
          },
          { highWaterMark: 0 },
        ),
      );
    await using server = await startTestServer(app, { listen: 'tcp' });
    await using client = await server.client();
    await client.send(get('/'));
    await client.until((text) => text.endsWith('piece'));
    client.reset();
    await noConnection(server);
    mayGoOn.resolve();
    await cancelled.promise;
    assert.equal(pulls, 2);
  });

  it('before its answer begins: an iterable is closed at once', async () => {
    const isRunning = new Deferred();
    const mayAnswer = new Deferred();
    let closed = 0;
    const app: GatewayApp = async (_environ, startResponse) => {
      isRunning.resolve();
      await mayAnswer.promise;
      startResponse('200 OK', []);
      const events = (async function* () {
        // The next event may never come.
        yield await new Promise<Uint8Array>(() => undefined);
      })();
      return Object.assign(events, { close: () => void (closed += 1) });
    };
    await using server = await startTestServer(app, { listen: 'tcp' });
    await using client = await server.client();
    await client.send(get('/'));
    await isRunning.promise;
    client.reset();
    await noConnection(server);
    mayAnswer.resolve();
    await eventually('it is closed', () => closed > 0);
    await turns(5);
    assert.equal(closed, 1);
  });

  it('before its answer begins: a stream is cancelled', async () => {
    const isRunning = new Deferred();
    const mayAnswer = new Deferred();
    const cancelled = new Deferred<unknown>();
    const app: FetchFunction = async () => {
      isRunning.resolve();
      await mayAnswer.promise;
      // The next event may never come.
      return new Response(new ReadableStream({ cancel: (reason) => cancelled.resolve(reason) }));
    };
    await using server = await startTestServer(app, { listen: 'tcp' });
    await using client = await server.client();
    await client.send(get('/'));
    await isRunning.promise;
    client.reset();
    await noConnection(server);
    mayAnswer.resolve();
    assert.equal(((await cancelled.promise) as { code: string }).code, 'PEER_GONE');
  });

  it('while it waits in the queue: the app is never called for it', async () => {
    const called: string[] = [];
    const mayAnswer = new Deferred();
    const app: GatewayApp = async (environ, startResponse) => {
      called.push(environ.PATH_INFO);
      await mayAnswer.promise;
      return ok(startResponse, environ.PATH_INFO);
    };
    await using server = await startTestServer(app, { listen: 'tcp', concurrency: 1, qmonWarnThreshold: 1 });
    await using busy = await server.client();
    await using gone = await server.client();
    await using patient = await server.client();
    await busy.send(get('/busy'));
    await eventually('the app works', () => called.length === 1);
    await gone.send(get('/gone'));
    await eventually('the second one waits', () => server.log.some(({ message }) => message === '1 requests in queue'));
    await patient.send(get('/patient'));
    gone.reset();
    await eventually('it is forgotten', () => server.server.connections === 2);
    mayAnswer.resolve();
    assert.equal((await patient.response())?.body, '/patient');
    assert.deepEqual(called, ['/busy', '/patient']);
  });

  it('with requests still pipelined: they are not run', async () => {
    const called: string[] = [];
    const isRunning = new Deferred();
    const mayAnswer = new Deferred();
    const app: GatewayApp = async (environ, startResponse) => {
      called.push(environ.PATH_INFO);
      isRunning.resolve();
      await mayAnswer.promise;
      return ok(startResponse, environ.PATH_INFO);
    };
    await using server = await startTestServer(app, { listen: 'tcp' });
    await using client = await server.client();
    await client.send(get('/first') + get('/second'));
    await isRunning.promise;
    client.reset();
    await noConnection(server);
    mayAnswer.resolve();
    await turns(10);
    assert.deepEqual(called, ['/first']);
  });

  for (const listen of ['unix', 'tcp'] as const) {
    it(`over ${listen} with requests still pipelined, and answers that it has not taken: no further one is run`, async () => {
      let called = 0;
      const app: GatewayApp = (_environ, startResponse) => {
        called += 1;
        return ok(startResponse, 'x'.repeat(8_000));
      };
      await using server = await startTestServer(app, { listen });
      await using client = await server.client();
      client.pause();
      await client.send(get('/').repeat(1_500));
      let before: number;
      do {
        before = called;
        await turns(50);
      } while (called > before);
      if (listen === 'tcp') client.reset();
      else await client[Symbol.asyncDispose]();
      await noConnection(server);
      await turns(10);
      assert.equal(called, before);
    });
  }

  it('while its refused upload is still being read past', async () => {
    await using server = await startTestServer(pathApp, { listen: 'tcp', maxBodySizeBytes: 10 });
    await using client = await server.client();
    await client.send('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\nsome of it');
    assert.equal((await client.response())?.status, 413);
    client.reset();
    await noConnection(server);
  });
});
