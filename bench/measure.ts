// measure.ts: CPU time per request of several servers, in interleaved rounds, as medians and ratios.
//
// Wall clock says how busy the machine is; CPU time says what a request costs. Rounds are interleaved, so that a slow minute hits
// all alike, and the first one is for the compilers and not counted.

import { Contestant } from './contestant.ts';
import { runLoad, type Load } from './load.ts';

export interface Row {
  readonly name: string;
  /** Median, and the spread of the rounds. */
  readonly cpuUsPerRequest: number;
  readonly lowest: number;
  readonly highest: number;
  /** Of the medians: this server over the baseline. */
  readonly ratio: number;
  readonly requests: number;
}

export interface Plan {
  readonly servers: readonly string[];
  /** The server that the others are compared with. */
  readonly baseline: string;
  readonly rounds: number;
  readonly load: Load;
}

export async function measure({ servers, baseline, rounds, load }: Plan): Promise<Row[]> {
  const contestants: Contestant[] = [];
  const costs = new Map<string, number[]>();
  let requests = 0;
  try {
    for (const name of servers) contestants.push(await Contestant.start(name));
    for (let round = 0; round <= rounds; round += 1) {
      for (const contestant of contestants) {
        const { costUs, count } = await costOf(contestant, load);
        requests += count;
        if (round > 0) costs.set(contestant.name, [...(costs.get(contestant.name) ?? []), costUs]);
      }
    }
  } finally {
    for (const contestant of contestants) await contestant[Symbol.asyncDispose]();
  }
  const base = median(costs.get(baseline)!);
  return servers.map((name) => {
    const all = costs.get(name)!;
    return {
      name,
      cpuUsPerRequest: median(all),
      lowest: Math.min(...all),
      highest: Math.max(...all),
      ratio: median(all) / base,
      requests,
    };
  });
}

async function costOf(contestant: Contestant, load: Load): Promise<{ costUs: number; count: number }> {
  const before = contestant.cpuUs();
  const { requests, errors } = await runLoad(contestant.port, load);
  const usedUs = contestant.cpuUs() - before;
  if (errors > 0 || requests === 0)
    throw new Error(`${contestant.name}: ${requests} requests, ${errors} errors: nothing that can be compared`);
  return { costUs: usedUs / requests, count: requests };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
