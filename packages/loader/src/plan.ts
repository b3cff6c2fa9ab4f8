// plan.ts: what will be made, before anything is made: sections become contexts.
//
// Law: this room reads no file and imports no module; it is given a document, and gives data that crosses thread walls. So
// checking, printing and errors with a line number come for nothing.

import { Fault, nearest, type FaultContext, type Place } from '@appserve/core';
import type { GlobalConf } from '@appserve/core/app';
import type { Document, Section } from './ini/document.ts';
import { strip } from './ini/scan.ts';
import { describe, Interpolation, type Variables } from './ini/interpolate.ts';
import { KINDS, type Kind } from './kinds.ts';
import { parseUse, type UseTarget } from './uri.ts';

/** A setting and where it was written. */
export interface Setting {
  readonly key: string;
  readonly value: string;
  /** Nothing when it came from the command line. */
  readonly at: Place | undefined;
}

/** What will be made of a section. `at` is where the ini asks for it. */
export interface Context {
  readonly kind: Kind;
  readonly section: string;
  readonly at: Place;
  /** Where `use =` stands. */
  readonly useAt: Place;
  readonly target: Exclude<UseTarget, { type: 'section' }>;
  readonly globalConf: GlobalConf;
  /** What inner sections say before what outer ones say. */
  readonly settings: readonly Setting[];
  /** Which sections led here, innermost first. */
  readonly askedBy: readonly string[];
}

export interface Planner {
  readonly document: Document;
  readonly interpolation: Interpolation;
  readonly globalConf: GlobalConf;
}

/** `builtins`: here and __file__. `overrides`: name=value of the command line, which win everywhere. */
export function plannerOf(document: Document, builtins: Variables, overrides: Variables): Planner {
  const interpolation = new Interpolation(document, builtins, overrides);
  const { defaults } = document;
  const written = [...defaults.values.keys()].map((key) => [key, interpolation.value(defaults, key)!] as const);
  // fromEntries, not assignments: `__proto__` is a key like others.
  const globalConf = Object.fromEntries([...Object.entries(builtins), ...written, ...Object.entries(overrides)]);
  return { document, interpolation, globalConf: Object.freeze(globalConf) };
}

/** The context of `[kind:name]`. Faults: SECTION_*, USE_*, INTERPOLATION_*. */
export function plan(planner: Planner, kind: Kind, name: string): Context {
  const chain: Section[] = [findSection(planner.document, kind, name, {})];
  const seen = new Set(chain);
  for (;;) {
    const section = chain.at(-1)!;
    const { target, useAt } = readUse(planner, section, chain);
    if (target.type !== 'section') return contextOf(planner, kind, chain, target, useAt);
    const used = findSection(planner.document, kind, target.name, { at: useAt, askedBy: askers(chain) });
    if (seen.has(used)) throw cycleFault(chain, used, useAt);
    seen.add(used);
    chain.push(used);
  }
}

/** Who asked, innermost first. */
function askers(chain: readonly Section[]): string[] {
  return chain.map(describe).toReversed();
}

function readUse({ interpolation }: Planner, section: Section, chain: readonly Section[]): { target: UseTarget; useAt: Place } {
  const use = section.values.get('use');
  if (use === undefined)
    throw new Fault('USE_MISSING', { section: section.name }, { at: section.at, askedBy: askers(chain.slice(0, -1)) });
  const useAt = use.lines[0] ?? use.at;
  return { target: parseUse(interpolation.expand(section, 'use', use), () => ({ at: useAt, askedBy: askers(chain) })), useAt };
}

function cycleFault(chain: readonly Section[], used: Section, useAt: Place): Fault {
  const cycle = [...chain.slice(chain.indexOf(used)), used].map(({ name }) => name);
  return new Fault('USE_CYCLE', { cycle }, { at: useAt, askedBy: askers(chain) });
}

function contextOf(planner: Planner, kind: Kind, chain: readonly Section[], target: Context['target'], useAt: Place): Context {
  const { name, at } = chain.at(-1)!;
  return {
    kind,
    section: name,
    at,
    useAt,
    target,
    globalConf: planner.globalConf,
    settings: mergedSettings(planner, chain),
    askedBy: askers(chain),
  };
}

/** What PasteDeploy takes for itself, so that no factory sees it. */
const DIRECTIVE = /^(?:filter-with|require|(?:set|get)[ \t].*|paste\.[a-z_]*(?:factory|factory1|runner))$/;
/** Sections that are apps too, of kinds that are still to come. */
const APP_PREFIXES_TO_COME = ['composite', 'composit', 'pipeline', 'filter-app'];

/** What the sections say themselves (what stands in DEFAULT is global, not local: PasteDeploy); outer ones win over those they use. */
function mergedSettings({ interpolation }: Planner, chain: readonly Section[]): Setting[] {
  const settings = new Map<string, Setting>();
  for (const section of chain.toReversed()) {
    for (const [key, raw] of section.values) {
      if (key === 'use') continue;
      if (DIRECTIVE.test(key)) throw new Fault('NOT_READ_YET', { what: key }, { at: raw.at, askedBy: askers(chain) });
      const value = interpolation.value(section, key)!;
      // Moved to the end: the order is that of who has the last word.
      settings.delete(key);
      settings.set(key, { key, value, at: interpolation.isOverridden(key) ? undefined : raw.at });
    }
  }
  return [...settings.values()];
}

/** Names may have blanks around them: `[app: main ]`; prefixes may not (PasteDeploy). `[app]` alone is `[app:main]`. */
function findSection(document: Document, kind: Kind, name: string, context: FaultContext): Section {
  const { prefixes } = KINDS[kind];
  const named = (wanted: readonly string[]): Section[] =>
    [...document.sections.values()].filter((section) => wanted.some((prefix) => isNamed(section.name, prefix, name)));
  const found = named(prefixes);
  const [other] = kind === 'app' ? named(APP_PREFIXES_TO_COME) : [];
  if (other !== undefined) throw new Fault('NOT_READ_YET', { what: `[${other.name}]` }, { at: other.at, ...context });
  if (found.length > 1)
    throw new Fault('SECTION_AMBIGUOUS', { sections: found.map((section) => section.name) }, { ...context, at: found[1]!.at });
  if (found.length === 1) return found[0]!;
  const ofKind = [...document.sections.keys()].filter((section) =>
    prefixes.some((prefix) => section === prefix || section.startsWith(`${prefix}:`)),
  );
  const sections = prefixes.map((prefix) => `${prefix}:${name}`);
  throw new Fault(
    'SECTION_MISSING',
    { sections, found: ofKind, nearest: nearest(sections[0]!, [...document.sections.keys()]) },
    { at: fileOf(document), ...context },
  );
}

function isNamed(section: string, prefix: string, name: string): boolean {
  if (section === prefix) return name === 'main';
  return section.startsWith(`${prefix}:`) && strip(section.slice(prefix.length + 1)) === name;
}

function fileOf(document: Document): Place {
  return { file: document.file, line: 1, column: 1 };
}
