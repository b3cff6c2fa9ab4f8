// structured/read-module.ts: a configuration written as a module: its default export as the document that the same ini would give.
//
// A module is code, so no place can be told but the file. Node keeps what it has imported: the module is imported anew when its own text
// is another one, and what it imports stays as it was.

import { pathToFileURL } from 'node:url';
import { crc32 } from 'node:zlib';
import { Fault, type Place } from '@appserve/core';
import { importModule } from '../modules.ts';
import { servableOf } from '../named-export.ts';
import type { Document } from '../ini/document.ts';
import { documentOf, type Value } from './value.ts';

/** By file: what stood in it when it was imported first. */
const firstTexts = new Map<string, string>();

/** `text` is what stands in the file. Faults: those of importModule, CONFIG_IS_CODE, CONFIG_SHAPE, alone or as a FaultList. */
export async function readModule(file: string, path: string, text: string): Promise<Document> {
  const first = firstTexts.get(file) ?? text;
  firstTexts.set(file, first);
  const { href } = pathToFileURL(file);
  const exports = await importModule(first === text ? href : `${href}?${crc32(text)}`, {});
  const at: Place = { file: path, line: 1, column: 1 };
  const servable = isSections(exports['default']) ? undefined : servableOf(exports, path);
  if (servable !== undefined) throw new Fault('CONFIG_IS_CODE', { names: servable.names, name: servable.likeliest }, { at });
  const root: Value = Object.hasOwn(exports, 'default')
    ? valueOf(exports['default'], at)
    : { is: 'other', at, called: 'not there' };
  return documentOf(root, path, 'the default export');
}

/** What has other mistakes is told them, each at its key. A function is no section: CommonJS has what it exports in its default export. */
function isSections(value: unknown): boolean {
  return isPlain(value) && Object.values(value).every((section) => typeof section !== 'function');
}

function valueOf(value: unknown, at: Place): Value {
  if (typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) {
    const text = String(value);
    return { is: 'text', at, text, lines: text.split('\n').map(() => at) };
  }
  if (Array.isArray(value)) return { is: 'list', at, items: () => Array.from(value, (item: unknown) => valueOf(item, at)) };
  if (isPlain(value)) {
    return {
      is: 'map',
      at,
      entries: () => Object.entries(value).map(([key, inner]) => ({ key, at, value: valueOf(inner, at) })),
    };
  }
  return { is: 'other', at, called: nameOf(value) };
}

/** An object as `{}` makes it: `{ __proto__: ... }` is none, nor is a Map. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function nameOf(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return 'an object of another kind';
  return String(value);
}
