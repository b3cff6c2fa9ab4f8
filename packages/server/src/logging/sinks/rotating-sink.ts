// logging/sinks/rotating-sink.ts: a file that begins anew before it would be longer than `maxBytes`: RotatingFileHandler.
//
// Source: logging.handlers.RotatingFileHandler of CPython: app.log becomes app.log.1, that app.log.2, and so on to `backupCount`. It rotates
// only where both numbers are given. Another process may write to the same file, as with timed-sink.ts.

import { rmSync } from 'node:fs';
import type { Destination } from '@appserve/core/log';
import { FileSink } from './file-sink.ts';
import { moveAside } from './move-aside.ts';

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
    if (this.#isFullFor(bytes) && this.isMoved) this.#beginAnew();
    if (this.#isFullFor(bytes)) this.#rotate();
    if (this.#bytes !== undefined) this.#bytes += bytes;
    super.write(text, level);
  }

  override writeLines(bytes: Uint8Array): number {
    this.#bytes = undefined;
    return super.writeLines(bytes);
  }

  #isFullFor(bytes: number): boolean {
    const before = (this.#bytes ??= this.sizeBytes) ?? 0;
    return this.#maxBytes > 0 && before > 0 && before + bytes >= this.#maxBytes;
  }

  #rotate(): void {
    this.closeFile();
    this.attempt(() => rmSync(`${this.path}.${this.#backupCount}`, { force: true }));
    for (let index = this.#backupCount - 1; index > 0; index -= 1)
      moveAside(`${this.path}.${index}`, `${this.path}.${index + 1}`);
    moveAside(this.path, `${this.path}.1`);
    this.#beginAnew();
  }

  /** With what is there now. */
  #beginAnew(): void {
    this.closeFile();
    this.#bytes = this.sizeBytes;
  }

  override reopen(): string {
    this.#bytes = undefined;
    return super.reopen();
  }
}
