// logging/sinks/rotating-sink.ts: a file that begins anew before it would be longer than `maxBytes`: RotatingFileHandler.
//
// Source: logging.handlers.RotatingFileHandler of CPython: app.log becomes app.log.1, that app.log.2, and so on to `backupCount`. It rotates
// only where both numbers are given.

import { renameSync, rmSync } from 'node:fs';
import type { Destination } from '@appserve/core/log';
import { FileSink } from './file-sink.ts';

type Rotating = Destination & { readonly type: 'rotating' };

export class RotatingSink extends FileSink {
  readonly #maxBytes: number;
  readonly #backupCount: number;
  /** Of the file, with what waits to be written; nothing before it is asked for, and where it cannot be opened. */
  #bytes: number | undefined;

  constructor(to: Rotating) {
    super(to);
    const { maxBytes, backupCount } = to;
    this.#maxBytes = backupCount === 0 ? 0 : maxBytes;
    this.#backupCount = backupCount;
  }

  override write(text: string, level: number): void {
    const bytes = Buffer.byteLength(text);
    const before = (this.#bytes ??= this.sizeBytes) ?? 0;
    if (this.#maxBytes > 0 && before > 0 && before + bytes >= this.#maxBytes) this.#rotate();
    if (this.#bytes !== undefined) this.#bytes += bytes;
    super.write(text, level);
  }

  override writeLines(bytes: Uint8Array): number {
    this.#bytes = undefined;
    return super.writeLines(bytes);
  }

  #rotate(): void {
    this.closeFile();
    for (let index = this.#backupCount - 1; index > 0; index -= 1) rename(`${this.path}.${index}`, `${this.path}.${index + 1}`);
    rename(this.path, `${this.path}.1`);
    this.#bytes = this.sizeBytes;
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
