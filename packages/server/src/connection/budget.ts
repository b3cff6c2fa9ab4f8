// connection/budget.ts: how much of something a client may do in a short time. A machine: it is told the time.
//
// A bucket: it is full at first, each time takes one out, and it fills again as time goes by.

export class Budget {
  readonly max: number;
  readonly #perMs: number;
  #left: number;
  #atMs: number;

  /** `refillMs`: in how long an empty one is full again. */
  constructor(max: number, refillMs: number, nowMs: number) {
    this.max = max;
    this.#perMs = max / refillMs;
    this.#left = max;
    this.#atMs = nowMs;
  }

  /** False: there was nothing left. */
  take(nowMs: number): boolean {
    this.#left = Math.min(this.max, this.#left + (nowMs - this.#atMs) * this.#perMs);
    this.#atMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
