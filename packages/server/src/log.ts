// log.ts: what the server has to say about itself, as records; where they go is the writer's business.

import { inspect } from 'node:util';
import { LEVEL_WORDS, LEVELS, rendererOf, type Level, type LoggedError } from '@appserve/core/log';

export { LEVELS, type Level };

export interface LogRecord {
  readonly level: Level;
  readonly epochMs: number;
  /** The thread that spoke: `main`, `worker-1`. */
  readonly thread: string;
  /** With all that is known of the failure, where it is one. */
  readonly message: string;
  readonly failure?: Failure;
}

/** What went wrong with a request, for those who tell it apart from the message. */
export interface Failure {
  /** What failed, in a line. */
  readonly what: string;
  readonly error: unknown;
  readonly requestId: string;
}

export type LogWriter = (record: LogRecord) => void;

/** A logger for one thread. What is below `level` costs a comparison. */
export class Logger {
  readonly #thread: string;
  #least: number;
  readonly #write: LogWriter;

  constructor(thread: string, level: Level, write: LogWriter) {
    this.#thread = thread;
    this.#least = LEVEL_WORDS[level]!;
    this.#write = write;
  }

  /** A word, or Python's number. */
  set level(level: Level | number) {
    this.#least = typeof level === 'number' ? level : LEVEL_WORDS[level]!;
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

  failed(failure: Failure): void {
    this.#log('error', `${failure.what}: ${describeError(failure.error)}`, failure);
  }

  #log(level: Level, message: string, failure?: Failure): void {
    if (LEVEL_WORDS[level]! < this.#least) return;
    this.#write({ level, epochMs: Date.now(), thread: this.#thread, message, ...(failure && { failure }) });
  }
}

const { render } = rendererOf({ type: 'text' });

/** `2026-11-20 22:48:01,123 INFO  [appserve][worker-1] message`, as Python's logging would print it. */
export function formatRecord({ level, epochMs, thread, message }: LogRecord): string {
  return render({ name: 'appserve', level: LEVEL_WORDS[level]!, message, epochMs, thread, threadId: 0, pid: 0, startMs: 0 });
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

/** As pino's serializer tells one; `stack` has all of it, with its causes. Anything may be thrown. */
export function errorFields(error: unknown): LoggedError {
  const { name, code } = (error instanceof Error ? error : {}) as { readonly name?: unknown; readonly code?: unknown };
  return {
    type: typeof name === 'string' ? name : typeof error,
    message: messageOf(error),
    stack: inspected(error),
    ...(typeof code === 'string' && { code }),
  };
}
