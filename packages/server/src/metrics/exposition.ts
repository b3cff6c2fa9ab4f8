// metrics/exposition.ts: a snapshot as Prometheus reads it: text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).

import type { Histogram } from '../workers/histogram.ts';
import type { Snapshot } from './snapshot.ts';
import { BOUNDS_S, METRICS, type Labels, type Metric } from './table.ts';

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function exposition(snapshot: Snapshot): string {
  const blocks = Object.entries<Metric>(METRICS).map(([name, metric]) =>
    [`# HELP ${name} ${helpText(metric.help)}`, `# TYPE ${name} ${metric.type}`, ...linesOf(name, metric, snapshot)].join('\n'),
  );
  return `${blocks.join('\n')}\n`;
}

function linesOf(name: string, metric: Metric, snapshot: Snapshot): string[] {
  if (metric.type === 'histogram') return histogramLines(name, metric.read(snapshot));
  return metric.read(snapshot).map(([labels, value]) => line(name, labels, value));
}

/** A bucket has what is below it as well; the count is that of the last one, so that the two cannot differ. */
function histogramLines(name: string, { counts, sumMs }: Histogram): string[] {
  let count = 0;
  const buckets = counts.map((own, bucket) => {
    count += own;
    return line(`${name}_bucket`, { le: numberText(BOUNDS_S[bucket] ?? Number.POSITIVE_INFINITY) }, count);
  });
  return [...buckets, line(`${name}_sum`, {}, sumMs / 1_000), line(`${name}_count`, {}, count)];
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${labelText(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberText(value)}`;
}

function numberText(value: number): string {
  return value === Number.POSITIVE_INFINITY ? '+Inf' : String(value);
}

function labelText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function helpText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
