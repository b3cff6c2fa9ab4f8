// buildout/scan.ts: the text of a buildout.cfg becomes sections of assignments that know where they stand.
//
// Law: this room is the grammar, rule by rule as zc.buildout.configparser.parse has it; it interprets no value. It is another one
// than that of inis: a comment stands in column 1 only, `:` ends no name, a section may stand twice, and a value that begins below
// its option keeps its indentation. What differs on purpose: docs/reference/buildout-differences.md.

import { Fault, throwFaults, type Place } from '@appserve/core';
import { linesOf, strip, stripEnd } from '../ini/scan.ts';
import { operation, type Assignment, type Layer, type Line, type ScannedSection } from './assignment.ts';

/** Whether the condition of a section holds. Faults: BUILDOUT_CONDITION. */
export type Holds = (condition: string, at: Place) => boolean;

/** Faults: INI_NO_SECTION, BUILDOUT_SYNTAX, and those of `holds`; alone or as a FaultList. `file` is for messages. */
export function scanBuildout(text: string, file: string, holds: Holds): Layer {
  const scanner = new Scanner(file, holds);
  for (const [index, line] of linesOf(text).entries()) scanner.line(line, index + 1);
  scanner.end();
  throwFaults(scanner.faults);
  return { from: file, sections: scanner.sections };
}

/** `[name]`, `[name:condition]`, and behind either a comment. In a condition # and ; are written \x23 and \x3b. */
const HEADER = /^\[\s*(?<name>[^\s#[\]:;{}]+)\s*(?::(?<condition>[^#;]*))?\s*\]\s*(?:[#;].*)?$/;
/** As in zc.buildout: a name has no blank, no bracket, no colon; `+` and `-` in front of the equals sign are operators. */
const OPTION = /^(?<name>[^\s{}[\]=:]+\s*[-+]?)=(?<value>.*)$/;
/** `=> a b` is short for the option in which a part lists those that must come before it. */
const SHORTHAND = /^=>/;
export const PART_DEPENDENCIES = '<part-dependencies>';

/** The value that goes on: in a block, below its option, indentation counts. */
interface OpenValue {
  readonly lines: Line[];
  readonly isBlock: boolean;
}

class Scanner {
  readonly sections = new Map<string, ScannedSection>();
  readonly faults: Fault[] = [];
  readonly #file: string;
  readonly #holds: Holds;
  /** `skipped`: its condition does not hold. */
  #section: ScannedSection | 'none' | 'skipped' = 'none';
  #open: OpenValue | undefined;

  constructor(file: string, holds: Holds) {
    this.#file = file;
    this.#holds = holds;
  }

  line(line: string, number: number): void {
    const first = line[0];
    if (first === '#' || first === ';') return;
    const text = strip(line);
    if (first === undefined || text === '' || strip(first) === '') this.#further(line, text, number);
    else this.#beginning(stripEnd(line), { file: this.#file, line: number, column: 1, length: text.length, text: line });
  }

  /** A line that is empty or begins with a blank goes on with the value above it. */
  #further(line: string, text: string, number: number): void {
    const indent = text === '' ? 0 : line.indexOf(text);
    const at = { file: this.#file, line: number, column: indent + 1, length: text.length, text: line };
    if (this.#open === undefined) {
      if (text !== '' && this.#section !== 'skipped')
        this.#refuse('an indented line continues a value, and there is none above it', at);
    } else if (this.#open.isBlock) {
      // Its indentation is taken off when it is known of all lines.
      this.#open.lines.push({ text: stripEnd(line), at: { ...at, column: 1 } });
    } else if (text !== '') {
      this.#open.lines.push({ text, at });
    }
  }

  #beginning(line: string, at: Place): void {
    const header = HEADER.exec(line)?.groups;
    if (header !== undefined) return this.#header(header['name']!, header['condition'], at);
    if (this.#section === 'none') {
      this.faults.push(new Fault('INI_NO_SECTION', { line }, { at }));
      // Once: all that follows up to the first section has the same reason.
      this.#section = 'skipped';
    } else if (this.#section !== 'skipped') {
      this.#option(line, at, this.#section);
    }
  }

  #header(name: string, condition: string | undefined, at: Place): void {
    this.#close();
    const isMeant = condition === undefined || strip(condition) === '' || this.#meets(condition, at);
    if (!isMeant) {
      this.#section = 'skipped';
      return;
    }
    const section = this.sections.get(name) ?? { name, at, assignments: [] };
    this.sections.set(name, section);
    this.#section = section;
  }

  #meets(condition: string, at: Place): boolean {
    const written = condition.replaceAll('\\x23', '#').replaceAll('\\x3b', ';');
    const column = (at.text ?? '').indexOf(condition) + 1;
    try {
      return this.#holds(strip(written), { ...at, column, length: condition.length });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.faults.push(error);
      return false;
    }
  }

  #option(line: string, at: Place, section: ScannedSection): void {
    const written = line.replace(SHORTHAND, `${PART_DEPENDENCIES} = `);
    const { name, value } = OPTION.exec(written)?.groups ?? {};
    if (name === undefined || value === undefined) return this.#refuse(mistakeOf(line), at);
    const { option, operator } = operation(stripEnd(name));
    if (option === '') return this.#refuse('there is no name in front of the operator', at);
    const text = strip(value);
    const start = text === '' ? line.length : line.lastIndexOf(text);
    const first = { text, at: { ...at, column: start + 1, length: text.length } };
    this.#close();
    const assignment: Assignment = {
      option,
      operator,
      at: { ...at, length: Math.min(option.length, line.length) },
      lines: [first],
    };
    section.assignments.push(assignment);
    this.#open = { lines: assignment.lines as Line[], isBlock: text === '' };
  }

  #refuse(why: string, at: Place): void {
    this.faults.push(new Fault('BUILDOUT_SYNTAX', { why }, { at }));
  }

  /** The value is whole: a block loses the indentation that all its lines have. */
  #close(): void {
    if (this.#open?.isBlock === true) dedent(this.#open.lines);
    this.#open = undefined;
  }

  end(): void {
    this.#close();
  }
}

function mistakeOf(line: string): string {
  if (line.startsWith('[')) return 'this is no header of a section: a name has neither blanks nor # [ ] : ; { }';
  if (/^[^=]*:/.test(line)) return 'this line has no =; a colon does not end the name of an option here';
  if (/^\S+\s+\S+.*=/.test(line)) return 'the name of an option has no blanks, braces or brackets';
  return 'this line is neither a section nor option = value';
}

/** As Python's textwrap.dedent, without the empty lines around it. In place: the assignment holds the array. */
function dedent(lines: Line[]): void {
  const empty = lines[0]!;
  let [from, to] = [0, lines.length];
  while (from < to && lines[from]!.text === '') from += 1;
  while (to > from && lines[to - 1]!.text === '') to -= 1;
  const kept = lines.slice(from, to);
  const margin = commonMargin(kept.filter(({ text }) => text !== '').map(({ text }) => /^[ \t]*/.exec(text)![0]));
  const dedented = kept.map(({ text, at }) => ({
    text: text.slice(margin),
    at: at && { ...at, column: margin + 1, length: Math.max(0, text.length - margin) },
  }));
  lines.splice(0, lines.length, ...(dedented.length === 0 ? [empty] : dedented));
}

function commonMargin(margins: readonly string[]): number {
  let common = margins[0] ?? '';
  for (const margin of margins) while (!margin.startsWith(common)) common = common.slice(0, -1);
  return common.length;
}
