// log/render.ts: a record becomes the text of one handler: ours, with colours, pino's JSON, or as an ini says.
//
// Law: what is said by strangers is escaped here, whatever the format.

import { levelName, pinoLevel } from './levels.ts';
import type { LogEvent } from './event.ts';
import type { FormatterConfig } from './logging-config.ts';
import { compilePattern, timeOf, type Pattern } from './pattern.ts';
import { printable, printableJson, printableValue } from './printable.ts';

/** What makes lines, each with its end. */
export function rendererOf(config: FormatterConfig): Pattern {
  switch (config.type) {
    case 'text':
      return { render: textLine, needsCaller: false };
    case 'pretty':
      return { render: prettyLine, needsCaller: false };
    case 'json':
      return { render: jsonLine, needsCaller: false };
    case 'pattern':
      return patternLine(config);
  }
}

/** Python's would be WARNI in five columns. */
function shortName(level: number): string {
  return level === 30 ? 'WARN' : levelName(level);
}

/** `2026-11-20 22:48:01,123 INFO  [appserve][worker-1] message` */
function textLine(event: LogEvent): string {
  const { epochMs, level, name, thread } = event;
  return `${timeOf(epochMs)} ${shortName(level).padEnd(5)} [${printableValue(name) || 'root'}][${thread}] ${wordsOf(event)}\n`;
}

const COLOURS: readonly (readonly [atLeast: number, code: string])[] = [
  [40, '31'],
  [30, '33'],
  [20, '32'],
];
const PALE = [0, '2'] as const;

/** The same with colours, for terminals. */
function prettyLine(event: LogEvent): string {
  const { epochMs, level, name, thread } = event;
  const [, code] = COLOURS.find(([atLeast]) => level >= atLeast) ?? PALE;
  const who = `\u001b[2m[${printableValue(name) || 'root'}][${thread}]\u001b[0m`;
  return `\u001b[2m${timeOf(epochMs)}\u001b[0m \u001b[${code}m${shortName(level).padEnd(5)}\u001b[0m ${who} ${wordsOf(event)}\n`;
}

/** The message, what was logged beside it, the request, and the stack of an error. */
function wordsOf({ message, fields, requestId, error }: LogEvent): string {
  let words = printable(message);
  for (const [key, value] of Object.entries(fields ?? {}))
    words += ` ${printableValue(key)}=${printableJson(JSON.stringify(value) ?? '-')}`;
  if (requestId !== undefined) words += ` (${printableValue(requestId)})`;
  return error === undefined ? words : `${words}\n${stackText(error.stack)}`;
}

/** Indented, so that none of its lines looks like a record. */
function stackText(error: string): string {
  return printable(`  ${error.replaceAll(/\n(?! )/g, '\n  ')}`);
}

/** What stands in each line of JSON. A field of an app that is called so stands in an object of its own, lest it take that place. */
const OF_LINES: ReadonlySet<string> = new Set([
  'level',
  'time',
  'pid',
  'name',
  'thread',
  'requestId',
  'caller',
  'msg',
  'err',
  'fields',
]);

/** A line as pino writes it, with who spoke. */
function jsonLine(event: LogEvent): string {
  const { level, epochMs, pid, name, thread, requestId, caller, fields = {}, message, error } = event;
  const entries = Object.entries(fields);
  const namesakes = entries.filter(([key]) => OF_LINES.has(key));
  const line = {
    level: pinoLevel(level),
    time: epochMs,
    pid,
    name,
    thread,
    requestId,
    caller,
    ...Object.fromEntries(entries.filter(([key]) => !OF_LINES.has(key))),
    fields: namesakes.length === 0 ? undefined : Object.fromEntries(namesakes),
    msg: message,
    err: error,
  };
  return `${printableJson(JSON.stringify(line))}\n`;
}

function patternLine(config: FormatterConfig): Pattern {
  const { render, needsCaller } = compilePattern(config);
  return {
    needsCaller,
    render: (event) => (event.error === undefined ? `${render(event)}\n` : `${render(event)}\n${stackText(event.error.stack)}\n`),
  };
}
