// connection/http2-floods.ts: what a client may do on a session that costs it next to nothing and us an answer, or work: streams that it
// breaks off (CVE-2023-44487), PING, SETTINGS and PRIORITY (CVE-2019-9512, 9513, 9515). A machine: it is told the time.
//
// Law: each kind has a budget. Who has used one up is told ENHANCE_YOUR_CALM, which is said by who has the session (RFC 9113 §10.5).

import { Fault } from '@appserve/core';
import type { ConnectionFacts } from '@appserve/core/exchange';
import type { Logger } from '../log.ts';
import { OnceAMinute } from '../once-a-minute.ts';
import { Budget } from './budget.ts';

/** What a client may break off at once comes back in this time. */
const RESETS_REFILL_MS = 10_000;
/** Browsers send a few for each page. */
const FRAMES_MAX = 1_000;
const FRAMES_REFILL_MS = 10_000;

export class Http2Floods {
  readonly #resets: Budget;
  readonly #frames: Budget;

  /** `resetsMax`: requests that a client may break off at once. */
  constructor(resetsMax: number, nowMs: number) {
    this.#resets = new Budget(resetsMax, RESETS_REFILL_MS, nowMs);
    this.#frames = new Budget(FRAMES_MAX, FRAMES_REFILL_MS, nowMs);
  }

  /** A stream was broken off by its client, and too early. A fault in return: once too often. */
  reset(nowMs: number): Fault | undefined {
    return this.#resets.take(nowMs) ? undefined : new Fault('RESETS_TOO_MANY', { limit: this.#resets.max });
  }

  /** A frame that is no stream's. A fault in return: one too many. */
  frame(nowMs: number): Fault | undefined {
    return this.#frames.take(nowMs) ? undefined : new Fault('FRAMES_TOO_MANY', { limit: this.#frames.max });
  }
}

export type TellFlood = (facts: ConnectionFacts, fault: Fault) => void;

/** Once a minute for all clients of the thread. */
export function floodTeller(log: Logger): TellFlood {
  const warnings = new OnceAMinute<'client'>();
  return ({ remoteAddress }, { code, message }) => {
    const what = `client ${remoteAddress || 'on a unix socket'}: ${code}: ${message}; the connection is closed`;
    if (warnings.isDue('client')) log.warn(what);
    else log.debug(what);
  };
}
