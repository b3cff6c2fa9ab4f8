// accounts.ts: what the kernel has counted for a process and its threads (proc(5)). Linux only, as all of bench.

import { readdirSync, readFileSync } from 'node:fs';

export interface ThreadAccount {
  readonly id: number;
  /** On a core. */
  readonly ranMs: number;
  /** Ready to run, while others had the cores. */
  readonly waitedMs: number;
}

/** Of each thread, by schedstat, which counts nanoseconds: a tick of `stat` is 10 ms. The first one is the main thread. */
export function threadsOf(pid: number): readonly ThreadAccount[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((id) => {
    const text = readOrNothing(`/proc/${pid}/task/${id}/schedstat`);
    if (text === undefined) return [];
    const [ranNs, waitedNs] = text.split(' ').map(Number) as [number, number];
    return [{ id: Number(id), ranMs: ranNs / 1e6, waitedMs: waitedNs / 1e6 }];
  });
}

/** What the threads have used since then, the busiest first. */
export function usedSince(before: readonly ThreadAccount[], after: readonly ThreadAccount[]): readonly ThreadAccount[] {
  const known = new Map(before.map((thread) => [thread.id, thread]));
  const used = after.map(({ id, ranMs, waitedMs }) => {
    const { ranMs: ran, waitedMs: waited } = known.get(id) ?? { ranMs: 0, waitedMs: 0 };
    return { id, ranMs: ranMs - ran, waitedMs: waitedMs - waited };
  });
  return used.toSorted((one, other) => other.ranMs - one.ranMs);
}

/** The process and all that it has started. */
export function processesOf(pid: number): readonly number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const children = tasks.flatMap((task) =>
    (readOrNothing(`/proc/${pid}/task/${task}/children`) ?? '').split(' ').filter(Boolean),
  );
  return [pid, ...children.flatMap((child) => processesOf(Number(child)))];
}

/** Memory that goes when the process goes: no page of it is shared with another one. */
export function privateBytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  const sizes = text.matchAll(/^Private_(?:Clean|Dirty): +([0-9]+) kB$/gm);
  return [...sizes].reduce((sum, [, kib]) => sum + Number(kib) * 1_024, 0);
}

/** Of a process and all that it has started. */
export function cpuUsOfAll(pid: number): number {
  return processesOf(pid).reduce((sum, one) => sum + cpuUsOf(one), 0);
}

/** User and system time of all threads of a process, in microseconds: ticks of 10 ms. */
function cpuUsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Behind the name in brackets, which may hold anything: utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** Resident memory; of pages that several processes share each has its part. */
export function proportionalBytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  return Number(/^Pss: +([0-9]+) kB$/m.exec(text)![1]) * 1_024;
}

/** How often the main thread has gone to sleep: each time it was woken before. */
export function timesAsleep(pid: number): number {
  const status = readFileSync(`/proc/${pid}/task/${pid}/status`, 'latin1');
  return Number(/^voluntary_ctxt_switches:\s+([0-9]+)$/m.exec(status)![1]);
}

/** A thread may end while it is looked for. */
function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
