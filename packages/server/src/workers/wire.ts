// workers/wire.ts: what a worker has of the outside: a thread, a process of its own or the main thread differ in nothing else.

import type { MessagePort } from 'node:worker_threads';
import type { LogOutlet } from '../logging/worker-log.ts';
import type { FromWorker, ToWorker, WorkerBirth } from './messages.ts';
import type { OfferedHandle } from './offer.ts';
import type { SharedMemory } from './shared-memory.ts';

export interface Wire {
  readonly birth: WorkerBirth;
  /** Where it counts, and where connections that are offered to it are claimed. */
  readonly scoreboard: SharedMemory | undefined;
  readonly claims: SharedMemory | undefined;
  tell(message: FromWorker): void;
  /** Tells it by a port that is given away, where threads can. */
  readonly lend: ((port: MessagePort) => void) | undefined;
  /** From here on. `handle`: the connection of an offer, where it is no number. */
  hear(obey: (message: ToWorker, handle?: OfferedHandle) => void): void;
  /** Whether listening to the supervisor is a reason to live. */
  keepAlive(isAlive: boolean): void;
  /** A descriptor of the n-th listening socket that nobody else has. */
  descriptor(listener: number): number | Promise<number>;
  /** Its way into the log. */
  readonly log: LogOutlet;
  /** Ends the worker, when all that it told has gone out. */
  exit(code: number): void;
}
