// Ten thousand clients that come and leave with a reset (RST), at once or in the middle of something: a port scanner, a load balancer
// that looks whether somebody is there, an attack. Nothing of them stays, and nothing is said of them.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { get, pathApp } from '../support/apps.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer } from '../support/http-server.ts';
import { LoadClient } from '../support/load-client.ts';
import { heldBytes } from '../support/memory.ts';

const TIMEOUT = { timeout: 240_000 };
const CLIENTS = 10_000;
const FEWER = 2_000;
const MIB = 1_024 * 1_024;
const IDLE_MS = 60_000;

/** Of this process. */
function descriptors(): number {
  return readdirSync('/dev/fd').length;
}

const LAST_WORDS: readonly (readonly [what: string, said: string, count: number])[] = [
  ['without a word', '', CLIENTS],
  ['in the middle of a head', 'GET / HTTP/1.1\r\nHo', FEWER],
  ['while they are answered', get('/'), FEWER],
  ['in the middle of a body', 'POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\nhalf', FEWER],
];

describe('clients that leave with a reset', TIMEOUT, () => {
  for (const [what, said, count] of LAST_WORDS) {
    it(`${what}, ${count} of them, leave nothing behind`, async (test) => {
      // Nothing but the reset ends a connection.
      const patient = { headTimeoutMs: IDLE_MS, bodyTimeoutMs: IDLE_MS, keepaliveTimeoutMs: IDLE_MS };
      await using server = await startTestServer(pathApp, { listen: 'tcp', logLevel: 'info', ...patient });
      await using clients = new LoadClient();
      const port = Number(server.at);
      await clients.obey({ type: 'reset', port, count: FEWER, said });
      await eventually('the first ones are gone', () => server.server.connections === 0);
      const before = { descriptors: descriptors(), heldBytes: heldBytes() };
      assert.equal(await clients.obey({ type: 'reset', port, count, said }), count);
      // Behind all of them in the kernel's queue.
      await using client = await server.client();
      await client.send(get('/last'));
      assert.equal((await client.response())?.body, '/last');
      await eventually('all are gone', () => server.server.connections === 1);
      const grownBytes = heldBytes() - before.heldBytes;
      test.diagnostic(`${Math.round(grownBytes / 1_024)} KiB more`);
      assert.ok(grownBytes < MIB, `${grownBytes} bytes are held`);
      // Both sides of that client are in this process.
      assert.equal(descriptors() - before.descriptors, 2);
      assert.deepEqual(server.log, []);
    });
  }
});
