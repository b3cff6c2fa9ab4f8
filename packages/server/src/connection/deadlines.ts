// connection/deadlines.ts: what a connection waits for, how long it may, and what happens then. Pure: the wheel owns the time.

import type { Phase } from '@appserve/core/http1';

export interface Timeouts {
  readonly headTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly keepaliveTimeoutMs: number;
  readonly sendTimeoutMs: number;
  /** Bytes a second; 0: any. */
  readonly minBodyRateBytes: number;
}

/** After our last word a client that still sends gets this long to read it (RFC 9112 §9.6). */
const LINGER_MS = 2_000;

export interface Waiting {
  readonly phase: Phase;
  /** When the phase began; in a body, when its last byte came. */
  readonly sinceMs: number;
  /** No request has come on this connection yet. */
  readonly isNew: boolean;
  /** When the body under way began, and what has come of it. */
  readonly bodySinceMs: number;
  readonly bodyBytes: number;
  /** The app lets the body wait: then the client is not to blame for the silence. */
  readonly isPaused: boolean;
  /** When the client last took a byte of our output; `undefined` when nothing waits for it. */
  readonly blockedSinceMs: number | undefined;
}

/** When the wait has been long enough; Infinity where it is the client that waits for us. */
export function deadlineOf(waiting: Waiting, timeouts: Timeouts): number {
  if (waiting.blockedSinceMs !== undefined) return waiting.blockedSinceMs + timeouts.sendTimeoutMs;
  switch (waiting.phase) {
    case 'idle':
      return waiting.sinceMs + (waiting.isNew ? timeouts.headTimeoutMs : timeouts.keepaliveTimeoutMs);
    case 'head':
      return waiting.sinceMs + timeouts.headTimeoutMs;
    case 'body':
      return waiting.isPaused
        ? Number.POSITIVE_INFINITY
        : Math.min(waiting.sinceMs + timeouts.bodyTimeoutMs, slowestMs(waiting, timeouts));
    case 'answer':
      return Number.POSITIVE_INFINITY;
    case 'closing':
      return waiting.sinceMs + LINGER_MS;
  }
}

/** Every byte buys time at the least rate; a client that drips one now and then runs out of it. */
function slowestMs({ bodySinceMs, bodyBytes }: Waiting, { bodyTimeoutMs, minBodyRateBytes }: Timeouts): number {
  if (minBodyRateBytes === 0) return Number.POSITIVE_INFINITY;
  return bodySinceMs + bodyTimeoutMs + (1_000 * bodyBytes) / minBodyRateBytes;
}

/** close: without a word (RFC 9112 §9.5). cut: no further byte. The others are answered with a 408. */
export type Overdue = 'close' | 'cut' | 'late-head' | 'late-body';

/** What it means that the deadline has passed. */
export function overdue(waiting: Waiting): Overdue {
  if (waiting.blockedSinceMs !== undefined || waiting.phase === 'closing') return 'cut';
  if (waiting.phase === 'head') return 'late-head';
  return waiting.phase === 'body' ? 'late-body' : 'close';
}
