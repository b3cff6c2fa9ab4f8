// log/strftime.ts: dates as strftime(3) writes them, in the C locale: what `datefmt` of an ini takes.

import { Calendar } from './calendar.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

const DAY_MS = 86_400_000;

function pad(value: number, width = 2, fill = '0'): string {
  return String(value).padStart(width, fill);
}

/** `+0200` */
function zoneOf(date: Calendar): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}${pad(size % 60)}`;
}

function dayOfYear(date: Calendar): number {
  const first = Calendar.UTC(date.getFullYear(), 0, 1);
  return Math.round((Calendar.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - first) / DAY_MS) + 1;
}

function weekOfYear(date: Date, firstDay: 0 | 1): number {
  const day = (date.getDay() - firstDay + 7) % 7;
  return Math.floor((dayOfYear(date) - 1 + 7 - day) / 7);
}

/** ISO 8601: the week that holds the year's first Thursday is week 1. */
function isoWeek(date: Calendar): { readonly year: number; readonly week: number } {
  const thursday = new Calendar(date.getFullYear(), date.getMonth(), date.getDate() + 4 - (date.getDay() || 7));
  return { year: thursday.getFullYear(), week: Math.ceil(dayOfYear(thursday) / 7) };
}

function hour12(date: Calendar): number {
  return date.getHours() % 12 || 12;
}

/** Made for the first who wants it: it costs each thread 7 ms. */
let zoneNames: Intl.DateTimeFormat | undefined;

function zoneName(date: Calendar): string {
  zoneNames ??= new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' });
  return zoneNames.formatToParts(date).find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

const DIRECTIVES: Readonly<Record<string, (date: Calendar) => string>> = {
  '%': () => '%',
  A: (date) => DAYS[date.getDay()]!,
  a: (date) => DAYS[date.getDay()]!.slice(0, 3),
  B: (date) => MONTHS[date.getMonth()]!,
  b: (date) => MONTHS[date.getMonth()]!.slice(0, 3),
  C: (date) => pad(Math.floor(date.getFullYear() / 100)),
  c: (date) => strftime('%a %b %e %H:%M:%S %Y', date),
  D: (date) => strftime('%m/%d/%y', date),
  d: (date) => pad(date.getDate()),
  e: (date) => pad(date.getDate(), 2, ' '),
  F: (date) => strftime('%Y-%m-%d', date),
  G: (date) => String(isoWeek(date).year),
  g: (date) => pad(isoWeek(date).year % 100),
  H: (date) => pad(date.getHours()),
  h: (date) => MONTHS[date.getMonth()]!.slice(0, 3),
  I: (date) => pad(hour12(date)),
  j: (date) => pad(dayOfYear(date), 3),
  k: (date) => pad(date.getHours(), 2, ' '),
  l: (date) => pad(hour12(date), 2, ' '),
  M: (date) => pad(date.getMinutes()),
  m: (date) => pad(date.getMonth() + 1),
  n: () => '\n',
  P: (date) => (date.getHours() < 12 ? 'am' : 'pm'),
  p: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  R: (date) => strftime('%H:%M', date),
  r: (date) => strftime('%I:%M:%S %p', date),
  S: (date) => pad(date.getSeconds()),
  s: (date) => String(Math.floor(date.getTime() / 1_000)),
  T: (date) => strftime('%H:%M:%S', date),
  t: () => '\t',
  U: (date) => pad(weekOfYear(date, 0)),
  u: (date) => String(date.getDay() || 7),
  V: (date) => pad(isoWeek(date).week),
  W: (date) => pad(weekOfYear(date, 1)),
  w: (date) => String(date.getDay()),
  X: (date) => strftime('%H:%M:%S', date),
  x: (date) => strftime('%m/%d/%y', date),
  Y: (date) => String(date.getFullYear()),
  y: (date) => pad(date.getFullYear() % 100),
  Z: zoneName,
  z: zoneOf,
};

/** In local time. A letter that is no directive stays as it stands, as glibc has it. */
export function strftime(format: string, date: Calendar): string {
  return format.replaceAll(/%([A-Za-z%])/g, (whole, letter: string) => DIRECTIVES[letter]?.(date) ?? whole);
}
