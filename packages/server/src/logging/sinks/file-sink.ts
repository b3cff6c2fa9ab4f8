// logging/sinks/file-sink.ts: a file that is appended to.
//
// Law: a log that cannot be written is no reason to stop serving: it is said once, until it works again, and what it should have had goes
// to standard error. Whoever opens a descriptor closes it: the main thread what it has tried, this one what it writes to.

import { closeSync, constants, fstatSync, openSync, statSync, type Stats } from 'node:fs';
import { Fault, type FaultContext } from '@appserve/core';
import type { FileDestination } from '@appserve/core/log';
import { Complaint, toStderr } from './complaint.ts';
import { DescriptorSink } from './descriptor-sink.ts';

const MODE = 0o640;

/** A pipe with a name that nobody reads is refused, and one whose reader stops does not stop us; of a file it says nothing (open(2)). */
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NONBLOCK;

/** Faults: LOG_REFUSED. */
export function openFile(path: string, isTruncated = false, where: FaultContext = {}): number {
  try {
    return openSync(path, isTruncated ? FLAGS | constants.O_TRUNC : FLAGS, MODE);
  } catch (cause) {
    throw new Fault('LOG_REFUSED', { path, why: (cause as Error).message }, { ...where, cause });
  }
}

export class FileSink extends DescriptorSink {
  readonly path: string;
  readonly #isDelayed: boolean;
  #fd: number | undefined;
  readonly #unwritten = new Complaint();

  constructor({ path, isDelayed }: FileDestination) {
    super();
    this.path = path;
    this.#isDelayed = isDelayed;
    if (!isDelayed) this.attempt(() => this.fd);
  }

  /** Where it is not open it is opened, by each record anew. */
  protected get fd(): number {
    return (this.#fd ??= openSync(this.path, FLAGS, MODE));
  }

  /** How long it is now; 0 where it is no plain file; nothing where it cannot be opened. */
  protected get sizeBytes(): number | undefined {
    const stats = this.attempt(() => fstatSync(this.fd));
    return stats?.isFile() === false ? 0 : stats?.size;
  }

  /** Nothing where it is not open. */
  protected stats(): Stats | undefined {
    return this.#fd === undefined ? undefined : this.attempt(() => fstatSync(this.#fd!));
  }

  /** It is open, and what stands at its path is not this one: somebody has moved it away. */
  protected get isMoved(): boolean {
    const ours = this.stats();
    if (ours === undefined) return false;
    try {
      const there = statSync(this.path, { throwIfNoEntry: false });
      return there?.ino !== ours.ino || there.dev !== ours.dev;
    } catch {
      // A folder that was replaced, or closed to us: whether one can be made there is seen then.
      return true;
    }
  }

  /** What fails is said. */
  protected attempt<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      this.#complain(error as Error);
      return undefined;
    }
  }

  #complain({ message }: Error): void {
    this.#unwritten.make(`${this.path} cannot be written: ${message}`);
  }

  protected failed(error: NodeJS.ErrnoException, bytes: Uint8Array): void {
    this.#complain(error);
    toStderr(bytes);
  }

  protected override succeeded(): void {
    this.#unwritten.takeBack();
  }

  reopen(): string {
    // It is opened when there is something to say.
    if (this.#isDelayed && this.#fd === undefined) return this.path;
    const fresh = openFile(this.path);
    this.closeFile();
    this.#fd = fresh;
    return this.path;
  }

  /** The next record opens one of that name. */
  protected closeFile(): void {
    this.writeOut();
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) this.attempt(() => closeSync(fd));
  }

  close(): void {
    this.closeFile();
  }
}
