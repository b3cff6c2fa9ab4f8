// logging/log-object.ts: what a script gives as a log: any object that can write or log. gevent.pywsgi's `log` and `error_log`.

import type { Level } from '@appserve/core/log';

/** Text, each time whole lines with their ends: a stream, a file. */
export interface Writes {
  write(text: string): unknown;
}

/** A logger as Python has them: `log(level, message)` with Python's numbers. */
export interface Logs {
  log(level: number, message: string): unknown;
}

/** A logger as Node has them: pino's, winston's, the console. */
export type Says = { readonly [level in Level]: (message: string) => unknown };

export type LogObject = Writes | Logs | Says;

export function isLogObject(value: unknown): value is LogObject {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const { write, log, info } = value as Partial<Writes & Logs & Says>;
  return typeof write === 'function' || typeof log === 'function' || typeof info === 'function';
}

/**
 * Makes one function of it. As in gevent, what has `write` is a stream; what has `log` alone is a logger, and gets no line ends.
 */
export function lineWriter(target: LogObject): (line: string, level: number) => void {
  if ('write' in target && typeof target.write === 'function') return (line) => void target.write(`${line}\n`);
  const says = target as Partial<Says>;
  if (typeof says.info === 'function') return (line, level) => void says[wordOf(level)]?.(line);
  return (line, level) => void (target as Logs).log(level, line);
}

function wordOf(level: number): Level {
  if (level >= 40) return 'error';
  if (level >= 30) return 'warn';
  return level >= 20 ? 'info' : 'debug';
}

/** A logger as a stream: each line that is written to it becomes a record. gevent.pywsgi's class of that name. */
export class LoggingLogAdapter implements Writes {
  readonly #say: (line: string, level: number) => void;
  readonly #level: number;

  /** `level`: Python's number; 20 is INFO. */
  constructor(logger: Logs | Says, level = 20) {
    this.#say = lineWriter(logger);
    this.#level = level;
  }

  /** One line end at the end is taken off. */
  write(text: string): void {
    this.#say(text.endsWith('\n') ? text.slice(0, -1) : text, this.#level);
  }

  writelines(lines: Iterable<string>): void {
    for (const line of lines) this.write(line);
  }

  flush(): void {
    // Nothing is held.
  }
}
