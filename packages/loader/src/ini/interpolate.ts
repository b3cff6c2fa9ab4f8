// ini/interpolate.ts: `%(name)s` and `%%`, as ConfigParser's BasicInterpolation has them, and `%(env:NAME)s`, `%(env:NAME|fallback)s`,
// `%(file:path)s` beside them.
//
// Law: what comes from outside the file (`here`, the command line, the environment, another file) is never scanned again: a
// percent sign in a path, an argument or a password is a percent sign.

import { Fault, MASK, nearest, type FaultContext, type Place } from '@appserve/core';
import type { Document, RawValue, Section } from './document.ts';
import { isSecretName } from './secret-name.ts';

/** Values that no file wrote. */
export type Variables = Readonly<Record<string, string>>;

/** The world as an ini can ask for it. Each answer may be a reason why there is none. */
export interface Outside {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The text of a file, `path` relative to the ini's folder. */
  readonly readFile: (path: string) => { readonly text: string } | { readonly why: string };
}

export interface Value {
  readonly text: string;
  /** Something in it came from the environment or from a file. */
  readonly isSecret: boolean;
  /** For people, where a part of it is called a secret: the text with a mask in the place of that part. */
  readonly masked?: string;
}

/** What `%(name)s` can stand for, the strongest first. */
export interface Layers {
  /** `name=value` of the command line: wins over what any section says. */
  readonly vars: Variables;
  /** `here` and `__file__`: a file's own [DEFAULT] may say otherwise. */
  readonly builtins: Variables;
  /** What the files that use this one, or the caller, lend it. */
  readonly injected: ReadonlyMap<string, Value>;
}

/** ConfigParser's MAX_INTERPOLATION_DEPTH. */
const DEPTH_MAX = 10;
/** Ten levels of a thousand references each would fill any memory. */
const LENGTH_MAX = 2 ** 20;

interface Expansion extends Value {
  /** How many levels of values with a percent sign it took. */
  readonly height: number;
}

export class Interpolation {
  readonly #document: Document;
  readonly #layers: Layers;
  readonly #outside: Outside;
  /** Every value is made once, so that a value that stands a thousand times in another does not cost a thousand times. */
  readonly #made = new Map<Section, Map<string, Expansion>>();
  readonly #cycles = new Map<string, Fault>();

  constructor(document: Document, layers: Layers, outside: Outside) {
    this.#document = document;
    this.#layers = layers;
    this.#outside = outside;
  }

  /** The value of a key as a section sees it. Faults: INTERPOLATION_*, at the line that holds the percent sign. */
  value(section: Section, key: string): Value | undefined {
    return this.#lookUp(section, key, []);
  }

  /** A raw value of the section, whatever the command line says. */
  expand(section: Section, key: string, raw: RawValue): Value {
    return this.#expand(section, raw, [key]);
  }

  /** Every name that `%(name)s` can stand for in the section. */
  names(section: Section): string[] {
    const { vars, builtins, injected } = this.#layers;
    const inFile = [...section.values.keys(), ...this.#document.defaults.values.keys()];
    return [...new Set([...inFile, ...Object.keys(builtins), ...Object.keys(vars), ...injected.keys()])];
  }

  #lookUp(section: Section, key: string, path: readonly string[]): Expansion | undefined {
    const { vars } = this.#layers;
    if (Object.hasOwn(vars, key)) return outer(vars[key]!);
    const made = this.#made.get(section)?.get(key);
    if (made !== undefined && path.length + made.height <= DEPTH_MAX) return made;
    const raw = section.values.get(key) ?? this.#document.defaults.values.get(key);
    if (raw !== undefined) return this.#remember(section, key, this.#expand(section, raw, [...path, key]));
    return this.#lent(key);
  }

  #remember(section: Section, key: string, expansion: Expansion): Expansion {
    const values = this.#made.get(section) ?? new Map<string, Expansion>();
    this.#made.set(section, values.set(key, expansion));
    return expansion;
  }

  #expand(section: Section, raw: RawValue, path: readonly string[]): Expansion {
    if (!raw.text.includes('%')) return outer(raw.text);
    // As ConfigParser counts: a value with any percent sign is a level.
    if (path.length > DEPTH_MAX)
      throw new Fault('INTERPOLATION_DEPTH', { limit: DEPTH_MAX }, { at: raw.at, askedBy: [describe(section)] });
    let [isSecret, inner] = [false, 0];
    const shown: string[] = [];
    let isMasked = false;
    const text = replaceVariables(raw, section, (name, contextOf) => {
      const value =
        this.#fromOutside(name, contextOf) ??
        (name === path.at(-1) ? this.#further(section, raw, path) : undefined) ??
        this.#named(section, name, path, contextOf);
      isSecret ||= value.isSecret;
      inner = Math.max(inner, value.height);
      const part = isSecretName(name) ? MASK : (value.masked ?? value.text);
      isMasked ||= part !== value.text;
      shown.push(part);
      return value.text;
    });
    const height = inner + 1;
    return isMasked ? { text, isSecret, height, masked: withParts(raw.text, shown) } : { text, isSecret, height };
  }

  /** `path = %(path)s/bin` adds to what [DEFAULT] says, or else to what is lent: ConfigParser would go in a circle. */
  #further(section: Section, raw: RawValue, path: readonly string[]): Expansion | undefined {
    const name = path.at(-1)!;
    const inDefaults = this.#document.defaults.values.get(name);
    if (inDefaults !== undefined && raw !== inDefaults) return this.#expand(section, inDefaults, [...path, name]);
    return this.#lent(name);
  }

  #lent(name: string): Expansion | undefined {
    const { builtins, injected } = this.#layers;
    if (Object.hasOwn(builtins, name)) return outer(builtins[name]!);
    const value = injected.get(name);
    return value && { ...value, height: 0 };
  }

  #named(section: Section, name: string, path: readonly string[], contextOf: () => FaultContext): Expansion {
    if (path.includes(name)) throw this.#cycleFault(section, [...path.slice(path.indexOf(name)), name], contextOf);
    const value = this.#lookUp(section, name, path);
    if (value !== undefined) return value;
    throw this.#missingFault(section, name, path, contextOf);
  }

  #missingFault(section: Section, name: string, path: readonly string[], contextOf: () => FaultContext): Fault {
    // A value that is named in itself is no help to it.
    const names = this.names(section).filter((candidate) => !path.includes(candidate));
    const isInEnvironment = Object.hasOwn(this.#outside.environment, name);
    const defaults = [...this.#document.sections.values()].find((other) => /^\s*default\s*$/i.test(other.name));
    const misspelt = defaults?.values.has(name) === true ? defaults.name : undefined;
    const isFormat = /(?:^|[_-])format$/i.test(path.at(-1) ?? '');
    const details = { name, nearest: nearest(name, names), isInEnvironment, misspelt, ...(isFormat && { isFormat }) };
    return new Fault('INTERPOLATION_MISSING', details, contextOf());
  }

  /** Whichever of its values one asks for, it is one circle. */
  #cycleFault(section: Section, cycle: readonly string[], contextOf: () => FaultContext): Fault {
    const members = [section.name, ...new Set(cycle)].toSorted().join('\n');
    const fault = this.#cycles.get(members) ?? new Fault('INTERPOLATION_CYCLE', { cycle }, contextOf());
    this.#cycles.set(members, fault);
    return fault;
  }

  /** No key holds a colon: it would have ended there. So these names were free. */
  #fromOutside(name: string, contextOf: () => FaultContext): Expansion | undefined {
    const [, source, rest = ''] = /^(env|file):(.*)$/s.exec(name) ?? [];
    if (source === undefined) return undefined;
    if (source === 'file') return { text: this.#fileText(rest, contextOf), isSecret: true, height: 0 };
    const bar = rest.indexOf('|');
    const [variable, fallback] = bar === -1 ? [rest, undefined] : [rest.slice(0, bar), rest.slice(bar + 1)];
    if (variable === '') throw new Fault('INTERPOLATION_SYNTAX', { why: `%(${name})s names no variable` }, contextOf());
    const { environment } = this.#outside;
    const found = Object.hasOwn(environment, variable) ? environment[variable] : undefined;
    if (found !== undefined) return { text: found, isSecret: true, height: 0 };
    if (fallback !== undefined) return outer(fallback);
    throw new Fault('ENVIRONMENT_MISSING', { name: variable, nearest: nearest(variable, Object.keys(environment)) }, contextOf());
  }

  #fileText(path: string, contextOf: () => FaultContext): string {
    if (path === '') throw new Fault('INTERPOLATION_SYNTAX', { why: '%(file:)s names no file' }, contextOf());
    const read = this.#outside.readFile(path);
    if ('why' in read) throw new Fault('VALUE_FILE_UNREADABLE', { path, why: read.why }, contextOf());
    // The line end that editors put at the end of a file is not meant.
    return read.text.replace(/\r?\n$/, '');
  }
}

function outer(text: string): Expansion {
  return { text, isSecret: false, height: 0 };
}

/** As messages name a section: `[app:main] site.ini:3`. */
export function describe(section: Section): string {
  return `[${section.name}] ${section.at.file}:${section.at.line}`;
}

const PERCENT = /%(?:%|\(([^)]+)\)s|)/g;

/** `contextOf` is a function, since most variables are found and need no place. */
type ValueOf = (name: string, contextOf: () => FaultContext) => string;

function replaceVariables(raw: RawValue, section: Section, valueOf: ValueOf): string {
  let length = 0;
  return raw.text.replaceAll(PERCENT, (match: string, name: string | undefined, offset: number) => {
    if (match === '%%') return '%';
    const contextOf = (): FaultContext => ({ at: placeOf(raw, offset, match.length), askedBy: [describe(section)] });
    if (name === undefined) throw new Fault('INTERPOLATION_SYNTAX', { why: syntaxError(raw.text.slice(offset)) }, contextOf());
    const value = valueOf(name, contextOf);
    length += value.length;
    if (length > LENGTH_MAX) throw new Fault('INTERPOLATION_TOO_LONG', { limit: LENGTH_MAX }, contextOf());
    return value;
  });
}

/** The same text once more, with other words for its variables. */
function withParts(text: string, parts: readonly string[]): string {
  let nth = 0;
  return text.replaceAll(PERCENT, (match) => (match === '%%' ? '%' : parts[nth++]!));
}

function syntaxError(rest: string): string {
  return rest.startsWith('%(') ? `${rest.split(/\s/)[0]} is not of the form %(name)s` : '% must be followed by % or (';
}

/** Where the character at `offset` of a value stands in the file. */
function placeOf(raw: RawValue, offset: number, length: number): Place {
  const before = raw.text.slice(0, offset).split('\n');
  const line = raw.lines[before.length - 1] ?? raw.at;
  return { ...line, column: line.column + before.at(-1)!.length, length };
}
