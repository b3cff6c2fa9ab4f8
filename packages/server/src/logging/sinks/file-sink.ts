// logging/sinks/file-sink.ts: a file that is appended to.
//
// Law: a log that cannot be written is no reason to stop serving: it is said once, until it works again, and what it should have had goes
// to standard error.

import { closeSync, constants, fstatSync, openSync, writeSync, type Stats } from 'node:fs';
import { Fault, type Place } from '@appserve/core';
import { DescriptorSink } from './descriptor-sink.ts';

const MODE = 0o640;
const STDERR = 2;

/** A pipe with a name that nobody reads is refused, and one whose reader stops does not stop us; of a file it says nothing (open(2)). */
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NONBLOCK;

/** Faults: LOG_REFUSED. */
export function openFile(path: string, isTruncated = false, at?: Place): number {
  try {
    return openSync(path, isTruncated ? FLAGS | constants.O_TRUNC : FLAGS, MODE);
  } catch (cause) {
    throw new Fault('LOG_REFUSED', { path, why: (cause as Error).message }, { cause, at });
  }
}

export class FileSink extends DescriptorSink {
  readonly path: string;
  #fd: number | undefined;
  #hasFailed = false;

  /** `fd`: it is open already; without one it is opened with its first record. */
  constructor(path: string, fd: number | undefined) {
    super();
    this.path = path;
    this.#fd = fd;
  }

  protected get fd(): number {
    return (this.#fd ??= openSync(this.path, FLAGS, MODE));
  }

  /** How long it is now; 0 where it is no plain file. */
  protected get sizeBytes(): number {
    const stats = fstatSync(this.fd);
    return stats.isFile() ? stats.size : 0;
  }

  protected stats(): Stats | undefined {
    return this.#fd === undefined ? undefined : fstatSync(this.#fd);
  }

  protected failed(error: NodeJS.ErrnoException, bytes: Uint8Array): void {
    if (!this.#hasFailed) writeSafely(`${this.path} cannot be written: ${error.message}\n`);
    this.#hasFailed = true;
    writeSafely(bytes);
  }

  protected override succeeded(): void {
    this.#hasFailed = false;
  }

  reopen(): string {
    const fresh = openFile(this.path);
    this.closeFile();
    this.#fd = fresh;
    return this.path;
  }

  /** The next record opens one of that name. */
  protected closeFile(): void {
    this.writeOut();
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  close(): void {
    this.closeFile();
  }
}

/** To standard error, as far as it takes it. */
function writeSafely(text: string | Uint8Array): void {
  try {
    writeSync(STDERR, typeof text === 'string' ? Buffer.from(text) : text);
  } catch {
    // There is nobody else to be told.
  }
}
