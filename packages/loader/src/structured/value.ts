// structured/value.ts: what a configuration is made of in JSON, YAML or a module, whichever it is; and the same as the document
// that an ini gives.
//
// Law: what is here is what an ini can say: sections of keys, each with a text. A number and a boolean are the text that stands in
// the file, a list is the lines of a value. Everything else is refused where it stands.

import { Fault, throwFaults, type Place } from '@appserve/core';
import type { Document, RawValue, Section } from '../ini/document.ts';
import { DEFAULT, stripEnd } from '../ini/scan.ts';

/** Looked at one level at a time: who asks for no more than a document has, is safe from what has no end. */
export type Value =
  /** `lines`: where each line of the text stands. */
  | { readonly is: 'text'; readonly at: Place; readonly text: string; readonly lines: readonly Place[] }
  | { readonly is: 'list'; readonly at: Place; readonly items: () => readonly Value[] }
  | { readonly is: 'map'; readonly at: Place; readonly entries: () => readonly Entry[] }
  /** `called` as in "it is ...". */
  | { readonly is: 'other'; readonly at: Place; readonly called: string };

export interface Entry {
  /** Nothing when the name is no text, which YAML allows. */
  readonly key: string | undefined;
  /** Where the name stands. */
  readonly at: Place;
  readonly value: Value;
}

const SECTIONS = 'sections by their names, such as app:main, each with its keys and values';
const KEYS = 'keys with their values, such as use with ./app.js#makeApp';
const TEXT = 'text, a number, true, false, or a list of these; leave the key out where there is nothing to say';

/** `whole` is what messages call the root. Faults: CONFIG_SHAPE, SECTION_REPEATED, KEY_REPEATED, alone or as a FaultList. */
export function documentOf(root: Value, file: string, whole = 'the configuration'): Document {
  const faults: Fault[] = [];
  const sections = new Map<string, Section>();
  for (const { key, at, value } of entriesOf(root, whole, SECTIONS, faults)) {
    if (key === undefined || key === '') {
      faults.push(nameFault('the name of a section', key, 'a name such as app:main', at));
    } else if (sections.has(key)) {
      faults.push(new Fault('SECTION_REPEATED', { section: key, firstLine: sections.get(key)!.at.line }, { at }));
    } else {
      sections.set(key, { name: key, at, values: valuesOf(value, key, faults) });
    }
  }
  throwFaults(faults);
  const nowhere = { file, line: 1, column: 1 };
  const defaults = sections.get(DEFAULT) ?? { name: DEFAULT, at: nowhere, values: new Map<string, RawValue>() };
  sections.delete(DEFAULT);
  return { file, defaults, sections };
}

function valuesOf(section: Value, name: string, faults: Fault[]): Map<string, RawValue> {
  const values = new Map<string, RawValue>();
  for (const { key, at, value } of entriesOf(section, `[${name}]`, KEYS, faults)) {
    const known = key === undefined ? undefined : values.get(key);
    if (key === undefined || key === '') {
      faults.push(nameFault(`the name of a key of [${name}]`, key, 'a name such as use', at));
    } else if (known !== undefined) {
      faults.push(new Fault('KEY_REPEATED', { key, firstLine: known.at.line }, { at }));
    } else {
      const { text, lines } = textOf(value, `${key} of [${name}]`, faults);
      // As in an ini: white space at the end is none of a value, such as the line end of a block in YAML.
      const stripped = stripEnd(text);
      values.set(key, { text: stripped, at, lines: lines.slice(0, stripped.split('\n').length) });
    }
  }
  return values;
}

function entriesOf(value: Value, what: string, wanted: string, faults: Fault[]): readonly Entry[] {
  if (value.is === 'map') return value.entries();
  faults.push(shapeFault(value, what, wanted));
  return [];
}

function textOf(value: Value, what: string, faults: Fault[]): { text: string; lines: readonly Place[] } {
  const parts = value.is === 'list' ? value.items() : [value];
  const texts: string[] = [];
  const lines: Place[] = [];
  for (const part of parts) {
    if (part.is === 'text') {
      texts.push(part.text);
      lines.push(...part.lines);
    } else {
      faults.push(shapeFault(part, value.is === 'list' ? `an item of ${what}` : what, TEXT));
    }
  }
  return { text: texts.join('\n'), lines };
}

const CALLED = { text: 'text', list: 'a list', map: 'a map' } as const;

function shapeFault(value: Value, what: string, wanted: string): Fault {
  return new Fault(
    'CONFIG_SHAPE',
    { what, found: value.is === 'other' ? value.called : CALLED[value.is], wanted },
    { at: value.at },
  );
}

function nameFault(what: string, key: string | undefined, wanted: string, at: Place): Fault {
  return new Fault('CONFIG_SHAPE', { what, found: key === undefined ? 'no text' : 'empty', wanted }, { at });
}
