// buildout/command-line.ts: what is said on the command line, as the strongest layer of a configuration. A mistake in it is told there.

import type { Place } from '@appserve/core';
import { operation, type Layer, type ScannedSection } from './assignment.ts';
import { BUILDOUT } from './merge.ts';

export const COMMAND_LINE = 'the command line';

/** `section:option`, or an option of [buildout], perhaps with + or -; and the value. In their order. */
export function commandLine(given: readonly (readonly [key: string, value: string])[]): Layer {
  const sections = new Map<string, ScannedSection>();
  for (const [key, value] of given) {
    const colon = key.indexOf(':');
    const [name, written] = colon === -1 ? [BUILDOUT, key] : [key.slice(0, colon), key.slice(colon + 1)];
    const word = `${key}=${value}`;
    const at = { ...onCommandLine(word), length: key.length };
    const section = sections.get(name) ?? { name, at: undefined, assignments: [] };
    sections.set(name, section);
    const lines = value.split('\n').map((text) => ({ text, at: { ...at, column: key.length + 2, length: text.length } }));
    section.assignments.push({ ...operation(written), at, lines });
  }
  return { from: COMMAND_LINE, sections };
}

/** A word of it, as its one line. */
export function onCommandLine(word: string): Place {
  return { file: COMMAND_LINE, line: 1, column: 1, length: word.length, text: word.split('\n', 1)[0]! };
}
