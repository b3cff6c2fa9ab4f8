// server-handle.ts: a running server, as its caller holds it.

import type { ServerHandle as Handle } from '@appserve/core/app';
import type { Address } from './listen/address.ts';
import type { WorkerStats } from './workers/stats.ts';

export interface ServerHandle extends Handle {
  /** As bound: with the ports that the system chose. */
  readonly addresses: readonly Address[];
  /** What each worker has done and does, those that drain too. Read from shared memory: no worker is asked. */
  stats(): readonly WorkerStats[];
  /**
   * How much a logger says from here on, in the main thread and in all workers, those that are still to come too. `''`, or `root`: what all
   * others inherit. Faults: OPTION_INVALID.
   */
  setLevel(logger: string, level: string): void;
}
