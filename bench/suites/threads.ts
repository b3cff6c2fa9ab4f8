// threads.ts: workers: what the second one brings, what each holds, how soon they answer, what a reload and an idle server cost.
//
// How it is measured on a machine whose cores the load needs too. Wall clock would say how much of the machine was left to the
// server; so where a figure is to be the server's own, it is made of what the kernel has counted for its threads (schedstat): how
// long each ran, and how long it was ready to run while others had the cores. A request's cost is what all threads of the server
// ran for it; how many workers were at work at once is what they ran and waited for a core, over the wall clock. Cores that nobody
// else wanted would have given the second divided by the first, in requests a second. The client's cost is in neither. Requests of
// the app that computes take milliseconds, so that the client, which costs microseconds, has next to no part in it anyway; what it
// saw is printed beside. Should two workers be in each other's way, by a lock, by the collector of garbage, or by a cache, a request
// costs more, and that is counted.
//
// A start is measured by the wall clock, since that is what an operator waits for, beside a Node that does nothing, and with the
// CPU time of the two threads that it waits for. Where other programs are busy, the times of start and reload are theirs as well:
// the load of the machine is printed before and after.

import { cpus, loadavg } from 'node:os';
import type { Effort } from '../measure.ts';
import { dispatch } from './dispatch.ts';
import { reload } from './reload.ts';
import { speedup } from './speedup.ts';
import { start } from './start.ts';
import { supervisor } from './supervisor.ts';
import { workerMemory } from './worker-memory.ts';

const PARTS = [start, speedup, workerMemory, reload, supervisor, dispatch];

export async function threads(effort: Effort, print: (text: string) => void): Promise<readonly object[]> {
  print(`\n${machineLoad()}`);
  const results: object[] = [];
  for (const part of PARTS) results.push(...(await part(effort, print)));
  print(`\n${machineLoad()}`);
  return results;
}

function machineLoad(): string {
  const [minute] = loadavg() as [number, number, number];
  const cores = cpus().length;
  const busy = minute > cores / 2 ? ': others use this machine; times by the wall clock are longer than they need be' : '';
  return `load average ${minute.toFixed(1)} on ${cores} cores${busy}`;
}
