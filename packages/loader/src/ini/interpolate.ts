// ini/interpolate.ts: `%(name)s` and `%%`, as ConfigParser's BasicInterpolation has them.
//
// Law: what a variable from outside the file yields (`here`, the command line) is never scanned again: a percent sign in a path
// or an argument is a percent sign.

import { Fault, nearest, type FaultContext, type Place } from '@appserve/core';
import type { Document, RawValue, Section } from './document.ts';

/** Values that no file wrote. */
export type Variables = Readonly<Record<string, string>>;

/** ConfigParser's MAX_INTERPOLATION_DEPTH. */
const DEPTH_MAX = 10;

export class Interpolation {
  readonly #document: Document;
  /** `here` and `__file__`: a file's own DEFAULT may say otherwise. */
  readonly #builtins: Variables;
  /** `name=value` of the command line: wins over what any section says. */
  readonly #overrides: Variables;

  constructor(document: Document, builtins: Variables, overrides: Variables) {
    this.#document = document;
    this.#builtins = builtins;
    this.#overrides = overrides;
  }

  /** Whether the command line says it, whatever the file says. */
  isOverridden(key: string): boolean {
    return Object.hasOwn(this.#overrides, key);
  }

  /** The value of a key as a section sees it. Faults: INTERPOLATION_*, at the line that holds the percent sign. */
  value(section: Section, key: string): string | undefined {
    return this.#lookUp(section, key, []);
  }

  /** Any raw value of the section, interpolated. */
  expand(section: Section, key: string, raw: RawValue): string {
    return this.#expand(section, raw, [key]);
  }

  /** Every name that `%(name)s` can stand for in the section. */
  names(section: Section): string[] {
    const { defaults } = this.#document;
    return [
      ...new Set([
        ...section.values.keys(),
        ...defaults.values.keys(),
        ...Object.keys(this.#builtins),
        ...Object.keys(this.#overrides),
      ]),
    ];
  }

  #lookUp(section: Section, key: string, path: readonly string[]): string | undefined {
    if (Object.hasOwn(this.#overrides, key)) return this.#overrides[key];
    const raw = section.values.get(key) ?? this.#document.defaults.values.get(key);
    if (raw !== undefined) return this.#expand(section, raw, [...path, key]);
    return Object.hasOwn(this.#builtins, key) ? this.#builtins[key] : undefined;
  }

  #expand(section: Section, raw: RawValue, path: readonly string[]): string {
    if (!raw.text.includes('%')) return raw.text;
    // As ConfigParser counts: a value with any percent sign is a level.
    if (path.length > DEPTH_MAX)
      throw new Fault('INTERPOLATION_DEPTH', { limit: DEPTH_MAX }, { at: raw.at, askedBy: [describe(section)] });
    return replaceVariables(raw, section, (name, contextOf) => {
      if (path.includes(name))
        throw new Fault('INTERPOLATION_CYCLE', { cycle: [...path.slice(path.indexOf(name)), name] }, contextOf());
      const value = this.#lookUp(section, name, path);
      if (value === undefined)
        throw new Fault('INTERPOLATION_MISSING', { name, nearest: nearest(name, this.names(section)) }, contextOf());
      return value;
    });
  }
}

/** As messages name a section: `[app:main] site.ini:3`. */
export function describe(section: Section): string {
  return `[${section.name}] ${section.at.file}:${section.at.line}`;
}

const PERCENT = /%(?:%|\(([^)]+)\)s|)/g;

/** `contextOf` is a function, since most variables are found and need no place. */
type ValueOf = (name: string, contextOf: () => FaultContext) => string;

function replaceVariables(raw: RawValue, section: Section, valueOf: ValueOf): string {
  return raw.text.replaceAll(PERCENT, (match: string, name: string | undefined, offset: number) => {
    if (match === '%%') return '%';
    const contextOf = (): FaultContext => ({ at: placeOf(raw, offset, match.length), askedBy: [describe(section)] });
    if (name !== undefined) return valueOf(name, contextOf);
    const rest = raw.text.slice(offset);
    const why = rest.startsWith('%(') ? `${rest.split(/\s/)[0]} is not of the form %(name)s` : '% must be followed by % or (';
    throw new Fault('INTERPOLATION_SYNTAX', { why }, contextOf());
  });
}

/** Where the character at `offset` of a value stands in the file. */
function placeOf(raw: RawValue, offset: number, length: number): Place {
  const before = raw.text.slice(0, offset).split('\n');
  const line = raw.lines[before.length - 1] ?? raw.at;
  return { ...line, column: line.column + before.at(-1)!.length, length };
}
