// workers/histogram.ts: how many times something took how long, in memory that others read while it is written.
//
// Law: one writer and any number of readers, as with the rest of a row (scoreboard.ts). A count is of its own bucket; whoever shows
// them adds up what is below, as Prometheus wants it.

import type { SharedMemory } from './shared-memory.ts';

/** Upper bounds, in milliseconds; what took longer than the last one has a bucket of its own. */
export const BOUNDS_MS: readonly number[] = [
  0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000,
];

export interface Histogram {
  /** For each bound, and one for what is above the last. */
  readonly counts: readonly number[];
  readonly sumMs: number;
}

export const NO_HISTOGRAM: Histogram = { counts: Array.from({ length: BOUNDS_MS.length + 1 }, () => 0), sumMs: 0 };

const SUM = BOUNDS_MS.length + 1;
const SLOTS = SUM + 1;

/** Where one is counted. */
export class HistogramArea {
  static readonly bytes = SLOTS * Float64Array.BYTES_PER_ELEMENT;
  readonly #slots: Float64Array;

  constructor(buffer: SharedMemory, offset: number) {
    this.#slots = new Float64Array(buffer, offset, SLOTS);
  }

  /** From below: most requests are short. */
  observe(tookMs: number): void {
    let bucket = 0;
    while (bucket < BOUNDS_MS.length && tookMs > BOUNDS_MS[bucket]!) bucket += 1;
    this.#slots[bucket]! += 1;
    this.#slots[SUM]! += tookMs;
  }

  read(): Histogram {
    return { counts: [...this.#slots.subarray(0, SUM)], sumMs: this.#slots[SUM]! };
  }
}

export function addHistograms(one: Histogram, other: Histogram): Histogram {
  return { counts: one.counts.map((count, bucket) => count + other.counts[bucket]!), sumMs: one.sumMs + other.sumMs };
}

/** What has come since `before`. */
export function since(before: Histogram, now: Histogram): Histogram {
  return { counts: now.counts.map((count, bucket) => count - before.counts[bucket]!), sumMs: now.sumMs - before.sumMs };
}

export function countOf({ counts }: Histogram): number {
  return counts.reduce((total, count) => total + count, 0);
}

/**
 * In how many milliseconds so large a part of them was done, `part` from 0 to 1: read off the bucket as if its times lay evenly in it.
 * Nothing where nothing was counted; the last bound where it is above that.
 */
export function quantileMs(histogram: Histogram, part: number): number | undefined {
  const count = countOf(histogram);
  if (count === 0) return undefined;
  const rank = part * count;
  let below = 0;
  for (const [bucket, own] of histogram.counts.entries()) {
    if (own > 0 && below + own >= rank) {
      const from = BOUNDS_MS[bucket - 1] ?? 0;
      const to = BOUNDS_MS[bucket];
      return to === undefined ? from : from + ((to - from) * (rank - below)) / own;
    }
    below += own;
  }
  return BOUNDS_MS.at(-1);
}
