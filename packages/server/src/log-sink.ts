// log-sink.ts: where log records are written: stderr, or a file.
//
// Law: the number of the descriptor never changes while the process lives, so that threads may write to it; reopening puts another file
// under the same number, in one step (dup2(2)). A log that cannot be written is no reason to stop serving.

import { closeSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { Fault } from '@appserve/core';
import { closeOnExec, putInPlaceOf } from './listen/descriptor.ts';
import { formatRecord, writeToStderr, type LogRecord } from './log.ts';

export interface LogSink {
  /** For threads that write by themselves; stderr or the file. */
  readonly descriptor: number;
  write(record: LogRecord): void;
  /** After the file was moved away: a new one of the same name. Gives its path; nothing when the log is no file. Throws when it cannot. */
  reopen(): string | undefined;
  close(): void;
}

const STDERR = 2;
const MODE = 0o640;

const STDERR_SINK: LogSink = {
  descriptor: STDERR,
  write: writeToStderr,
  reopen: () => undefined,
  close: () => undefined,
};

/** `written`: a path, or `-` for stderr. Faults: LOG_REFUSED. */
export function openLog(written: string): LogSink {
  return written === '-' ? STDERR_SINK : new LogFile(resolve(written));
}

class LogFile implements LogSink {
  readonly descriptor: number;
  readonly #path: string;
  #hasFailed = false;
  #isOpen = true;

  constructor(path: string) {
    this.#path = path;
    this.descriptor = open(path);
  }

  write(record: LogRecord): void {
    // The number may be another file's by then.
    if (!this.#isOpen) {
      writeToStderr(record);
      return;
    }
    try {
      writeSync(this.descriptor, formatRecord(record));
      this.#hasFailed = false;
    } catch (error) {
      // Said once, until it works again; the records go where somebody may see them.
      if (!this.#hasFailed) process.stderr.write(`${this.#path} cannot be written: ${(error as Error).message}\n`);
      this.#hasFailed = true;
      writeToStderr(record);
    }
  }

  reopen(): string {
    const fresh = open(this.#path);
    try {
      putInPlaceOf(this.descriptor, fresh);
      closeOnExec(this.descriptor);
    } finally {
      closeSync(fresh);
    }
    return this.#path;
  }

  close(): void {
    this.#isOpen = false;
    closeSync(this.descriptor);
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'a', MODE);
  } catch (cause) {
    throw new Fault('LOG_REFUSED', { path, why: (cause as Error).message }, { cause });
  }
}
