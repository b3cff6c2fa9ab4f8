// How long a client may take for each part of a request. The values are small; the clock is the real one.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GatewayApp } from '@appserve/core/app';
import { oneOf } from '../support/attempts.ts';
import { echoApp, get, ok, pathApp } from '../support/apps.ts';
import { Deferred } from '../support/deferred.ts';
import { eventually, turns } from '../support/eventually.ts';
import { startTestServer } from '../support/http-server.ts';

/** Most of this is waiting, which can be done side by side. */
const CONCURRENT = { timeout: 120_000, concurrency: true };
/** A deadline is looked at every 100 ms. */
const TICK_MS = 100;

const answersAtLength: GatewayApp = (_environ, startResponse) => ok(startResponse, 'x'.repeat(40_000));

const answersLate: GatewayApp = async (_environ, startResponse) => {
  await later(8 * TICK_MS);
  return ok(startResponse, 'late');
};

/** Slowness that a story is about, not a way to wait for something. */
async function later(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

const readsLate: GatewayApp = async (environ, startResponse) => {
  await later(8 * TICK_MS);
  return ok(startResponse, String((await environ['wsgi.input'].read()).length));
};

describe('a server that keeps the time', CONCURRENT, () => {
  describe('a client that takes too long', CONCURRENT, () => {
    it('for its first byte, is left without a word', async () => {
      await using server = await startTestServer(pathApp, { headTimeoutMs: 50 });
      await using client = await server.client();
      assert.equal(await client.untilEnd(), '');
      await eventually('no connection is left', () => server.server.connections === 0);
    });

    it('for its head, gets 408', async () => {
      await using server = await startTestServer(pathApp, { headTimeoutMs: 500 });
      await using client = await server.client();
      await client.send('GET / HTTP/1.1\r\nHo');
      const answer = await client.response();
      assert.deepEqual([answer?.status, answer?.body], [408, '408 Request Timeout\nno complete head within 500 ms\n']);
      assert.match(answer!.head, /\r\nConnection: close$/);
    });

    it('for its head, gets 408 however busily it sends single bytes', async () => {
      await using server = await startTestServer(pathApp, { headTimeoutMs: 500 });
      await using client = await server.client();
      await client.send('GET / HTTP/1.1\r\nX: ');
      const dribble = setInterval(() => void client.send('x').catch(() => undefined), 20);
      const answer = await client.response();
      clearInterval(dribble);
      assert.equal(answer?.status, 408);
    });

    it('for the head of a later request, gets 408', async () => {
      await using server = await startTestServer(pathApp, { headTimeoutMs: 500 });
      await using client = await server.client();
      await client.send(`${get('/')}GET`);
      assert.equal((await client.response())?.status, 200);
      assert.equal((await client.response())?.status, 408);
    });

    it('for its body, gets 408, and the app the reason', async () => {
      const seen = new Deferred<unknown>();
      const app: GatewayApp = async (environ, startResponse) => {
        await environ['wsgi.input'].read().catch((error: { code?: string }) => seen.resolve(error.code));
        return ok(startResponse, 'nobody reads this');
      };
      await using server = await startTestServer(app, { bodyTimeoutMs: 50 });
      await using client = await server.client();
      await client.send('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nbo');
      assert.equal((await client.response())?.body, '408 Request Timeout\nno byte of the body for 50 ms\n');
      assert.equal(await seen.promise, 'BODY_TIMEOUT');
    });

    it('for a body that drips more slowly than min_body_rate, gets 408 though it is never silent', async () => {
      await using server = await startTestServer(echoApp, { bodyTimeoutMs: 200, minBodyRateBytes: 1_000 });
      await using client = await server.client();
      await client.send('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n');
      const dribble = setInterval(() => void client.send('x').catch(() => undefined), 20);
      const answer = await client.response();
      clearInterval(dribble);
      assert.equal(answer?.status, 408);
    });

    it('for a body that the app did not want, is left after the answer', async () => {
      await using server = await startTestServer(pathApp, { bodyTimeoutMs: 50 });
      await using client = await server.client();
      await client.send('POST /done HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nbo');
      assert.equal((await client.response())?.body, '/done');
      assert.equal(await client.untilEnd(), '');
    });

    it('for its next request, is left without a word', async () => {
      await using server = await startTestServer(pathApp, { keepaliveTimeoutMs: 50 });
      await using client = await server.client();
      await client.send(get('/'));
      await client.response();
      assert.equal(await client.untilEnd(), '');
      await eventually('no connection is left', () => server.server.connections === 0);
    });
  });

  describe('a client that does not take too long', CONCURRENT, () => {
    it('may be idle for keepalive_timeout after each request, however short head_timeout is', async () => {
      await using server = await startTestServer(pathApp, { headTimeoutMs: 500, keepaliveTimeoutMs: 10_000 });
      await using client = await server.client();
      for (const path of ['/1', '/2', '/3']) {
        await client.send(get(path));
        assert.equal((await client.response())?.body, path);
        await later(7 * TICK_MS);
      }
      assert.equal(client.isEnded, false);
    });

    it('may take longer than body_timeout for its whole body', async () => {
      await using server = await startTestServer(echoApp, { bodyTimeoutMs: 1_000 });
      await using client = await server.client();
      await client.send('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 12\r\n\r\n');
      for (const byte of 'longlongbody') {
        await later(TICK_MS);
        await client.send(byte);
      }
      assert.equal((await client.response())?.body, 'longlongbody');
    });

    it('is not blamed for an app that takes its time', async () => {
      const short = { headTimeoutMs: 500, bodyTimeoutMs: 500, keepaliveTimeoutMs: 500 };
      await using server = await startTestServer(answersLate, short);
      await using client = await server.client();
      await client.send(get('/'));
      assert.equal((await client.response())?.body, 'late');
    });

    it('is not blamed for an app that lets the body wait', async () => {
      await using server = await startTestServer(readsLate, { bodyTimeoutMs: 500 });
      await using client = await server.client();
      const body = 'x'.repeat(1_024 * 1_024);
      void client.send(`POST / HTTP/1.1\r\nHost: test\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      assert.equal((await client.response())?.body, String(body.length));
    });
  });

  describe('a client that waits for us', CONCURRENT, () => {
    it('for 100 Continue, is not blamed for its silence', async () => {
      await using server = await startTestServer(readsLate, { bodyTimeoutMs: 100 });
      await using client = await server.client();
      await client.send('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n');
      assert.equal((await client.response())?.status, 100);
      await client.send('body');
      assert.equal((await client.response())?.body, '4');
    });

    it('has all of body_timeout again when the app reads on after a rest', async () => {
      const isReading = new Deferred();
      const app: GatewayApp = async (environ, startResponse) => {
        await later(6 * TICK_MS);
        const reading = environ['wsgi.input'].read();
        isReading.resolve();
        return ok(startResponse, String((await reading).length));
      };
      await using server = await startTestServer(app, { bodyTimeoutMs: 500 });
      await using client = await server.client();
      await client.send('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 65537\r\n\r\n');
      await turns(5);
      // As much as is kept for an app that does not read.
      await client.send('x'.repeat(65_536));
      await isReading.promise;
      await later(3 * TICK_MS);
      await client.send('x');
      assert.equal((await client.response())?.body, '65537');
    });
  });

  describe('the last word', CONCURRENT, () => {
    const UPLOADS: readonly (readonly [what: string, app: GatewayApp, status: number])[] = [
      ['more than max_body_size', echoApp, 413],
      ['what the app does not want', pathApp, 200],
    ];
    for (const [what, app, status] of UPLOADS) {
      it(`reaches a client that is still uploading ${what}`, async () => {
        await using server = await startTestServer(app, { listen: 'tcp', maxBodySizeBytes: 1_000_000 });
        await using client = await server.client();
        await client.send('POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n');
        const chunk = `10000\r\n${'x'.repeat(0x1_0000)}\r\n`;
        // 16 MiB, sent without a look at what comes back.
        for (let sent = 0; sent < 256; sent += 1) await client.send(chunk);
        assert.equal((await client.response())?.status, status);
        assert.equal(client.error, undefined);
      });
    }

    it('reaches a client that has pipelined more than is served', async () => {
      const mayAnswer = new Deferred();
      const app: GatewayApp = async (_environ, startResponse) => {
        await mayAnswer.promise;
        return ok(startResponse, 'x'.repeat(1_000_000));
      };
      await using server = await startTestServer(app, { listen: 'tcp', maxReuseCount: 0 });
      await using client = await server.client();
      client.pause();
      await client.send(get('/').repeat(10_000));
      // The server has read as much of it as it keeps.
      await turns(20);
      mayAnswer.resolve();
      // It has been busy writing, and reads a little later.
      await later(2 * TICK_MS);
      client.resume();
      assert.equal((await client.response())?.body.length, 1_000_000);
    });

    it('is waited for by the server for two seconds, not longer', async () => {
      await using server = await startTestServer(pathApp, { maxBodySizeBytes: 10 });
      await using client = await server.client();
      const sinceMs = performance.now();
      await client.send('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\nsome of it');
      assert.match(await client.untilEnd(), /^HTTP\/1\.1 413 /);
      await eventually('the server closes', () => server.server.connections === 0);
      const tookMs = performance.now() - sinceMs;
      assert.ok(tookMs > 1_500 && tookMs < 20_000, `${tookMs} ms`);
    });

    it('is waited for no longer when it was a long one', async () => {
      await using server = await startTestServer(answersAtLength, { maxReuseCount: 0 });
      await using client = await server.client();
      await client.send('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\nsome of it');
      await client.untilEnd();
      await eventually('the server closes', () => server.server.connections === 0);
    });

    it('is not waited for when the client has closed its side', async () => {
      await oneOf(5, async () => {
        await using server = await startTestServer(pathApp, { maxBodySizeBytes: 10 });
        await using client = await server.client();
        await client.send('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\nsome of it');
        assert.equal((await client.response())?.status, 413);
        client.endSending();
        const sinceMs = performance.now();
        await eventually('the server closes', () => server.server.connections === 0);
        // It would be two seconds.
        assert.ok(performance.now() - sinceMs < 1_700);
      });
    });
  });
});
