// Which worker gets a connection, with real threads: how a thousand of them are spread, and that nobody waits for a worker that is
// blocked while another one is free.

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { oneOf } from '../support/attempts.ts';
import { get } from '../support/apps.ts';
import { connectTo } from '../support/command.ts';
import { serveIni, type Served } from '../support/fleet.ts';
import type { RawClient } from '../support/raw-client.ts';

const TIMEOUT = { timeout: 120_000 };
const CONNECTIONS = 1_000;
/** Held open at a time: a worker that is the first to wake could take them all. */
const AT_ONCE = 50;
const WHILE_BLOCKED = 100;
const WAIT_MAX_MS = 50;
/** Of a hundred: where others use the processors too, one may be late. */
const LATE_MAX = 5;
/** Before, with nobody blocked. A machine that is busy lets clients wait then as well. */
const WHILE_FREE = 50;
const BUSY_FACTOR = 3;
/** The scheduler may have been unfair for a while, and others may have come to the processors. */
const ATTEMPTS = 3;

interface Dispatch {
  readonly name: string;
  readonly lines: readonly string[];
  /** Of a thousand connections, the least that each of two workers has. */
  readonly shareMin: number;
}

const DISPATCHES: readonly Dispatch[] = [
  // The kernel wakes every thread that waits, and whoever comes first takes what is there: that is not even, only nobody's alone.
  { name: 'shared', lines: [], shareMin: 100 },
  { name: 'balanced', lines: ['dispatch = balanced'], shareMin: 400 },
];
const LISTENERS = [
  ['TCP', '127.0.0.1:0'],
  ['a unix socket', 'unix:%(here)s/app.sock'],
] as const;

function serve({ lines }: Dispatch, socket: string): Served {
  const all = [`socket = ${socket}`, 'workers = 2', 'max_reuse_count = unlimited', 'worker_timeout = 0', ...lines];
  return serveIni(all);
}

/** How long so many clients wait, one after the other, for a connection and an answer: the longest wait is the last. */
async function waitsOf(url: string, count: number, threads = new Set<string>()): Promise<readonly number[]> {
  const waitsMs: number[] = [];
  for (let made = 0; made < count; made += 1) {
    const sinceMs = performance.now();
    await using client = await connectTo(url);
    threads.add(await threadOf(client));
    waitsMs.push(performance.now() - sinceMs);
  }
  return waitsMs.toSorted((one, other) => one - other);
}

/** Which thread answers on a connection that is kept open. */
async function threadOf(client: RawClient): Promise<string> {
  await client.send(get('/thread'));
  return (await client.response())!.body;
}

async function closeAll(clients: readonly RawClient[]): Promise<void> {
  for (const client of clients) await client[Symbol.asyncDispose]();
}

/** How many of all connections each worker that has any has. */
async function sharesOf(url: string): Promise<readonly number[]> {
  const shares = new Map<string, number>();
  for (let made = 0; made < CONNECTIONS; made += AT_ONCE) {
    const clients = await Promise.all(Array.from({ length: AT_ONCE }, () => connectTo(url)));
    for (const thread of await Promise.all(clients.map(threadOf))) shares.set(thread, (shares.get(thread) ?? 0) + 1);
    await closeAll(clients);
  }
  return Array.from(shares.values());
}

async function servesWhileBlocked(dispatch: Dispatch, socket: string, test: TestContext): Promise<void> {
  await using server = serve(dispatch, socket);
  const url = await server.command.url();
  const quietMs = (await waitsOf(url, WHILE_FREE)).at(-1)!;
  await using blocking = await connectTo(url);
  await blocking.send(get('/spin'));
  await server.command.says(/^spinning$/m);
  const threads = new Set<string>();
  const waitsMs = await waitsOf(url, WHILE_BLOCKED, threads);
  test.diagnostic(`${waitsMs.at(-1)!.toFixed(1)} ms at most`);
  assert.equal(threads.size, 1);
  const late = waitsMs.filter((waitMs) => waitMs > Math.max(WAIT_MAX_MS, BUSY_FACTOR * quietMs));
  assert.ok(late.length <= LATE_MAX, `${late.join(' ms, ')} ms; with both workers free ${quietMs} ms`);
}

for (const dispatch of DISPATCHES) {
  for (const [what, socket] of LISTENERS) {
    describe(`dispatch = ${dispatch.name}, over ${what}`, TIMEOUT, () => {
      it(`spreads ${CONNECTIONS} connections over both workers`, async (test) => {
        await using server = serve(dispatch, socket);
        const url = await server.command.url();
        await oneOf(ATTEMPTS, async () => {
          const counts = await sharesOf(url);
          test.diagnostic(counts.join(' and '));
          assert.equal(counts.length, 2);
          assert.ok(Math.min(...counts) >= dispatch.shareMin, counts.join(' and '));
        });
      });

      it(`serves new connections within ${WAIT_MAX_MS} ms while one worker is blocked`, async (test) => {
        await oneOf(ATTEMPTS, () => servesWhileBlocked(dispatch, socket, test));
      });
    });
  }
}
