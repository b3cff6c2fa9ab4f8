// workers/fleet-log.ts: what an operator reads of workers that do not do as they should: that they take long to load, and that they have
// ended.
//
// Law: what was asked for is no news, nor is what somebody else tells: while the fleet starts, who awaits that does.

import { Fault } from '@appserve/core';
import { describeError, type Logger } from '../log.ts';
import type { LivingFleet } from './living-fleet.ts';

/** How often it is told that workers are still loading. */
const TELL_MS = 10_000;

export class FleetLog {
  readonly #log: Logger;
  readonly #fleet: LivingFleet;

  constructor(log: Logger, fleet: LivingFleet) {
    this.#log = log;
    this.#fleet = fleet;
  }

  /** An app that takes its time, or never comes back, shall not look like a server that hangs. */
  tellWhoLoadsUntil(ready: Promise<void>): void {
    const startedMs = performance.now();
    const timer = setInterval(() => this.#tellWhoLoads(performance.now() - startedMs), TELL_MS).unref();
    const silence = (): void => clearInterval(timer);
    ready.then(silence, silence);
  }

  #tellWhoLoads(tookMs: number): void {
    const loading = this.#fleet.now.members.filter(({ state }) => state === 'starting').map(({ slot }) => `worker-${slot}`);
    if (!this.#fleet.isStopping && loading.length > 0)
      this.#log.warn(`${loading.join(', ')}: still loading the app after ${Math.round(tookMs / 1_000)} s`);
  }

  /** While starting it is told by whoever awaits that; who drains was asked to. */
  tellExit(id: number, name: string, code: number, error: Error | undefined): void {
    const { members, phase, reloading } = this.#fleet.now;
    const member = members.find((candidate) => candidate.id === id);
    // While it loads for a reload, it is told as why that failed.
    const isOfReload = member?.state === 'starting' && member.generation === reloading?.generation;
    const isExpected = member === undefined || member.state === 'draining' || isOfReload;
    if ((phase !== 'serving' && phase !== 'leaving') || isExpected) return;
    this.#log.error(`${name} ended with code ${code}: ${whyEnded(error)}`);
  }
}

function whyEnded(error: Error | undefined): string {
  if (error === undefined) return 'process.exit() was called in it';
  // Its stack would be ours.
  return error instanceof Fault && error.code === 'WORKER_KILLED' ? error.message : describeError(error);
}
