// workers/recycle.ts: when a worker that serves well is replaced all the same: apps leak, and their operators set a limit. A machine.

import type { ServerSettings } from '../settings.ts';
import type { Readings } from './scoreboard.ts';

export type RecycleSettings = Pick<
  ServerSettings,
  'maxRequests' | 'maxRequestsJitter' | 'maxWorkerLifetimeMs' | 'maxWorkerMemoryBytes'
>;

export interface Served {
  readonly name: string;
  /** On the supervisor's clock. */
  readonly readySinceMs: number;
  readonly readings: Pick<Readings, 'answered' | 'heapBytes' | 'externalBytes'>;
}

/**
 * A limit on memory that the app reaches by being loaded would recycle without end: it counts for workers that are older than
 * this, so that it costs a start now and then and not all the time.
 */
const MEMORY_AFTER_MS = 10_000;

/** Why this worker should be replaced, as a sentence; `undefined`: it should not. `jitter`: what `jitterOf` gave for it. */
export function shouldRecycle(
  { name, readySinceMs, readings }: Served,
  settings: RecycleSettings,
  jitter: number,
  nowMs: number,
): string | undefined {
  const { maxRequests, maxWorkerMemoryBytes, maxWorkerLifetimeMs } = settings;
  const ageMs = nowMs - readySinceMs;
  const { answered, heapBytes, externalBytes } = readings;
  if (maxRequests > 0 && answered >= maxRequests + jitter) {
    return `${name} has answered ${grouped(answered)} requests (${jitter === 0 ? 'max_requests' : 'max_requests and its jitter'})`;
  }
  const memoryBytes = heapBytes + externalBytes;
  if (maxWorkerMemoryBytes > 0 && memoryBytes > maxWorkerMemoryBytes && ageMs >= MEMORY_AFTER_MS) {
    return `${name} holds ${mebibytes(memoryBytes)} (max_worker_memory is ${mebibytes(maxWorkerMemoryBytes)})`;
  }
  if (maxWorkerLifetimeMs > 0 && ageMs >= maxWorkerLifetimeMs) {
    return `${name} has served for ${grouped(Math.floor(ageMs / 1_000))} s (max_worker_lifetime)`;
  }
  return undefined;
}

/** The fractional part of the golden ratio: its multiples lie as far apart as they can (Knuth, TAOCP 3, §6.4). */
const GOLDEN = 0.618_033_988_749_894_9;

/**
 * How many requests more a worker may answer: 0 to `maxRequestsJitter`. The same for the same life whenever it is asked, and far apart
 * for lives that begin one after the other, so that a fleet is not replaced all at once.
 */
export function jitterOf(id: number, { maxRequestsJitter }: Pick<RecycleSettings, 'maxRequestsJitter'>): number {
  return Math.floor(((id * GOLDEN) % 1) * (maxRequestsJitter + 1));
}

/** Before the same worker is tried to be replaced again: an heir that could not load the app may still not be able to. */
const TRY_AGAIN_FIRST_MS = 2_000;
const TRY_AGAIN_MAX_MS = 60_000;

/** How often it was tried to replace a worker, and when it is next. */
export interface Tried {
  readonly times: number;
  /** On the supervisor's clock. */
  readonly againMs: number;
}

/** Tried now, once more: each wait is twice the one before. */
export function triedAgain({ times }: Pick<Tried, 'times'>, nowMs: number): Tried {
  return { times: times + 1, againMs: nowMs + Math.min(TRY_AGAIN_FIRST_MS * 2 ** times, TRY_AGAIN_MAX_MS) };
}

function grouped(count: number): string {
  return count.toLocaleString('en');
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
