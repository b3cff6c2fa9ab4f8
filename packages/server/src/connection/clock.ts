// connection/clock.ts: the time, read once per turn of the loop and shared by all connections of a worker.

import type { ResponseStyle } from '@appserve/core/http1';

export class Clock {
  /** Milliseconds that only go forward. */
  nowMs = performance.now();
  readonly #style: ResponseStyle | undefined;
  #nextDateMs = 0;

  /** Where `style` is given, its Date line is kept up to date. */
  constructor(style?: ResponseStyle) {
    this.#style = style;
  }

  /** Reads the time, and renders the Date line when a second is over (RFC 9110 §6.6.1). */
  tick(): number {
    this.nowMs = performance.now();
    if (this.#style !== undefined && this.nowMs >= this.#nextDateMs) this.#renderDate(this.#style);
    return this.nowMs;
  }

  #renderDate(style: ResponseStyle): void {
    const epochMs = Date.now();
    style.dateLine = `Date: ${new Date(epochMs).toUTCString()}\r\n`;
    this.#nextDateMs = this.nowMs + (1_000 - (epochMs % 1_000));
  }
}
