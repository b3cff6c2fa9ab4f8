// table.ts: results as people read them.

import type { Answer, Row, Verdict } from './measure.ts';

export function renderAnswer({ title, rows, verdicts, growth }: Answer): string {
  const grown =
    growth === undefined
      ? []
      : [renderLimit('resident memory grew by', growth.grownBytes / MIB, growth.atMostBytes / MIB, 'MiB')];
  return ['', title, ...rows.map(renderRow), ...verdicts.map(renderVerdict), ...grown].join('\n');
}

const MIB = 1_024 ** 2;

/** A figure and its bar. */
export function renderLimit(what: string, value: number, atMost: number, unit: string): string {
  return `  ${what} ${value.toFixed(1)} ${unit}; the bar is ${atMost} ${unit}: ${value <= atMost ? 'met' : 'NOT MET'}`;
}

/** The same of a figure that should be high. */
export function renderLeast(what: string, value: number, atLeast: number, unit: string): string {
  return `  ${what} ${value.toFixed(2)}${unit}; the bar is ${atLeast}${unit}: ${value >= atLeast ? 'met' : 'NOT MET'}`;
}

function renderRow({ name, cpuUsPerRequest, lowest, highest, requestsPerSecond }: Row): string {
  const cost = `${cpuUsPerRequest.toFixed(2)} us`.padStart(14);
  const spread = `(${lowest.toFixed(2)} to ${highest.toFixed(2)})`.padStart(24);
  return `  ${name.padEnd(14)}${cost}${spread}${Math.round(requestsPerSecond).toLocaleString('en').padStart(12)} requests/s`;
}

export function renderVerdict({ of, over, ratio, atMost, isMet }: Verdict): string {
  // Three digits, lest a ratio look as if it met a bar that it misses.
  return `  ${of} is ${ratio.toFixed(3)}x ${over}; the bar is ${atMost.toFixed(2)}x: ${isMet ? 'met' : 'NOT MET'}`;
}
