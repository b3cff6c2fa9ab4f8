// development/burst.ts: changes that belong together: a checkout changes many files, an editor one of them in several steps. A machine:
// the time is an argument.

/** Silence after which no more is expected. */
const QUIET_MS = 20;
/** Who writes without pause is not waited for. */
const LONG_MS = 250;

export class Burst {
  readonly #paths = new Set<string>();
  #sinceMs = 0;
  #lastMs = 0;

  get isEmpty(): boolean {
    return this.#paths.size === 0;
  }

  add(path: string, nowMs: number): void {
    if (this.isEmpty) this.#sinceMs = nowMs;
    this.#paths.add(path);
    this.#lastMs = nowMs;
  }

  /** How long to wait before it is whole; 0: it is. */
  leftMs(nowMs: number): number {
    return Math.max(0, Math.min(this.#lastMs + QUIET_MS, this.#sinceMs + LONG_MS) - nowMs);
  }

  /** What has changed, and since when. The next one begins. */
  take(): { readonly paths: readonly string[]; readonly sinceMs: number } {
    const paths = [...this.#paths];
    this.#paths.clear();
    return { paths, sinceMs: this.#sinceMs };
  }
}
