// logging/thread-messages.ts: all that crosses the wall between the main thread and the log thread, beside the rings.

import type { LoggingConfig } from '@appserve/core/log';
import type { Speaker } from './encode.ts';
import type { Streams } from './sinks/stream-sink.ts';

export interface LogThreadData {
  readonly bell: SharedArrayBuffer;
}

/** Of one server of the process: each has its own handlers. */
export interface ChannelConfig {
  readonly logging: LoggingConfig;
  /** The logger of the server itself: what the log says of itself is said by it. */
  readonly logger: string;
  /** The handler that has the lines of the access log. */
  readonly accessHandler: string | undefined;
}

export type ToLogThread =
  | {
      readonly type: 'channel';
      readonly channel: number;
      readonly config: ChannelConfig;
      readonly streams: Streams;
      readonly ask: number;
    }
  | {
      readonly type: 'source';
      readonly channel: number;
      readonly source: number;
      readonly speaker: Speaker;
      readonly records: SharedArrayBuffer;
      readonly lines: SharedArrayBuffer | undefined;
    }
  /** Nobody writes into it any more: what is there is written, then it is forgotten. */
  | { readonly type: 'source-ends'; readonly source: number }
  | { readonly type: 'reopen'; readonly channel: number; readonly ask: number }
  /** Likewise. */
  | { readonly type: 'channel-ends'; readonly channel: number; readonly ask: number };

export type FromLogThread =
  | { readonly type: 'opened'; readonly ask: number }
  | { readonly type: 'reopened'; readonly ask: number; readonly paths: readonly string[]; readonly faults: readonly string[] }
  | { readonly type: 'ended'; readonly ask: number };
