// metrics/report.ts: how the server goes, for people: what the status page, `appserve status` and `appserve top` show.
//
// Law: no query of a request, which may hold a secret; no folder of this machine.

import type { History, Point, Rates } from './history.ts';
import { LOOK_EVERY_MS } from './history.ts';
import { presentOf, type Present, type Snapshot } from './snapshot.ts';
import type { RequestUnderWay } from '../workers/scoreboard.ts';
import type { WorkerStats } from '../workers/stats.ts';
import type { Tally } from '../workers/tally.ts';

/** Another number when a field changes its meaning or goes away; new ones may come. */
export const REPORT_VERSION = 1;

export interface Report {
  readonly version: typeof REPORT_VERSION;
  readonly server: {
    readonly title: string;
    readonly version: string;
    readonly node: string;
    readonly pid: number;
    readonly urls: readonly string[];
    readonly phase: Snapshot['phase'];
    readonly isReady: boolean;
    readonly upMs: number;
    readonly workersWanted: number;
    readonly rssBytes: number;
  };
  /** Of the last ten seconds; left out before there are any. */
  readonly rates?: Jsonable<Rates>;
  readonly present: Present;
  readonly totals: {
    readonly answers: Readonly<Record<'2xx' | '3xx' | '4xx' | '5xx', number>>;
    readonly accepted: number;
    readonly receivedBytes: number;
    readonly sentBytes: number;
    readonly starts: Tally['starts'];
    readonly reloads: Tally['reloads'];
  };
  readonly workers: readonly WorkerReport[];
  readonly slow: readonly SlowReport[];
  /** Oldest first, one value a second; `null` where nothing ended. */
  readonly history: {
    readonly everyMs: number;
    readonly requestsPerS: readonly number[];
    readonly failuresPerS: readonly number[];
    readonly p50Ms: readonly (number | null)[];
    readonly p99Ms: readonly (number | null)[];
    readonly queued: readonly number[];
    readonly inFlight: readonly number[];
  };
}

export interface WorkerReport {
  readonly name: string;
  readonly state: WorkerStats['state'];
  readonly generation: number;
  /** Left out of one that nobody watches: it is one too many. */
  readonly connections?: number;
  readonly inFlight?: number;
  readonly queued?: number;
  readonly answered?: number;
  readonly heapBytes?: number;
  readonly externalBytes?: number;
  readonly lagMs?: number;
  /** What its app does at this moment, and for how long; left out when it has returned. */
  readonly call?: { readonly request: string; readonly forMs: number };
}

export interface SlowReport {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly tookMs: number;
  readonly waitedMs: number;
  readonly agoMs: number;
}

/** As JSON can say it. */
type Jsonable<T> = { readonly [K in keyof T]: undefined extends T[K] ? Exclude<T[K], undefined> | null : T[K] };

export function reportOf(now: Snapshot, history: History): Report {
  const { totals, tally } = now;
  const rates = history.ratesUntil(now);
  return {
    version: REPORT_VERSION,
    server: {
      title: now.title,
      version: now.version,
      node: now.node,
      pid: now.pid,
      urls: now.urls,
      phase: now.phase,
      isReady: now.isReady,
      upMs: now.nowMs,
      workersWanted: now.size,
      rssBytes: now.rssBytes,
    },
    ...(rates !== undefined && { rates: jsonable(rates) }),
    present: presentOf(now.workers),
    totals: {
      answers: { '2xx': totals.answers2xx, '3xx': totals.answers3xx, '4xx': totals.answers4xx, '5xx': totals.answers5xx },
      accepted: totals.accepted,
      receivedBytes: totals.receivedBytes,
      sentBytes: totals.sentBytes,
      starts: tally.starts,
      reloads: tally.reloads,
    },
    workers: now.workers.map((worker) => workerReport(worker, now.nowMs)),
    slow: now.slow.map(({ endedMs, ...request }) => ({ ...request, agoMs: now.nowMs - endedMs })),
    history: historyOf(history.points),
  };
}

function jsonable(rates: Rates): Jsonable<Rates> {
  const { p50Ms = null, p95Ms = null, p99Ms = null, waitP99Ms = null } = rates;
  return { ...rates, p50Ms, p95Ms, p99Ms, waitP99Ms };
}

function workerReport({ name, state, generation, readings }: WorkerStats, nowMs: number): WorkerReport {
  if (readings === undefined) return { name, state, generation };
  const { connections, callsUnderWay, queued, answered, heapBytes, externalBytes, lagMs, call } = readings;
  const known = {
    name,
    state,
    generation,
    connections,
    inFlight: callsUnderWay,
    queued,
    answered,
    heapBytes,
    externalBytes,
    lagMs,
  };
  return call === undefined ? known : { ...known, call: callReport(call, nowMs) };
}

function callReport({ request, sinceMs }: RequestUnderWay, nowMs: number): { request: string; forMs: number } {
  const query = request.indexOf('?');
  return { request: query === -1 ? request : request.slice(0, query), forMs: Math.max(0, nowMs - sinceMs) };
}

function historyOf(points: readonly Point[]): Report['history'] {
  const column = <T>(value: (point: Point) => T): T[] => points.map(value);
  return {
    everyMs: LOOK_EVERY_MS,
    requestsPerS: column(({ requestsPerS }) => rounded(requestsPerS)),
    failuresPerS: column(({ failuresPerS }) => rounded(failuresPerS)),
    p50Ms: column(({ p50Ms }) => (p50Ms === undefined ? null : rounded(p50Ms))),
    p99Ms: column(({ p99Ms }) => (p99Ms === undefined ? null : rounded(p99Ms))),
    queued: column(({ queued }) => queued),
    inFlight: column(({ inFlight }) => inFlight),
  };
}

/** So that hundreds of them stay small. */
function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
