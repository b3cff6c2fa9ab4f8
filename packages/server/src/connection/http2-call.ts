// connection/http2-call.ts: one stream of HTTP/2: its request, its exchange, and what these need of a session on which others stand too.
//
// Law: whatever becomes of the stream, its exchange is told once, and the session is told when both are over. Nothing is said on a
// stream that is closed.

import type { IncomingHttpHeaders, ServerHttp2Stream, ServerStreamResponseOptions } from 'node:http2';
import { Fault } from '@appserve/core';
import type { ConnectionFacts, TakenConnection } from '@appserve/core/exchange';
import type { Phase } from '@appserve/core/http1';
import {
  AnswerBody,
  answerFields,
  fieldsOf,
  readRequestFields,
  readTrailerFields,
  refusalFields,
  type AnswerStyle,
  type Http2Limits,
} from '@appserve/core/http2';
import { checkInformational, Fields, type RequestHead, type ResponseHead } from '@appserve/core/message';
import type { Logger } from '../log.ts';
import type { AccessLog } from '../logging/access/answered.ts';
import type { Counters } from './counters.ts';
import type { Waiting } from './deadlines.ts';
import { ServerExchange, type AnswerEngine, type ExchangeOwner } from './server-exchange.ts';
import { StreamOutput } from './stream-output.ts';

/** What a call needs of its session. */
export interface Http2Session {
  readonly facts: ConnectionFacts;
  readonly limits: Http2Limits;
  readonly style: AnswerStyle;
  readonly log: Logger;
  readonly access: AccessLog | undefined;
  readonly counters: Counters;
  /** The thread's time. */
  readonly nowMs: number;
  /** The server stops. */
  readonly isLast: boolean;
  /** The call has something to be looked at in time. */
  schedule(call: Http2Call): void;
  /** The app has answered, or need not any more. */
  exchangeOver(call: Http2Call): void;
  /** The stream is closed. `isBrokenOff`: by its client, and too early. */
  streamOver(call: Http2Call, isBrokenOff: boolean): void;
}

/** RFC 9113 §7. */
const NO_ERROR = 0x0;
/** With an error, whichever, node:http2 resets a stream with INTERNAL_ERROR. */
const BROKEN_OFF = new Error('the answer is broken off');

const CALL = Symbol('appserve.http2.call');

interface CalledStream extends ServerHttp2Stream {
  [CALL]: Http2Call;
}

export class Http2Call implements ExchangeOwner, AnswerEngine, Waiting {
  /** There when its fields are right. */
  exchange: ServerExchange | undefined;
  sinceMs: number;
  bodyWaitedMs = 0;
  bodyBytes = 0;
  readonly isNew = false;
  readonly misfit = 'it is cut off there';
  /** A client that has closed its side is not waited for. */
  readonly isHalfClosed = false;
  readonly #session: Http2Session;
  readonly #stream: CalledStream;
  readonly #output: StreamOutput;
  #head: RequestHead | undefined;
  #answer: AnswerBody | undefined;
  #trailers = Fields.none;
  #isBodyOver: boolean;
  #isContinued = false;
  /** We have closed the stream, or are about to. */
  #isOurEnd = false;
  /** The app has said all that it will say. */
  #isAnswered = false;
  /** And all of that is on its way. */
  #isSent = false;
  #waitsForTrailers = false;
  /** Behind the body of the request. */
  #requestTrailers = Fields.none;

  constructor(stream: ServerHttp2Stream, session: Http2Session) {
    this.#stream = Object.assign(stream, { [CALL]: this });
    this.#session = session;
    this.#output = new StreamOutput(stream, () => this.#moved());
    this.#isBodyOver = stream.endAfterHeaders;
    this.sinceMs = session.nowMs;
    stream.on('error', ignore).on('aborted', onAborted).on('close', onClose);
    if (!this.#isBodyOver) stream.on('data', onData).on('trailers', onTrailers).on('end', onEnd);
  }

  /** Reads its fields. Faults: those of readRequestFields. */
  open(raw: readonly string[]): ServerExchange {
    const session = this.#session;
    this.#head = readRequestFields(raw, this.#isBodyOver, session.limits);
    this.exchange = new ServerExchange(this.#head, session.facts, this);
    return this.exchange;
  }

  get engine(): AnswerEngine {
    return this;
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

  get phase(): Phase {
    return this.#isBodyOver || this.#isAnswered ? 'answer' : 'body';
  }

  get isBodyAwaited(): boolean {
    return this.exchange?.incoming?.isAwaited === true;
  }

  get unsentSinceMs(): number | undefined {
    return this.#output.unsentSinceMs;
  }

  /** Other streams stand on the connection: it is nobody's own. */
  handOver(): TakenConnection {
    throw new Fault('TAKE_OVER_REFUSED', {});
  }

  bodyWanted(): void {
    // From here on it is the client's turn.
    this.sinceMs = this.#session.nowMs;
    if (this.#head!.expectsContinue && !this.#isContinued && this.bodyBytes === 0 && !this.#isBodyOver) this.#sayContinue();
    this.#session.schedule(this);
    this.#stream.resume();
  }

  #sayContinue(): void {
    this.#isContinued = true;
    if (!this.#isMute && !this.#stream.headersSent) this.#stream.additionalHeaders({ ':status': 100 });
  }

  /** What would be said is not heard any more. */
  get #isMute(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  sendInformational(status: number, flat: readonly string[]): void {
    checkInformational(status);
    if (this.#answer !== undefined) throw new Fault('RESPONSE_OUT_OF_TURN', { event: 'inform', state: 'body' });
    if (status === 100) this.#isContinued = true;
    if (!this.#isMute) this.#stream.additionalHeaders({ ...fieldsOf(flat), ':status': status });
  }

  sendHead(head: ResponseHead, bodyLength: number): void {
    const request = this.#head!;
    const fields = answerFields(request, head, bodyLength, this.#session.style);
    const answer = new AnswerBody(request, head, bodyLength);
    this.#answer = answer;
    if (this.#isMute) return;
    const endStream = !answer.hasContent || answer.length === 0;
    // As with HTTP/1.1: behind a body of unknown length there may be trailers.
    this.#waitsForTrailers = !endStream && answer.length === -1;
    if (this.#waitsForTrailers) this.#stream.on('wantTrailers', onWantTrailers);
    this.#stream.respond(fields, how(endStream, this.#waitsForTrailers));
  }

  sendData(bytes: Uint8Array): Fault | undefined {
    const answer = this.#answer!;
    const { takesMore } = answer;
    this.#output.write(answer.take(bytes), this.#session.nowMs);
    return takesMore ? answer.excess : undefined;
  }

  sendEnd(trailers: Fields): Fault | undefined {
    const { shortfall } = this.#answer!;
    this.#isAnswered = true;
    if (shortfall !== undefined) {
      this.#breakOff();
      return shortfall;
    }
    this.#trailers = trailers;
    this.#finish();
    return undefined;
  }

  /** The end of what we say. */
  #finish(): void {
    if (this.#isMute) return;
    const stream = this.#stream;
    // What the app has not read of the body is read past, until our answer is there.
    if (!this.#isBodyOver) stream.resume();
    if (stream.writableFinished) {
      this.finished();
      return;
    }
    if (!stream.writableEnded) this.#output.end(this.#session.nowMs);
    if (!this.#waitsForTrailers) stream.on('finish', onFinish);
    this.flush();
  }

  flush(): boolean {
    this.#output.flush();
    if (this.#output.unsentSinceMs !== undefined) this.#session.schedule(this);
    return !this.#output.isBlocked;
  }

  #moved(): void {
    this.#output.touch(this.#session.nowMs);
    this.#output.flush();
    if (this.#isOurEnd && this.#output.unsentSinceMs === undefined) this.#reset();
    if (!this.#output.isBlocked) this.exchange?.wakeWriters();
  }

  get takesMore(): boolean {
    return this.#answer?.takesMore ?? true;
  }

  refuse(fault: Fault): number | undefined {
    this.#isAnswered = true;
    if (this.#answer !== undefined || this.#isMute) {
      this.#breakOff();
      return undefined;
    }
    const { fields, body } = refusalFields(fault, this.#session.style);
    this.#stream.respond(fields, how(false, false));
    // To HEAD node:http2 has ended it already.
    const bodyBytes = this.#stream.writableEnded ? 0 : body.length;
    if (bodyBytes > 0) this.#output.write(body, this.#session.nowMs);
    this.#finish();
    return bodyBytes;
  }

  abort(): void {
    this.#isAnswered = true;
    this.#reset();
  }

  /** Behind what was said: the client can tell that the answer is not whole. */
  #breakOff(): void {
    this.#output.flush();
    this.#isOurEnd = true;
    if (this.#output.unsentSinceMs === undefined) this.#reset();
  }

  /** Not one byte more. Not by close(), which would say END_STREAM first: then the answer would look whole. */
  #reset(): void {
    this.#isOurEnd = true;
    this.#output.drop();
    if (!this.#stream.destroyed) this.#stream.destroy(BROKEN_OFF);
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
    const bodyBytes = this.refuse(fault);
    if (bodyBytes !== undefined) this.counters.answered(fault.status);
    return bodyBytes;
  }

  /** The client takes nothing of the answer. */
  cut(): void {
    this.#reset();
    this.leave();
  }

  /** The client has gone, or wants no answer any more. */
  leave(): void {
    this.#output.drop();
    if (this.exchange?.isOver !== false) return;
    this.#isAnswered = true;
    this.exchange.leave(this.#isBodyOver ? new Fault('PEER_GONE', {}) : new Fault('BODY_INCOMPLETE', {}));
  }

  received(bytes: Buffer): void {
    const { nowMs, limits } = this.#session;
    if (this.isBodyAwaited) this.bodyWaitedMs += nowMs - this.sinceMs;
    this.sinceMs = nowMs;
    this.bodyBytes += bytes.length;
    if (this.#isAnswered) return;
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
      this.#requestTrailers = readTrailerFields(raw, this.#session.limits);
    } catch (error) {
      this.refuseAll(error as Fault);
    }
  }

  receivedAll(): void {
    if (this.#isBodyOver) return;
    this.#isBodyOver = true;
    this.sinceMs = this.#session.nowMs;
    if (!this.#isAnswered) this.exchange?.incoming?.end(this.#requestTrailers);
  }

  /** All of the answer is on its way. A client that goes on sending its body is told to stop (RFC 9113 §8.1). */
  finished(): void {
    this.#isSent = true;
    this.#output.drop();
    if (this.#isBodyOver || this.#isMute) return;
    this.#isOurEnd = true;
    this.#stream.close(NO_ERROR);
  }

  sendTrailers(): void {
    if (this.#isMute) return;
    this.#stream.sendTrailers(fieldsOf(this.#trailers.flat));
    // node:http2 sends them in a step of its own, which comes before this one.
    setImmediate(() => this.finished());
  }

  closed(): void {
    const isBrokenOff = !this.#isOurEnd && !this.#isSent;
    this.leave();
    this.#session.streamOver(this, isBrokenOff);
  }
}

/** Without a Date of its own, which the types do not know. */
function how(endStream: boolean, waitForTrailers: boolean): ServerStreamResponseOptions & { readonly sendDate: boolean } {
  return { endStream, waitForTrailers, sendDate: false };
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

function onFinish(this: CalledStream): void {
  this[CALL].finished();
}

function onWantTrailers(this: CalledStream): void {
  this[CALL].sendTrailers();
}
