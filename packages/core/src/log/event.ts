// log/event.ts: a record as formatters see it: Python's LogRecord, as far as a program in JavaScript has such things.

export interface LogEvent {
  /** Of the logger. */
  readonly name: string;
  /** Python's number. */
  readonly level: number;
  readonly message: string;
  readonly epochMs: number;
  /** `main`, `worker-1`. */
  readonly thread: string;
  readonly threadId: number;
  readonly pid: number;
  /** When the process began to log. */
  readonly startMs: number;
  readonly caller?: Caller | undefined;
  readonly error?: LoggedError | undefined;
  readonly requestId?: string | undefined;
  /** What the app has logged beside its message. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
}

/** Where a record was made. */
export interface Caller {
  readonly path: string;
  readonly line: number;
  readonly func: string;
}

/** An error as pino's serializer tells it: its type, its message, and what else it has. `stack`: with those of its causes. */
export interface LoggedError {
  readonly stack: string;
  readonly [key: string]: unknown;
}
