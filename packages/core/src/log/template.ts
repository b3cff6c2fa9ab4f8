// log/template.ts: text with named fields in it, in Python's three styles: `%(status)-5.5s`, `{status:>5}`, `${status}`. A machine.
//
// Source: the % operator, str.format and string.Template of CPython, as logging.PercentStyle, StrFormatStyle and StringTemplateStyle use
// them.

import type { FormatterConfig } from './logging-config.ts';

export type Style = NonNullable<FormatterConfig['style']>;

export interface Template<S> {
  /** The fields that stand in it, in their order. */
  readonly names: readonly string[];
  readonly render: (source: S) => string;
}

/** Throws an Error that says in words why the text is no template. */
export function compileTemplate<S>(text: string, style: Style, valueOf: (source: S, name: string) => unknown): Template<S> {
  const pieces = piecesOf(text, style);
  return {
    names: pieces.flatMap((piece) => (typeof piece === 'string' ? [] : [piece.name])),
    render: (source) => {
      let made = '';
      for (const piece of pieces) made += typeof piece === 'string' ? piece : piece.show(valueOf(source, piece.name));
      return made;
    },
  };
}

type Piece = string | { readonly name: string; readonly show: (value: unknown) => string };

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
