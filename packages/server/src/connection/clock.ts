// connection/clock.ts: the time as a thread's connections see it: read at every tick, not at every request.
//
// A deadline is as exact as a tick, so nothing is lost; and a request does not pay for asking the time (0.1 us of 1.4).

import type { ResponseStyle } from '@appserve/core/http1';

export class Clock {
  /** Milliseconds that only go forward; at most one tick old. */
  nowMs = performance.now();
  readonly #style: ResponseStyle;
  readonly #withDate: boolean;
  #nextDateMs = 0;

  constructor(style: ResponseStyle, withDate: boolean) {
    this.#style = style;
    this.#withDate = withDate;
  }

  /** Reads the time, and renders the Date line when a second is over (RFC 9110 §6.6.1). */
  tick(): number {
    this.nowMs = performance.now();
    if (this.#withDate && this.nowMs >= this.#nextDateMs) this.#renderDate();
    return this.nowMs;
  }

  #renderDate(): void {
    const epochMs = Date.now();
    this.#style.dateLine = `Date: ${new Date(epochMs).toUTCString()}\r\n`;
    this.#nextDateMs = this.nowMs + (1_000 - (epochMs % 1_000));
  }
}
