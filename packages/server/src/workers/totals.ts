// workers/totals.ts: what only grows, of one worker, of several, and of those that are gone.

import { addHistograms, NO_HISTOGRAM, type Histogram } from './histogram.ts';

/** Columns of the scoreboard that are added up. */
const SUMMED = [
  'accepted',
  'closed',
  'handedOver',
  'refusedAddresses',
  'refusedHeaders',
  'receivedBytes',
  'sentBytes',
  'calls',
  'answers2xx',
  'answers3xx',
  'answers4xx',
  'answers5xx',
] as const;

type Summed = (typeof SUMMED)[number];

export interface Totals extends Readonly<Record<Summed, number>> {
  readonly durations: Histogram;
  readonly waits: Histogram;
}

function each(value: (name: Summed) => number): Record<Summed, number> {
  return Object.fromEntries(SUMMED.map((name) => [name, value(name)])) as Record<Summed, number>;
}

export const NO_TOTALS: Totals = { ...each(() => 0), durations: NO_HISTOGRAM, waits: NO_HISTOGRAM };

/** Of more: a row of the scoreboard that was read has these among others. */
export function totalsOf(readings: Totals): Totals {
  return { ...each((name) => readings[name]), durations: readings.durations, waits: readings.waits };
}

export function addTotals(one: Totals, other: Totals): Totals {
  return {
    ...each((name) => one[name] + other[name]),
    durations: addHistograms(one.durations, other.durations),
    waits: addHistograms(one.waits, other.waits),
  };
}
