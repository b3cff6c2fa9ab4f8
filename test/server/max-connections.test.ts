// How many connections there may be at once; who comes later waits in the kernel's queue.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { get, pathApp } from '../support/apps.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer } from '../support/http-server.ts';

const TIMEOUT = { timeout: 120_000 };

describe('max_connections', TIMEOUT, () => {
  it('lets the next client wait until one leaves', async () => {
    await using server = await startTestServer(pathApp, { maxConnections: 2 });
    const first = await server.client();
    await using second = await server.client();
    await eventually('both are accepted', () => server.server.connections === 2);
    await using third = await server.client();
    await third.send(get('/third'));
    await second.send(get('/second'));
    assert.equal((await second.response())?.body, '/second');
    assert.equal(server.server.connections, 2);
    await first[Symbol.asyncDispose]();
    assert.equal((await third.response())?.body, '/third');
  });

  it('serves them all in the end', async () => {
    await using server = await startTestServer(pathApp, { maxConnections: 3 });
    let most = 0;
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        await using client = await server.client();
        await client.send(get(`/${index}`));
        const answer = await client.response();
        most = Math.max(most, server.server.connections);
        return answer?.body;
      }),
    );
    assert.deepEqual(
      answers,
      answers.map((_, index) => `/${index}`),
    );
    assert.equal(most, 3);
  });

  it('does not keep a full server from closing', async () => {
    await using server = await startTestServer(pathApp, { maxConnections: 1 });
    await using client = await server.client();
    await client.send(get('/'));
    await client.response();
    await using waiting = await server.client();
    await waiting.send(get('/never'));
    assert.equal(await server.server.close(60_000), 0);
    assert.equal(await waiting.untilEnd(), '');
  });
});
