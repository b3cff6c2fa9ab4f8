// ini/document.ts: an ini file as sections of keys, each with its raw value and its place.
//
// Reading is done by the `ini` package; its own dialect would lose what PasteDeploy is built on (`use = pkg#main` is a comment
// to it). So what the scanner understood is lowered to a canonical text in which nothing is special to `ini`: one line per
// entry, on the entry's own line number, names and values as JSON strings. `ini` decodes that; places come from the scanner.

import type { Place } from '@appserve/core';
import ini from 'ini';
import type { SaidBy } from '../said-by.ts';
import { DEFAULT, scan, stripEnd, type ScannedFile, type ScannedKey, type ScannedSection } from './scan.ts';

export interface RawValue {
  /** Lines joined with LF, trailing white space stripped; not interpolated. */
  readonly text: string;
  /** Where the key stands. */
  readonly at: Place;
  /** Where each line of the value stands, for errors about one element of a list. */
  readonly lines: readonly Place[];
  /** No file wrote it: how it was said instead. Then `at` is the section that it was said to. */
  readonly said?: SaidBy;
}

export interface Section {
  readonly name: string;
  readonly at: Place;
  readonly values: ReadonlyMap<string, RawValue>;
}

export interface Document {
  readonly file: string;
  readonly defaults: Section;
  /** All but DEFAULT, in the order of the file. */
  readonly sections: ReadonlyMap<string, Section>;
}

/** Faults: those of scan. `file` is as people shall read it in messages. */
export function parseDocument(text: string, file: string): Document {
  const scanned = scan(text, file);
  const decoded = ini.parse(canonicalText(scanned)) as Record<string, Record<string, unknown> | undefined>;
  const sections = new Map<string, Section>();
  for (const section of scanned.values())
    sections.set(section.name, decodeSection(section, decoded[canonicalName(section.name)] ?? {}));
  const nowhere = { file, line: 1, column: 1 };
  const defaults = sections.get(DEFAULT) ?? { name: DEFAULT, at: nowhere, values: new Map<string, RawValue>() };
  sections.delete(DEFAULT);
  return { file, defaults, sections };
}

/** Behind every name: so none is `__proto__`, ends in `[]`, or is a number that objects would sort to the front. */
const GUARD = '$';

function decodeSection({ name, at, keys }: ScannedSection, decoded: Record<string, unknown>): Section {
  const values = new Map<string, RawValue>();
  for (const scanned of keys.values()) {
    // `ini` makes true, false and null of those words, quoted or not; String() undoes it.
    values.set(scanned.key, {
      text: String(decoded[scanned.key + GUARD]),
      at: scanned.at,
      lines: scanned.lines.map((line) => line.at),
    });
  }
  return { name, at, values };
}

/** What `ini` is given to read. Line numbers are those of the source. */
function canonicalText(file: ScannedFile): string {
  const lines: string[] = [];
  const put = (line: number, text: string): void => {
    while (lines.length < line) lines.push('');
    lines[line - 1] = text;
  };
  for (const section of file.values()) {
    // DEFAULT may stand again below other sections: then it is opened again.
    for (const { line } of section.headers) put(line, `[${quoteSection(section.name)}]`);
    for (const key of section.keys.values()) put(key.at.line, `${quoteKey(key.key)}=${quote(valueOf(key))}`);
  }
  return lines.join('\n');
}

/** As ConfigParser joins the lines of a value: trailing empty ones go. */
function valueOf({ lines }: ScannedKey): string {
  return stripEnd(lines.map((line) => line.text).join('\n'));
}

/** A JSON string; the three line ends that JSON leaves raw would end a line for `ini`. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u2028\u2029\u0085]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A bracket would close the header. */
function quoteSection(name: string): string {
  return quote(canonicalName(name)).replaceAll(']', '\\u005d');
}

/** A dot would nest the section, and `ini` has an escape for it that is none: so neither stands in a name, and no two collide. */
function canonicalName(name: string): string {
  return name.replaceAll(/[%.\\]/g, (char) => `%${char.charCodeAt(0).toString(16)}`) + GUARD;
}

/** No key holds "=": it would have ended there. */
function quoteKey(key: string): string {
  return quote(key + GUARD);
}
