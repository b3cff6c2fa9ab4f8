// buildout/merge.ts: the files of a configuration laid over each other, the strongest last, and each value with its history.
//
// Law: nothing is substituted here. Source: zc.buildout's _update and Options._do_extend_raw.

import { Fault, nearest, type FaultContext, type Place } from '@appserve/core';
import type { Assignment, Layer, Line, ScannedSection } from './assignment.ts';

/** What has happened to a value, the oldest first. */
export interface Deed {
  readonly deed: 'set' | 'override' | 'add' | 'remove';
  readonly lines: readonly Line[];
  /** `buildout.cfg`, `the command line`. */
  readonly from: string;
  readonly at: Place | undefined;
}

export interface RawOption {
  readonly name: string;
  readonly lines: readonly Line[];
  readonly history: readonly Deed[];
}

export type RawOptions = ReadonlyMap<string, RawOption>;

/** Where a section stands, for messages: `[instance] buildout.cfg:12`. */
export interface RawSection {
  readonly name: string;
  readonly at: Place | undefined;
  readonly options: RawOptions;
}

/** The option whose lines name sections that this one takes its options from. */
const MACRO = '<';
export const BUILDOUT = 'buildout';

export class Merged {
  readonly #layers: readonly Layer[];
  readonly #sections = new Map<string, RawSection>();
  readonly #names: readonly string[];

  /** The weakest first. */
  constructor(layers: readonly Layer[]) {
    this.#layers = layers;
    this.#names = [...new Set(layers.flatMap(({ sections }) => [...sections.keys()]))];
  }

  get names(): readonly string[] {
    return this.#names;
  }

  /** Sections that others take their options from. */
  get macros(): ReadonlySet<string> {
    const lines = this.#layers.flatMap(({ sections }) =>
      [...sections.values()].flatMap(({ assignments }) =>
        assignments.filter(({ option }) => option === MACRO).flatMap((assignment) => assignment.lines),
      ),
    );
    return new Set(lines.map(({ text }) => text.trim()));
  }

  /** With its macros. Faults: BUILDOUT_SECTION_MISSING, MACRO_CYCLE. */
  section(name: string, context: FaultContext = {}): RawSection {
    return this.#section(name, [], context);
  }

  has(name: string): boolean {
    return this.#layers.some(({ sections }) => sections.has(name));
  }

  #section(name: string, way: readonly string[], context: FaultContext): RawSection {
    const known = this.#sections.get(name);
    if (known !== undefined) return known;
    const written = this.#layers.flatMap(({ from, sections }) => {
      const section = sections.get(name);
      return section === undefined ? [] : [{ from, section }];
    });
    if (written.length === 0)
      throw new Fault('BUILDOUT_SECTION_MISSING', { section: name, nearest: nearest(name, this.#names) }, context);
    if (way.includes(name)) throw new Fault('MACRO_CYCLE', { cycle: [...way.slice(way.indexOf(name)), name] }, context);
    const own = folded(new Map(), written);
    const macro = name === BUILDOUT ? undefined : own.get(MACRO);
    const options = macro === undefined ? own : folded(this.#macros(name, macro, way), written);
    if (name !== BUILDOUT) options.delete(MACRO);
    const section = { name, at: written.at(-1)!.section.at ?? written[0]!.section.at, options };
    this.#sections.set(name, section);
    return section;
  }

  /** What the named sections say, the last one wins. */
  #macros(name: string, macro: RawOption, way: readonly string[]): Map<string, RawOption> {
    const options = new Map<string, RawOption>();
    for (const { text, at } of macro.lines) {
      if (text.trim() === '') continue;
      const base = this.#section(text.trim(), [...way, name], { at, askedBy: [shownAs(name, at)] });
      for (const [key, option] of base.options) options.set(key, option);
    }
    return options;
  }
}

/** `[instance] buildout.cfg:12`. */
export function shownAs(section: string, at: Place | undefined): string {
  return at === undefined ? `[${section}]` : `[${section}] ${at.file}:${at.line}`;
}

function folded(
  base: ReadonlyMap<string, RawOption>,
  written: readonly { readonly from: string; readonly section: ScannedSection }[],
): Map<string, RawOption> {
  const options = new Map(base);
  for (const { from, section } of written) {
    for (const [name, assignments] of byOption(section.assignments)) {
      let option = options.get(name);
      for (const assignment of inOrder(assignments)) option = changed(option, assignment, from);
      if (option !== undefined) options.set(name, option);
    }
  }
  return options;
}

function byOption(assignments: readonly Assignment[]): Map<string, Assignment[]> {
  const groups = new Map<string, Assignment[]>();
  for (const assignment of assignments) {
    const group = groups.get(assignment.option);
    if (group === undefined) groups.set(assignment.option, [assignment]);
    else group.push(assignment);
  }
  return groups;
}

/** Within one file the last `=` ends what stands above it; then all that is added, then all that is taken away. */
function inOrder(assignments: readonly Assignment[]): Assignment[] {
  const last = assignments.findLastIndex(({ operator }) => operator === '=');
  const rest = assignments.slice(last + 1);
  const added = rest.filter(({ operator }) => operator === '+=');
  const removed = rest.filter(({ operator }) => operator === '-=');
  return [...assignments.slice(Math.max(last, 0), last + 1), ...added, ...removed];
}

const NOTHING: Line = { text: '', at: undefined };

function changed(before: RawOption | undefined, { option: name, operator, lines, at }: Assignment, from: string): RawOption {
  const history = before?.history ?? [];
  switch (operator) {
    case '=':
      return { name, lines, history: [...history, { deed: before === undefined ? 'set' : 'override', lines, from, at }] };
    case '+=':
      return { name, lines: [...(before?.lines ?? []), ...lines], history: [...history, { deed: 'add', lines, from, at }] };
    case '-=': {
      const gone = new Set(lines.map(({ text }) => text));
      const kept = (before?.lines ?? []).filter(({ text }) => !gone.has(text));
      return { name, lines: kept.length === 0 ? [NOTHING] : kept, history: [...history, { deed: 'remove', lines, from, at }] };
    }
  }
}
