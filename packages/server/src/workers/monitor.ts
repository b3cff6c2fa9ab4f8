// workers/monitor.ts: looks at the scoreboard now and then, and tells of workers that hang or have served their time.
//
// Law: no look where no limit is set, and none more often than a worker's heart beats.

import inspector from 'node:inspector';
import type { Member } from './fleet.ts';
import type { Hand } from './hand.ts';
import { describeHang } from './hang.ts';
import { findHung, lookEveryMs, newWatch, type Hung } from './heartbeat.ts';
import { idleFor, type Idle } from './idle.ts';
import { jitterOf, shouldRecycle, triedAgain, type Tried } from './recycle.ts';
import type { Readings, Row } from './scoreboard.ts';
import { stackOf, type StackOf } from './stack-of.ts';
import type { ServerSettings } from '../settings.ts';

/** A worker that is ready. */
export interface Watched {
  readonly id: number;
  readonly name: string;
  /** Nothing where it is no thread. */
  readonly threadId: number | undefined;
  readonly row: Row;
  readonly readySinceMs: number;
  /** It serves, and nobody is on the way to take its place. */
  readonly mayRecycle: boolean;
}

export interface MonitorEvents {
  watched(): readonly Watched[];
  recycle(id: number, why: string): void;
  /** Nobody has been connected for so long. Once. */
  idle(forMs: number): void;
  /** `message`: which request it hangs in, and where. */
  hung(id: number, message: string): void;
}

export type Limits = Pick<
  ServerSettings,
  'workerTimeoutMs' | 'maxRequests' | 'maxRequestsJitter' | 'maxWorkerMemoryBytes' | 'maxWorkerLifetimeMs' | 'idleExitMs'
>;

/** A worker whose stack cannot be had in that time is ended without it. */
const STACK_LIMIT_MS = 2_000;

const OF_A_PROCESS: StackOf = { type: 'unknown', why: 'only threads can be looked into (worker_class = thread)' };

export class Monitor {
  readonly #limits: Limits;
  readonly #events: MonitorEvents;
  readonly #timer: NodeJS.Timeout | undefined;
  #watch = newWatch(performance.now());
  /** By the worker that goes on until its heir has come up. */
  #tried: ReadonlyMap<number, Tried> = new Map();
  #isIdleTold = false;
  #idle: Idle = { accepted: 0, sinceMs: performance.now() };

  constructor(limits: Limits, events: MonitorEvents) {
    this.#limits = limits;
    this.#events = events;
    if (hasLimits(limits)) this.#timer = setInterval(() => this.#look(), lookEveryMs(limits.workerTimeoutMs)).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const watched = this.#events.watched();
    const pulses = watched.map(({ id, row }) => ({ id, beats: row.read().beats }));
    const nowMs = performance.now();
    const [watch, hung] = findHung(this.#watch, pulses, this.#limits.workerTimeoutMs, nowMs);
    this.#watch = watch;
    // Somebody who looks at it with a debugger has stopped it.
    if (inspector.url() === undefined)
      for (const one of hung)
        void this.#tell(
          one,
          watched.find(({ id }) => id === one.id)!,
        );
    this.#recycle(watched, nowMs);
    this.#lookIdle(watched, nowMs);
  }

  #lookIdle(watched: readonly Watched[], nowMs: number): void {
    const { idleExitMs } = this.#limits;
    if (idleExitMs === 0 || this.#isIdleTold) return;
    const readings = watched.map(({ row }) => row.read());
    const [idle, forMs] = idleFor(
      this.#idle,
      { accepted: sum(readings, 'accepted'), connections: sum(readings, 'connections'), isWhole: watched.length > 0 },
      nowMs,
    );
    this.#idle = idle;
    if (forMs < idleExitMs) return;
    this.#isIdleTold = true;
    this.#events.idle(forMs);
  }

  async #tell(hung: Hung, { id, name, threadId, row }: Watched): Promise<void> {
    const readings = row.read();
    const stack = threadId === undefined ? OF_A_PROCESS : await stackOf(threadId, STACK_LIMIT_MS);
    this.#events.hung(id, describeHang(name, hung, readings, stack, performance.now()));
  }

  /** One after the other: those that were born together have often served as long. */
  #recycle(watched: readonly Watched[], nowMs: number): void {
    if (watched.some(({ mayRecycle }) => !mayRecycle)) return;
    for (const { id, name, row, readySinceMs } of watched) {
      const tried = this.#tried.get(id) ?? { times: 0, againMs: nowMs };
      if (nowMs < tried.againMs) continue;
      const why = shouldRecycle({ name, readySinceMs, readings: row.read() }, this.#limits, jitterOf(id, this.#limits), nowMs);
      if (why === undefined) continue;
      const known = [...this.#tried].filter(([one]) => watched.some((other) => other.id === one));
      this.#tried = new Map([...known, [id, triedAgain(tried, nowMs)]]);
      this.#events.recycle(id, why);
      return;
    }
  }
}

function sum(readings: readonly Readings[], column: 'accepted' | 'connections'): number {
  return readings.reduce((total, row) => total + row[column], 0);
}

const LIMITS = ['workerTimeoutMs', 'maxRequests', 'maxWorkerMemoryBytes', 'maxWorkerLifetimeMs', 'idleExitMs'] as const;

function hasLimits(limits: Limits): boolean {
  return LIMITS.some((key) => limits[key] > 0);
}

/** What can be watched of a fleet. `handOf`: a worker as it really is. */
export function watchedOf(members: readonly Member[], handOf: (id: number) => Hand | undefined): Watched[] {
  const isReplaced = new Set(members.map(({ replaces }) => replaces));
  return members.flatMap(({ id, slot, state, readySinceMs, replaces }) => {
    const hand = handOf(id);
    if (hand?.row === undefined || state === 'starting') return [];
    const mayRecycle = state === 'serving' && !isReplaced.has(id) && (replaces === undefined || handOf(replaces) === undefined);
    return [{ id, name: `worker-${slot}`, threadId: hand.threadId, row: hand.row, readySinceMs, mayRecycle }];
  });
}
