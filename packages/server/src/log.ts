// log.ts: what the server has to say about itself, as records; where they go is the writer's business.

import { inspect } from 'node:util';
export type Level = 'debug' | 'info' | 'warn' | 'error';

export const LEVELS: readonly Level[] = ['debug', 'info', 'warn', 'error'];

export interface LogRecord {
  readonly level: Level;
  readonly epochMs: number;
  /** The thread that spoke: `main`, `worker-1`. */
  readonly thread: string;
  readonly message: string;
}

export type LogWriter = (record: LogRecord) => void;

/** A logger for one thread. What is below `level` costs a comparison. */
export class Logger {
  readonly #thread: string;
  #least: number;
  readonly #write: LogWriter;

  constructor(thread: string, level: Level, write: LogWriter) {
    this.#thread = thread;
    this.#least = LEVELS.indexOf(level);
    this.#write = write;
  }

  set level(level: Level) {
    this.#least = LEVELS.indexOf(level);
  }

  debug(message: string): void {
    this.#log('debug', message);
  }

  info(message: string): void {
    this.#log('info', message);
  }

  warn(message: string): void {
    this.#log('warn', message);
  }

  error(message: string): void {
    this.#log('error', message);
  }

  #log(level: Level, message: string): void {
    if (LEVELS.indexOf(level) < this.#least) return;
    this.#write({ level, epochMs: Date.now(), thread: this.#thread, message });
  }
}

/** `2026-11-20 22:48:01,123 INFO  [appserve][worker-1] message`, as Python's logging would print it. */
export function formatRecord({ level, epochMs, thread, message }: LogRecord): string {
  const local = new Date(epochMs - new Date(epochMs).getTimezoneOffset() * 60_000).toISOString();
  const time = `${local.slice(0, 10)} ${local.slice(11, 19)},${local.slice(20, 23)}`;
  return `${time} ${level.toUpperCase().padEnd(5)} [appserve][${thread}] ${printable(message)}\n`;
}

/**
 * Escapes what a terminal would obey and what would forge a line: clients' bytes stand in log messages. Line ends stay only
 * where they are our own, in front of the indented lines of a stack.
 */
function printable(message: string): string {
  return message.replaceAll(
    /[\x00-\x09\x0b-\x1f\x7f-\x9f]|\n(?! )/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

export function writeToStderr(record: LogRecord): void {
  process.stderr.write(formatRecord(record));
}

/** An error with its stack and its causes, each line indented behind the first. Apps throw anything: all of it can be told. */
export function describeError(error: unknown): string {
  return inspected(error).replaceAll(/\n(?! )/g, '\n  ');
}

function inspected(value: unknown): string {
  try {
    return inspect(value);
  } catch (failure) {
    return `something that cannot be shown (${failure instanceof Error ? failure.message : typeof failure})`;
  }
}

/** One line of it. */
export function messageOf(error: unknown): string {
  return error instanceof Error && typeof error.message === 'string' ? error.message : inspected(error).split('\n')[0]!;
}
