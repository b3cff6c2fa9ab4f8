// setting.ts: a value with its name and its origin, and what is made of several.

import { MASK, type Place } from '@appserve/core';
import type { FactorySettings } from '@appserve/core/app';
import type { SaidBy } from './said-by.ts';

/** A file as it is seen from where it is used: outer files lend it their globals. Plain data. */
export interface ScopeRef {
  /** The absolute path of the file; nothing when no file asked, as in `loadApp('egg:shop#main')`. */
  readonly file: string | undefined;
  /** What `%(name)s` can stand for when the file itself does not say it. */
  readonly injected: readonly Setting[];
}

export type FileScopeRef = ScopeRef & { readonly file: string };

export function hasFile(ref: ScopeRef): ref is FileScopeRef {
  return ref.file !== undefined;
}

export interface Setting {
  readonly key: string;
  readonly value: string;
  /** Where the key stands; nothing when no file wrote it. */
  readonly at: Place | undefined;
  /** Where each line of the value stands, for errors about one element of a list. */
  readonly lines: readonly Place[];
  /** It came from the environment or from a file of its own: it is not printed. */
  readonly isSecret: boolean;
  /** As people may see it, where a part of it is called a secret. */
  readonly masked?: string;
  /** The file that wrote it: names in the value are looked up there. */
  readonly scope: ScopeRef | undefined;
  /** Who said it, where no file wrote it. */
  readonly said?: SaidBy;
}

export type Settings = ReadonlyMap<string, Setting>;

/** One that no file wrote. */
export function given(key: string, value: string): Setting {
  return { key, value, at: undefined, lines: [], isSecret: false, scope: undefined };
}

export function settingsOf(settings: Iterable<Setting>): Map<string, Setting> {
  return new Map(Array.from(settings, (setting) => [setting.key, setting]));
}

/** As Python's dict.update: what is there keeps its position, and gets the new value. */
export function merged(...layers: readonly Settings[]): Map<string, Setting> {
  return new Map(layers.flatMap((layer) => [...layer]));
}

/** As factories get them. From entries, not by assignment: `__proto__` is a key like others. */
export function textOf(settings: Iterable<Setting>): FactorySettings {
  return Object.fromEntries(Array.from(settings, ({ key, value }) => [key, value]));
}

/** As messages name it: as people wrote it. */
export function writtenName({ key, said }: Setting): string {
  return said?.by ?? key;
}

export function shown({ value, isSecret, masked = value }: Setting): string {
  return isSecret ? MASK : masked;
}

/** Where the value begins; where its key stands, when it has no text. */
export function valuePlace({ at, lines }: Setting): Place | undefined {
  return lines.find(({ length }) => length !== 0) ?? at;
}

export interface Word {
  readonly text: string;
  readonly at: Place | undefined;
}

/** The words of a list, each with its place. */
export function wordsOf(setting: Setting): Word[] {
  const valueLines = setting.value.split('\n');
  // A variable may bring line ends along: then no line of the value is that of the file.
  const placeOf = valueLines.length > setting.lines.length ? placesByWord(setting) : placesByLine(setting);
  return valueLines.flatMap((line, nth) =>
    Array.from(line.matchAll(/\S+/g), ({ 0: text, index }) => ({ text, at: placeOf(text, nth, index) })),
  );
}

type PlaceOf = (word: string, nth: number, offset: number) => Place | undefined;

/** Where the line says the word literally; else where the line stands. */
function placesByLine({ lines }: Setting): PlaceOf {
  return (word, nth, offset) => {
    const line = lines[nth]!;
    const column = line.text?.indexOf(word, line.column - 1 + offset) ?? -1;
    return column === -1 ? line : { ...line, column: column + 1, length: word.length };
  };
}

/** Where any line says the word literally; else at the first line with a variable. */
function placesByWord({ at, lines }: Setting): PlaceOf {
  const literal = new Map<string, Place>();
  for (const line of lines) {
    const start = line.column - 1;
    for (const { 0: word, index } of (line.text ?? '').slice(start).matchAll(/\S+/g))
      if (!literal.has(word)) literal.set(word, { ...line, column: start + index + 1, length: word.length });
  }
  const withVariable = lines.find(({ text }) => text?.includes('%(')) ?? at;
  return (word) => literal.get(word) ?? withVariable;
}
