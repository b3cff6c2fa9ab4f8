// buildout/assignment.ts: what a line such as `option += value` says, and where.

import type { Place } from '@appserve/core';

/** A line of a value, not substituted. */
export interface Line {
  readonly text: string;
  /** Where it stands; nothing when no file says it. */
  readonly at: Place | undefined;
}

/** `=` says it anew, `+=` adds lines, `-=` takes equal lines away. */
export type Operator = '=' | '+=' | '-=';

export interface Assignment {
  readonly option: string;
  readonly operator: Operator;
  /** Where the option stands. */
  readonly at: Place | undefined;
  /** At least one; an empty value is an empty line. */
  readonly lines: readonly Line[];
}

/** A section of one file; a second header of the same name goes on in it. */
export interface ScannedSection {
  readonly name: string;
  readonly at: Place | undefined;
  readonly assignments: Assignment[];
}

/** What one file says, or the command line, or we by default. */
export interface Layer {
  /** As people shall read it in messages. */
  readonly from: string;
  readonly sections: ReadonlyMap<string, ScannedSection>;
}

/** A name such as `parts`, `parts +` or `parts-`, as it stands in front of the equals sign. */
export function operation(written: string): { readonly option: string; readonly operator: Operator } {
  const sign = written.at(-1);
  if (sign !== '+' && sign !== '-') return { option: written, operator: '=' };
  return { option: written.slice(0, -1).trimEnd(), operator: `${sign}=` };
}

/** A layer that no file wrote: what we say by default, or the command line. */
export function layerOf(from: string, entries: readonly (readonly [section: string, written: string, value: string])[]): Layer {
  const sections = new Map<string, ScannedSection>();
  for (const [name, written, value] of entries) {
    const section = sections.get(name) ?? { name, at: undefined, assignments: [] };
    sections.set(name, section);
    const lines = value.split('\n').map((text) => ({ text, at: undefined }));
    section.assignments.push({ ...operation(written), at: undefined, lines });
  }
  return { from, sections };
}
