// settings.ts: what the rooms of this package are given of the options: settled values, as types only. Workers import no zod.

import type { Settled } from '@appserve/core/options';
import type { serverOptions } from './options.ts';

export type ServerSettings = Settled<typeof serverOptions>;

/** What the server of one thread needs. */
export interface HttpSettings extends OfThread {
  /** Where sockets differ, since some are inherited: the backlog of each, by the order in which they are accepted from. */
  readonly backlogs?: readonly number[];
  /** How many descriptors the process may have; left out where nobody has asked. */
  readonly descriptorsMax?: number;
}

type OfThread = Pick<
  ServerSettings,
  | 'backlog'
  | 'bodyTimeoutMs'
  | 'chunkedTransfer'
  | 'concurrency'
  | 'date'
  | 'gracefulTimeoutMs'
  | 'headTimeoutMs'
  | 'interface'
  | 'keepaliveTimeoutMs'
  | 'lightFetch'
  | 'maxBodySizeBytes'
  | 'maxConnections'
  | 'maxHeadSizeBytes'
  | 'maxNumberHeaders'
  | 'maxRequestLineBytes'
  | 'maxReuseCount'
  | 'minBodyRateBytes'
  | 'qmonWarnThreshold'
  | 'queueLimit'
  | 'sendTimeoutMs'
  | 'serverHeader'
  | 'socketGroup'
  | 'socketMode'
  | 'socketOwner'
  | 'via'
  | 'websocketMaxMessageBytes'
  | 'websocketPingMs'
>;
