// typescript/syntax-fault.ts: what swc says about a file that it cannot parse, as faults with places.
//
// swc has no errors as data: it draws them for a terminal (miette's graphical report), in colours and box characters where stderr
// is one, and says the line, but the column only by where it draws the underline:
//
//     x Expression expected
//      ,-[/app/app.ts:2:1]
//    1 | const a = 1;
//    2 |     let b = ;
//      :             ^
//      `----

import { SourceMap, type SourceMapPayload } from 'node:module';
import { Fault, type FaultContext, type Place } from '@appserve/core';

/** An escape sequence that colours. */
const COLOUR = /\u001B\[[0-9;]*m/g;
const BLOCK = /^ {2}[x×] ([^]*?)\n\s*(?:,-|╭─)+\[(?:.*:)?([0-9]+):([0-9]+)\]$([^]*?)^\s*(?:`-|╰─)+/gm;
/** miette's width of a tab. */
const TAB = 4;

/** The faults in what swc drew; one without a column, where it drew something else. */
export function syntaxFaults(drawn: string, file: string, source: string): readonly Fault[] {
  const text = drawn.replaceAll(COLOUR, '');
  const lines = source.split(/\r?\n/);
  const faults = Array.from(text.matchAll(BLOCK), ([, message, line, column, drawing]) => {
    const at = placeOf(file, Number(line), Number(column), lines, drawing!);
    return fault(sentence(message!), { at });
  });
  if (faults.length > 0) return faults;
  return [fault(sentence(text.split(/\n\s*\n|\nStack backtrace/)[0]!), { at: { file, line: 1, column: 1 } })];
}

/** A fault of compiled code as one of the file that it was made from; the map knows lines, and what is pointed at is looked for. */
export function inSource(found: Fault, source: string, map: string): Fault {
  const { why } = found.details as { readonly why: string };
  const { file, line: made, column: madeColumn, length, text: madeText = '' } = found.at!;
  const entry = new SourceMap(JSON.parse(map) as SourceMapPayload).findEntry(made - 1, 0);
  const line = ('originalLine' in entry ? entry.originalLine : 0) + 1;
  const text = source.split(/\r?\n/)[line - 1] ?? '';
  const offset = text.indexOf(madeText.slice(madeColumn - 1, madeColumn - 1 + (length ?? 1)));
  const at = offset === -1 ? { file, line, column: 1, text } : { file, line, column: offset + 1, text, length: length ?? 1 };
  if (!why.startsWith('Unexpected token `@`')) return fault(why, { at });
  const hint = 'a decorator on a parameter needs "experimentalDecorators": true in tsconfig.json';
  return new Fault('TYPESCRIPT_SYNTAX', { why: 'a parameter has a decorator', hint }, { at });
}

function fault(why: string, context: FaultContext): Fault {
  return new Fault('TYPESCRIPT_SYNTAX', { why }, context);
}

/** A long message is drawn on several lines, with a bar before each. */
function sentence(message: string): string {
  return message
    .replaceAll(/\n\s*[|│]?\s*/g, ' ')
    .replace(/^\s*[x×] /, '')
    .replace(/[.\s]+$/, '');
}

function placeOf(file: string, line: number, column: number, lines: readonly string[], drawing: string): Place {
  const text = lines[line - 1] ?? '';
  const drawn = drawing.split('\n');
  const row = drawn.findIndex((one) => new RegExp(`^ *${line} [|│] `).test(one));
  const [, before, mark] = /^\s*[:·] ( *)([\^─┬|-]+)/.exec((row === -1 ? undefined : drawn[row + 1]) ?? '') ?? [];
  if (before === undefined) return { file, line, column: Math.min(column, text.length + 1), text };
  const start = offsetAt(text, before.length);
  return { file, line, column: start + 1, length: offsetAt(text, before.length + mark!.length) - start || 1, text };
}

const WIDE =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u;

/** Which UTF-16 unit of a line is drawn in that cell of a terminal. */
function offsetAt(text: string, cell: number): number {
  let [offset, width] = [0, 0];
  for (const character of text) {
    if (width >= cell) break;
    width += character === '\t' ? TAB - (width % TAB) : WIDE.test(character) ? 2 : 1;
    offset += character.length;
  }
  return offset;
}
