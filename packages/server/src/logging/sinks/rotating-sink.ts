// logging/sinks/rotating-sink.ts: a file that begins anew before it would be longer than `maxBytes`: RotatingFileHandler.
//
// Source: logging.handlers.RotatingFileHandler of CPython: app.log becomes app.log.1, that app.log.2, and so on to `backupCount`. It rotates
// only where both numbers are given.

import { renameSync, rmSync } from 'node:fs';
import { FileSink } from './file-sink.ts';

export class RotatingSink extends FileSink {
  readonly #maxBytes: number;
  readonly #backupCount: number;
  /** Of the file, with what waits to be written; nothing before it is asked for. */
  #bytes: number | undefined;

  constructor(path: string, fd: number | undefined, maxBytes: number, backupCount: number) {
    super(path, fd);
    this.#maxBytes = backupCount === 0 ? 0 : maxBytes;
    this.#backupCount = backupCount;
  }

  override write(text: string, level: number): void {
    const bytes = Buffer.byteLength(text);
    const before = (this.#bytes ??= this.sizeBytes);
    if (this.#maxBytes > 0 && before > 0 && before + bytes >= this.#maxBytes) this.#rotate();
    this.#bytes = (this.#bytes ??= this.sizeBytes) + bytes;
    super.write(text, level);
  }

  override writeLines(bytes: Uint8Array): number {
    this.#bytes = undefined;
    return super.writeLines(bytes);
  }

  #rotate(): void {
    this.closeFile();
    this.#bytes = undefined;
    for (let index = this.#backupCount - 1; index > 0; index -= 1) rename(`${this.path}.${index}`, `${this.path}.${index + 1}`);
    rename(this.path, `${this.path}.1`);
  }

  override reopen(): string {
    this.#bytes = undefined;
    return super.reopen();
  }
}

/** What is not there is not renamed; what cannot be renamed stays, and is appended to. */
export function rename(from: string, to: string): void {
  try {
    rmSync(to, { force: true });
    renameSync(from, to);
  } catch {
    // As said above.
  }
}
