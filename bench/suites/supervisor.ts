// supervisor.ts: what the main thread does while nothing happens: it should sleep.

import { setTimeout as later } from 'node:timers/promises';
import { threadsOf, timesAsleep } from '../accounts.ts';
import type { Effort } from '../measure.ts';
import { Site, type ServerLines } from '../site.ts';
import { renderLimit } from '../table.ts';

/** Nothing looks more often than once a second; one more may fall into the time by chance. */
const WAKES_PER_SECOND_MAX = 1.5;
const CPU_MS_PER_SECOND_MAX = 1;
const SETTLED_MS = 1_000;
/** Of a round of others: what happens once a second is to be seen more than once. */
const ROUNDS = 2;

const SITES: readonly (readonly [name: string, lines: ServerLines])[] = [
  ['defaults', { workers: 2 }],
  ['worker_timeout = 30', { workers: 2, worker_timeout: 30 }],
  ['dispatch = balanced', { workers: 2, dispatch: 'balanced' }],
];

export async function supervisor({ seconds }: Effort, print: (text: string) => void): Promise<readonly object[]> {
  const watchedMs = seconds * ROUNDS * 1_000;
  print(`\nthe main thread while nothing is asked, over ${watchedMs / 1_000} s`);
  const results: object[] = [];
  for (const [name, lines] of SITES) {
    await using site = await Site.start(lines);
    await later(SETTLED_MS);
    const before = { asleep: timesAsleep(site.pid), ranMs: threadsOf(site.pid)[0]!.ranMs };
    await later(watchedMs);
    const wakesPerSecond = ((timesAsleep(site.pid) - before.asleep) * 1_000) / watchedMs;
    const cpuMsPerSecond = ((threadsOf(site.pid)[0]!.ranMs - before.ranMs) * 1_000) / watchedMs;
    print(` ${name}`);
    print(renderLimit('is woken', wakesPerSecond, WAKES_PER_SECOND_MAX, 'times a second'));
    print(renderLimit('uses', cpuMsPerSecond, CPU_MS_PER_SECOND_MAX, 'ms of CPU a second'));
    results.push({ title: `idle main thread, ${name}`, wakesPerSecond, cpuMsPerSecond });
  }
  return results;
}
