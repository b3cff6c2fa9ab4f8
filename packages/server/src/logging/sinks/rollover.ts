// logging/sinks/rollover.ts: when a file that rotates by time begins anew, and what the old one is called then. A machine.
//
// Source: logging.handlers.TimedRotatingFileHandler of CPython (`computeRollover`, `doRollover`).

import { strftime } from '@appserve/core/log';

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

export interface Schedule {
  /** S, M, H, D, MIDNIGHT, W0 (Monday) to W6. */
  readonly when: string;
  readonly interval: number;
  readonly isUtc: boolean;
}

const UNITS: Readonly<Record<string, readonly [ms: number, suffix: string]>> = {
  S: [SECOND_MS, '%Y-%m-%d_%H-%M-%S'],
  M: [60 * SECOND_MS, '%Y-%m-%d_%H-%M'],
  H: [3_600 * SECOND_MS, '%Y-%m-%d_%H'],
  D: [DAY_MS, '%Y-%m-%d'],
  MIDNIGHT: [DAY_MS, '%Y-%m-%d'],
  W: [7 * DAY_MS, '%Y-%m-%d'],
};

function unitOf({ when }: Schedule): readonly [ms: number, suffix: string] {
  return UNITS[when.startsWith('W') ? 'W' : when]!;
}

/** The first moment at which the file that was written last at `epochMs` is an old one. */
export function rolloverAfter(schedule: Schedule, epochMs: number): number {
  const { when, interval, isUtc } = schedule;
  if (when !== 'MIDNIGHT' && !when.startsWith('W')) return epochMs + unitOf(schedule)[0] * interval;
  const midnight = (days: number): number => {
    const date = new Date(epochMs);
    return isUtc
      ? Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + days)
      : new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
  };
  if (when === 'MIDNIGHT') return midnight(interval);
  const date = new Date(epochMs);
  // Python's week begins on Monday.
  const today = ((isUtc ? date.getUTCDay() : date.getDay()) + 6) % 7;
  const ahead = (Number(when.slice(1)) - today + 7) % 7;
  return midnight(ahead + 1 + 7 * (interval - 1));
}

/** What the old file is called, behind a dot: when it was begun. */
export function suffixOf(schedule: Schedule, rolloverMs: number): string {
  const [ms, suffix] = unitOf(schedule);
  const beganMs = rolloverMs - ms * schedule.interval;
  const date = new Date(beganMs);
  return strftime(suffix, schedule.isUtc ? new Date(beganMs + date.getTimezoneOffset() * 60_000) : date);
}

/** Such a name, behind the dot. */
export function isSuffix(schedule: Schedule, text: string): boolean {
  const pattern = unitOf(schedule)[1].replaceAll(/%[A-Za-z]/g, (directive) => (directive === '%Y' ? '[0-9]{4}' : '[0-9]{2}'));
  return new RegExp(`^${pattern}$`).test(text);
}
