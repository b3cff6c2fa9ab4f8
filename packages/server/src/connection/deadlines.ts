// connection/deadlines.ts: what a connection waits for, how long it may, and what happens then. Pure: the wheel owns the time.
//
// Law: a client is only to blame for silence while it is his turn to speak.

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
/** How often it is looked at whether a client takes what waits for it. */
const LOOK_MS = 1_000;
/**
 * A client that has closed its side waits for its answer, or has gone: that cannot be told apart until bytes are sent. So after a
 * silence of ours that is this long it counts as gone.
 */
const HALF_CLOSED_MS = 10_000;
/** How long a head is waited for when the server stops, or the next one when it drains patiently: it may be on its way. */
export const LAST_HEAD_MS = 1_000;

export interface Waiting {
  readonly phase: Phase;
  /** When the phase began; in a body, when its last byte came or the app began to wait for it; half closed, our last byte. */
  readonly sinceMs: number;
  /** No request has come on this connection yet. */
  readonly isNew: boolean;
  /** The server stops. */
  readonly isLast: boolean;
  /** The client has closed its side. */
  readonly isHalfClosed: boolean;
  /** Somebody waits for the body: the app, or we, who read past what it left. */
  readonly isBodyAwaited: boolean;
  /** How long the client has been waited for in this body, up to `sinceMs`, and what has come of it. */
  readonly bodyWaitedMs: number;
  readonly bodyBytes: number;
  /** Since when the client has taken nothing of our output; `undefined` when nothing waits for it. */
  readonly unsentSinceMs: number | undefined;
}

/** When the wait has been long enough; Infinity where it is the client that waits for us. */
export function deadlineOf(waiting: Waiting, timeouts: Timeouts): number {
  if (waiting.unsentSinceMs !== undefined) return waiting.unsentSinceMs + timeouts.sendTimeoutMs;
  switch (waiting.phase) {
    case 'idle':
      return waiting.sinceMs + idleMs(waiting, timeouts);
    case 'head':
      return waiting.sinceMs + (waiting.isLast ? Math.min(timeouts.headTimeoutMs, LAST_HEAD_MS) : timeouts.headTimeoutMs);
    case 'body':
      return waiting.isBodyAwaited ? waiting.sinceMs + bodyAllowanceMs(waiting, timeouts) : Number.POSITIVE_INFINITY;
    case 'answer':
      return waiting.isHalfClosed ? waiting.sinceMs + HALF_CLOSED_MS : Number.POSITIVE_INFINITY;
    case 'closing':
      return waiting.sinceMs + LINGER_MS;
  }
}

function idleMs({ isNew, isLast }: Waiting, { headTimeoutMs, keepaliveTimeoutMs }: Timeouts): number {
  const limitMs = isNew ? headTimeoutMs : keepaliveTimeoutMs;
  return isLast ? Math.min(limitMs, LAST_HEAD_MS) : limitMs;
}

/** When to look next: at the deadline, and sooner where only a look tells whether the client goes on taking. */
export function nextLookOf(waiting: Waiting, timeouts: Timeouts, nowMs: number): number {
  const deadlineMs = deadlineOf(waiting, timeouts);
  return waiting.unsentSinceMs === undefined ? deadlineMs : Math.min(deadlineMs, nowMs + LOOK_MS);
}

/** Silence may last so long; with a least rate, every byte buys time, and a client that drips one now and then runs out of it. */
function bodyAllowanceMs({ bodyWaitedMs, bodyBytes }: Waiting, { bodyTimeoutMs, minBodyRateBytes }: Timeouts): number {
  if (minBodyRateBytes === 0) return bodyTimeoutMs;
  return Math.min(bodyTimeoutMs, bodyTimeoutMs + (1_000 * bodyBytes) / minBodyRateBytes - bodyWaitedMs);
}

/** close: without a word (RFC 9112 §9.5). cut: no further byte. The others are answered with a 408. */
export type Overdue = 'close' | 'cut' | 'late-head' | 'late-body';

/** What it means that the deadline has passed. */
export function overdue(waiting: Waiting): Overdue {
  if (waiting.unsentSinceMs !== undefined || waiting.phase === 'closing' || waiting.phase === 'answer') return 'cut';
  if (waiting.phase === 'head') return 'late-head';
  return waiting.phase === 'body' ? 'late-body' : 'close';
}
