// idle_exit: a server that nobody needs ends.

import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { idleFor, type Idle, type Seen } from '@appserve/server/machines';
import { write } from '../support/command.ts';
import { serveApp, serveIni } from '../support/fleet.ts';
import { listener } from '../support/listener.ts';
import { RawClient } from '../support/raw-client.ts';

const NOBODY: Seen = { accepted: 5, connections: 0, isWhole: true };

describe('how long nobody has been connected', () => {
  const before: Idle = { accepted: 5, sinceMs: 1_000 };
  const CASES: readonly (readonly [what: string, seen: Seen, forMs: number])[] = [
    ['since the last one left', NOBODY, 9_000],
    ['not while somebody is', { ...NOBODY, connections: 1 }, 0],
    ['not when somebody came and left meanwhile', { ...NOBODY, accepted: 6 }, 0],
    ['not while nobody serves', { ...NOBODY, isWhole: false }, 0],
    ['not when another worker counts, who began at 0', { ...NOBODY, accepted: 0 }, 0],
  ];
  for (const [what, seen, forMs] of CASES) {
    it(what, () => {
      const [after, idle] = idleFor(before, seen, 10_000);
      assert.equal(idle, forMs);
      assert.deepEqual(after, forMs > 0 ? before : { accepted: seen.accepted, sinceMs: 10_000 });
    });
  }
});

describe('idle_exit', { timeout: 120_000, concurrency: 2 }, () => {
  for (const way of ['worker_class = thread', 'worker_class = inline', 'dispatch = balanced']) {
    it(`ends the server when nobody has been connected for so long: ${way}`, async () => {
      const { server: listening, fd } = await listener({ port: 0, host: '127.0.0.1' });
      const { port } = listening.address() as AddressInfo;
      await using server = serveIni(['socket = fd:3', 'workers = 1', 'idle_exit = 2s', way], [], { descriptors: [fd] });
      // What is left is the child's, who so has a client from the start, however late this process hears that it serves.
      listening.close();
      await using client = await RawClient.connect(port);
      await client.send('GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n');
      assert.equal((await client.response())?.body, 'hello');
      await client.untilEnd();
      client.endSending();
      await server.command.says(/no connection has been open for \d s \(idle_exit\): stopping/);
      assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
    });
  }

  it('leaves the app the time to close, and SIGTERM does not cut it either', async () => {
    await using server = serveApp(CLOSES_IN_TIME, ['socket = 127.0.0.1:0', 'workers = 1', 'idle_exit = 1s']);
    await server.command.url();
    await server.command.says(/\(idle_exit\): stopping/);
    await server.command.says(/^closing$/m);
    server.command.signal('SIGTERM');
    await server.command.says(/SIGTERM: stopping/);
    write(server.folder, { go: '' });
    await server.command.says(/^closed$/m);
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
    assert.equal(server.command.stderr.match(/idle_exit/g)?.length, 1);
  });
});

/** Takes longer to close than the main thread takes to look again, and until a file stands beside it. */
const CLOSES_IN_TIME = `
import { existsSync } from 'node:fs';
import { setTimeout as later } from 'node:timers/promises';
export function makeApp() {
  const app = () => new Response('hello');
  app.close = async () => {
    console.error('closing');
    await later(2_500);
    while (!existsSync(new URL('go', import.meta.url))) await later(20);
    console.error('closed');
  };
  return app;
}
`;
