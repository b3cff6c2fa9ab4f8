// connection/clock.ts: the time as a thread's connections see it: read at every tick, not at every request.
//
// A deadline is as exact as a tick, so nothing is lost; and a request does not pay for asking the time (0.1 us of 1.4).

import type { ResponseStyle } from '@appserve/core/http1';

export class Clock {
  /** Milliseconds that only go forward; at most one tick old. */
  nowMs = performance.now();
  readonly #dated: Pick<ResponseStyle, 'dateLine'> | undefined;
  #nextDateMs = 0;

  /** `dated`: what shows the Date, where anything does. */
  constructor(dated?: Pick<ResponseStyle, 'dateLine'>) {
    this.#dated = dated;
  }

  /** Reads the time, and renders the Date line when a second is over (RFC 9110 §6.6.1). */
  tick(): number {
    this.nowMs = performance.now();
    if (this.#dated !== undefined && this.nowMs >= this.#nextDateMs) this.#renderDate(this.#dated);
    return this.nowMs;
  }

  #renderDate(dated: Pick<ResponseStyle, 'dateLine'>): void {
    const epochMs = Date.now();
    dated.dateLine = `Date: ${new Date(epochMs).toUTCString()}\r\n`;
    this.#nextDateMs = this.nowMs + (1_000 - (epochMs % 1_000));
  }
}
