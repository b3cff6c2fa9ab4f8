// structured/read-module.ts: a configuration written as a module: its default export as the document that the same ini would give.
//
// A module is code, so no place can be told but the file. It is imported once for a process: Node keeps what it has imported.

import { pathToFileURL } from 'node:url';
import type { Place } from '@appserve/core';
import { importModule } from '../modules.ts';
import type { Document } from '../ini/document.ts';
import { documentOf, type Value } from './value.ts';

/** Faults: those of importModule, CONFIG_SHAPE, alone or as a FaultList. */
export async function readModule(file: string, path: string): Promise<Document> {
  const exports = await importModule(pathToFileURL(file).href, {});
  const at: Place = { file: path, line: 1, column: 1 };
  const root: Value = Object.hasOwn(exports, 'default')
    ? valueOf(exports['default'], at)
    : { is: 'other', at, called: 'not there' };
  return documentOf(root, path, 'the default export');
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
