// workers/offer.ts: a connection that the supervisor has accepted, and offers to a worker.

import type { ListenerName } from '../connection/socket-facts.ts';
import type { Claim } from './claims.ts';

/** What `new net.Socket` takes as `handle`. Undocumented; node:cluster passes it between processes. */
export interface OfferedHandle {
  readonly fd: number;
  setNoDelay?(on: boolean): void;
  close(): void;
}

/** As it crosses to the worker. */
export interface Offer {
  readonly type: 'connection';
  readonly claim: Claim;
  /** Where it was accepted, when that is one address. */
  readonly listener: ListenerName | undefined;
  /** To a thread: the worker's own from the moment that it has claimed it. To a process the handle itself is sent. */
  readonly descriptor: number | undefined;
}
