// log/pattern.ts: the formats of an ini become functions of records.
//
// Source: logging.Formatter of CPython.

import { MONTHS, strftime } from './strftime.ts';
import { Calendar } from './calendar.ts';
import { needsCaller, valueOf } from './fields.ts';
import type { FormatterConfig } from './logging-config.ts';
import type { LogEvent } from './event.ts';
import { compileTemplate, type Style } from './template.ts';

export interface Pattern {
  readonly render: (event: LogEvent) => string;
  /** Some field needs the place in the code. */
  readonly needsCaller: boolean;
}

const DEFAULT_FORMAT = { '%': '%(message)s', '{': '{message}', $: '${message}' } as const;

/** A format with no field of its style is a mistake in Python too. */
const HAS_FIELD: Readonly<Record<Style, RegExp>> = {
  '%': /%\(\w+\)[#0+ -]*(?:\*|[0-9]+)?(?:\.(?:\*|[0-9]+))?[diouxefgcrsa%]/i,
  '{': /\{[^{}]+\}/,
  $: /\$(?:\{?[_a-z][_a-z0-9]*\}?)/i,
};

/** Why the format cannot be used, in words; nothing where it can. */
export function whyNoPattern({ format, style = '%' }: FormatterConfig): string | undefined {
  if (format === undefined) return undefined;
  if (!HAS_FIELD[style].test(format)) return `it has no field, such as ${DEFAULT_FORMAT[style]}`;
  try {
    compileTemplate(format, style, () => undefined);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Throws where `whyNoPattern` says why. */
export function compilePattern({ format, style = '%', datefmt, defaults }: FormatterConfig): Pattern {
  const fieldOf = (event: LogEvent, name: string): unknown =>
    name === 'asctime' ? timeOf(event.epochMs, datefmt) : valueOf(event, name, defaults);
  const { names, render } = compileTemplate(format ?? DEFAULT_FORMAT[style], style, fieldOf);
  return { needsCaller: names.some(needsCaller), render };
}

/** `2026-11-20 22:48:01,123`, in local time, or as `datefmt` has it. */
export function timeOf(epochMs: number, datefmt?: string): string {
  const date = new Calendar(epochMs);
  if (datefmt !== undefined) return strftime(datefmt, date);
  return `${strftime('%Y-%m-%d %H:%M:%S', date)},${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Lines of a second share its text. */
let second = Number.NaN;
let secondText = '';

/** `20/Nov/2026:22:48:01 +0000`: Apache's, in local time. */
export function commonTime(epochMs: number): string {
  const current = Math.floor(epochMs / 1_000);
  if (current === second) return secondText;
  const date = new Calendar(epochMs);
  second = current;
  secondText = strftime(`%d/${MONTHS[date.getMonth()]!.slice(0, 3)}/%Y:%H:%M:%S %z`, date);
  return secondText;
}
