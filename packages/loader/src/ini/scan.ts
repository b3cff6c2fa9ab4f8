// ini/scan.ts: ini text becomes logical entries that know where they stand: the dialect of Python's ConfigParser, strict.
//
// Law: this room is the grammar, rule by rule as CPython's RawConfigParser._read has it; it interprets no value. Every error of
// a file that does not hide the next one is reported with it.

import { Fault, throwFaults, type Place } from '@appserve/core';

export interface ScannedKey {
  readonly key: string;
  readonly at: Place;
  /** The lines of the value, stripped; empty ones stay where they stand between others. */
  readonly lines: ScannedLine[];
}

export interface ScannedLine {
  readonly text: string;
  readonly at: Place;
}

export interface ScannedSection {
  readonly name: string;
  readonly at: Place;
  /** Every place where its header stands: DEFAULT may have several. */
  readonly headers: Place[];
  readonly keys: Map<string, ScannedKey>;
}

/** By name, in the order of the file. */
export type ScannedFile = Map<string, ScannedSection>;

/** ConfigParser's default section: it may stand more than once, and every section inherits from it. */
export const DEFAULT = 'DEFAULT';

// Python's str.isspace: it has FS to US and NEL, and lacks U+FEFF; JavaScript's \s is another set.
const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const LEADING = new RegExp(`^[${SPACE}]+`);
const BLANK = new RegExp(`[${SPACE}]`);
/** Greedy and not anchored at the end: `[s] ; see [x]` is the section `s] ; see [x`, as in Python. */
const HEADER = /^\[(.+)\]/s;

/** As Python's str.strip(). */
export function strip(text: string): string {
  return stripEnd(text.replace(LEADING, ''));
}

/** By hand: a regular expression for blanks at the end tries every blank as a beginning, which takes quadratic time. */
export function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && BLANK.test(text[end - 1]!)) end -= 1;
  return text.slice(0, end);
}

/** Where a line that was generated came from. */
export type OriginOf = (line: number) => Place | undefined;

/** Faults: INI_NO_SECTION, INI_SYNTAX, SECTION_REPEATED, KEY_REPEATED, alone or as a FaultList. */
export function scan(text: string, file: string, originOf?: OriginOf): ScannedFile {
  const scanner = new Scanner(file, originOf);
  for (const [index, line] of linesOf(text).entries()) scanner.line(line, index + 1);
  throwFaults(scanner.faults);
  return scanner.sections;
}

/** A byte order mark is passed over. CRLF, CR and LF end lines; U+2028, VT, FF and NEL do not. */
export function linesOf(text: string): string[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

class Scanner {
  readonly sections: ScannedFile = new Map();
  readonly faults: Fault[] = [];
  readonly #file: string;
  readonly #originOf: OriginOf | undefined;
  #section: ScannedSection | undefined;
  /** The line of the section that was probably meant to be a header: `[app:other` without `]` is a key, as in Python. */
  #unclosed: number | undefined;
  /** The key whose value may go on in the next line. */
  #open: ScannedKey | undefined;
  /** How deep the line of that key is indented: what is deeper continues it. */
  #indent = 0;

  constructor(file: string, originOf?: OriginOf) {
    this.#file = file;
    this.#originOf = originOf;
  }

  line(line: string, number: number): void {
    const text = strip(line);
    // A comment is one wherever it stands, also within a value; there are no comments behind a value.
    if (text.startsWith('#') || text.startsWith(';')) return;
    const indent = line.length - line.replace(LEADING, '').length;
    const from = this.#originOf?.(number);
    const at = { file: this.#file, line: number, column: indent + 1, length: text.length, text: line, ...(from && { from }) };
    if (text === '') {
      this.#open?.lines.push({ text, at });
    } else if (this.#open !== undefined && indent > this.#indent) {
      this.#open.lines.push({ text, at });
    } else {
      this.#indent = indent;
      const header = HEADER.exec(text);
      if (header === null) this.#option(text, at);
      else this.#header(header[1]!, { ...at, length: header[0].length });
    }
  }

  #header(name: string, at: Place): void {
    this.#open = undefined;
    this.#unclosed = undefined;
    const known = this.sections.get(name);
    if (known !== undefined && name !== DEFAULT) {
      this.faults.push(new Fault('SECTION_REPEATED', { section: name, firstLine: known.at.line }, { at }));
    }
    this.#section = known ?? { name, at, headers: [], keys: new Map() };
    this.#section.headers.push(at);
    this.sections.set(name, this.#section);
  }

  #option(text: string, at: Place): void {
    if (this.#section === undefined) {
      this.faults.push(new Fault('INI_NO_SECTION', { line: text }, { at }));
      // Once: all that follows up to the first section has the same reason.
      this.#section = { name: '', at, headers: [], keys: new Map() };
    }
    // The key ends at the first delimiter, whichever it is.
    const cut = text.search(/[=:]/);
    const key = cut === -1 ? undefined : stripEnd(text.slice(0, cut));
    if (key === undefined || key === '') {
      // CPython: a line with a delimiter ends the value above it, one without does not.
      if (key === '') this.#open = undefined;
      if (this.#section.name !== '') this.faults.push(this.#syntaxFault(text, key, at));
      return;
    }
    this.#store(key, text.slice(cut + 1).replace(LEADING, ''), text, at);
  }

  #syntaxFault(text: string, key: string | undefined, at: Place): Fault {
    if (key === '') return new Fault('INI_SYNTAX', { why: 'there is no key in front of the delimiter' }, { at });
    const why = text.startsWith('[]')
      ? 'the section has no name'
      : text.startsWith('[')
        ? 'the section header is not closed'
        : 'this line is neither a section nor key = value';
    return new Fault('INI_SYNTAX', { why }, { at });
  }

  #store(key: string, value: string, text: string, at: Place): void {
    const { keys, name } = this.#section!;
    if (key.startsWith('[')) this.#unclosed ??= at.line;
    const known = keys.get(key);
    if (known !== undefined && name !== '') {
      this.faults.push(
        new Fault(
          'KEY_REPEATED',
          { key, firstLine: known.at.line, unclosed: this.#unclosed },
          { at: { ...at, length: key.length } },
        ),
      );
    }
    const valueAt = { ...at, column: at.column + text.length - value.length, length: value.length };
    this.#open = { key, at: { ...at, length: key.length }, lines: [{ text: value, at: valueAt }] };
    keys.set(key, this.#open);
  }
}
