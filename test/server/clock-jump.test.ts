// The clock of the machine is set while the server serves: a day forward, a day back. No deadline comes sooner or later for it, and
// the field Date follows. In a file of its own: the clock is the whole process's.

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { GatewayApp } from '@appserve/core/app';
import { get, pathApp } from '../support/apps.ts';
import { Deferred } from '../support/deferred.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer } from '../support/http-server.ts';

const TIMEOUT = { timeout: 120_000 };
const DAY_MS = 86_400_000;
const IDLE_MS = 600;
/** It is looked at every 100 ms; the rest is for a machine that is busy, and far less than the clock jumps. */
const LATE_MS = 30_000;
const JUMPS = [
  ['forward', DAY_MS],
  ['back', -DAY_MS],
] as const;

const rightNow = Date.now.bind(Date);

function setClock(test: TestContext, jumpMs: number): void {
  test.mock.method(Date, 'now', () => rightNow() + jumpMs);
}

function dateOf(head: string): number {
  return Date.parse(/^Date: (.*)$/m.exec(head)![1]!);
}

for (const [direction, jumpMs] of JUMPS) {
  describe(`a clock that is set a day ${direction}`, TIMEOUT, () => {
    it('ends no connection', async (test) => {
      await using server = await startTestServer(pathApp, { keepaliveTimeoutMs: 60_000 });
      await using client = await server.client();
      await client.send(get('/before'));
      assert.equal((await client.response())?.body, '/before');
      setClock(test, jumpMs);
      let date = 0;
      // The field is made once a second.
      while (Math.abs(date - rightNow() - jumpMs) > 2_000) {
        await client.send(get('/after'));
        const answer = await client.response();
        assert.equal(answer?.body, '/after');
        date = dateOf(answer.head);
      }
    });

    it('lets one that is idle end in its time', async (test) => {
      await using server = await startTestServer(pathApp, { keepaliveTimeoutMs: IDLE_MS });
      await using client = await server.client();
      await client.send(get('/before'));
      assert.equal((await client.response())?.body, '/before');
      const sinceMs = performance.now();
      setClock(test, jumpMs);
      await client.untilEnd();
      const tookMs = performance.now() - sinceMs;
      assert.ok(tookMs > IDLE_MS / 2 && tookMs < IDLE_MS + LATE_MS, `${tookMs} ms`);
    });

    it('cuts a head that does not come in its time', async (test) => {
      await using server = await startTestServer(pathApp, { headTimeoutMs: IDLE_MS });
      await using client = await server.client();
      await client.send('GET / HTTP/1.1\r\n');
      await eventually('it is there', () => server.server.connections === 1);
      setClock(test, jumpMs);
      assert.equal((await client.response())?.status, 408);
    });

    it('lets a server that closes wait as long as it should', async (test) => {
      const called = new Deferred();
      const app: GatewayApp = async (_environ, _startResponse) => {
        called.resolve();
        return new Promise<never>(() => undefined);
      };
      await using server = await startTestServer(app);
      await using client = await server.client();
      await client.send(get('/never'));
      await called.promise;
      setClock(test, jumpMs);
      const sinceMs = performance.now();
      assert.equal(await server.server.close(IDLE_MS), 1);
      const tookMs = performance.now() - sinceMs;
      assert.ok(tookMs > IDLE_MS / 2 && tookMs < IDLE_MS + LATE_MS, `${tookMs} ms`);
    });
  });
}
