// connection/ticker.ts: the one timer of a thread: it keeps the clock and turns the wheel while there are connections, and rests
// otherwise.

import { TimerWheel, type Timed } from './timer-wheel.ts';

/** How exact a deadline is. */
const TICK_MS = 100;
/** A tick that is so late says that the thread was busy. */
const LATE_MS = 3 * TICK_MS;

/** Whom it tells that time goes on. */
export interface Ticking {
  readonly nowMs: number;
  /** Reads the time. */
  tick(): number;
}

export class Ticker {
  readonly #clock: Ticking;
  readonly #wheel: TimerWheel;
  #connections = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: Ticking) {
    this.#clock = clock;
    this.#wheel = new TimerWheel(clock.nowMs, TICK_MS);
  }

  /** A connection has come: from here to `leave` the clock is right. */
  enter(): void {
    this.#connections += 1;
    if (this.#timer !== undefined) return;
    this.#tick();
    // Unref'd: it is the sockets that keep a process alive.
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  leave(entry: Timed): void {
    this.#connections -= 1;
    this.remove(entry);
  }

  remove(entry: Timed): void {
    this.#wheel.remove(entry);
  }

  /** Makes sure that `entry` is looked at `atMs` or earlier. Infinity: no wish. */
  schedule(entry: Timed, atMs: number): void {
    this.#wheel.schedule(entry, atMs);
  }

  #tick(): void {
    const beforeMs = this.#clock.nowMs;
    const nowMs = this.#clock.tick();
    // Timers come before sockets: what clients have sent while we were busy is read first, then their deadlines are looked at.
    if (nowMs - beforeMs > LATE_MS) setImmediate(() => this.#wheel.advance(this.#clock.nowMs));
    else this.#wheel.advance(nowMs);
    if (this.#connections > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
