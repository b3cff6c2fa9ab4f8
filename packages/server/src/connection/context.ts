// connection/context.ts: what all connections of one server share.

import type { Socket } from 'node:net';
import type { ConnectionFacts } from '@appserve/core/exchange';
import type { Logger } from '../log.ts';
import type { AccessLog } from '../logging/access/answered.ts';
import type { AppCalls } from './app-calls.ts';
import type { Clock } from './clock.ts';
import type { Connection, Connections } from './connections.ts';
import type { Counters } from './counters.ts';
import type { Timeouts } from './deadlines.ts';
import type { DescriptorTable } from './descriptor-table.ts';
import type { Ticker } from './ticker.ts';

/** Whatever they speak. */
export interface ConnectionContext {
  readonly calls: AppCalls;
  readonly timeouts: Timeouts;
  readonly clock: Clock;
  readonly ticker: Ticker;
  readonly log: Logger;
  /** Is told of each answer; nothing where nobody wants to know. */
  readonly access: AccessLog | undefined;
  readonly connections: Connections;
  readonly descriptors: DescriptorTable;
  readonly counters: Counters;
  readonly onConnection: (facts: ConnectionFacts) => void;
}

/** Speaks a protocol on a fresh socket until that is closed, or handed over. Nothing: its client is not let in. */
export type Drive = (socket: Socket, facts: ConnectionFacts) => Connection | undefined;
