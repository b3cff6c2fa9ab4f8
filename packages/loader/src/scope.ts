// scope.ts: a file as it is seen from where it is used: its sections by name, its values, its globals.

import { dirname, resolve as resolvePath } from 'node:path';
import { Fault, gather, nearest, type FaultContext } from '@appserve/core';
import { isFile } from './files.ts';
import { strip } from './ini/scan.ts';
import type { Document, RawValue, Section } from './ini/document.ts';
import { Interpolation, type Outside, type Value, type Variables } from './ini/interpolate.ts';
import { KINDS, prefixesOf, type Prefix, type Role } from './kinds.ts';
import { given, merged, settingsOf, type FileScopeRef, type Setting, type Settings } from './setting.ts';

const MAIN = 'main';

type Index = ReadonlyMap<string, readonly Section[]>;

/** By role and name, once for each file, so that ten thousand sections are not searched ten thousand times. */
const INDEXES = new WeakMap<Document, Index>();

function indexOf(document: Document): Index {
  const known = INDEXES.get(document);
  if (known !== undefined) return known;
  const index = new Map<string, Section[]>();
  for (const section of document.sections.values()) {
    const { role, name } = sectionName(section.name) ?? {};
    const key = `${role}:${name}`;
    if (role !== undefined) index.set(key, [...(index.get(key) ?? []), section]);
  }
  INDEXES.set(document, index);
  return index;
}

export class Scope {
  readonly ref: FileScopeRef;
  readonly document: Document;
  readonly #interpolation: Interpolation;
  /** The command line: wins over all that is said elsewhere. */
  readonly vars: Settings;
  #globals: Settings | undefined;

  constructor(ref: FileScopeRef, document: Document, vars: Variables, outside: Outside) {
    this.ref = ref;
    this.document = document;
    this.vars = settingsOf(Object.entries(vars).map(([key, value]) => given(key, value)));
    const builtins = { here: dirname(ref.file), __file__: ref.file };
    const injected = new Map(ref.injected.map(({ key, value, isSecret, masked }) => [key, valueOf(value, isSecret, masked)]));
    this.#interpolation = new Interpolation(document, { vars, builtins, injected }, outside);
  }

  has(role: Role, name: string): boolean {
    return indexOf(this.document).has(`${role}:${name}`);
  }

  /** Names may have blanks around them: `[app: main ]`; `[app]` alone is `[app:main]`. Faults: SECTION_MISSING, SECTION_AMBIGUOUS. */
  find(role: Role, name: string, context: FaultContext): Section {
    const found = indexOf(this.document).get(`${role}:${name}`) ?? [];
    if (found.length > 1)
      throw new Fault('SECTION_AMBIGUOUS', { sections: found.map((section) => section.name) }, { ...context, at: found[1]!.at });
    return found[0] ?? this.#missing(role, name, context);
  }

  #missing(role: Role, name: string, context: FaultContext): never {
    const names = [...this.document.sections.keys()];
    const prefixes = prefixesOf(role);
    // An alias in a message helps nobody who has not used it.
    const sections = prefixes
      .filter((prefix) => prefix !== 'application' && prefix !== 'composit')
      .map((prefix) => `${prefix}:${name}`);
    const found = names.filter((section) => sectionName(section)?.role === role);
    // Every file has a server, and often [server:main]: where the app of that name is missing, that is no news.
    const namesakes = names.filter((section) => sectionName(section)?.name === name);
    const other =
      namesakes.find((section) => sectionName(section)?.role !== 'server') ?? (name === MAIN ? undefined : namesakes[0]);
    const misspelt = names.find((section) => isMeant(section, name, prefixes));
    const rest = names.filter((section) => sectionName(section)?.role !== role);
    // A server is no namesake's business: [app:main] stands beside each.
    const likely = other === undefined || role === 'server' ? nearest(sections[0]!, found) : undefined;
    const like = likely ?? (other === undefined ? nearest(sections[0]!, rest) : undefined);
    const isThere = isFile(resolvePath(dirname(this.ref.file), name));
    const details = { sections, found, other, role, nearest: like, misspelt, isFile: isThere };
    throw new Fault('SECTION_MISSING', details, { at: { file: this.document.file, line: 1, column: 1 }, ...context });
  }

  /** All app, filter and server sections. */
  get named(): readonly { readonly role: Role; readonly name: string; readonly section: Section }[] {
    return [...this.document.sections.values()].flatMap((section) => {
      const { role, name } = sectionName(section.name) ?? {};
      return role === undefined || name === undefined ? [] : [{ role, name, section }];
    });
  }

  /** What every factory of the file is told: [DEFAULT], over it the command line, under it what the loader says. */
  get globals(): Settings {
    this.#globals ??= this.#readGlobals();
    return this.#globals;
  }

  #readGlobals(): Settings {
    const { defaults } = this.document;
    const builtins = Object.entries({ here: dirname(this.ref.file), __file__: this.ref.file }).map(([key, value]) =>
      given(key, value),
    );
    const written = gather(
      [...defaults.values].map(
        ([key, raw]) =>
          () =>
            this.#setting(defaults, key, raw),
      ),
    );
    const own = merged(settingsOf(builtins), settingsOf(written));
    const injected = this.ref.injected.filter(({ key }) => !own.has(key));
    return merged(own, settingsOf(injected), this.vars);
  }

  isOverridden(key: string): boolean {
    return this.vars.has(key);
  }

  /** A key of a section with its value: the command line's, if that has one. */
  setting(section: Section, key: string): Setting | undefined {
    const raw = section.values.get(key);
    return raw && this.#setting(section, key, raw);
  }

  #setting(section: Section, key: string, raw: RawValue): Setting {
    const { text, isSecret, masked } = this.#interpolation.value(section, key)!;
    if (raw.said !== undefined) return this.#said(section, key, raw);
    if (this.isOverridden(key)) return given(key, text);
    return { key, value: text, at: raw.at, lines: raw.lines, isSecret, ...(masked !== undefined && { masked }), scope: this.ref };
  }

  /** It has no place in the file, but names in it are looked up there. */
  #said(section: Section, key: string, raw: RawValue): Setting {
    const { text } = this.#interpolation.expand(section, key, raw);
    return { key, value: text, at: undefined, lines: [], isSecret: false, scope: this.ref, said: raw.said! };
  }

  /** What PasteDeploy takes for itself is no variable: the file's word counts. */
  directive(section: Section, key: string): Setting | undefined {
    const raw = section.values.get(key) ?? this.document.defaults.values.get(key);
    if (raw === undefined) return undefined;
    if (raw.said !== undefined) return this.#said(section, key, raw);
    const { text, isSecret, masked } = this.#interpolation.expand(section, key, raw);
    return { key, value: text, at: raw.at, lines: raw.lines, isSecret, ...(masked !== undefined && { masked }), scope: this.ref };
  }
}

function valueOf(text: string, isSecret: boolean, masked: string | undefined): Value {
  return masked === undefined ? { text, isSecret } : { text, isSecret, masked };
}

/** `[App:main]`, `[apps:main]`, `[ app:main ]` and `[app:]` are no sections of the app main, but were meant to be. */
function isMeant(section: string, name: string, prefixes: readonly Prefix[]): boolean {
  const known = sectionName(section);
  if (known !== undefined) return known.name === '' && prefixes.includes(known.prefix);
  const colon = section.indexOf(':');
  if (strip(colon === -1 ? MAIN : section.slice(colon + 1)) !== name) return false;
  return nearest(strip(colon === -1 ? section : section.slice(0, colon)), prefixes) !== undefined;
}

/** `[app: main ]` is the app main; `[loggers]` is nothing here. */
export function sectionName(
  section: string,
): { readonly prefix: Prefix; readonly role: Role; readonly name: string } | undefined {
  const colon = section.indexOf(':');
  const prefix = colon === -1 ? section : section.slice(0, colon);
  if (!Object.hasOwn(KINDS, prefix)) return undefined;
  const name = colon === -1 ? MAIN : strip(section.slice(colon + 1));
  return { prefix: prefix as Prefix, role: KINDS[prefix as Prefix].role, name };
}
