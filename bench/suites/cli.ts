// cli.ts: how long the command takes to say what needs no configuration: people ask for it, and shells and scripts do.

import { spawnSync } from 'node:child_process';
import type { Effort } from '../measure.ts';
import { APPSERVE } from '../site.ts';
import { renderLimit } from '../table.ts';

/** Said for a machine on which Node itself takes 40 ms. */
const LIMITS_MS = { '--version': 80, '--help': 120 } as const;
/** The shortest is taken: whatever else the machine does adds to the others. */
const TIMES_PER_ROUND = 5;

export function cli({ rounds }: Effort, print: (text: string) => void): readonly object[] {
  print('\nfrom exec to the end');
  const floors: number[] = [];
  const times = Object.fromEntries(Object.keys(LIMITS_MS).map((flag) => [flag, [] as number[]]));
  // The first time is for the page cache.
  for (let time = 0; time <= rounds * TIMES_PER_ROUND; time += 1) {
    const floorMs = tookMs(['-e', '0']);
    const found = Object.keys(LIMITS_MS).map((flag) => [flag, tookMs([APPSERVE, flag])] as const);
    if (time === 0) continue;
    floors.push(floorMs);
    for (const [flag, ms] of found) times[flag]!.push(ms);
  }
  const floorMs = Math.min(...floors);
  print(`  node with an empty script ends after ${floorMs.toFixed(0)} ms`);
  return Object.entries(LIMITS_MS).map(([flag, limitMs]) => {
    const wallMs = Math.min(...times[flag]!);
    print(renderLimit(`appserve ${flag}`, wallMs, limitMs, 'ms'));
    return { title: `appserve ${flag}`, wallMs, limitMs, floorMs };
  });
}

function tookMs(args: readonly string[]): number {
  const sinceMs = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`);
  return performance.now() - sinceMs;
}
