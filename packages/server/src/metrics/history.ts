// metrics/history.ts: the last minutes, second by second: rates and latencies made of sums that only grow. A machine.
//
// Law: time is counted as it was, not as it should have been: a look that came late has a longer second.

import { countOf, quantileMs, since, type Histogram } from '../workers/histogram.ts';
import { presentOf, type Present, type Snapshot } from './snapshot.ts';
import type { Totals } from '../workers/totals.ts';

export const LOOK_EVERY_MS = 1_000;
/** Four minutes. */
const POINTS_MAX = 240;
/** What counts as now, in looks. */
const NOW_LOOKS = 10;

/** What happened between two moments. */
export interface Rates {
  readonly requestsPerS: number;
  /** Answers with a status of 500 and above. */
  readonly failuresPerS: number;
  readonly receivedBytesPerS: number;
  readonly sentBytesPerS: number;
  /** Nothing where no request has ended. */
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly waitP99Ms: number | undefined;
}

interface Look {
  readonly nowMs: number;
  readonly totals: Totals;
}

export interface Point extends Rates, Pick<Present, 'inFlight' | 'queued'> {}

export class History {
  readonly #looks: Look[] = [];
  readonly #points: Point[] = [];

  look({ nowMs, totals, workers }: Snapshot): void {
    const before = this.#looks.at(-1);
    if (before !== undefined && nowMs <= before.nowMs) return;
    const { inFlight, queued } = presentOf(workers);
    const now = { nowMs, totals };
    if (before !== undefined) keep(this.#points, { ...ratesBetween(before, now), inFlight, queued }, POINTS_MAX);
    keep(this.#looks, now, NOW_LOOKS);
  }

  /** Oldest first, a point for each look but the first. */
  get points(): readonly Point[] {
    return this.#points;
  }

  /** From the oldest look that counts as now until this moment; nothing before the first look. */
  ratesUntil(now: Pick<Snapshot, 'nowMs' | 'totals'>): Rates | undefined {
    const from = this.#looks[0];
    return from === undefined || now.nowMs <= from.nowMs ? undefined : ratesBetween(from, now);
  }
}

function keep<T>(items: T[], item: T, most: number): void {
  items.push(item);
  if (items.length > most) items.shift();
}

function ratesBetween(before: Look, { nowMs, totals }: Look): Rates {
  const seconds = (nowMs - before.nowMs) / 1_000;
  const rate = (value: (totals: Totals) => number): number => (value(totals) - value(before.totals)) / seconds;
  const took = since(before.totals.durations, totals.durations);
  return {
    requestsPerS: rate((all) => all.answers2xx + all.answers3xx + all.answers4xx + all.answers5xx),
    failuresPerS: rate(({ answers5xx }) => answers5xx),
    receivedBytesPerS: rate(({ receivedBytes }) => receivedBytes),
    sentBytesPerS: rate(({ sentBytes }) => sentBytes),
    p50Ms: quantileMs(took, 0.5),
    p95Ms: quantileMs(took, 0.95),
    p99Ms: quantileMs(took, 0.99),
    waitP99Ms: waitOf(since(before.totals.waits, totals.waits)),
  };
}

/** Most do not wait at all, which the first bucket would show as some tenth of a millisecond. */
function waitOf(waits: Histogram): number | undefined {
  return countOf(waits) > 0 && waits.sumMs === 0 ? 0 : quantileMs(waits, 0.99);
}
