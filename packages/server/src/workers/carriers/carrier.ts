// workers/carriers/carrier.ts: what carries a worker, seen from the supervisor: a thread, a process, or the main thread itself.

import type { ResourceLimits } from 'node:worker_threads';
import type { ListeningSocket } from '../../listen/sockets.ts';
import type { LogSource } from '../../logging/log-service.ts';
import type { ServerLog } from '../../logging/server-log.ts';
import type { ServerSettings } from '../../settings.ts';
import type { News, WorkerBirth } from '../messages.ts';
import type { Offer, OfferedHandle } from '../offer.ts';
import type { Shared } from '../shared-memory.ts';
import type { Spares } from './spares.ts';

export type WorkerClass = ServerSettings['workerClass'];

/** What a worker is started with, beside what it is told. */
export interface Berth {
  readonly birth: WorkerBirth;
  /** Those that it accepts from by itself. */
  readonly sockets: readonly ListeningSocket[];
  readonly scoreboard: Shared;
  readonly claims: Shared | undefined;
  readonly resourceLimits: ResourceLimits;
  /** Threads that wait to become workers, where there are any. */
  readonly spares: Spares | undefined;
  /** Its rings, and the way into the log of a thread of this process. */
  readonly log: LogSource;
  readonly serverLog: ServerLog;
}

export interface CarrierEvents {
  tells(news: News): void;
  /** What nobody caught, as the system tells it. */
  broke(error: Error): void;
  /** For good; the last of all events. */
  ended(code: number): void;
  /** No descriptor could be had for it; that is tried again until there is one, and not told again. */
  short(error: unknown): void;
}

export interface Carrier {
  /** For the inspector; nothing where the worker is no thread. */
  readonly threadId: number | undefined;
  readonly pid: number;
  /** It may take connections from here on. */
  accept(): void;
  /** The server shall stop soon: answers say that their connection ends. */
  forewarn(): void;
  /** Last: nobody else takes those who wait to be accepted. */
  drain(graceMs: number, isPatient: boolean, isLast: boolean): void;
  /** How much a logger says from here on: Python's number. */
  setLevel(logger: string, level: number): void;
  /** Fresh keys for session tickets of TLS. */
  renewTickets(keys: Uint8Array): void;
  /** At once, whatever it does. */
  terminate(): void;
  /** Offers it a connection. `handle` stays the supervisor's own. Throws when there is no descriptor to be had. */
  offer(offer: Omit<Offer, 'type' | 'descriptor'>, handle: OfferedHandle): Offered;
}

export interface Offered {
  /** It was taken back: what was made for it goes. */
  takenBack(): void;
}

/** Throws when there is no descriptor, no thread or no process to be had. */
export type Start = (berth: Berth, events: CarrierEvents) => Carrier;
