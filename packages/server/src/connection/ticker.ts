// connection/ticker.ts: the one timer of a thread: it turns the wheel while there is something in it, and rests otherwise.

import type { Clock } from './clock.ts';
import { TimerWheel, type Timed } from './timer-wheel.ts';

/** How exact a deadline is. */
const TICK_MS = 100;

export class Ticker {
  readonly #clock: Clock;
  readonly #wheel: TimerWheel;
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wheel = new TimerWheel(clock.nowMs, TICK_MS);
  }

  /** Makes sure that `entry` is looked at `atMs` or earlier. Infinity: no wish. */
  schedule(entry: Timed, atMs: number): void {
    if (entry.lookAtMs <= atMs) return; // all that a request on a kept connection costs
    // A wheel that stood still would take its rest for due time.
    if (this.#timer === undefined) this.#start();
    this.#wheel.schedule(entry, atMs);
  }

  remove(entry: Timed): void {
    this.#wheel.remove(entry);
  }

  #start(): void {
    this.#wheel.advance(this.#clock.tick());
    // Unref'd: it is the sockets that keep a process alive.
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  #tick(): void {
    this.#wheel.advance(this.#clock.tick());
    if (this.#wheel.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
