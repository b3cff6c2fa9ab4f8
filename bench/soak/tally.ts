// tally.ts: what came of a soak: counts by kind, failures as they were told, and lines through what was sampled.

export class Tally {
  readonly done = new Map<string, number>();
  readonly failures: string[] = [];

  did(kind: string): void {
    this.done.set(kind, (this.done.get(kind) ?? 0) + 1);
  }

  failed(kind: string, error: unknown): void {
    this.failures.push(`${new Date().toISOString()} ${kind}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export interface Sample {
  readonly atMs: number;
  readonly rssBytes: number;
  readonly descriptors: number;
}

/** How much a value rises from one second to the next: the line of least squares. Nothing where there is no line. */
export function slopePerSecond(points: readonly (readonly [atMs: number, value: number])[]): number {
  const atMean = mean(points.map(([atMs]) => atMs));
  const valueMean = mean(points.map(([, value]) => value));
  const spread = points.reduce((sum, [atMs]) => sum + (atMs - atMean) ** 2, 0);
  if (spread === 0) return 0;
  return (points.reduce((sum, [atMs, value]) => sum + (atMs - atMean) * (value - valueMean), 0) / spread) * 1_000;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
