// speedup.ts: what a second worker brings to an app that computes.

import { availableParallelism } from 'node:os';
import { threadsOf, usedSince } from '../accounts.ts';
import { runLoad } from '../load.ts';
import { median, type Effort } from '../measure.ts';
import { Site } from '../site.ts';
import { renderLeast } from '../table.ts';

const SPEEDUP_MIN = 1.8;
const CONNECTIONS = 16;

interface Round {
  readonly perSecond: number;
  /** Of the whole process, helpers of V8 included. */
  readonly cpuMsPerRequest: number;
  /** Workers that ran or were ready to, on average. */
  readonly parallel: number;
}

export async function speedup({ rounds, seconds }: Effort, print: (text: string) => void): Promise<readonly object[]> {
  print(`\na second worker, for an app that computes (${CONNECTIONS} connections, keep-alive)`);
  await using one = await Site.start({ workers: 1, max_reuse_count: 'unlimited' });
  await using two = await Site.start({ workers: 2, max_reuse_count: 'unlimited' });
  const ofOne: Round[] = [];
  const ofTwo: Round[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const [alone, both] = [await runRound(one, 1, seconds), await runRound(two, 2, seconds)];
    // The first round is for the compilers.
    if (round > 0) {
      ofOne.push(alone);
      ofTwo.push(both);
    }
  }
  const [alone, both] = [middle(ofOne), middle(ofTwo)];
  for (const [workers, { perSecond, cpuMsPerRequest, parallel }] of [[1, alone] as const, [2, both] as const]) {
    const label = `${workers} ${workers === 1 ? 'worker' : 'workers'}`;
    print(
      `  ${label.padEnd(10)}${cpuMsPerRequest.toFixed(2).padStart(7)} ms of CPU a request, ${parallel.toFixed(2)} at once, ${Math.round(perSecond)} requests/s`,
    );
  }
  const accounted = both.parallel / both.cpuMsPerRequest / (alone.parallel / alone.cpuMsPerRequest);
  const seen = both.perSecond / alone.perSecond;
  print(renderLeast('requests per second, had the cores been free', accounted, SPEEDUP_MIN, 'x'));
  print(`  as seen by the client, on ${availableParallelism()} cores that it shares: ${seen.toFixed(2)}x`);
  return [{ title: 'speedup', one: alone, two: both, accounted, seen }];
}

async function runRound({ pid, port }: Site, workers: number, seconds: number): Promise<Round> {
  const before = threadsOf(pid);
  const sinceMs = performance.now();
  const requests = await runLoad(port, { connections: CONNECTIONS, seconds, path: '/work' });
  const wallMs = performance.now() - sinceMs;
  const used = usedSince(before, threadsOf(pid));
  const busiest = used.slice(0, workers);
  return {
    perSecond: (requests * 1_000) / wallMs,
    cpuMsPerRequest: used.reduce((sum, { ranMs }) => sum + ranMs, 0) / requests,
    parallel: busiest.reduce((sum, { ranMs, waitedMs }) => sum + ranMs + waitedMs, 0) / wallMs,
  };
}

function middle(rounds: readonly Round[]): Round {
  return {
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    cpuMsPerRequest: median(rounds.map(({ cpuMsPerRequest }) => cpuMsPerRequest)),
    parallel: median(rounds.map(({ parallel }) => parallel)),
  };
}
