// workers/worker-channels.ts: what becomes of workers, told to whoever listens in the main thread (node:diagnostics_channel).

import { channel } from 'node:diagnostics_channel';
import type { SpawnReason } from './fleet.ts';

const START = channel('appserve.worker.start');
const EXIT = channel('appserve.worker.exit');

export interface WorkerStart {
  /** `worker-1`. */
  readonly name: string;
  readonly generation: number;
  /** first: with the server. death, hung, recycle, reload: in the place of another one. scale: one more. */
  readonly why: SpawnReason;
}

export interface WorkerExit {
  readonly name: string;
  /** As a process has them; 0: it was asked to. */
  readonly code: number;
  /** What nobody caught, when it was that. */
  readonly error: Error | undefined;
}

export function tellStart(start: WorkerStart): void {
  if (START.hasSubscribers) START.publish(start);
}

export function tellExit(exit: WorkerExit): void {
  if (EXIT.hasSubscribers) EXIT.publish(exit);
}
