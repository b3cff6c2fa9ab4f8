// connection/http2-answer.ts: what is said on one stream of HTTP/2: interim answers, the answer, its trailers, or that there is none.
//
// Law: nothing is said on a stream that is closed. An answer that is not whole ends with a reset, so that the client can tell.

import type { ServerHttp2Stream, ServerStreamResponseOptions } from 'node:http2';
import { Fault } from '@appserve/core';
import { bytesOf, type Piece } from '@appserve/core/exchange';
import { AnswerBody, answerFields, fieldsOf, refusalFields, type AnswerStyle } from '@appserve/core/http2';
import { checkInformational, Fields, type RequestHead, type ResponseHead } from '@appserve/core/message';
import type { AnswerEngine } from './server-exchange.ts';
import { StreamOutput } from './stream-output.ts';

/** What an answer needs of the call that it belongs to. */
export interface AnsweredCall {
  /** There when its fields are right. */
  readonly head: RequestHead | undefined;
  /** All of the request has come. */
  readonly isBodyOver: boolean;
  readonly style: AnswerStyle;
  /** The thread's time. */
  readonly nowMs: number;
  /** There is something to be looked at in time. */
  schedule(): void;
  /** The client has kept up again. */
  wakeWriters(): void;
}

/** RFC 9113 §7. */
const NO_ERROR = 0x0;
/** With an error, whichever, node:http2 resets a stream with INTERNAL_ERROR. */
const BROKEN_OFF = new Error('the answer is broken off');

const ANSWER = Symbol('appserve.http2.answer');

interface AnsweredStream extends ServerHttp2Stream {
  [ANSWER]?: Http2Answer;
}

export class Http2Answer implements AnswerEngine {
  readonly #stream: AnsweredStream;
  readonly #call: AnsweredCall;
  readonly #output: StreamOutput;
  #body: AnswerBody | undefined;
  #trailers = Fields.none;
  #isContinued = false;
  /** We have closed the stream, or are about to. */
  #isOurEnd = false;
  /** The app has said all that it will say. */
  isComplete = false;
  /** And all of that is on its way. */
  #isSent = false;
  #waitsForTrailers = false;

  constructor(stream: ServerHttp2Stream, call: AnsweredCall) {
    this.#stream = stream;
    this.#stream[ANSWER] = this;
    this.#call = call;
    this.#output = new StreamOutput(stream, () => this.#moved());
  }

  /** Since when the client has taken nothing of what waits for it. */
  get unsentSinceMs(): number | undefined {
    return this.#output.unsentSinceMs;
  }

  /** A stream that is closed now was closed by its client, and too early. */
  get isCutShort(): boolean {
    return !this.#isOurEnd && !this.#isSent;
  }

  /** What would be said is not heard any more. */
  get #isMute(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  /** 100 Continue, once, where the client may still be told. */
  sendContinue(): void {
    if (this.#isContinued) return;
    this.#isContinued = true;
    if (!this.#isMute && !this.#stream.headersSent) this.#stream.additionalHeaders({ ':status': 100 });
  }

  sendInformational(status: number, flat: readonly string[]): void {
    checkInformational(status);
    if (this.#body !== undefined) throw new Fault('RESPONSE_OUT_OF_TURN', { event: 'inform', state: 'body' });
    if (status === 100) this.#isContinued = true;
    if (!this.#isMute) this.#stream.additionalHeaders({ ...fieldsOf(flat), ':status': status });
  }

  sendHead(head: ResponseHead, bodyLength: number): void {
    const request = this.#call.head!;
    const fields = answerFields(request, head, bodyLength, this.#call.style);
    const body = new AnswerBody(request, head, bodyLength);
    this.#body = body;
    if (this.#isMute) return;
    const endStream = !body.hasContent || body.length === 0;
    // As with HTTP/1.1: behind a body of unknown length there may be trailers.
    this.#waitsForTrailers = !endStream && body.length === -1;
    if (this.#waitsForTrailers) this.#stream.on('wantTrailers', onWantTrailers);
    this.#stream.respond(fields, how(endStream, this.#waitsForTrailers));
  }

  sendData(piece: Piece): Fault | undefined {
    const body = this.#body!;
    const { takesMore } = body;
    this.#output.write(body.take(bytesOf(piece)), this.#call.nowMs);
    return takesMore ? body.excess : undefined;
  }

  sendEnd(trailers: Fields): Fault | undefined {
    const { shortfall } = this.#body!;
    this.isComplete = true;
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
    if (!this.#call.isBodyOver) stream.resume();
    if (stream.writableFinished) {
      this.finished();
      return;
    }
    if (!stream.writableEnded) this.#output.end(this.#call.nowMs);
    if (!this.#waitsForTrailers) stream.on('finish', onFinish);
    this.flush();
  }

  /** False: the client is slow. */
  flush(): boolean {
    this.#output.flush();
    if (this.#output.unsentSinceMs !== undefined) this.#call.schedule();
    return !this.#output.isBlocked;
  }

  #moved(): void {
    this.#output.touch(this.#call.nowMs);
    this.#output.flush();
    if (this.#isOurEnd && this.#output.unsentSinceMs === undefined) this.#reset();
    if (!this.#output.isBlocked) this.#call.wakeWriters();
  }

  get takesMore(): boolean {
    return this.#body?.takesMore ?? true;
  }

  refuse(fault: Fault): number | undefined {
    this.isComplete = true;
    if (this.#body !== undefined || this.#isMute) {
      this.#breakOff();
      return undefined;
    }
    const { fields, body } = refusalFields(fault, this.#call.style);
    this.#stream.respond(fields, how(false, false));
    // To HEAD node:http2 has ended it already.
    const bodyBytes = this.#stream.writableEnded ? 0 : body.length;
    if (bodyBytes > 0) this.#output.write(body, this.#call.nowMs);
    this.#finish();
    return bodyBytes;
  }

  abort(): void {
    this.isComplete = true;
    this.#reset();
  }

  /** Nobody takes it any more. */
  drop(): void {
    this.isComplete = true;
    this.#output.drop();
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

  /** All of it is on its way. A client that goes on sending its body is told to stop (RFC 9113 §8.1). */
  finished(): void {
    this.#isSent = true;
    this.#output.drop();
    if (this.#call.isBodyOver || this.#isMute) return;
    this.#isOurEnd = true;
    this.#stream.close(NO_ERROR);
  }

  sendTrailers(): void {
    if (this.#isMute) return;
    this.#stream.sendTrailers(fieldsOf(this.#trailers.flat));
    // node:http2 sends them in a step of its own, which comes before this one.
    setImmediate(() => this.finished());
  }
}

/** Without a Date of its own, which the types do not know. */
function how(endStream: boolean, waitForTrailers: boolean): ServerStreamResponseOptions & { readonly sendDate: boolean } {
  return { endStream, waitForTrailers, sendDate: false };
}

// The same functions for all streams, which so need no closures of their own.

function onFinish(this: AnsweredStream): void {
  this[ANSWER]!.finished();
}

function onWantTrailers(this: AnsweredStream): void {
  this[ANSWER]!.sendTrailers();
}
