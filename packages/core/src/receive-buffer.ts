// receive-buffer.ts: what has come and is not yet read.
//
// Bytes are lent, not given: the driver reads every socket into one buffer and reuses it. So the engine reads out of the lent
// bytes and copies only what is left over when it must wait (`keep`), which for most requests is nothing.

import { Buffer } from 'node:buffer';

const EMPTY = new Uint8Array(0);

export class ReceiveBuffer {
  /** The unread bytes are `bytes[at]` to `bytes[end - 1]`. Readers move `at`. */
  bytes: Uint8Array = EMPTY;
  at = 0;
  end = 0;
  #isLent = false;

  get length(): number {
    return this.end - this.at;
  }

  /** Takes `length` bytes on loan, until `keep()`. Where bytes are left over from before, the new ones are copied behind them. */
  lend(bytes: Uint8Array, length: number): void {
    if (this.at === this.end) {
      this.bytes = bytes;
      this.at = 0;
      this.end = length;
      this.#isLent = true;
    } else {
      this.#append(bytes, length);
    }
  }

  /** Ends the loan: what is unread is copied, and the lender may reuse its buffer. */
  keep(): void {
    if (!this.#isLent) {
      if (this.at === this.end) this.#clear();
      return;
    }
    this.#isLent = false;
    if (this.at === this.end) this.#clear();
    else this.#moveTo(new Uint8Array(Math.max(256, 2 * this.length)));
  }

  /** Drops everything: nothing that follows an error is ever read as a request. */
  discard(): void {
    this.at = this.end;
    this.keep();
  }

  /** The unread bytes as a copy of its own; they count as read. */
  takeRest(): Uint8Array {
    // Not slice(): on a Buffer that is no copy.
    const rest = Buffer.from(this.bytes.subarray(this.at, this.end));
    this.at = this.end;
    return rest;
  }

  #clear(): void {
    this.bytes = EMPTY;
    this.at = 0;
    this.end = 0;
  }

  #append(bytes: Uint8Array, length: number): void {
    if (this.#isLent || this.end + length > this.bytes.length) {
      this.#moveTo(new Uint8Array(Math.max(256, 2 * (this.length + length))));
      this.#isLent = false;
    }
    this.bytes.set(bytes.subarray(0, length), this.end);
    this.end += length;
  }

  #moveTo(room: Uint8Array): void {
    room.set(this.bytes.subarray(this.at, this.end));
    this.end -= this.at;
    this.at = 0;
    this.bytes = room;
  }
}
