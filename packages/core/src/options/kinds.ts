// options/kinds.ts: what a value can be. Each kind is a zod schema that takes the text of an ini file, of a flag or of a
// variable, and equally the value itself from TypeScript.
//
// Law: nothing is guessed. A value that is not exactly of its kind is refused with the words of what is allowed.

import { z } from 'zod';
import { booleanOf } from '../boolean-word.ts';
import type { ExportRef } from '../export-ref.ts';
import { nearest } from '../nearest.ts';

export type Unit = 'Ms' | 'Bytes' | '';

export interface Kind<T, U extends Unit = Unit> {
  readonly schema: z.ZodType<T>;
  /** Stands last in the TypeScript name of the option. */
  readonly unit: U;
  /** What is allowed, as it completes the sentence "must be ...". */
  readonly allowed: string;
  /** What stands for the value in help lines: N, SECONDS, ... */
  readonly placeholder: string;
  /** What is wrong with a value that is refused, where more can be said than what is allowed. */
  readonly whyNot?: (raw: unknown) => string | undefined;
  /** The text names an export as `use` does: a loader finds it and settles with an ExportRef. */
  readonly isExport?: boolean;
  /** What is not of this kind may be something that nobody shall read: it is not shown. */
  readonly isSecret?: boolean;
}

const REFUSED = Symbol('not of this kind');
type Read<T> = (raw: unknown) => T | typeof REFUSED;

function kind<T, U extends Unit>(read: Read<T>, unit: U, allowed: string, placeholder: string): Kind<T, U> {
  const schema = z.unknown().transform((raw, context) => {
    const value = read(raw);
    if (value !== REFUSED) return value;
    context.addIssue({ code: 'custom', message: `must be ${allowed}` });
    return z.NEVER;
  });
  return { schema, unit, allowed, placeholder };
}

const DIGITS = /^[0-9]{1,15}$/;
const INTEGER_MAX = Number.MAX_SAFE_INTEGER;

/** A number as it is, or from decimal digits only: `Number()` would also take 0x10, 1e3, blanks and the empty text. */
function wholeNumber(raw: unknown, min: number, max: number): number | typeof REFUSED {
  const value = typeof raw === 'string' && DIGITS.test(raw) ? Number(raw) : raw;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max ? value : REFUSED;
}

/** Digits and a unit: `30s`, `16KiB`. Text without a unit is of the first one; a number is in the smallest already. */
function measure(raw: unknown, units: Readonly<Record<string, number>>, min: number, max: number): number | typeof REFUSED {
  if (typeof raw !== 'string') return wholeNumber(raw, min, max);
  const [, digits = '', unit = Object.keys(units)[0]!] = /^([0-9]+)(?: ?([A-Za-z]+))?$/.exec(raw) ?? [];
  const factor = Object.hasOwn(units, unit) ? units[unit]! : Number.NaN;
  return DIGITS.test(digits) ? wholeNumber(Number(digits) * factor, min, max) : REFUSED;
}

/** What is allowed says the rest. */
function whyNoMeasure(raw: unknown, units: Readonly<Record<string, number>>): string | undefined {
  const written = typeof raw === 'string' || typeof raw === 'number' ? String(raw) : '';
  if (/^-[0-9]/.test(written)) return 'it is negative';
  const [, unit] = /^[0-9]+ ?([A-Za-z]+)$/.exec(written) ?? [];
  return unit === undefined || Object.hasOwn(units, unit) ? undefined : `${unit} is none of ${Object.keys(units).join(', ')}`;
}

function range(min: number, max: number): string {
  if (max !== INTEGER_MAX) return `a whole number from ${min} to ${max}`;
  return min === 0 ? 'a whole number' : `a whole number >= ${min}`;
}

export function count({ min = 0, max = INTEGER_MAX } = {}): Kind<number, ''> {
  return kind((raw) => wholeNumber(raw, min, max), '', range(min, max), 'N');
}

/** A count, or one of a few words with a value of their own: `unlimited`, `auto`, `None`. */
export function countOr<W extends Readonly<Record<string, unknown>>>(
  words: W,
  { min = 0, max = INTEGER_MAX } = {},
): Kind<number | W[keyof W], ''> {
  const read = (raw: unknown): number | W[keyof W] | typeof REFUSED => {
    if (typeof raw === 'string' && Object.hasOwn(words, raw)) return words[raw] as W[keyof W];
    return Object.values(words).includes(raw) ? (raw as W[keyof W]) : wholeNumber(raw, min, max);
  };
  return kind(read, '', `${range(min, max)} or ${Object.keys(words).join(' or ')}`, 'N');
}

function readFileMode(raw: unknown): number | typeof REFUSED {
  if (typeof raw === 'string') return /^0?[0-7]{3}$/.test(raw) ? Number.parseInt(raw, 8) : REFUSED;
  return wholeNumber(raw, 0, 0o777);
}

/** Permissions of a file, as chmod takes them: `0660`, `660`. From TypeScript the number: 0o660. */
export function fileMode(): Kind<number, ''> {
  return kind(readFileMode, '', 'permissions as chmod takes them, such as 0660', 'MODE');
}

/** What a new file does not get, as the shell's umask takes it: `022`, `0027`. From TypeScript the number: 0o022. */
export function fileMask(): Kind<number, ''> {
  return kind(readFileMode, '', 'what new files do not get, as umask takes it, such as 022', 'MASK');
}

const MS_OF = { s: 1_000, ms: 1, m: 60_000, h: 3_600_000 };
/** What a timer of Node can wait: 24 days. */
const MS_MAX = 2 ** 31 - 1;
const LONGEST = `the longest is ${Math.floor(MS_MAX / 1_000)}s, which is 24 days`;

/**
 * Text is seconds unless it says otherwise: `30`, `30s`, `500ms`, `2m`, `1h`. A number from TypeScript is milliseconds.
 * `off`: 0 is allowed, whatever the least is.
 */
export function seconds({ minMs = 0, off = false } = {}): Kind<number, 'Ms'> {
  const allowed = `a time such as 30, 30s, 500ms or 2m${minMs > 0 ? `, at least ${minMs}ms` : ''}${off ? ', or 0' : ''}`;
  const read = (raw: unknown): number | typeof REFUSED => {
    const ms = measure(raw, MS_OF, off ? 0 : minMs, MS_MAX);
    return ms === REFUSED || ms >= minMs || ms === 0 ? ms : REFUSED;
  };
  return { ...kind(read, 'Ms', allowed, 'SECONDS'), whyNot: (raw) => whyNoMeasure(raw, MS_OF) ?? tooLong(raw) };
}

/** What is wrong with a time, where that is it. */
function tooLong(raw: unknown): string | undefined {
  return measure(raw, MS_OF, MS_MAX + 1, INTEGER_MAX) === REFUSED ? undefined : LONGEST;
}

const BYTES_OF = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** `8190`, `16KiB`, `1GiB`, or `unlimited` where that is allowed (Infinity). */
export function size({ min = 0, max = INTEGER_MAX, unlimited = false } = {}): Kind<number, 'Bytes'> {
  const least = min > 0 ? `, at least ${min} bytes` : '';
  const most = max < INTEGER_MAX ? `, at most ${max} bytes` : '';
  const allowed = `a size such as 8190, 16KiB or 1GiB${least}${most}${unlimited ? ', or unlimited' : ''}`;
  const read = (raw: unknown): number | typeof REFUSED => {
    const isUnlimited = unlimited && (raw === 'unlimited' || raw === Number.POSITIVE_INFINITY);
    return isUnlimited ? Number.POSITIVE_INFINITY : measure(raw, BYTES_OF, min, max);
  };
  return { ...kind(read, 'Bytes', allowed, 'SIZE'), whyNot: (raw) => whyNoMeasure(raw, BYTES_OF) };
}

function readBool(raw: unknown): boolean | typeof REFUSED {
  if (typeof raw === 'boolean') return raw;
  return (typeof raw === 'string' ? booleanOf(raw) : undefined) ?? REFUSED;
}

export function bool(): Kind<boolean, ''> {
  return kind(readBool, '', 'true or false (yes, on, y, t, 1 / no, off, n, f, 0)', 'BOOL');
}

export function choice<const C extends readonly string[]>(...choices: C): Kind<C[number], ''> {
  const read = (raw: unknown): C[number] | typeof REFUSED => choices.find((word) => word === raw) ?? REFUSED;
  const whyNot = (raw: unknown): string | undefined => {
    const like = typeof raw === 'string' ? meantWord(raw, choices) : undefined;
    return like && `did you mean ${like}?`;
  };
  return { ...kind(read, '', `one of ${choices.join(', ')}`, choices.join('|')), whyNot };
}

/** `INFO`, `wran`, and `warning`, which begins as its short form does. */
function meantWord(written: string, words: readonly string[]): string | undefined {
  return nearest(written, words) ?? words.find((word) => written.toLowerCase().startsWith(word));
}

function readList(raw: unknown): readonly string[] | typeof REFUSED {
  if (typeof raw === 'string') return raw.split(/\s+/).filter((word) => word !== '');
  return Array.isArray(raw) && raw.every((item) => typeof item === 'string') ? [...raw] : REFUSED;
}

/**
 * Words parted by white space or line ends, each of which `isWord` takes; from TypeScript an array, or one such text. `whyNoWord`: what
 * is said of one that it does not take.
 */
export function list<W extends string = string>(
  allowed = 'words parted by white space or lines',
  placeholder = 'LIST',
  isWord: ((word: string) => boolean) | ((word: string) => word is W) = () => true,
  whyNoWord = (word: string): string | undefined => `${word} is none`,
): Kind<readonly W[], ''> {
  const read = (raw: unknown): readonly W[] | typeof REFUSED => {
    const words = readList(raw);
    return words === REFUSED || words.every(isWord) ? (words as readonly W[] | typeof REFUSED) : REFUSED;
  };
  const whyNot = (raw: unknown): string | undefined => {
    const words = readList(raw);
    const wrong = words === REFUSED ? undefined : words.find((word) => !isWord(word));
    if (wrong === undefined) return undefined;
    return wrong.includes(',') ? `there is a comma in ${wrong}: words are parted by white space` : whyNoWord(wrong);
  };
  return { ...kind(read, '', allowed, placeholder), whyNot };
}

export function text(allowed = 'text', placeholder = 'TEXT'): Kind<string, ''> {
  return kind((raw) => (typeof raw === 'string' && raw !== '' ? raw : REFUSED), '', allowed, placeholder);
}

/** Behind a value it is no comment: with it, a path would be that of another file, which nobody would miss. */
const COMMENT = /\s(?:;|#(?:\s|$))/;

/** A path, as the system takes it. */
export function path(allowed = 'the path of a file', placeholder = 'PATH'): Kind<string, ''> {
  return kind((raw) => (isPath(raw) ? raw : REFUSED), '', allowed, placeholder);
}

function isPath(raw: unknown): raw is string {
  return typeof raw === 'string' && raw !== '' && !COMMENT.test(raw);
}

/** A path, or None for that there is none. */
export function pathOrNone(allowed: string, placeholder = 'PATH'): Kind<string | undefined, ''> {
  return kind(readPathOrNone, '', `${allowed}, or None`, placeholder);
}

function readPathOrNone(raw: unknown): string | undefined | typeof REFUSED {
  if (raw === undefined || raw === 'None') return undefined;
  return isPath(raw) ? raw : REFUSED;
}

/** Text in which `whyNot` finds nothing wrong. */
export function checked(whyNot: (text: string) => string | undefined, allowed: string, placeholder = 'TEXT'): Kind<string, ''> {
  const why = (raw: unknown): string | undefined => (typeof raw === 'string' && raw !== '' ? whyNot(raw) : undefined);
  const read = (raw: unknown): string | typeof REFUSED =>
    typeof raw === 'string' && raw !== '' && why(raw) === undefined ? raw : REFUSED;
  return { ...kind(read, '', allowed, placeholder), whyNot: why };
}

/** A path, or another word, or from TypeScript what `is` takes. */
export function pathOr<T>(is: (raw: unknown) => raw is T, allowed: string, placeholder = 'TEXT'): Kind<string | T, ''> {
  const read = (raw: unknown): string | T | typeof REFUSED => (is(raw) || isPath(raw) ? raw : REFUSED);
  return kind(read, '', allowed, placeholder);
}

/** Text, or None for that there is nothing. */
export function textOrNone(allowed: string, placeholder: string): Kind<string | undefined, ''> {
  return kind(readTextOrNone, '', `${allowed}, or None`, placeholder);
}

function readTextOrNone(raw: unknown): string | undefined | typeof REFUSED {
  if (raw === undefined || raw === 'None') return undefined;
  return typeof raw === 'string' && raw !== '' ? raw : REFUSED;
}

/** Text of a form that only its part knows: nothing where it is not of that form. The value is its own text from TypeScript too. */
export function parsed<T>(read: (text: string) => T | undefined, allowed: string, placeholder = 'TEXT'): Kind<T, ''> {
  return kind((raw) => (typeof raw === 'string' ? (read(raw) ?? REFUSED) : REFUSED), '', allowed, placeholder);
}

/** Of an option where somebody may write what belongs elsewhere: a passphrase instead of the place where it is found. */
export function secret<T, U extends Unit>(of: Kind<T, U>): Kind<T, U> {
  return { ...of, isSecret: true };
}

/** A URL with the name of an export behind its #. */
function readExport(raw: unknown): ExportRef | typeof REFUSED {
  if (typeof raw === 'string' || raw instanceof URL) {
    const [, module = '', name = ''] = /^([a-z]{2,}:[^#]+)#([\w$.]+)$/.exec(String(raw)) ?? [];
    return name === '' ? REFUSED : { module, export: name };
  }
  const { module, export: name } = Object(raw) as Partial<ExportRef>;
  return typeof module === 'string' && typeof name === 'string' ? (raw as ExportRef) : REFUSED;
}

/** An export that is imported where it is needed, as `use` names factories. From TypeScript a URL: `new URL('./a.js#A', import.meta.url)`. */
export function exported(allowed: string, placeholder = 'EXPORT'): Kind<ExportRef, ''> {
  return { ...kind(readExport, '', allowed, placeholder), isExport: true };
}
