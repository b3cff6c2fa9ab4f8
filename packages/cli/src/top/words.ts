// top/words.ts: figures as people read them in a terminal. The status page has the same words (server/page/page.js).

export function workersText(count: number): string {
  return count === 1 ? '1 worker' : `${count} workers`;
}

export function timeText(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '-';
  if (ms < 10) return `${ms.toFixed(2)} ms`;
  return ms < 1_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

export function rateText(perS: number | undefined): string {
  if (perS === undefined) return '-';
  return perS < 100 ? perS.toFixed(1) : countText(Math.round(perS));
}

export function countText(value: number | undefined): string {
  return value === undefined ? '-' : value.toLocaleString('en');
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

export function bytesText(bytes: number | undefined): string {
  if (bytes === undefined) return '-';
  let at = 0;
  for (let rest = bytes; rest >= 1_000 && at < UNITS.length - 1; rest /= 1_000) at += 1;
  return at === 0 ? `${Math.round(bytes)} B` : `${(bytes / 1_000 ** at).toFixed(1)} ${UNITS[at]!}`;
}

export function ageText(ms: number): string {
  if (ms < 60_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 86_400_000 ? `${(ms / 3_600_000).toFixed(1)} h` : `${(ms / 86_400_000).toFixed(1)} days`;
}

/** Clients' text: what would move the cursor, or colour what follows, is shown and not done. */
export function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '\ufffd');
}

const BARS = '▁▂▃▄▅▆▇█';

/** The last values as a line of bars, as wide as that; a blank where nothing was measured. */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const shown = values.slice(-Math.max(0, width));
  const most = Math.max(0, ...shown.map((value) => value ?? 0));
  const bars = shown.map((value) => {
    if (value === null) return ' ';
    return BARS[most === 0 ? 0 : Math.min(BARS.length - 1, Math.round((value / most) * (BARS.length - 1)))]!;
  });
  return bars.join('').padStart(Math.max(0, width));
}
