// app/input.ts: `wsgi.input`: the request body as PEP 3333 reads it, asynchronously. It ends exactly where the body ends.

import { Buffer } from 'node:buffer';
import type { RequestBody } from '../exchange/body.ts';
import type { Exchange } from '../exchange/exchange.ts';

const LF = 0x0a;

export class Input implements AsyncIterable<Uint8Array> {
  readonly #body: RequestBody;
  #rest: Uint8Array | null | undefined;

  readonly #exchange: Exchange | undefined;

  constructor(body: RequestBody, exchange?: Exchange) {
    this.#body = body;
    this.#exchange = exchange;
  }

  /** The exchange that an app's input belongs to, for who converts the app. */
  static exchangeOf(input: unknown): Exchange | undefined {
    return input instanceof Input ? input.#exchange : undefined;
  }

  /** What is left, piece by piece as it comes. */
  asBody(): RequestBody {
    const body = this.#body;
    const read = (): ReturnType<RequestBody['read']> => {
      const rest = this.#rest;
      this.#rest = undefined;
      return rest === undefined || rest === null ? body.read() : rest;
    };
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

  /** Up to `size` bytes, fewer only at the end; all that is left when `size` is left out or negative. Empty at the end. */
  read(size = -1): Promise<Uint8Array> {
    return this.#begin(size, false);
  }

  /** One line with its LF, or what is left when there is none; at most `size` bytes of it. Empty at the end. */
  readline(size = -1): Promise<Uint8Array> {
    return this.#begin(size, true);
  }

  /** All lines, or as many as make up `hint` bytes. */
  async readlines(hint = -1): Promise<Uint8Array[]> {
    const lines: Uint8Array[] = [];
    let bytes = 0;
    for await (const line of this) {
      lines.push(line);
      bytes += line.length;
      if (hint > 0 && bytes >= hint) break;
    }
    return lines;
  }

  /** Line by line. */
  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for (;;) {
      const line = await this.readline();
      if (line.length === 0) return;
      yield line;
    }
  }

  #begin(size: number, isLine: boolean): Promise<Uint8Array> {
    const reading = this.#collect(size < 0 ? Number.POSITIVE_INFINITY : size, isLine);
    // A client that leaves must not end the worker of an app that reads ahead and has not come to awaiting it.
    reading.catch(() => undefined);
    return reading;
  }

  async #collect(size: number, isLine: boolean): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    while (bytes < size) {
      const piece = this.#rest ?? (await this.#body.read());
      this.#rest = undefined;
      if (piece === null) break;
      const within = piece.subarray(0, size - bytes);
      const lineEnd = isLine ? within.indexOf(LF) + 1 : 0;
      const wanted = lineEnd === 0 ? within.length : lineEnd;
      pieces.push(piece.subarray(0, wanted));
      bytes += wanted;
      if (wanted < piece.length) this.#rest = piece.subarray(wanted);
      if (lineEnd !== 0) break;
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, bytes);
  }
}
