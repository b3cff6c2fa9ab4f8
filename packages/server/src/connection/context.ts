// connection/context.ts: what all connections of one server share.

import type { ConnectionFacts } from '@appserve/core/exchange';
import type { Http1Limits, ResponseStyle, TargetPolicy } from '@appserve/core/http1';
import type { Logger } from '../log.ts';
import type { AppCalls } from './app-calls.ts';
import type { Clock } from './clock.ts';
import type { Connections } from './connections.ts';
import type { Counters } from './counters.ts';
import type { Timeouts } from './deadlines.ts';
import type { WebSockets } from '../websocket/web-sockets.ts';
import type { DescriptorTable } from './descriptor-table.ts';
import type { Ticker } from './ticker.ts';

export interface ConnectionContext {
  readonly calls: AppCalls;
  readonly limits: Http1Limits;
  readonly style: ResponseStyle;
  readonly timeouts: Timeouts;
  readonly clock: Clock;
  readonly ticker: Ticker;
  readonly log: Logger;
  readonly connections: Connections;
  readonly descriptors: DescriptorTable;
  readonly counters: Counters;
  readonly webSockets: WebSockets;
  /** For connections in clear, and for those over TLS. */
  readonly policy: TargetPolicy;
  readonly securePolicy: TargetPolicy;
  readonly onConnection: (facts: ConnectionFacts) => void;
}
