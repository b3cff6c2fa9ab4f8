// connection/http2-call.ts: one stream of HTTP/2: its request, its exchange, and what these need of a session on which others stand too.
// What is said on it is the answer's (`http2-answer.ts`).
//
// Law: whatever becomes of the stream, its exchange is told once, and the session is told when both are over.

import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { Fault } from '@appserve/core';
import type { ConnectionFacts, TakenConnection } from '@appserve/core/exchange';
import type { Phase } from '@appserve/core/http1';
import { readRequestFields, readTrailerFields, type AnswerStyle, type Http2Limits } from '@appserve/core/http2';
import { Fields, type RequestHead } from '@appserve/core/message';
import type { Logger } from '../log.ts';
import type { AccessLog } from '../logging/access/answered.ts';
import type { Counters } from './counters.ts';
import type { Waiting } from './deadlines.ts';
import type { SeeThrough } from './forwarded-facts.ts';
import { Http2Answer, type AnsweredCall } from './http2-answer.ts';
import { ServerExchange, type ExchangeOwner } from './server-exchange.ts';

/** What a call needs of its session. */
export interface Http2Session {
  readonly facts: ConnectionFacts;
  readonly limits: Http2Limits;
  /** Where proxies are believed. */
  readonly seeThrough: SeeThrough | undefined;
  readonly style: AnswerStyle;
  readonly log: Logger;
  readonly access: AccessLog | undefined;
  readonly counters: Counters;
  /** The thread's time. */
  readonly nowMs: number;
  /** The server stops. */
  readonly isLast: boolean;
  /** The call has something to be looked at in time. */
  scheduleCall(call: Http2Call): void;
  /** The app has answered, or need not any more. */
  exchangeOver(call: Http2Call): void;
  /** The stream is closed. `isBrokenOff`: by its client, and too early. */
  streamOver(call: Http2Call, isBrokenOff: boolean): void;
}

const CALL = Symbol('appserve.http2.call');

interface CalledStream extends ServerHttp2Stream {
  [CALL]: Http2Call;
}

export class Http2Call implements ExchangeOwner, AnsweredCall, Waiting {
  readonly engine: Http2Answer;
  /** There when its fields are right, as is its exchange. */
  head: RequestHead | undefined;
  exchange: ServerExchange | undefined;
  isBodyOver: boolean;
  sinceMs: number;
  bodyWaitedMs = 0;
  bodyBytes = 0;
  readonly isNew = false;
  readonly misfit = 'it is cut off there';
  /** A client that has closed its side is not waited for. */
  readonly isHalfClosed = false;
  readonly #session: Http2Session;
  readonly #stream: CalledStream;
  /** Behind the body. */
  #trailers = Fields.none;

  constructor(stream: ServerHttp2Stream, session: Http2Session) {
    this.#stream = Object.assign(stream, { [CALL]: this });
    this.#session = session;
    this.engine = new Http2Answer(stream, this);
    this.isBodyOver = stream.endAfterHeaders;
    this.sinceMs = session.nowMs;
    stream.on('error', ignore).on('aborted', onAborted).on('close', onClose);
    if (!this.isBodyOver) stream.on('data', onData).on('trailers', onTrailers).on('end', onEnd);
  }

  /** Reads its fields. Faults: those of readRequestFields, and FORWARDED_CONFLICT. */
  open(raw: readonly string[]): ServerExchange {
    const session = this.#session;
    const sent = { head: readRequestFields(raw, this.isBodyOver, session.limits), connection: session.facts };
    const { head, connection } = session.seeThrough?.(sent.head, sent.connection) ?? sent;
    this.head = head;
    this.exchange = new ServerExchange(head, connection, this);
    return this.exchange;
  }

  get log(): Logger {
    return this.#session.log;
  }

  get access(): AccessLog | undefined {
    return this.#session.access;
  }

  get counters(): Counters {
    return this.#session.counters;
  }

  get isLast(): boolean {
    return this.#session.isLast;
  }

  get style(): AnswerStyle {
    return this.#session.style;
  }

  get nowMs(): number {
    return this.#session.nowMs;
  }

  get phase(): Phase {
    return this.isBodyOver || this.engine.isComplete ? 'answer' : 'body';
  }

  get isBodyAwaited(): boolean {
    return this.exchange?.incoming?.isAwaited === true;
  }

  get unsentSinceMs(): number | undefined {
    return this.engine.unsentSinceMs;
  }

  schedule(): void {
    this.#session.scheduleCall(this);
  }

  flush(): boolean {
    return this.engine.flush();
  }

  wakeWriters(): void {
    this.exchange?.wakeWriters();
  }

  /** Other streams stand on the connection: it is nobody's own. */
  handOver(): TakenConnection {
    throw new Fault('TAKE_OVER_REFUSED', {});
  }

  bodyWanted(): void {
    // From here on it is the client's turn.
    this.sinceMs = this.nowMs;
    if (this.head!.expectsContinue && this.bodyBytes === 0 && !this.isBodyOver) this.engine.sendContinue();
    this.schedule();
    this.#stream.resume();
  }

  exchangeOver(): void {
    this.#session.exchangeOver(this);
  }

  /** Refuses a request that breaks the rules. Where it has come to no exchange: the bytes of the body that says so, if it was answered. */
  refuseAll(fault: Fault): number | undefined {
    if (this.exchange !== undefined) {
      this.exchange.refuse(fault);
      return undefined;
    }
    const bodyBytes = this.engine.refuse(fault);
    if (bodyBytes !== undefined) this.counters.answered(fault.status);
    return bodyBytes;
  }

  /** The client takes nothing of the answer. */
  cut(): void {
    this.engine.abort();
    this.leave();
  }

  /** The client has gone, or wants no answer any more. */
  leave(): void {
    this.engine.drop();
    if (this.exchange?.isOver !== false) return;
    this.exchange.leave(this.isBodyOver ? new Fault('PEER_GONE', {}) : new Fault('BODY_INCOMPLETE', {}));
  }

  received(bytes: Buffer): void {
    const { nowMs, limits } = this.#session;
    if (this.isBodyAwaited) this.bodyWaitedMs += nowMs - this.sinceMs;
    this.sinceMs = nowMs;
    this.bodyBytes += bytes.length;
    if (this.engine.isComplete) return;
    if (this.bodyBytes > limits.bodyBytesMax) {
      this.refuseAll(new Fault('BODY_TOO_LARGE', { limit: limits.bodyBytesMax }));
      return;
    }
    const incoming = this.exchange?.incoming;
    incoming?.push(bytes);
    if (incoming?.isFull === true) this.#stream.pause();
  }

  /** Behind the body, whose end follows. */
  receivedTrailers(raw: readonly string[]): void {
    try {
      this.#trailers = readTrailerFields(raw, this.#session.limits);
    } catch (error) {
      this.refuseAll(error as Fault);
    }
  }

  receivedAll(): void {
    if (this.isBodyOver) return;
    this.isBodyOver = true;
    this.sinceMs = this.nowMs;
    if (!this.engine.isComplete) this.exchange?.incoming?.end(this.#trailers);
  }

  closed(): void {
    const isBrokenOff = this.engine.isCutShort;
    this.leave();
    this.#session.streamOver(this, isBrokenOff);
  }
}

// The same functions for all streams, which so need no closures of their own.

function ignore(): void {
  // 'close' follows, and says enough.
}

function onAborted(this: CalledStream): void {
  this[CALL].leave();
  // What nobody reads would keep it open.
  this.resume();
}

function onClose(this: CalledStream): void {
  this[CALL].closed();
}

function onData(this: CalledStream, bytes: Buffer): void {
  this[CALL].received(bytes);
}

function onTrailers(this: CalledStream, _headers: IncomingHttpHeaders, _flags: number, raw?: readonly string[]): void {
  this[CALL].receivedTrailers(raw ?? []);
}

function onEnd(this: CalledStream): void {
  this[CALL].receivedAll();
}
