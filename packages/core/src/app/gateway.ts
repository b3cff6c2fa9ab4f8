// app/gateway.ts: a gateway app answers exchanges: PEP 3333, "The Server/Gateway Side".
//
// Law: the head goes out with the first bytes and not before; close() is called exactly once; an app that is done at once
// costs no promise.

import { Fault } from '../faults.ts';
import type { Exchange, Handler } from '../exchange/exchange.ts';
import { ResponseHead } from '../message/response-head.ts';
import type { GatewayApp, GatewayResult, StartResponse, Write } from './contracts.ts';
import { makeEnviron, type GatewayServer } from './environ.ts';
import { FileWrapper } from './file-wrapper.ts';
import { flatten, type HeaderList } from './header-list.ts';
import { nameOf } from './name-of.ts';

export function fromGateway(app: GatewayApp, server: GatewayServer): Handler {
  return (exchange) => {
    const response = new GatewayResponse(exchange);
    const startResponse: StartResponse = (status, headers, excInfo) => response.start(status, headers, excInfo);
    const result = app(makeEnviron(exchange, server), startResponse);
    return isPromise(result) ? result.then((later) => response.answer(later)) : response.answer(result);
  };
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Promise<T> | null | undefined)?.then === 'function';
}

class GatewayResponse {
  readonly #exchange: Exchange;
  #head: ResponseHead | undefined;
  #hasResponded = false;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  start(status: string, headers: HeaderList, excInfo: unknown): Write {
    if (this.#head !== undefined) {
      if (excInfo === undefined || excInfo === null) throw new Fault('START_RESPONSE_TWICE', {});
      // PEP 3333: too late to say anything else, so the app's own error goes on its way.
      if (this.#hasResponded) throw excInfo instanceof Error ? excInfo : new Fault('APP_FAILED', { message: nameOf(excInfo) });
    }
    this.#head = ResponseHead.fromStatusText(status, flatten(headers));
    return (bytes) => this.#write(bytes);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#respond(-1);
    if (!this.#exchange.write(checkBytes(bytes))) await this.#exchange.drained();
  }

  #respond(bodyLength: number): void {
    if (this.#hasResponded) return;
    if (this.#head === undefined) throw new Fault('START_RESPONSE_MISSING', {});
    this.#hasResponded = true;
    this.#exchange.respond(this.#head, bodyLength);
  }

  answer(result: GatewayResult): void | Promise<void> {
    // An array is here as a whole: its length is known and it goes out in one write.
    if (Array.isArray(result) && !this.#hasResponded) return this.#sendAll(result as Uint8Array[]);
    return result instanceof FileWrapper ? this.#sendFile(result) : this.#stream(result);
  }

  async #sendFile(file: FileWrapper): Promise<void> {
    const exchange = this.#exchange;
    try {
      this.#respond(-1);
      const { contentLength } = this.#head!;
      // To HEAD and the like nothing is read; a file that is longer than announced is sent as far as that.
      if (exchange.head.method !== 'HEAD')
        await file.sendTo(exchange, contentLength === -1 ? Number.POSITIVE_INFINITY : contentLength);
      if (!exchange.isOver) exchange.end();
    } finally {
      await file.close();
    }
  }

  #sendAll(pieces: GatewayResult & Uint8Array[]): void | Promise<void> {
    if (pieces.close === undefined) this.#sendPieces(pieces);
    else return this.#sendAndClose(pieces);
  }

  #sendPieces(pieces: readonly Uint8Array[]): void {
    if (this.#head === undefined) throw new Fault('START_RESPONSE_MISSING', {});
    for (const piece of pieces) checkBytes(piece);
    this.#hasResponded = true;
    this.#exchange.send(this.#head, pieces);
  }

  async #sendAndClose(pieces: GatewayResult & Uint8Array[]): Promise<void> {
    try {
      this.#sendPieces(pieces);
    } finally {
      await pieces.close?.();
    }
  }

  async #stream(result: GatewayResult): Promise<void> {
    const exchange = this.#exchange;
    try {
      for await (const bytes of piecesOf(result)) {
        // PEP 3333: a generator may call startResponse as late as in its first step; empty pieces send no head.
        if (checkBytes(bytes).length === 0) continue;
        this.#respond(-1);
        if (!exchange.write(bytes)) await exchange.drained();
        if (exchange.isOver || !exchange.wantsBody) break;
      }
      if (exchange.isOver) return;
      this.#respond(0);
      exchange.end();
    } finally {
      await (result as GatewayResult | undefined)?.close?.();
    }
  }
}

function piecesOf(result: unknown): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  // Text is iterable too, but by chars; bytes are, but by numbers.
  if (typeof result === 'object' && result !== null && !(result instanceof Uint8Array)) {
    if (Symbol.iterator in result || Symbol.asyncIterator in result) return result as Iterable<Uint8Array>;
  }
  throw new Fault('RESULT_INVALID', { found: nameOf(result) });
}

function checkBytes(bytes: unknown): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  throw new Fault('BODY_NOT_BYTES', { found: nameOf(bytes) });
}
