// composites/recorded-body.ts: a request body that several apps read, one after the other, each from its beginning.
//
// Law: what is not read is not kept, and what is kept has a limit; the last reader keeps nothing.

import { Fault } from '@appserve/core';
import { Input, underlyingOf } from '@appserve/core/app';
import type { RequestBody } from '@appserve/core/exchange';

export class RecordedBody {
  readonly #body: RequestBody;
  readonly #input: Input;
  readonly #limitBytes: number;
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;
  #isAtEnd = false;

  constructor(input: Input, limitBytes: number) {
    this.#input = input;
    this.#body = input.asBody();
    this.#limitBytes = limitBytes;
  }

  /** What the next app reads; the one before reads no more. `isLast`: nobody comes after it. */
  input(isLast: boolean): Input {
    let at = 0;
    const read = async (): Promise<Uint8Array | null> => {
      if (at < this.#pieces.length) return this.#pieces[at++]!;
      const piece = await this.#next();
      if (piece !== null && !isLast) {
        this.#keep(piece);
        at = this.#pieces.length;
      }
      return piece;
    };
    return new Input(this.#asBody(read), underlyingOf(this.#input));
  }

  #asBody(read: () => Promise<Uint8Array | null>): RequestBody {
    const body = this.#body;
    return {
      get trailers() {
        return body.trailers;
      },
      read,
      async *[Symbol.asyncIterator]() {
        for (let piece = await read(); piece !== null; piece = await read()) yield piece;
      },
    };
  }

  async #next(): Promise<Uint8Array | null> {
    if (this.#isAtEnd) return null;
    const piece = await this.#body.read();
    this.#isAtEnd = piece === null;
    return piece;
  }

  /** Faults: BODY_TOO_LARGE. */
  #keep(piece: Uint8Array): void {
    this.#bytes += piece.length;
    if (this.#bytes > this.#limitBytes) throw new Fault('BODY_TOO_LARGE', { limit: this.#limitBytes });
    // The server uses its buffer again.
    this.#pieces.push(Buffer.from(piece));
  }
}
