// once-a-minute.ts: what may come again and again, many times a second, is told now and then.

const EVERY_MS = 60_000;

/** Of each thing by itself. */
export class OnceAMinute<T extends string> {
  readonly #againMs = new Map<T, number>();

  /** Whether it is to be told now; then not again for a minute. */
  isDue(about: T): boolean {
    const nowMs = performance.now();
    if (nowMs < (this.#againMs.get(about) ?? Number.NEGATIVE_INFINITY)) return false;
    this.#againMs.set(about, nowMs + EVERY_MS);
    return true;
  }
}
