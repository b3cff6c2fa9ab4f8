// app/gateway.ts: a gateway app answers exchanges: PEP 3333, "The Server/Gateway Side".
//
// Law: the head goes out with the first bytes and not before; close() is called exactly once, at once when the client goes; an app
// that is done at once costs no promise.

import { Fault } from '../faults.ts';
import type { Exchange, Handler } from '../exchange/exchange.ts';
import { ResponseHead } from '../message/response-head.ts';
import type { GatewayApp, GatewayResult, StartResponse, Write } from './contracts.ts';
import { makeCgiEnviron } from './cgi-environ.ts';
import { makeEnviron, type GatewayServer } from './environ.ts';
import { FileWrapper } from './file-wrapper.ts';
import { flatten, type HeaderList } from './header-list.ts';
import { nameOf } from './name-of.ts';

export function fromGateway(app: GatewayApp, server: GatewayServer): Handler {
  return (exchange) => {
    const response = new GatewayResponse(exchange);
    const startResponse: StartResponse = (status, headers, excInfo) => response.start(status, headers, excInfo);
    const { cgi } = exchange;
    const environ = cgi === undefined ? makeEnviron(exchange, server) : makeCgiEnviron(exchange, cgi, server);
    const result = app(environ, startResponse);
    // Not result.then(): a thenable of somebody's own may give nothing back.
    return isPromise(result) ? Promise.resolve(result).then((later) => response.answer(later)) : response.answer(result);
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
    return (bytes) => {
      const written = this.#write(bytes);
      // Who does not await it is told by the next one that he does; his worker does not end for it.
      written.catch(() => undefined);
      return written;
    };
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const checked = checkBytes(bytes);
    this.#respond(-1);
    if (!this.#exchange.write(checked)) await this.#exchange.drained();
  }

  #respond(bodyLength: number): void {
    if (this.#hasResponded) return;
    if (this.#head === undefined) throw new Fault('START_RESPONSE_MISSING', {});
    this.#hasResponded = true;
    this.#exchange.respond(this.#head, bodyLength);
  }

  answer(result: GatewayResult): void | Promise<void> {
    // An array is here as a whole: its length is known and it goes out in one write.
    if (Array.isArray(result) && !this.#hasResponded) {
      const pieces = result as GatewayResult & Uint8Array[];
      return pieces.close === undefined ? this.#sendAll(pieces) : this.#sendAndClose(pieces);
    }
    return result instanceof FileWrapper ? this.#sendFile(result) : this.#stream(result);
  }

  #sendAll(pieces: readonly Uint8Array[]): void {
    if (this.#head === undefined) throw new Fault('START_RESPONSE_MISSING', {});
    for (const piece of pieces) checkBytes(piece);
    this.#hasResponded = true;
    this.#exchange.send(this.#head, pieces);
  }

  async #sendAndClose(pieces: GatewayResult & Uint8Array[]): Promise<void> {
    try {
      this.#sendAll(pieces);
    } finally {
      await pieces.close?.();
    }
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

  async #stream(result: GatewayResult): Promise<void> {
    const exchange = this.#exchange;
    const pieces = new Pieces(result);
    // A result that waits for its next piece would learn of it only then: an event stream perhaps never.
    const leave = (): void => void pieces.close().catch((error: unknown) => exchange.fail(error));
    exchange.signal.addEventListener('abort', leave);
    try {
      const first = pieces.next();
      // Who left before is announced to nobody any more. The result is begun all the same: what it holds, its own `finally` lets go.
      if (exchange.isOver) leave();
      for (let bytes = await first; bytes !== undefined && !exchange.isOver; bytes = await pieces.next()) {
        // PEP 3333: a generator may call startResponse as late as in its first step; empty pieces send no head.
        if (bytes.length === 0) continue;
        this.#respond(-1);
        if (!exchange.write(bytes)) await exchange.drained();
        if (!exchange.wantsBody) break;
      }
      if (exchange.isOver) return;
      this.#respond(0);
      exchange.end();
    } finally {
      exchange.signal.removeEventListener('abort', leave);
      await pieces.close();
    }
  }
}

type Step = IteratorResult<unknown, unknown>;
interface AnyIterator {
  next(): Step | Promise<Step>;
  return?(): unknown;
}

/** The pieces of a result, one by one, and its end, once. */
class Pieces {
  readonly #result: GatewayResult;
  #iterator: AnyIterator | undefined;
  #isStepping = false;
  #isDone = false;
  #closed: Promise<void> | undefined;

  constructor(result: GatewayResult) {
    this.#result = result;
  }

  /** Nothing at the end. Faults: RESULT_INVALID, BODY_NOT_BYTES, and the app's own errors. */
  async next(): Promise<Uint8Array | undefined> {
    this.#iterator ??= iteratorOf(this.#result);
    this.#isStepping = true;
    try {
      const { done, value } = await this.#iterator.next();
      this.#isDone = done === true;
      return this.#isDone ? undefined : checkBytes(await value);
    } catch (error) {
      this.#isDone = true;
      throw error;
    } finally {
      this.#isStepping = false;
    }
  }

  /** Leaves an iteration that is not at its end, then calls close(). */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    try {
      const leaving = this.#isDone ? undefined : this.#iterator?.return?.();
      // A generator in the middle of a step returns only after that, and perhaps never: it is told, and not waited for.
      if (this.#isStepping) Promise.resolve(leaving).catch(() => undefined);
      else await leaving;
    } finally {
      await (this.#result as GatewayResult | undefined)?.close?.();
    }
  }
}

function iteratorOf(result: unknown): AnyIterator {
  // Text is iterable too, but by chars; bytes are, but by numbers.
  if (typeof result === 'object' && result !== null && !(result instanceof Uint8Array)) {
    const found = result as { [Symbol.asyncIterator]?: () => AnyIterator; [Symbol.iterator]?: () => AnyIterator };
    const iterator = found[Symbol.asyncIterator]?.() ?? found[Symbol.iterator]?.();
    if (iterator !== undefined) return iterator;
  }
  throw new Fault('RESULT_INVALID', { found: nameOf(result) });
}

function checkBytes(bytes: unknown): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  throw new Fault('BODY_NOT_BYTES', { found: nameOf(bytes) });
}
