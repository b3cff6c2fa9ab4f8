// log/pattern.ts: the formats of an ini become functions: `%(levelname)-5.5s`, `{message:>40}`, `${name}`.
//
// Law: what is said by strangers is escaped in each field.
//
// Source: logging.PercentStyle, StrFormatStyle and StringTemplateStyle of CPython, and what their operators do with each field.

import { MONTHS, strftime } from './strftime.ts';
import { Calendar } from './calendar.ts';
import { needsCaller, valueOf } from './fields.ts';
import { printable, printableValue } from './printable.ts';
import type { FormatterConfig } from './logging-config.ts';
import type { LogEvent } from './event.ts';

export interface Pattern {
  readonly render: (event: LogEvent) => string;
  /** Some field needs the place in the code. */
  readonly needsCaller: boolean;
}

type Style = NonNullable<FormatterConfig['style']>;
type Piece = string | { readonly name: string; readonly show: (value: unknown) => string };

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
    piecesOf(format, style);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Throws where `whyNoPattern` says why. */
export function compilePattern({ format, style = '%', datefmt, defaults }: FormatterConfig): Pattern {
  const pieces = piecesOf(format ?? DEFAULT_FORMAT[style], style);
  const names = pieces.flatMap((piece) => (typeof piece === 'string' ? [] : [piece.name]));
  const shown = (event: LogEvent, { name, show }: Exclude<Piece, string>): string => {
    // What `datefmt` says is the operator's; a message may have the lines of a stack.
    if (name === 'asctime') return show(timeOf(event.epochMs, datefmt));
    if (name === 'message') return show(printable(event.message));
    return printableValue(show(valueOf(event, name, defaults)));
  };
  return {
    needsCaller: names.some(needsCaller),
    render: (event) => {
      let text = '';
      for (const piece of pieces) text += typeof piece === 'string' ? piece : shown(event, piece);
      return text;
    },
  };
}

/** `2026-11-20 22:48:01,123`, in local time, or as `datefmt` has it. */
export function timeOf(epochMs: number, datefmt?: string): string {
  const date = new Calendar(epochMs);
  if (datefmt !== undefined) return strftime(datefmt, date);
  return `${strftime('%Y-%m-%d %H:%M:%S', date)},${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** `20/Nov/2026:22:48:01 +0000`: Apache's. */
export function commonTime(epochMs: number): string {
  const date = new Calendar(epochMs);
  return strftime(`%d/${MONTHS[date.getMonth()]!.slice(0, 3)}/%Y:%H:%M:%S %z`, date);
}

function piecesOf(format: string, style: Style): Piece[] {
  switch (style) {
    case '%':
      return percentPieces(format);
    case '{':
      return bracePieces(format);
    case '$':
      return dollarPieces(format);
  }
}

const PERCENT = /%(?:\((\w+)\)([#0+ -]*)([0-9]*)(?:\.([0-9]*))?[hlL]?([diouxXeEfFgGcrsa])|%|)/g;

function percentPieces(format: string): Piece[] {
  return cut(format, PERCENT, ([whole, name, flags = '', width = '', precision, type = '']) => {
    if (whole === '%%') return '%';
    if (name === undefined) throw new Error('a % is neither %% nor a field such as %(message)s');
    const spec: Spec = {
      flags,
      width: width === '' ? 0 : Number(width),
      precision: precision === undefined ? undefined : Number(precision),
      type,
    };
    return { name, show: (value) => printf(value, spec) };
  });
}

/** The text between the finds, and what is made of each. */
function cut(format: string, find: RegExp, made: (found: RegExpMatchArray) => Piece): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const found of format.matchAll(find)) {
    pieces.push(format.slice(at, found.index), made(found));
    at = found.index + found[0].length;
  }
  return [...pieces, format.slice(at)].filter((piece) => piece !== '');
}

interface Spec {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly type: string;
}

/** Python's % operator for one field. What is no number stands as text where a number is wanted. */
function printf(value: unknown, { flags, width, precision, type }: Spec): string {
  const isNumber = typeof value === 'number' && 'diouxXeEfFgG'.includes(type);
  if (!isNumber) {
    const text = asText(value, type);
    return padded(precision === undefined ? text : text.slice(0, precision), width, flags.includes('-') ? '<' : '>');
  }
  const size = digitsOf(Math.abs(value), type, precision, flags.includes('#'));
  const isNegative = value < 0;
  const sign = isNegative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  if (flags.includes('-')) return padded(sign + size, width, '<');
  return flags.includes('0') ? sign + size.padStart(width - sign.length, '0') : padded(sign + size, width, '>');
}

function digitsOf(size: number, type: string, precision: number | undefined, isAlternate: boolean): string {
  const whole = (radix: number, prefix: string): string =>
    (isAlternate ? prefix : '') +
    Math.trunc(size)
      .toString(radix)
      .padStart(precision ?? 0, '0');
  switch (type) {
    case 'x':
      return whole(16, '0x');
    case 'X':
      return whole(16, '0x').toUpperCase();
    case 'o':
      return whole(8, '0o');
    case 'e':
    case 'E': {
      const text = exponent(size.toExponential(precision ?? 6));
      return type === 'E' ? text.toUpperCase() : text;
    }
    case 'f':
    case 'F':
      return size.toFixed(precision ?? 6);
    case 'g':
    case 'G': {
      const text = general(size, precision ?? 6);
      return type === 'G' ? text.toUpperCase() : text;
    }
    default:
      return whole(10, '');
  }
}

/** `1e+5` is `1e+05` in C. */
function exponent(text: string): string {
  return text.replace(/e([+-])([0-9])$/, 'e$10$2');
}

/** C's %g: the shorter of %e and %f, without zeros at the end. */
function general(size: number, precision: number): string {
  const digits = Math.max(1, precision);
  const power = size === 0 ? 0 : Number(size.toExponential(digits - 1).split('e')[1]);
  if (power < -4 || power >= digits) return exponent(size.toExponential(digits - 1).replace(/\.?0+e/, 'e'));
  const text = size.toFixed(Math.max(0, digits - 1 - power));
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function padded(text: string, width: number, align: '<' | '>' | '^', fill = ' '): string {
  if (align === '<') return text.padEnd(width, fill);
  if (align === '>') return text.padStart(width, fill);
  const left = Math.floor((width - text.length) / 2);
  return left <= 0 ? text.padEnd(width, fill) : text.padStart(text.length + left, fill).padEnd(width, fill);
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'object') return JSON.stringify(value) ?? 'None';
  return `${value as string | number | boolean}`;
}

/** As str, repr and ascii of Python have it. */
function asText(value: unknown, conversion: string | undefined): string {
  if (conversion === 'r') return quoted(value);
  return conversion === 'a' ? quoted(value).replaceAll(/[^\x00-\x7e]/gu, asciiEscape) : textOf(value);
}

function asciiEscape(char: string): string {
  const code = char.codePointAt(0)!;
  if (code <= 0xff) return `\\x${code.toString(16)}`;
  return code <= 0xff_ff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
}

/** Python's repr, as far as records have such values. */
function quoted(value: unknown): string {
  if (typeof value !== 'string') return textOf(value);
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  return `${quote}${value.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`)}${quote}`;
}

const BRACE = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;
const BRACE_FIELD = /^(\w+)(?:!([rsa]))?(?::(.*))?$/s;
const BRACE_SPEC = /^(?:(.)?([<>^=]))?([+ -])?(#)?(0)?([0-9]+)?(,)?(?:\.([0-9]+))?([bcdeEfFgGnosxX%])?$/su;

function bracePieces(format: string): Piece[] {
  return cut(format, BRACE, ([whole, inner]) => {
    if (whole === '{{' || whole === '}}') return whole[0]!;
    const [, name, conversion, spec = ''] = BRACE_FIELD.exec(inner ?? '') ?? [];
    if (name === undefined) throw new Error(`${whole} is no field such as {message} or {levelname:<8}`);
    const found = BRACE_SPEC.exec(spec);
    if (found === null) throw new Error(`${whole}: the part behind the colon is no format`);
    return { name, show: (value) => formatted(value, conversion, found) };
  });
}

/** str.format for one field. */
function formatted(value: unknown, conversion: string | undefined, spec: RegExpExecArray): string {
  const [, fill = ' ', align, sign = '-', alternate, zero, width = '0', comma, precision, type] = spec;
  const digits = precision === undefined ? undefined : Number(precision);
  if (typeof value !== 'number' || conversion !== undefined) {
    const text = asText(value, conversion);
    const short = digits === undefined ? text : text.slice(0, digits);
    return padded(short, Number(width), align === undefined || align === '=' ? '<' : (align as '<'), fill);
  }
  const plain = type === undefined && digits === undefined ? String(Math.abs(value)) : undefined;
  let size = plain ?? digitsOf(Math.abs(value), numberType(value, type), digits, alternate !== undefined);
  if (comma !== undefined) size = size.replace(/^[0-9]+/, (whole) => whole.replaceAll(/\B(?=(?:[0-9]{3})+$)/g, ','));
  const mark = value < 0 ? '-' : sign === '-' ? '' : sign;
  if (zero !== undefined || align === '=')
    return mark + size.padStart(Number(width) - mark.length, zero === undefined ? fill : '0');
  return padded(mark + size, Number(width), (align as '<' | '>' | '^' | undefined) ?? '>', fill);
}

function numberType(value: number, type: string | undefined): string {
  if (type !== undefined && type !== 'n') return type;
  return Number.isInteger(value) && type === 'n' ? 'd' : 'g';
}

const DOLLAR = /\$(?:(\$)|([_a-z][_a-z0-9]*)|\{([_a-z][_a-z0-9]*)\}|)/gi;

function dollarPieces(format: string): Piece[] {
  return cut(format, DOLLAR, ([, dollar, plain, braced]) => {
    if (dollar !== undefined) return '$';
    const name = plain ?? braced;
    if (name === undefined) throw new Error('a $ is neither $$ nor a field such as ${message}');
    return { name, show: textOf };
  });
}
