// http1/connection.ts: one side of one HTTP/1.1 connection, as a machine: bytes in, events out; an answer in, bytes out.
//
// Law: no socket, no clock, no app. `receive` only lends, `next` does the work, so the caller sets the pace, and `keep`
// ends the loan; what we say collects in `output`. A request is read only when the answer to the one before is complete (RFC 9112 §9.3.2).

import { latin1, type Piece } from '../bytes.ts';
import { Fault } from '../faults.ts';
import { Fields } from '../message/fields.ts';
import type { RequestHead } from '../message/request-head.ts';
import type { ResponseHead } from '../message/response-head.ts';
import { checkInformational } from '../message/status.ts';
import type { TargetPolicy } from '../message/target.ts';
import { AwaitedHead } from './awaited-head.ts';
import { ChunkedReader, LengthReader, type BodyReader } from './body-reader.ts';
import { CLOSED, NEED_DATA, PAUSED, type Http1Event } from './events.ts';
import { readHead, takeRefusedHead } from './head-reader.ts';
import { DRAIN_BYTES_MAX, type Http1Limits } from './limits.ts';
import { Output } from '../output.ts';
import { ReceiveBuffer } from '../receive-buffer.ts';
import { ResponseWriter, writeInformational, writeRefusal, type ResponseStyle } from './response-writer.ts';
import { moveOurs, movePeer, OUR, OUR_EVENT, PEER, PEER_EVENT } from './state.ts';

/** An origin server, on a connection that is not secure. */
const ORIGIN_IN_CLEAR: TargetPolicy = Object.freeze({ isSecure: false, allowsConnect: false });
const HEAD = 'HEAD ';
const END: Http1Event = Object.freeze({ type: 'end', trailers: Fields.none });

export class Http1Connection {
  /** What is to be sent. The driver takes it. */
  readonly output = new Output();
  readonly #limits: Http1Limits;
  readonly #style: ResponseStyle;
  readonly #policy: TargetPolicy;
  readonly #buffer = new ReceiveBuffer();
  readonly #awaited: AwaitedHead;
  readonly #writer: ResponseWriter;
  #peer = PEER.idle;
  #ours = OUR.idle;
  #isEof = false;
  #keepsAlive = true;
  #isLast = false;
  #isTruncated = false;
  #requests = 0;
  #isContinued = false;
  #head: RequestHead | undefined;
  #reader: BodyReader | undefined;
  #drained = 0;
  #hasRefusedHead = false;

  constructor(limits: Http1Limits, style: ResponseStyle, policy: TargetPolicy = ORIGIN_IN_CLEAR) {
    this.#limits = limits;
    this.#policy = policy;
    this.#style = style;
    this.#awaited = new AwaitedHead(limits);
    this.#writer = new ResponseWriter(style, this.output);
  }

  /** What the socket said, on loan until `keep`. `null`: the client has closed its side. */
  receive(bytes: Uint8Array | null, length = bytes?.length ?? 0): void {
    if (bytes === null) this.#isEof = true;
    else if (this.#peer !== PEER.error && this.#peer !== PEER.closed) this.#buffer.lend(bytes, length);
  }

  /** Ends the loan: what `next` has not taken is copied, and the lender may reuse his buffer. */
  keep(): void {
    this.#buffer.keep();
  }

  /** What follows from what was received. Faults of the peer are events, never exceptions. */
  next(): Http1Event {
    try {
      switch (this.#peer) {
        case PEER.idle:
          return this.#ours === OUR.closed ? this.#abandon() : this.#readHead();
        case PEER.body:
          return this.#ours === OUR.done || this.#ours === OUR.closed ? this.#drain() : this.#readBody();
        case PEER.done:
          return this.#afterRequest();
        default: // closed, error
          return CLOSED;
      }
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      return this.#fail(fault);
    }
  }

  #fail(fault: Fault): Http1Event {
    this.#peer = movePeer(this.#peer, PEER_EVENT.fault);
    this.#keepsAlive = false;
    this.#hasRefusedHead = this.#isHead;
    this.#buffer.discard();
    return { type: 'fault', fault, head: this.#head ?? takeRefusedHead() };
  }

  #close(): Http1Event {
    if (this.#peer === PEER.idle || this.#peer === PEER.done) this.#peer = movePeer(this.#peer, PEER_EVENT.eof);
    this.#buffer.discard();
    return CLOSED;
  }

  /** Our last word is said. Who has sent more may be sending still, and must be heard out to read it (RFC 9112 §9.6). */
  #leave(): Http1Event {
    return this.#buffer.length > 0 ? this.#abandon() : this.#close();
  }

  #readHead(): Http1Event {
    const awaited = this.#awaited;
    if (!awaited.mayBeHere(this.#buffer)) return this.#waitForHead();
    const head = readHead(this.#buffer, this.#limits, this.#policy);
    if (head === undefined) {
      awaited.isNotHere(this.#buffer);
      return this.#waitForHead();
    }
    awaited.isHere();
    this.#open(head);
    return { type: 'request', head };
  }

  #waitForHead(): Http1Event {
    if (!this.#isEof) return NEED_DATA;
    if (this.#buffer.length > 0) throw new Fault('HEAD_INCOMPLETE', {});
    return this.#close();
  }

  #open(head: RequestHead): void {
    this.#peer = movePeer(this.#peer, PEER_EVENT.request);
    this.#ours = moveOurs(this.#ours, OUR_EVENT.request);
    this.#requests += 1;
    this.#drained = 0;
    this.#head = head;
    this.#isContinued = false;
    this.#keepsAlive = head.keepAlive && !this.#isLast && this.#requests < this.#limits.requestsMax;
    const { framing } = head;
    switch (framing.type) {
      case 'chunked':
        this.#reader = new ChunkedReader(this.#limits);
        break;
      case 'length':
        if (framing.length > this.#limits.bodyBytesMax) throw new Fault('BODY_TOO_LARGE', { limit: this.#limits.bodyBytesMax });
        this.#reader = framing.length === 0 ? undefined : new LengthReader(framing.length);
        break;
      case 'unknown':
        throw new Error('an HTTP/1.1 request is always framed');
    }
  }

  #readBody(): Http1Event {
    const event = this.#reader === undefined ? END : this.#reader.next(this.#buffer);
    if (event.type === 'end') this.#peer = movePeer(this.#peer, PEER_EVENT.end);
    if (event === NEED_DATA && this.#isEof) throw new Fault('BODY_INCOMPLETE', {});
    return event;
  }

  /** The answer is complete and the app has left some of the body: a little is read past, for more the connection closes. */
  #drain(): Http1Event {
    if (this.#reader === undefined) return this.#endOfRequest();
    while (this.#keepsAlive) {
      const event = this.#readBody();
      if (event.type === 'end') return this.#afterRequest();
      if (event.type !== 'data') return event;
      this.#drained += event.bytes.length;
      if (this.#drained > DRAIN_BYTES_MAX) break;
    }
    return this.#abandon();
  }

  /** Nothing more is read of what the client may still be sending. */
  #abandon(): Http1Event {
    this.#peer = movePeer(this.#peer, PEER_EVENT.fault);
    this.#buffer.discard();
    return CLOSED;
  }

  #endOfRequest(): Http1Event {
    this.#peer = movePeer(this.#peer, PEER_EVENT.end);
    return this.#afterRequest();
  }

  #afterRequest(): Http1Event {
    if (this.#ours === OUR.closed || (this.#ours === OUR.done && !this.#keepsAlive)) return this.#leave();
    if (this.#ours !== OUR.done) return PAUSED;
    this.#peer = movePeer(this.#peer, PEER_EVENT.next);
    this.#ours = moveOurs(this.#ours, OUR_EVENT.next);
    this.#head = undefined;
    this.#reader = undefined;
    return this.#readHead();
  }

  /** Says 100 Continue, if the client waits for it and may still be told. Gives whether it was said. */
  sendContinue(): boolean {
    if (this.#ours !== OUR.owed || !this.#head!.expectsContinue || this.#isContinued) return false;
    if (this.#peer !== PEER.body || this.#buffer.length > 0) return false;
    writeInformational(100, [], this.output);
    this.#isContinued = true;
    return true;
  }

  /**
   * An informational response such as 103. Silently nothing for HTTP/1.0, which has none (RFC 9110 §15.2). `flat` has been checked.
   * Faults: those of checkInformational.
   */
  sendInformational(status: number, flat: readonly string[]): void {
    checkInformational(status);
    this.#ours = moveOurs(this.#ours, OUR_EVENT.inform);
    // An app that says it itself: once is enough.
    if (status === 100) this.#isContinued = true;
    if (this.#head?.version !== 'HTTP/1.0') writeInformational(status, flat, this.output);
  }

  /**
   * The head of the answer. `bodyLength`: how long the body will be, -1 when nobody knows. Faults: RESPONSE_OUT_OF_TURN,
   * CONNECT_NOT_TAKEN: behind a 2xx to CONNECT the client speaks another protocol (RFC 9110 §9.3.6).
   */
  sendHead(head: ResponseHead, bodyLength: number): void {
    if (this.#head?.method === 'CONNECT' && head.status >= 200 && head.status < 300) throw new Fault('CONNECT_NOT_TAKEN', {});
    this.#ours = moveOurs(this.#ours, OUR_EVENT.head);
    if (this.#isBodyHeldBack()) this.#keepsAlive = false;
    this.#keepsAlive = this.#writer.head(this.#head!, head, bodyLength, this.#keepsAlive);
  }

  /**
   * A client that waits for 100 Continue gets its final answer instead. Some then send no body, some do: what comes next has two
   * readings, so nothing is read (RFC 9110 §10.1.1).
   */
  #isBodyHeldBack(): boolean {
    return (
      this.#head!.expectsContinue &&
      !this.#isContinued &&
      this.#peer === PEER.body &&
      this.#reader?.isUntouched === true &&
      this.#buffer.length === 0
    );
  }

  /** A piece of the body. A fault in return: the app gave too much, and the connection will close. */
  sendData(piece: Piece): Fault | undefined {
    this.#ours = moveOurs(this.#ours, OUR_EVENT.data);
    return this.#closeAfter(this.#writer.data(piece));
  }

  /** The end of the body. A fault in return: the app gave too little, and the connection will close. */
  sendEnd(trailers: Fields = Fields.none): Fault | undefined {
    this.#ours = moveOurs(this.#ours, OUR_EVENT.end);
    return this.#closeAfter(this.#writer.end(trailers));
  }

  #closeAfter(fault: Fault | undefined): Fault | undefined {
    if (fault !== undefined) this.#keepsAlive = false;
    return fault;
  }

  /**
   * Answers with the fault's status and closes, where an answer is still owed; else only closes. Gives how many bytes the body of the
   * answer has; nothing where there is none.
   */
  refuse(fault: Fault): number | undefined {
    if (this.#ours === OUR.idle || this.#ours === OUR.owed) {
      const bodyBytes = writeRefusal(fault, this.#hasRefusedHead || this.#isHead, this.#style, this.output);
      this.#ours = moveOurs(this.#ours, OUR_EVENT.refuse);
      this.#keepsAlive = false;
      return bodyBytes;
    }
    this.abort();
    return undefined;
  }

  /** HEAD gets no content (RFC 9110 §9.3.2), also when there is no head of it, since that was wrong or has not come as a whole. */
  get #isHead(): boolean {
    if (this.#head !== undefined) return this.#head.method === 'HEAD';
    const { bytes, at, end } = this.#buffer;
    return latin1(bytes, at, Math.min(at + HEAD.length, end)) === HEAD;
  }

  /** Breaks off: no terminating chunk, no further byte, so that the client can tell that the answer is not whole. */
  abort(): void {
    this.#isTruncated ||= this.#ours === OUR.body;
    this.#ours = moveOurs(this.#ours, OUR_EVENT.abort);
    this.#keepsAlive = false;
  }

  /**
   * Ends HTTP on this connection: what follows is another protocol, by an upgrade or CONNECT. Gives what the client has sent of it
   * already. Faults: RESPONSE_OUT_OF_TURN when an answer has begun or the request's body is not read to its end.
   */
  handOver(): Uint8Array {
    const isBodyRead = this.#peer === PEER.done || (this.#peer === PEER.body && this.#reader === undefined);
    if (!isBodyRead) throw new Fault('RESPONSE_OUT_OF_TURN', { event: 'upgrade', state: 'body' });
    this.#ours = moveOurs(this.#ours, OUR_EVENT.upgrade);
    if (this.#peer === PEER.body) this.#peer = movePeer(this.#peer, PEER_EVENT.end);
    this.#peer = movePeer(this.#peer, PEER_EVENT.eof);
    this.#keepsAlive = false;
    return this.#buffer.takeRest();
  }

  /** An answer was broken off: the connection must end so that the client cannot take it for whole. */
  get isTruncated(): boolean {
    return this.#isTruncated;
  }

  /** The request under way, or the next one, is the last: the server drains. */
  lastRequest(): void {
    this.#isLast = true;
    this.#keepsAlive = false;
  }

  /** Whether lastRequest was called. */
  get isLast(): boolean {
    return this.#isLast;
  }

  /** What the connection is doing, for deadlines and for draining. */
  get phase(): Phase {
    if (this.#ours === OUR.closed || this.#peer === PEER.closed || this.#peer === PEER.error) return 'closing';
    if (this.#peer === PEER.idle) return this.#buffer.length > 0 ? 'head' : 'idle';
    if (this.#peer === PEER.body) return 'body';
    return 'answer';
  }

  /** The client has closed its side. */
  get isHalfClosed(): boolean {
    return this.#isEof;
  }

  /** Whether the client may still be sending, so that closing at once could cost it our answer (RFC 9112 §9.6). */
  get mayStillReceive(): boolean {
    return !this.#isEof && (this.#peer === PEER.error || this.#peer === PEER.body);
  }

  /** Whether further bytes of the answer under way would be sent: not to HEAD, nor with 204, 205 and 304, nor behind too many. */
  get takesMore(): boolean {
    return this.#writer.takesMore;
  }

  /** Bytes of further requests that wait for their turn. */
  get unreadBytes(): number {
    return this.#buffer.length;
  }
}

/** idle: between requests. head: a part of one is here. body: of the request. answer: only ours is owed. */
export type Phase = 'idle' | 'head' | 'body' | 'answer' | 'closing';
