// exchange/body.ts: the body of a request on its way from a protocol to an app: one-way bytes with back-pressure.
//
// The protocol pushes what it may keep (it copies lent bytes first); the app reads when it likes. Reading is what asks the
// client for more: the first read sends 100 Continue, and a full queue stops the socket.

import type { Fault } from '../faults.ts';
import { Fields } from '../message/fields.ts';

export interface RequestBody extends AsyncIterable<Uint8Array> {
  /**
   * The next piece; `null` at the end, and ever after. A promise only when nothing is here yet.
   *
   * Faults: BODY_INCOMPLETE, CHUNK_INVALID, BODY_TOO_LARGE, BODY_TIMEOUT, thrown or as a rejection: a short body never looks
   * complete.
   */
  read(): Uint8Array | null | Promise<Uint8Array | null>;
  /** Fields behind a chunked body; empty until its end. Never merged with the head (RFC 9110 §6.5.1). */
  readonly trailers: Fields;
}

/** Unread bytes at which a body is full and its socket is no longer read. */
const FULL_BYTES = 64 * 1_024;
/** What a piece costs beside its bytes: a client may send them one by one. */
const PIECE_BYTES = 128;

interface Waiter {
  resolve(bytes: Uint8Array | null): void;
  reject(fault: Fault): void;
}

export class BodyQueue implements RequestBody {
  readonly #onWanted: () => void;
  readonly #fullBytes: number;
  #pieces: Uint8Array[] = [];
  /** Of the pieces that wait, with what they cost beside. */
  #bytes = 0;
  #isEnded = false;
  #fault: Fault | (() => Fault) | undefined;
  #waiter: Waiter | undefined;
  #trailers = Fields.none;

  /** `onWanted`: the app waits for bytes, or has made room for some. */
  constructor(onWanted: () => void, fullBytes = FULL_BYTES) {
    this.#onWanted = onWanted;
    this.#fullBytes = fullBytes;
  }

  get trailers(): Fields {
    return this.#trailers;
  }

  /** Somebody has asked for bytes and got none yet. */
  get isAwaited(): boolean {
    return this.#waiter !== undefined;
  }

  /** All of it is here, read or not. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  get isFull(): boolean {
    return this.#bytes >= this.#fullBytes;
  }

  push(bytes: Uint8Array): void {
    if (this.#waiter !== undefined) {
      this.#wake()?.resolve(bytes);
      return;
    }
    this.#pieces.push(bytes);
    this.#bytes += bytes.length + PIECE_BYTES;
  }

  end(trailers: Fields): void {
    this.#trailers = trailers;
    this.#isEnded = true;
    this.#wake()?.resolve(null);
  }

  /** Not before somebody asks is a fault made that is given as a function: one that nobody sees costs 7 us, for its stack. */
  fail(fault: Fault | (() => Fault)): void {
    if (this.#isEnded) return;
    this.#fault = fault;
    if (this.#waiter !== undefined) this.#wake()!.reject(this.#failure()!);
  }

  #failure(): Fault | undefined {
    if (typeof this.#fault === 'function') this.#fault = this.#fault();
    return this.#fault;
  }

  #wake(): Waiter | undefined {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    return waiter;
  }

  read(): Uint8Array | null | Promise<Uint8Array | null> {
    const piece = this.#pieces.shift();
    if (piece !== undefined) {
      const wasFull = this.isFull;
      this.#bytes -= piece.length + PIECE_BYTES;
      if (wasFull && !this.isFull) this.#onWanted();
      return piece;
    }
    const failure = this.#failure();
    if (failure !== undefined) throw failure;
    if (this.#isEnded) return null;
    if (this.#waiter !== undefined) throw new Error('two reads of one body at a time');
    const coming = new Promise<Uint8Array | null>((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
    this.#onWanted();
    return coming;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for (;;) {
      const piece = await this.read();
      if (piece === null) return;
      yield piece;
    }
  }
}

/** The body of a request that has none: one object for all of them. */
export const NO_REQUEST_BODY: RequestBody = Object.freeze({
  trailers: Fields.none,
  read: () => null,
  async *[Symbol.asyncIterator]() {
    // Nothing to give.
  },
});
