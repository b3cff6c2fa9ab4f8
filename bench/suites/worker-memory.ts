// worker-memory.ts: the private memory of one more idle worker.

import { setTimeout as later } from 'node:timers/promises';
import { privateBytes, processesOf } from '../accounts.ts';
import { median, type Effort } from '../measure.ts';
import { Site } from '../site.ts';
import { renderLimit } from '../table.ts';

const MIB = 1_024 ** 2;
const THREAD_MIB_MAX = 12;
const FEW = 1;
const MANY = 5;
/** After its start: V8 gives back what loading has left. */
const SETTLED_MS = 1_000;
const ROUNDS_MAX = 3;

export async function workerMemory({ rounds }: Effort, print: (text: string) => void): Promise<readonly object[]> {
  print(`\nprivate memory of one more idle worker (${MANY} workers less ${FEW}, by ${MANY - FEW})`);
  const times = Math.min(rounds, ROUNDS_MAX);
  const thread = await memoryOfOne('thread', times);
  const process = await memoryOfOne('process', times);
  print(renderLimit('thread', thread / MIB, THREAD_MIB_MAX, 'MiB'));
  print(`  process ${(process / MIB).toFixed(1)} MiB`);
  return [{ title: 'private memory of a worker', threadBytes: thread, processBytes: process }];
}

async function memoryOfOne(workerClass: string, times: number): Promise<number> {
  const differences: number[] = [];
  for (let round = 0; round < times; round += 1) {
    const few = await memoryOf(workerClass, FEW);
    const many = await memoryOf(workerClass, MANY);
    differences.push((many - few) / (MANY - FEW));
  }
  return median(differences);
}

async function memoryOf(workerClass: string, workers: number): Promise<number> {
  await using site = await Site.start({ workers, worker_class: workerClass });
  await later(SETTLED_MS);
  return processesOf(site.pid).reduce((sum, pid) => sum + privateBytes(pid), 0);
}
