// table.ts: results as people read them.

import type { Answer, Row, Verdict } from './measure.ts';

export function renderAnswer({ title, rows, verdicts }: Answer): string {
  return ['', title, ...rows.map(renderRow), ...verdicts.map(renderVerdict)].join('\n');
}

function renderRow({ name, cpuUsPerRequest, lowest, highest, requestsPerSecond }: Row): string {
  const cost = `${cpuUsPerRequest.toFixed(2)} us`.padStart(14);
  const spread = `(${lowest.toFixed(2)} to ${highest.toFixed(2)})`.padStart(24);
  return `  ${name.padEnd(14)}${cost}${spread}${Math.round(requestsPerSecond).toLocaleString('en').padStart(12)} requests/s`;
}

function renderVerdict({ of, over, ratio, atMost, isMet }: Verdict): string {
  return `  ${of} is ${ratio.toFixed(2)}x ${over}; the bar is ${atMost.toFixed(2)}x: ${isMet ? 'met' : 'NOT MET'}`;
}
