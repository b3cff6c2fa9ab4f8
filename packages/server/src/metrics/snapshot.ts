// metrics/snapshot.ts: the server at one moment: all that metrics, the status page and the control socket tell is made of it.
//
// Law: no worker is asked. What is read is the scoreboard and what the supervisor knows: a worker that hangs is told of like the others.

import { basename } from 'node:path';
import type { FleetPhase } from '../workers/fleet.ts';
import { slowestOf, SLOW_MAX, type SlowRequest } from '../workers/slow-requests.ts';
import type { WorkerStats } from '../workers/stats.ts';
import type { Supervisor } from '../workers/supervisor.ts';
import type { Tally } from '../workers/tally.ts';
import { addTotals, totalsOf, type Totals } from '../workers/totals.ts';
import { VERSION } from '../version.ts';

export interface Snapshot {
  readonly version: string;
  readonly node: string;
  readonly pid: number;
  /** The name of the ini or of the script, without its folder. */
  readonly title: string;
  readonly urls: readonly string[];
  readonly phase: FleetPhase;
  readonly isReady: boolean;
  /** How many workers there shall be. */
  readonly size: number;
  readonly workers: readonly WorkerStats[];
  /** Of those that live, and of those that are gone. */
  readonly totals: Totals;
  /** The slowest of the last minutes, slowest first; on `performance.now()`. */
  readonly slow: readonly SlowRequest[];
  readonly tally: Tally;
  /** Of the process: its beginning since 1970, and what it uses. Workers that are processes are not in it. */
  readonly startedEpochMs: number;
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** When this was so, on `performance.now()`. */
  readonly nowMs: number;
}

/** What a snapshot is taken of. */
export interface Sight {
  readonly supervisor: Pick<Supervisor, 'phase' | 'isReady' | 'size' | 'stats' | 'retired' | 'tally'>;
  readonly title: string;
  readonly urls: readonly string[];
}

export function takeSnapshot({ supervisor, title, urls }: Sight): Snapshot {
  const { stats, retired, tally } = supervisor;
  const readings = stats.flatMap((worker) => worker.readings ?? []);
  const nowMs = performance.now();
  const { user, system } = process.cpuUsage();
  return {
    version: VERSION,
    node: process.version,
    pid: process.pid,
    title: basename(title),
    urls,
    phase: supervisor.phase,
    isReady: supervisor.isReady,
    size: supervisor.size,
    workers: stats,
    totals: readings.map(totalsOf).reduce(addTotals, retired.retired),
    slow: slowestOf([...retired.slowOfRetired, ...readings.flatMap(({ slow }) => slow)], nowMs, 2 * SLOW_MAX),
    tally,
    startedEpochMs: performance.timeOrigin,
    cpuMs: (user + system) / 1_000,
    rssBytes: residentBytes(),
    nowMs,
  };
}

let lastResidentBytes = 0;

/** Of the process. It is read from a file, for which there may be no descriptor: then it is as it was. */
function residentBytes(): number {
  try {
    lastResidentBytes = process.memoryUsage.rss();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
  return lastResidentBytes;
}

/** Sums of what is so at this moment. */
export interface Present {
  readonly inFlight: number;
  readonly queued: number;
  readonly active: number;
  readonly idle: number;
  readonly upgraded: number;
  /** Of the worker that is worst off. */
  readonly lagMs: number;
}

export function presentOf(workers: readonly WorkerStats[]): Present {
  const readings = workers.flatMap((worker) => worker.readings ?? []);
  const sum = (value: (one: (typeof readings)[number]) => number): number =>
    readings.reduce((total, one) => total + value(one), 0);
  const active = sum(({ busy }) => busy);
  const upgraded = sum((one) => one.handedOver - one.handedOverClosed);
  return {
    inFlight: sum(({ callsUnderWay }) => callsUnderWay),
    queued: sum(({ queued }) => queued),
    active,
    // Read while they change, these may be of two moments.
    idle: Math.max(0, sum(({ connections }) => connections) - active - upgraded),
    upgraded,
    lagMs: Math.max(0, ...readings.map(({ lagMs }) => lagMs)),
  };
}
