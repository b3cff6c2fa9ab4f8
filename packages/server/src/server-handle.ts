// server-handle.ts: a running server, as its caller holds it.

import type { ServerHandle as Handle } from '@appserve/core/app';
import type { Address } from './listen/address.ts';

export interface ServerHandle extends Handle {
  /** As bound: with the ports that the system chose. */
  readonly addresses: readonly Address[];
}
