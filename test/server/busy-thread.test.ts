// A thread that has other things to do for a while. In a file of its own: it holds up whatever else runs beside it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { get, pathApp } from '../support/apps.ts';
import { startTestServer } from '../support/http-server.ts';

describe('a thread that was busy', { timeout: 120_000 }, () => {
  it('blames no client whose bytes came in time', async () => {
    await using server = await startTestServer(pathApp, { keepaliveTimeoutMs: 400 });
    await using client = await server.client();
    await client.send(get('/first'));
    assert.equal((await client.response())?.body, '/first');
    // In the kernel by now.
    await client.send(get('/second'));
    for (const sinceMs = performance.now(); performance.now() - sinceMs < 1_000;);
    assert.equal((await client.response())?.body, '/second');
  });
});
