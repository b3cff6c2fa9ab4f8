// development/stack.ts: what a stack says: the frames of the app, and where Node says that a module cannot be parsed.
//
// V8's stacks are text (https://v8.dev/docs/stack-trace-api). What is not understood is left out, never shown as something else.

import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isInstalled } from './reads.ts';

export interface Frame {
  /** What was called; empty at the top of a module. */
  readonly call: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const FRAME = /^\s+at (?:(.+?) \()?(?:async )?((?:file:\/\/)?\/.+?):([0-9]+):([0-9]+)\)?$/gm;

/** Innermost first, those of the app alone: neither Node's, nor those of packages, nor ours. */
export function appFrames(stack: string): Frame[] {
  return Array.from(stack.matchAll(FRAME), ([, call = '', file, line, column]) => {
    return { call, file: pathOf(file!), line: Number(line), column: Number(column) };
  }).filter(({ file }) => !isInstalled(file) && !isOurs(file));
}

/** Where all our packages are, when they are not installed. */
const OWN = dirname(fileURLToPath(new URL('../..', import.meta.url)));

function isOurs(path: string): boolean {
  return /[\\/]dist[\\/]/.test(path) && path.startsWith(`${OWN}/`);
}

function pathOf(address: string): string {
  return address.startsWith('file:') ? fileURLToPath(address.replace(/[?#].*$/s, '')) : address;
}

/**
 * What Node puts before the stack of an error in the text of a module:
 *
 *     file:///app/app.mjs:2
 *       let b = ;
 *               ^
 */
const HEADER = /^((?:file:\/\/)?\/[^\n]+?):([0-9]+)\n([^\n]*)\n([ \t]*)(\^+)/;

export interface Marked extends Frame {
  readonly length: number;
}

export function markedPlace(stack: string): Marked | undefined {
  const [, file, line, , before = '', carets = ''] = HEADER.exec(stack) ?? [];
  if (file === undefined) return undefined;
  return { call: '', file: pathOf(file), line: Number(line), column: before.length + 1, length: carets.length };
}
