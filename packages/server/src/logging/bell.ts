// logging/bell.ts: how the log thread is called, and how it is waited for. Memory of a process.
//
// Law: who speaks pays for a call only when the log thread sleeps; under load it looks by itself.

const CALLS = 0;
const IS_ASLEEP = 1;
const ROUNDS = 2;
const IS_UNWRITTEN = 3;
const ENDS = 4;

export class Bell {
  static readonly BYTES = 20;
  readonly #words: Int32Array;
  #vainSinceMs: number | undefined;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  get memory(): SharedArrayBuffer {
    return this.#words.buffer as SharedArrayBuffer;
  }

  /** Something is there to be written. */
  ring(): void {
    if (Atomics.load(this.#words, IS_ASLEEP) === 1 && Atomics.exchange(this.#words, IS_ASLEEP, 0) === 1) this.ringAtOnce();
  }

  /** Also when it would look soon. */
  ringAtOnce(): void {
    Atomics.add(this.#words, CALLS, 1);
    Atomics.notify(this.#words, CALLS);
  }

  get calls(): number {
    return Atomics.load(this.#words, CALLS);
  }

  /** The log thread will sleep until it is called; it looks once more after saying so. */
  fallAsleep(): void {
    Atomics.store(this.#words, IS_ASLEEP, 1);
  }

  wake(): void {
    Atomics.store(this.#words, IS_ASLEEP, 0);
  }

  /** Resolves when it is called again, or the time is over. `calls`: how many there were. */
  async called(calls: number, limitMs: number): Promise<void> {
    const waiting = waitAsync(this.#words, CALLS, calls, limitMs);
    if (waiting.async) await waiting.value;
  }

  /** The log thread begins to take what is there. */
  beginRound(): void {
    Atomics.store(this.#words, IS_UNWRITTEN, 1);
  }

  /** All that was there is written, or waits for a stream that takes nothing now. */
  endRound(isWritten: boolean): void {
    Atomics.store(this.#words, IS_UNWRITTEN, isWritten ? 0 : 1);
    Atomics.add(this.#words, ROUNDS, 1);
    Atomics.notify(this.#words, ROUNDS);
  }

  /** A server's log is closed, with all that it had open. */
  tellEnd(): void {
    Atomics.add(this.#words, ENDS, 1);
    Atomics.add(this.#words, ROUNDS, 1);
    Atomics.notify(this.#words, ROUNDS);
  }

  get ends(): number {
    return Atomics.load(this.#words, ENDS);
  }

  /** What was taken is also written. */
  get isWritten(): boolean {
    return Atomics.load(this.#words, IS_UNWRITTEN) === 0;
  }

  /** On performance.now(): when this thread began to wait in vain; nothing where its last wait was not. */
  get vainSinceMs(): number | undefined {
    return this.#vainSinceMs;
  }

  /** Blocks this thread until `isDone`, or until the time is over; gives whether it is. */
  wait(isDone: () => boolean, limitMs: number): boolean {
    const beganMs = performance.now();
    for (;;) {
      const rounds = Atomics.load(this.#words, ROUNDS);
      if (isDone()) {
        this.#vainSinceMs = undefined;
        return true;
      }
      const leftMs = beganMs + limitMs - performance.now();
      if (leftMs <= 0) {
        this.#vainSinceMs ??= beganMs;
        return false;
      }
      this.ringAtOnce();
      Atomics.wait(this.#words, ROUNDS, rounds, Math.min(leftMs, ROUND_MS));
    }
  }
}

/** ES2024, and in Node since 16; the types of ES2023 do not know it. */
type WaitAsync = (
  words: Int32Array,
  index: number,
  value: number,
  limitMs: number,
) => { readonly async: false } | { readonly async: true; readonly value: Promise<string> };

const { waitAsync } = Atomics as unknown as { readonly waitAsync: WaitAsync };

/** It is called again after so long, should a call be lost. */
const ROUND_MS = 50;
