// A server that is told to stop: by whom decides what becomes of connections on which nothing is under way.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connectTo } from '../support/command.ts';
import { serveApp, type Served } from '../support/fleet.ts';
import type { RawClient } from '../support/raw-client.ts';

const TIMEOUT = { timeout: 120_000, concurrency: 2 };
const REQUEST = 'GET / HTTP/1.1\r\nHost: test\r\n\r\n';

/** `busyMs`: for so long a request keeps its thread from everything else. */
const APP = `
const slept = new Int32Array(new SharedArrayBuffer(4));
export const makeApp = () => async ({ url }) => {
  Atomics.wait(slept, 0, 0, Number(new URL(url).searchParams.get('busyMs')));
  return new Response('answered');
};
`;

function served(...lines: readonly string[]): Served {
  const server = serveApp(APP, ['socket = 127.0.0.1:0', 'workers = 2', 'max_reuse_count = unlimited', ...lines]);
  return server;
}

/** One that has asked and been answered, as a proxy keeps it. */
async function kept(server: Served): Promise<RawClient> {
  const client = await server.command.client();
  await client.send(REQUEST);
  assert.equal((await client.response())?.body, 'answered');
  return client;
}

describe('a server that is told to stop', TIMEOUT, () => {
  for (const dispatch of ['shared', 'balanced']) {
    it(`answers what was on its way on an idle connection, and closes politely: SIGTERM, dispatch = ${dispatch}`, async () => {
      await using server = served(`dispatch = ${dispatch}`);
      await using used = await kept(server);
      await using fresh = await server.command.client();
      server.command.signal('SIGTERM');
      await server.command.says(/SIGTERM: stopping/);
      for (const client of [used, fresh]) {
        await client.send(REQUEST);
        assert.equal((await client.response())?.status, 200);
      }
      for (const client of [used, fresh]) {
        await client.untilEnd();
        assert.equal(client.error, undefined);
      }
      assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
    });
  }

  for (const [dispatch, busyMs] of [
    ['shared', 0],
    ['balanced', 0],
    // They are accepted one by one, and each takes its time.
    ['shared', 40],
    ['balanced', 40],
  ] as const) {
    it(`answers whoever the kernel has connected before: SIGTERM, dispatch = ${dispatch}, ${busyMs} ms each`, async () => {
      await using server = served(`dispatch = ${dispatch}`);
      const url = await server.command.url();
      // While it sleeps nobody is accepted; it wakes up with the signal.
      server.command.signal('SIGSTOP');
      const clients = await Promise.all(Array.from({ length: 20 }, async () => connectTo(url)));
      for (const client of clients) await client.send(REQUEST.replace('/', `/?busyMs=${busyMs}`));
      server.command.signal('SIGTERM');
      server.command.signal('SIGCONT');
      for (const client of clients) {
        assert.equal((await client.response())?.status, 200);
        await client[Symbol.asyncDispose]();
      }
      assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
    });
  }

  it('closes an idle connection without a reset, when nothing comes for a second', async () => {
    await using server = served();
    await using client = await kept(server);
    server.command.signal('SIGTERM');
    await client.untilEnd();
    assert.equal(client.error, undefined);
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
  });

  it('closes idle connections without waiting when it is told so from a terminal: SIGINT', async () => {
    await using patient = served();
    await using server = served();
    await using waiting = await kept(patient);
    await using client = await kept(server);
    patient.command.signal('SIGTERM');
    server.command.signal('SIGINT');
    const first = await Promise.race([waiting.untilEnd().then(() => 'SIGTERM'), client.untilEnd().then(() => 'SIGINT')]);
    assert.equal(first, 'SIGINT');
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
  });
});
