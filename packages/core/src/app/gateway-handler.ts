// app/gateway-handler.ts: one request on its way through a gateway app: gevent.pywsgi's WSGIHandler. A server may be given a class
// of its own (`handler_class`), which extends this one and overrides what it likes.
//
// Law: the head goes out with the first bytes and not before; close() is called exactly once, at once when the client goes; an app
// that is done at once costs no promise.

import { Fault } from '../faults.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { ResponseHead } from '../message/response-head.ts';
import { wantsWebSocket } from '../websocket/handshake.ts';
import { makeCgiEnviron } from './cgi-environ.ts';
import type { GatewayApp, GatewayResult, StartResponse, Write } from './contracts.ts';
import { makeEnviron, type Environ, type GatewayServer } from './environ.ts';
import { FileWrapper } from './file-wrapper.ts';
import { flatten, type HeaderList } from './header-list.ts';
import { nameOf } from '../name-of.ts';
import { checkBytes, Pieces } from './pieces.ts';
import { GatewayUpgrade } from './upgrade.ts';

/** What a server makes for each request. */
export type GatewayHandlerClass = new (exchange: Exchange, app: GatewayApp, server: GatewayServer) => GatewayHandler;

export interface HandlingServer extends GatewayServer {
  /** GatewayHandler itself when left out. */
  readonly handlerClass?: GatewayHandlerClass | undefined;
}

export class GatewayHandler {
  readonly exchange: Exchange;
  readonly app: GatewayApp;
  readonly server: GatewayServer;
  /** What the app has said last; nothing before startResponse. */
  head: ResponseHead | undefined;
  /** Of the body, as the app gave it: to HEAD nothing of it is sent. */
  bodyBytes = 0;
  #hasResponded = false;
  /** Where the client asks for one. */
  #upgrade: GatewayUpgrade | undefined;

  constructor(exchange: Exchange, app: GatewayApp, server: GatewayServer) {
    this.exchange = exchange;
    this.app = app;
    this.server = server;
  }

  /** The whole of a request: answers it, whatever happens, and logs it. */
  handle(): void | Promise<void> {
    let answering: void | Promise<void>;
    try {
      answering = this.answer();
    } catch (error) {
      answering = this.#failed(error);
    }
    if (answering === undefined) this.logRequest();
    else return answering.catch((error: unknown) => this.#failed(error)).then(() => this.logRequest());
  }

  async #failed(error: unknown): Promise<void> {
    try {
      await (error instanceof Fault && error.blame === 'peer' ? this.handleClientError(error) : this.handleError(error));
    } catch (second) {
      this.exchange.fail(second);
    }
    // Nobody has answered: the client must not wait for ever.
    if (!this.exchange.isOver) this.exchange.fail(error);
  }

  /** Calls the app and sends what it returns. Throws, at once or later, what the app throws. */
  answer(): void | Promise<void> {
    const environ = this.getEnviron();
    this.#offerUpgrade(environ);
    const result = this.runApplication(environ);
    // Not result.then(): a thenable of somebody's own may give nothing back.
    return isPromise(result) ? Promise.resolve(result).then((later) => this.processResult(later)) : this.processResult(result);
  }

  /** Where the client asks for a WebSocket, and the protocol can give one. */
  #offerUpgrade(environ: Environ): void {
    const { exchange } = this;
    if (environ['HTTP_UPGRADE'] === undefined || exchange.cgi !== undefined || !wantsWebSocket(exchange.head)) return;
    const upgrade = new GatewayUpgrade(exchange);
    this.#upgrade = upgrade;
    environ['appserve.websocket'] = upgrade.offered();
  }

  /** What the app is called with. */
  getEnviron(): Environ {
    const { cgi } = this.exchange;
    return cgi === undefined ? makeEnviron(this.exchange, this.server) : makeCgiEnviron(this.exchange, cgi, this.server);
  }

  /** Calls the app. */
  runApplication(environ: Environ): GatewayResult | Promise<GatewayResult> {
    const startResponse: StartResponse = (status, headers, excInfo) => this.startResponse(status, headers, excInfo);
    return this.app(environ, startResponse);
  }

  /** Faults: RESPONSE_STATUS_INVALID, RESPONSE_FIELD_*, START_RESPONSE_TWICE. */
  startResponse(status: string, headers: HeaderList, excInfo?: unknown): Write {
    if (this.head !== undefined) {
      if (excInfo === undefined || excInfo === null) throw new Fault('START_RESPONSE_TWICE', {});
      // PEP 3333: too late to say anything else, so the app's own error goes on its way.
      if (this.#hasResponded) throw excInfo instanceof Error ? excInfo : new Fault('APP_FAILED', { message: nameOf(excInfo) });
    }
    const flat = flatten(this.finalizeHeaders(headers));
    if (this.#upgrade?.isHead(status) === true) {
      this.#upgrade.head(flat);
    } else {
      this.head = ResponseHead.fromStatusText(status, flat);
      this.#upgrade?.drop();
    }
    return (bytes) => {
      const written = this.write(bytes);
      // Who does not await it is told by the next one that he does; his worker does not end for it.
      written.catch(() => undefined);
      return written;
    };
  }

  /** The fields that are sent, of those that the app gave. */
  finalizeHeaders(headers: HeaderList): HeaderList {
    return headers;
  }

  /** What startResponse gives the app. Faults: BODY_NOT_BYTES. */
  async write(bytes: Uint8Array): Promise<void> {
    const checked = checkBytes(bytes);
    this.#respond(-1);
    this.bodyBytes += checked.length;
    if (!this.exchange.write(checked)) await this.exchange.drained();
  }

  #respond(bodyLength: number): void {
    if (this.#hasResponded) return;
    if (this.head === undefined) throw new Fault('START_RESPONSE_MISSING', {});
    this.#hasResponded = true;
    this.exchange.respond(this.head, bodyLength);
  }

  /** Sends what the app returned, and closes it. Faults: START_RESPONSE_MISSING, RESULT_INVALID, BODY_NOT_BYTES. */
  processResult(result: GatewayResult): void | Promise<void> {
    // An array is here as a whole: its length is known and it goes out in one write.
    if (Array.isArray(result) && !this.#hasResponded) {
      const pieces = result as GatewayResult & Uint8Array[];
      return pieces.close === undefined ? this.#sendAll(pieces) : this.#sendAndClose(pieces);
    }
    return result instanceof FileWrapper ? this.#sendFile(result) : this.#stream(result);
  }

  #sendAll(pieces: readonly Uint8Array[]): void {
    if (this.head === undefined) throw new Fault('START_RESPONSE_MISSING', {});
    let bodyBytes = 0;
    for (const piece of pieces) bodyBytes += checkBytes(piece).length;
    this.bodyBytes = bodyBytes;
    this.#hasResponded = true;
    this.exchange.send(this.head, pieces);
  }

  async #sendAndClose(pieces: GatewayResult & Uint8Array[]): Promise<void> {
    try {
      this.#sendAll(pieces);
    } finally {
      await this.#closed(pieces.close?.());
    }
  }

  async #sendFile(file: FileWrapper): Promise<void> {
    const { exchange } = this;
    try {
      this.#respond(-1);
      const { contentLength } = this.head!;
      // To HEAD and the like nothing is read; a file that is longer than announced is sent as far as that.
      if (exchange.head.method !== 'HEAD')
        this.bodyBytes += await file.sendTo(exchange, contentLength === -1 ? Number.POSITIVE_INFINITY : contentLength);
      if (!exchange.isOver) exchange.end();
    } finally {
      await this.#closed(file.close());
    }
  }

  async #stream(result: GatewayResult): Promise<void> {
    const { exchange } = this;
    const pieces = new Pieces(result);
    // A result that waits for its next piece would learn of it only then: an event stream perhaps never.
    const leave = (): void => void this.#closed(pieces.close()).catch((error: unknown) => exchange.fail(error));
    exchange.signal.addEventListener('abort', leave);
    try {
      const first = pieces.next();
      // Who left before is announced to nobody any more. The result is begun all the same: what it holds, its own `finally` lets go.
      if (exchange.isOver) leave();
      for (let bytes = await first; bytes !== undefined && !exchange.isOver; bytes = await pieces.next()) {
        // PEP 3333: a generator may call startResponse as late as in its first step; empty pieces send no head.
        if (bytes.length === 0) continue;
        this.#respond(-1);
        this.bodyBytes += bytes.length;
        if (!exchange.write(bytes)) await exchange.drained();
        if (exchange.isOver || !exchange.wantsBody) break;
      }
      if (exchange.isOver) return;
      this.#respond(0);
      exchange.end();
    } finally {
      exchange.signal.removeEventListener('abort', leave);
      await this.#closed(pieces.close());
    }
  }

  /** Waits for a close() of the app. So does a stop of the server, to which a request is over when its client has the answer. */
  async #closed(closing: void | Promise<void>): Promise<void> {
    if (closing === undefined) return;
    const closed = Promise.resolve(closing);
    // Its error goes to the caller.
    this.server.background?.add(closed.catch(() => undefined));
    await closed;
  }

  /** The app has failed: 500 where nothing is sent yet, else the connection is cut; and a line in the log. */
  handleError(error: unknown): void | Promise<void> {
    this.exchange.fail(error);
  }

  /** The client has broken off its body, or has left: answered with the status of the fault, not logged. */
  handleClientError(fault: Fault): void | Promise<void> {
    this.exchange.fail(fault);
  }

  /** For a `handleError` that answers itself: what the app would write into wsgi.errors. */
  logError(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
    this.server.errors.write(`${this.formatRequest()}: ${text}\n`);
  }

  /** Called once for each request, when all is sent, or is in vain. It does nothing here. */
  logRequest(): void {
    // For those who override it.
  }

  /** `192.0.2.7 "GET /a HTTP/1.1" 200 5`: the address, the request line, the status and the bytes of the body. */
  formatRequest(): string {
    const { connection, head } = this.exchange;
    const line = `${head.method} ${head.target} ${head.version}`;
    return `${connection.remoteAddress || '-'} "${line}" ${this.head?.status ?? '-'} ${this.bodyBytes}`;
  }
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Promise<T> | null | undefined)?.then === 'function';
}
