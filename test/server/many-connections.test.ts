// Ten thousand clients that say nothing: what they cost, and that the server is still there for each of them.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { pathApp } from '../support/apps.ts';
import { startTestServer } from '../support/http-server.ts';
import { LoadClient } from '../support/load-client.ts';
import { heldBytes } from '../support/memory.ts';

const TIMEOUT = { timeout: 240_000 };
/** Nobody is left for being idle while the others come. */
const LONG_MS = 600_000;
/** A moment for a machine with much else to do, compared with that. */
const AT_ONCE_MS = 30_000;
const WANTED = 10_000;
const LEAST = 1_000;
/** Files of Node itself, of the test runner, listening sockets, and what a server keeps for apps. */
const OTHER_DESCRIPTORS = 500;
const HELD_BYTES_MAX = 6 * 1_024;

/** Of this process, and of each of its children: Node asks for as many as it may have. */
function descriptorsMax(): number {
  const said = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim();
  return said === 'unlimited' ? Number.POSITIVE_INFINITY : Number(said);
}

describe('many idle connections', TIMEOUT, () => {
  it(`of ${WANTED} clients cost little, are answered again, and close at once with the server`, async (test) => {
    const limit = descriptorsMax();
    const count = Math.min(WANTED, limit - OTHER_DESCRIPTORS);
    if (count < WANTED)
      test.diagnostic(`only ${count} connections: ulimit -n is ${limit}, ${WANTED + OTHER_DESCRIPTORS} are needed`);
    assert.ok(count >= LEAST, `ulimit -n is ${limit}: at least ${LEAST + OTHER_DESCRIPTORS} are needed`);
    await using server = await startTestServer(pathApp, { listen: 'tcp', headTimeoutMs: LONG_MS, keepaliveTimeoutMs: LONG_MS });
    const port = Number(server.at);
    await using clients = new LoadClient();
    // The first ones pay for what is compiled and filled once.
    const first = await clients.obey({ type: 'hold', port, count: LEAST / 10 });
    const before = heldBytes();
    const held = await clients.obey({ type: 'hold', port, count: count - first });
    const each = Math.round((heldBytes() - before) / (held - first));
    test.diagnostic(`${each} bytes for each of ${held} connections`);
    assert.equal(server.server.connections, count);
    assert.ok(each <= HELD_BYTES_MAX, `${each} bytes for each connection`);
    assert.equal(await clients.obey({ type: 'ask' }), count);
    const sinceMs = performance.now();
    assert.equal(await server.server.close(LONG_MS), 0);
    const tookMs = Math.round(performance.now() - sinceMs);
    test.diagnostic(`closed in ${tookMs} ms`);
    assert.ok(tookMs < AT_ONCE_MS, `closing took ${tookMs} ms`);
    assert.equal(await clients.obey({ type: 'until-closed' }), count);
  });
});
