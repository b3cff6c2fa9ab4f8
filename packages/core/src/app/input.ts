// app/input.ts: `wsgi.input`: the request body as PEP 3333 reads it, asynchronously. It ends exactly where the body ends.
//
// Law: reads are answered in the order in which they are asked, also by who does not wait for one before he asks for the next.

import { Buffer } from 'node:buffer';
import type { RequestBody } from '../exchange/body.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { Fault } from '../faults.ts';
import { EXCHANGE } from './underlying.ts';

const LF = 0x0a;

/** What an app reads a body by. Sizes are in bytes; left out or negative: all. */
export interface InputStream extends AsyncIterable<Uint8Array> {
  read(size?: number): Promise<Uint8Array>;
  readline(size?: number): Promise<Uint8Array>;
  readlines(hint?: number): Promise<Uint8Array[]>;
  /** What is left, piece by piece as it comes; where it is ours. */
  readonly asBody?: (() => RequestBody) | undefined;
}

export class Input implements InputStream {
  readonly #body: RequestBody;
  #rest: Uint8Array | null | undefined;
  /** The last read, as long as it is not answered. */
  #underWay: Promise<Uint8Array> | undefined;

  readonly #exchange: Exchange | undefined;
  /** `wsgi.signal` of the same environ: whoever finds another one there knows that a filter has put it. */
  readonly signalOf: (() => AbortSignal) | undefined;

  constructor(body: RequestBody, exchange?: Exchange) {
    this.#body = body;
    this.#exchange = exchange;
    this.signalOf = exchange === undefined ? undefined : () => exchange.signal;
  }

  /** The exchange that an app's input belongs to, for who converts the app, or logs something for it. */
  get [EXCHANGE](): Exchange | undefined {
    return this.#exchange;
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

  /**
   * Up to `size` bytes, fewer only at the end; all that is left when `size` is left out or negative. Empty at the end.
   *
   * Faults: INPUT_SIZE_INVALID, thrown; those of RequestBody.read as a rejection.
   */
  read(size = -1): Promise<Uint8Array> {
    return this.#begin(size, false);
  }

  /** One line with its LF, or what is left when there is none; at most `size` bytes of it. Empty at the end. */
  readline(size = -1): Promise<Uint8Array> {
    return this.#begin(size, true);
  }

  /** All lines, or as many as make up `hint` bytes. */
  async readlines(hint = -1): Promise<Uint8Array[]> {
    checkSize(hint);
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
    checkSize(size);
    const most = size < 0 ? Number.POSITIVE_INFINITY : size;
    const before = this.#underWay;
    const reading = before === undefined ? this.#collect(most, isLine) : before.then(() => this.#collect(most, isLine));
    this.#underWay = reading;
    const answered = (): void => {
      if (this.#underWay === reading) this.#underWay = undefined;
    };
    // Also a failure is heard here: a client that leaves must not end the worker of an app that reads ahead and does not await it.
    reading.then(answered, answered);
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

/** Every comparison with what is no number is false: the middle of a body would look like its end. */
function checkSize(size: number): void {
  if (!Number.isInteger(size) && size !== Number.POSITIVE_INFINITY) throw new Fault('INPUT_SIZE_INVALID', { size: String(size) });
}
