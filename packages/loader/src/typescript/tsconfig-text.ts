// typescript/tsconfig-text.ts: whether the text of a tsconfig.json is JSON with comments and trailing commas.
//
// get-tsconfig reads as much as it can and says nothing of the rest: a missing quote would become an app without decorators.

import { Fault, type Place } from '@appserve/core';
import { isObject } from '../json-object.ts';

const TOKEN = /"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[^]*?\*\/|,(?=(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*[}\]])/g;

/** Faults: TSCONFIG_INVALID, where the mistake is. */
export function checkTsconfigText(file: string, written: string): void {
  const text = written.replace(/^\uFEFF/, '');
  // As tsc: an empty file is a project that says nothing.
  if (text.trim() === '') return;
  // Blanks instead of comments: positions stay.
  const plain = text.replaceAll(TOKEN, (token) => (token.startsWith('"') ? token : token.replaceAll(/[^\n]/g, ' ')));
  let value: unknown;
  try {
    value = JSON.parse(plain);
  } catch (cause) {
    const { message } = cause as Error;
    throw new Fault('TSCONFIG_INVALID', { why: message }, { at: placeIn(file, text, message), cause });
  }
  const at = { file, line: 1, column: 1 };
  if (!isObject(value)) throw new Fault('TSCONFIG_INVALID', { why: 'it is no object' }, { at });
  if (!isObject(value['compilerOptions'] ?? {}))
    throw new Fault('TSCONFIG_INVALID', { why: 'compilerOptions is no object' }, { at });
}

/** V8 tells the position of most mistakes, and of others what stands there. */
function placeIn(file: string, text: string, message: string): Place {
  const [, told] = /at position ([0-9]+)/.exec(message) ?? [];
  if (told === undefined) return { file, line: 1, column: 1 };
  const before = text.slice(0, Number(told)).split('\n');
  const line = before.length;
  return { file, line, column: before.at(-1)!.length + 1, text: text.split('\n')[line - 1]! };
}
