// logging/sinks/descriptor-sink.ts: lines into a descriptor: a pipe, a terminal, a file.

import { writeSync } from 'node:fs';
import type { Sink } from './sink.ts';

/** Lines of one round are written together. */
const BATCH_CHARS = 64 * 1_024;
/** What may wait for a stream that takes nothing. */
const HELD_BYTES_MAX = 1_024 * 1_024;

export abstract class DescriptorSink implements Sink {
  protected abstract readonly fd: number;
  #text = '';
  #records = 0;
  /** Not taken yet, each as one round of records. */
  readonly #held: { bytes: Buffer; readonly records: number }[] = [];
  #heldBytes = 0;
  #lost = 0;

  write(text: string, _level: number): void {
    this.#text += text;
    this.#records += 1;
    if (this.#text.length >= BATCH_CHARS) this.writeOut();
  }

  flush(): void {
    this.writeOut();
  }

  protected writeOut(): void {
    this.#writeHeld();
    if (this.#records === 0) return;
    const bytes = Buffer.from(this.#text);
    const records = this.#records;
    this.#text = '';
    this.#records = 0;
    const written = this.isStalled ? 0 : this.#tryToWrite(bytes);
    if (written < bytes.length) this.#hold(bytes.subarray(written), records);
  }

  #hold(bytes: Buffer, records: number): void {
    if (this.#heldBytes + bytes.length > HELD_BYTES_MAX) {
      this.#lost += records;
      return;
    }
    this.#keep(bytes, records);
  }

  #keep(bytes: Buffer, records: number): void {
    this.#held.push({ bytes, records });
    this.#heldBytes += bytes.length;
  }

  #writeHeld(): void {
    for (let first = this.#held[0]; first !== undefined; first = this.#held[0]) {
      const written = this.#tryToWrite(first.bytes);
      this.#heldBytes -= written;
      first.bytes = first.bytes.subarray(written);
      if (first.bytes.length > 0) return;
      this.#held.shift();
    }
  }

  writeLines(bytes: Uint8Array): number {
    this.flush();
    if (this.isStalled) return 0;
    const written = this.#tryToWrite(bytes);
    // Lent bytes: what is left of them is kept, lest a line of somebody else stand in the middle of one.
    if (written < bytes.length) this.#keep(Buffer.from(bytes.subarray(written)), 0);
    return bytes.length;
  }

  /** How many bytes of it are written now. */
  #tryToWrite(bytes: Uint8Array): number {
    let written = 0;
    while (written < bytes.length) {
      try {
        written += writeSync(this.fd, bytes, written);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return written;
        this.failed(error as NodeJS.ErrnoException, bytes.subarray(written));
        return bytes.length;
      }
    }
    this.succeeded();
    return written;
  }

  /** These bytes cannot be written at all. */
  protected abstract failed(error: NodeJS.ErrnoException, bytes: Uint8Array): void;

  protected succeeded(): void {
    // For those who say that they could not.
  }

  get isStalled(): boolean {
    return this.#held.length > 0;
  }

  takeLost(): number {
    const lost = this.#lost;
    // Said where it can be: not before there is room.
    if (this.isStalled) return 0;
    this.#lost = 0;
    return lost;
  }

  abstract reopen(): string | undefined;
  abstract close(): void;
}
