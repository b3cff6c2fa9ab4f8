// log/fields.ts: the fields of a record that a format may name. docs/guide/logging.md shows this table.
//
// Source: logging.LogRecord. What Node does not have is said as near as it gets: processName, taskName.

import { levelName } from './levels.ts';
import type { LogEvent } from './event.ts';

interface Field {
  readonly means: string;
  readonly of: (event: LogEvent) => string | number | null;
  /** It costs a look at the stack with each record. */
  readonly needsCaller?: true;
}

function pathOf({ caller }: LogEvent): string {
  return caller?.path ?? '(unknown file)';
}

function fileOf(event: LogEvent): string {
  const path = pathOf(event);
  return path.slice(path.lastIndexOf('/') + 1);
}

export const FIELDS = {
  name: { means: 'The logger.', of: ({ name }) => name || 'root' },
  levelname: { means: 'CRITICAL, ERROR, WARNING, INFO, DEBUG; pino has TRACE too.', of: ({ level }) => levelName(level) },
  levelno: { means: 'The level as a number, Python’s: 50, 40, 30, 20, 10; TRACE is 5.', of: ({ level }) => level },
  message: { means: 'What is said. Control characters are escaped.', of: ({ message }) => message },
  created: { means: 'When, in seconds since 1970.', of: ({ epochMs }) => epochMs / 1_000 },
  msecs: { means: 'The milliseconds of that.', of: ({ epochMs }) => Math.floor(epochMs) % 1_000 },
  relativeCreated: { means: 'Milliseconds since the process began to log.', of: ({ epochMs, startMs }) => epochMs - startMs },
  threadName: { means: 'main, or the worker: worker-1.', of: ({ thread }) => thread },
  thread: { means: 'The number that Node has for the thread.', of: ({ threadId }) => threadId },
  process: { means: 'The process id.', of: ({ pid }) => pid },
  processName: { means: 'MainProcess.', of: () => 'MainProcess' },
  taskName: { means: 'None: there are no tasks.', of: () => null },
  pathname: { means: 'The file that logged it.', of: pathOf, needsCaller: true },
  filename: { means: 'Its name without the folder.', of: fileOf, needsCaller: true },
  module: {
    means: 'That without its extension.',
    of: (event) => (event.caller === undefined ? 'Unknown module' : fileOf(event).replace(/\.[^.]*$/, '')),
    needsCaller: true,
  },
  lineno: { means: 'The line that logged it.', of: ({ caller }) => caller?.line ?? 0, needsCaller: true },
  funcName: {
    means: 'The function that logged it.',
    of: ({ caller }) => caller?.func ?? '(unknown function)',
    needsCaller: true,
  },
  requestId: { means: 'Of the request that is answered; - where there is none.', of: ({ requestId }) => requestId ?? '-' },
} as const satisfies Readonly<Record<string, Field>>;

const KNOWN: Readonly<Record<string, Field>> = FIELDS;

export function needsCaller(name: string): boolean {
  return Object.hasOwn(KNOWN, name) && KNOWN[name]!.needsCaller === true;
}

/** What an app has logged under that name, or the default of its formatter, where it is no field of ours; `-` where nobody knows. */
export function valueOf(event: LogEvent, name: string, defaults: Readonly<Record<string, unknown>> = {}): unknown {
  if (Object.hasOwn(KNOWN, name)) return KNOWN[name]!.of(event);
  const { fields } = event;
  if (fields !== undefined && Object.hasOwn(fields, name)) return fields[name];
  return Object.hasOwn(defaults, name) ? defaults[name] : '-';
}
