// connection/request-queue.ts: how many app calls run at once in a worker, and who waits. A machine; `concurrency` is its width,
// `queue_limit` its length, and the queue monitor (Pyruvate's qmon) watches that.

export interface QueueLimits {
  readonly concurrency: number;
  readonly queueLimit: number;
  /** Warn when the queue reaches this length; `undefined`: never. */
  readonly qmonWarnThreshold: number | undefined;
}

export class RequestQueue<T> {
  readonly #limits: QueueLimits;
  readonly #onLong: (length: number) => void;
  readonly #waiting: T[] = [];
  #running = 0;
  #isLong = false;

  /** `onLong` is told once each time the queue grows to the threshold. */
  constructor(limits: QueueLimits, onLong: (length: number) => void) {
    this.#limits = limits;
    this.#onLong = onLong;
  }

  get length(): number {
    return this.#waiting.length;
  }

  get running(): number {
    return this.#running;
  }

  /** run: call the app now. wait: it will come out of `leave`. full: refuse it. */
  enter(request: T): 'run' | 'wait' | 'full' {
    if (this.#running < this.#limits.concurrency) {
      this.#running += 1;
      return 'run';
    }
    if (this.#waiting.length >= this.#limits.queueLimit) return 'full';
    this.#waiting.push(request);
    this.#watch();
    return 'wait';
  }

  /** One that ran is over: gives the next that may run. */
  leave(): T | undefined {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    this.#watch();
    return next;
  }

  /** One that waited has gone: its client left. */
  withdraw(request: T): void {
    const at = this.#waiting.indexOf(request);
    if (at !== -1) this.#waiting.splice(at, 1);
    this.#watch();
  }

  #watch(): void {
    const threshold = this.#limits.qmonWarnThreshold ?? Number.POSITIVE_INFINITY;
    const isLong = this.#waiting.length >= threshold;
    if (isLong && !this.#isLong) this.#onLong(this.#waiting.length);
    this.#isLong = isLong;
  }
}
