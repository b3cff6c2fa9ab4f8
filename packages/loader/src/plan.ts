// plan.ts: what will be made, before anything is made: sections become contexts.
//
// Law: this room reads no file and imports no module; it is given a document, and gives data that crosses thread walls. So
// checking, printing and errors with a line number come for nothing.

import { Fault, nearest, type FaultContext, type Place } from '@appserve/core';
import type { GlobalConf } from '@appserve/core/app';
import type { Document, Section } from './ini/document.ts';
import { Interpolation, type Variables } from './ini/interpolate.ts';
import { KINDS, type Kind } from './kinds.ts';
import { parseUse, type UseTarget } from './uri.ts';

/** A setting and where it was written. */
export interface Setting {
  readonly key: string;
  readonly value: string;
  readonly at: Place;
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
  /** In the order of the file; outer sections after those they use. */
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
  const globalConf: Record<string, string> = { ...builtins };
  for (const key of defaults.values.keys()) globalConf[key] = interpolation.value(defaults, key)!;
  return { document, interpolation, globalConf: Object.freeze({ ...globalConf, ...overrides }) };
}

/** The context of `[kind:name]`. Faults: SECTION_*, USE_*, INTERPOLATION_*. */
export function plan(planner: Planner, kind: Kind, name: string): Context {
  return planSection(planner, kind, findSection(planner.document, kind, name, {}), []);
}

function planSection(planner: Planner, kind: Kind, section: Section, path: readonly Section[]): Context {
  const askedBy = path.map(describe).toReversed();
  if (path.includes(section)) {
    const cycle = [...path.slice(path.indexOf(section)), section].map((step) => step.name);
    throw new Fault('USE_CYCLE', { cycle }, { at: section.at, askedBy });
  }
  const use = section.values.get('use');
  if (use === undefined) throw new Fault('USE_MISSING', { section: section.name }, { at: section.at, askedBy });
  const useAt = use.lines[0] ?? use.at;
  const target = parseUse(planner.interpolation.expand(section, 'use', use), { at: useAt, askedBy });
  const settings = settingsOf(planner, section);
  if (target.type === 'section') {
    const used = findSection(planner.document, kind, target.name, { at: useAt, askedBy });
    const inner = planSection(planner, kind, used, [...path, section]);
    return { ...inner, settings: merge(inner.settings, settings) };
  }
  return {
    kind,
    section: section.name,
    at: section.at,
    useAt,
    target,
    globalConf: planner.globalConf,
    settings,
    askedBy: [describe(section), ...askedBy],
  };
}

function describe(section: Section): string {
  return `[${section.name}] ${section.at.file}:${section.at.line}`;
}

/** The section's own settings: what stands in DEFAULT is global, not local (PasteDeploy). */
function settingsOf({ interpolation }: Planner, section: Section): Setting[] {
  const settings: Setting[] = [];
  for (const [key, raw] of section.values) {
    if (key !== 'use') settings.push({ key, value: interpolation.value(section, key)!, at: raw.at });
  }
  return settings;
}

/** Outer settings win over those of the section that is used. */
function merge(inner: readonly Setting[], outer: readonly Setting[]): Setting[] {
  const overridden = new Set(outer.map(({ key }) => key));
  return [...inner.filter(({ key }) => !overridden.has(key)), ...outer];
}

/** Prefixes and names may have blanks around them: `[app: main ]`. `[app]` alone is `[app:main]`. */
function findSection(document: Document, kind: Kind, name: string, context: FaultContext): Section {
  const { prefixes } = KINDS[kind];
  const isWanted = (section: string): boolean =>
    prefixes.some(
      (prefix) =>
        (section.startsWith(`${prefix}:`) && section.slice(prefix.length + 1).trim() === name) ||
        (section === prefix && name === 'main'),
    );
  const found = [...document.sections.values()].filter((section) => isWanted(section.name));
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

function fileOf(document: Document): Place {
  return { file: document.file, line: 1, column: 1 };
}
