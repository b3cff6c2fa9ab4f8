// app/convert/pieces.ts: a body on its way from an app that pushes to a caller who iterates: with back-pressure, and with an end.

const HIGH_WATER_BYTES = 64 * 1_024;

type Step = IteratorResult<Uint8Array, undefined>;

export class Pieces implements AsyncIterable<Uint8Array> {
  readonly #onLeave: () => void;
  #queue: Uint8Array[] = [];
  #bytes = 0;
  #isEnded = false;
  #failure: { readonly error: unknown } | undefined;
  #reader: { resolve(step: Step): void; reject(error: unknown): void } | undefined;
  #writers: (() => void)[] = [];

  /** `onLeave`: the caller has had enough. */
  constructor(onLeave: () => void) {
    this.#onLeave = onLeave;
  }

  get hasRoom(): boolean {
    return this.#bytes < HIGH_WATER_BYTES;
  }

  push(bytes: Uint8Array): void {
    const reader = this.#reader;
    if (reader !== undefined) {
      this.#reader = undefined;
      reader.resolve({ done: false, value: bytes });
      return;
    }
    this.#queue.push(bytes);
    this.#bytes += bytes.length;
  }

  end(): void {
    this.#isEnded = true;
    this.#reader?.resolve({ done: true, value: undefined });
    this.#reader = undefined;
  }

  fail(error: unknown): void {
    this.#failure = { error };
    this.#reader?.reject(error);
    this.#reader = undefined;
    this.wake();
  }

  async drained(): Promise<void> {
    if (!this.hasRoom) await new Promise<void>((resolve) => this.#writers.push(resolve));
  }

  wake(): void {
    for (const wake of this.#writers.splice(0)) wake();
  }

  /** What was written before an end or a failure comes before it. */
  #next(): Promise<Step> {
    const value = this.#queue.shift();
    if (value !== undefined) {
      this.#bytes -= value.length;
      if (this.hasRoom) this.wake();
      return Promise.resolve({ done: false, value });
    }
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    if (this.#isEnded) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () => this.#next(),
      return: () => {
        this.close();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  close(): void {
    this.#onLeave();
    // Who still waits for a piece is not left waiting.
    this.end();
  }
}
