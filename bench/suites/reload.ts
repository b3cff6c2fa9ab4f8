// reload.ts: what clients feel of a reload.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as later } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { median, type Effort } from '../measure.ts';
import { Site } from '../site.ts';
import { renderLimit } from '../table.ts';

const SLOWER_MAX = 5;
const SLOW_MS_MAX = 2_000;
const CONNECTIONS = 16;
const PER_SECOND = 400;
/** How many times as long as before the reload it is watched after it. */
const AFTER = 2;
/** Slower than that before the reload: the machine is too busy to say what the reload has changed. */
const QUIET_MS_MAX = 50;
/** In one there are enough requests for a slowest hundredth. */
const WINDOW_MS = 250;
const ROUNDS_MAX = 3;
const CLIENT = fileURLToPath(new URL('../load/steady.js', import.meta.url));

const RELOADED_WITHIN_MS = 60_000;

/** A request: when it was due by the clock, how long its answer took, and whether there was one. */
export type Asked = readonly [dueMs: number, tookMs: number, isAnswered: boolean];

export interface Felt {
  readonly requests: number;
  readonly errors: number;
  readonly quietMs: number;
  /** The slowest hundredth of the worst window after the reload. */
  readonly worstMs: number;
  /** Windows after the reload whose slowest hundredth took more than five times as long as before, together. */
  readonly slowForMs: number;
}

export async function reload({ rounds, seconds }: Effort, print: (text: string) => void): Promise<readonly object[]> {
  print(`\na reload under load: 2 workers, ${PER_SECOND} requests/s on ${CONNECTIONS} connections`);
  const results: object[] = [];
  for (const how of ['keeps', 'closes'] as const) {
    const all: Felt[] = [];
    for (let round = 0; round < Math.min(rounds, ROUNDS_MAX); round += 1) all.push(await feltBy(how, seconds));
    const errors = all.reduce((sum, one) => sum + one.errors, 0);
    const requests = all.reduce((sum, one) => sum + one.requests, 0);
    const [quietMs, worstMs, slowForMs] = (['quietMs', 'worstMs', 'slowForMs'] as const).map((key) =>
      median(all.map((one) => one[key])),
    ) as [number, number, number];
    print(how === 'keeps' ? ' keep-alive' : ' a connection for each request');
    print(
      `  ${errors} errors among ${requests.toLocaleString('en')} requests; the bar is 0: ${errors === 0 ? 'met' : 'NOT MET'}`,
    );
    print(`  p99 ${quietMs.toFixed(1)} ms before, ${worstMs.toFixed(1)} ms in the worst ${WINDOW_MS} ms after`);
    if (quietMs <= QUIET_MS_MAX) print(renderLimit(`p99 is more than ${SLOWER_MAX}x for`, slowForMs, SLOW_MS_MAX, 'ms'));
    else print('  the machine is too busy to say how much slower that is');
    results.push({ title: `reload, ${how}`, requests, errors, quietMs, worstMs, slowForMs });
  }
  return results;
}

async function feltBy(how: 'keeps' | 'closes', seconds: number): Promise<Felt> {
  await using site = await Site.start({ workers: 2, max_reuse_count: how === 'keeps' ? 'unlimited' : 0 });
  const numbers = [site.port, CONNECTIONS, PER_SECOND, seconds * (1 + AFTER)].map(String);
  const client = spawn(process.execPath, [CLIENT, ...numbers, how], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const lines = createInterface(client.stdout)[Symbol.asyncIterator]();
    await lines.next();
    await later(seconds * 1_000);
    const reloadedMs = Date.now();
    site.reload();
    const { value } = (await lines.next()) as { readonly value: string };
    // On a busy machine the new workers may come after the last request: then the old ones are all that clients felt.
    while ((await site.bornMs()) < reloadedMs) {
      if (Date.now() - reloadedMs > RELOADED_WITHIN_MS)
        throw new Error('the workers are still the old ones: nothing was reloaded');
      await later(100);
    }
    return feltOf(JSON.parse(value) as Asked[], reloadedMs);
  } finally {
    if (client.exitCode === null) {
      client.kill('SIGKILL');
      await once(client, 'exit');
    }
  }
}

/** Those of before the reload are what the others are measured by, but for the first tenth: connecting and compiling. */
export function feltOf(asked: readonly Asked[], reloadedMs: number): Felt {
  const before = asked.filter(([dueMs]) => dueMs < reloadedMs).toSorted(([one], [other]) => one - other);
  const quietMs = p99(before.slice(Math.floor(before.length / 10)));
  const windows = new Map<number, Asked[]>();
  for (const one of asked) {
    const nth = Math.floor((one[0] - reloadedMs) / WINDOW_MS);
    if (nth >= 0) windows.set(nth, [...(windows.get(nth) ?? []), one]);
  }
  const slowest = [...windows.values()].map(p99);
  return {
    requests: asked.length,
    errors: asked.filter(([, , isAnswered]) => !isAnswered).length,
    quietMs,
    worstMs: Math.max(...slowest),
    slowForMs: slowest.filter((ms) => ms > SLOWER_MAX * quietMs).length * WINDOW_MS,
  };
}

function p99(asked: readonly Asked[]): number {
  const times = asked.map(([, tookMs]) => tookMs).toSorted((one, other) => one - other);
  return times[Math.floor(times.length * 0.99)]!;
}
