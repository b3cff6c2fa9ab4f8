// workers/carriers/spares.ts: threads that wait to become workers, in development: fresh code is served sooner by the time that a thread
// takes to start.
//
// Law: nothing of the app is loaded in one. It keeps no process alive, and one that has ended is not given away.

import { Worker, type ResourceLimits } from 'node:worker_threads';
import type { SpareData } from '../spare-worker.ts';

/** Each costs the memory of a thread. */
const SPARES_MAX = 4;

export class Spares {
  readonly #waiting = new Set<Worker>();
  #isOver = false;

  /** As many as will be wanted at once. */
  prepare(count: number, data: SpareData, resourceLimits: ResourceLimits): void {
    if (this.#isOver) return;
    while (this.#waiting.size < Math.min(count, SPARES_MAX)) this.#start(data, resourceLimits);
  }

  #start(data: SpareData, resourceLimits: ResourceLimits): void {
    const url = new URL('../spare-worker.js', import.meta.url);
    const spare = new Worker(url, { name: 'spare', workerData: data, argv: process.argv.slice(2), resourceLimits });
    spare.unref();
    this.#waiting.add(spare);
    // It is only missed: a worker is then started from the beginning.
    const forget = (): void => void this.#waiting.delete(spare);
    spare.on('error', forget);
    spare.on('exit', forget);
  }

  take(): Worker | undefined {
    const [spare] = this.#waiting;
    if (spare === undefined) return undefined;
    this.#waiting.delete(spare);
    spare.removeAllListeners();
    spare.ref();
    return spare;
  }

  close(): void {
    this.#isOver = true;
    for (const spare of this.#waiting) void spare.terminate();
  }
}
