// fastcgi/connection.ts: one connection of a web server, as a machine: bytes in, events out; answers in, bytes out.
//
// Law: no socket, no clock, no app. `receive` only lends, `next` does the work, so the caller sets the pace, and `keep` ends the loan;
// what we say collects in `output`. Requests are interleaved as the web server likes, and so are answers. Source: FastCGI 1.0.

import { Fault } from '../faults.ts';
import { cgiRefusal } from '../message/cgi-response.ts';
import type { ResponseHead } from '../message/response-head.ts';
import { Output } from '../output.ts';
import { ReceiveBuffer } from '../receive-buffer.ts';
import { ActiveRequests } from './active-requests.ts';
import { CLOSED, NEED_DATA, PAUSED, type FastcgiEvent } from './events.ts';
import type { FastcgiLimits } from './limits.ts';
import { managementKind, valuesResult } from './management.ts';
import {
  BODY_BYTES,
  endRequest,
  HEADER_BYTES,
  NULL_REQUEST_ID,
  TYPE,
  unknownType,
  VERSION,
  type ProtocolStatus,
} from './records.ts';
import type { BodyStream, FastcgiRequest } from './request.ts';
import { shortfall, writeData, writeEnd, writeHead, writeStderr, writeText } from './writer.ts';

/** What the web server is told of an app that failed, or was aborted. */
const FAILED = 1;

/** `T`: what the driver attaches to a request. */
export class FastcgiConnection<T = unknown> {
  /** What is to be sent. The driver takes it. */
  readonly output = new Output();
  /** How many records have begun. */
  records = 0;
  readonly #limits: FastcgiLimits;
  readonly #buffer = new ReceiveBuffer();
  readonly #active: ActiveRequests<T>;
  /** Of the record under way: what is still to come, and who hears it. */
  #contentLeft = 0;
  #paddingLeft = 0;
  #stream: 'params' | BodyStream | undefined;
  #request: FastcgiRequest<T> | undefined;
  #isEof = false;
  #isClosed = false;

  constructor(limits: FastcgiLimits) {
    this.#limits = limits;
    this.#active = new ActiveRequests(limits);
  }

  /** What the socket said, on loan until `keep`. `null`: the web server has closed its side. */
  receive(bytes: Uint8Array | null, length = bytes?.length ?? 0): void {
    if (bytes === null) this.#isEof = true;
    else if (!this.#isClosed) this.#buffer.lend(bytes, length);
  }

  /** Ends the loan: what `next` has not taken is copied, and the lender may reuse his buffer. */
  keep(): void {
    this.#buffer.keep();
  }

  /**
   * What follows from what was received. `mayAsk`: false leaves further requests, and whatever else would make us say more, where
   * they are.
   */
  next(mayAsk = true): FastcgiEvent<T> {
    while (!this.#isClosed) {
      if (this.#active.areOver) return this.#close();
      const event = this.#contentLeft > 0 ? this.#readContent() : this.#readRecord(mayAsk);
      if (event !== undefined) return event;
    }
    return CLOSED;
  }

  #readRecord(mayAsk: boolean): FastcgiEvent<T> | undefined {
    const buffer = this.#buffer;
    if (this.#paddingLeft > 0) {
      const skipped = Math.min(this.#paddingLeft, buffer.length);
      buffer.at += skipped;
      this.#paddingLeft -= skipped;
    }
    if (buffer.length < HEADER_BYTES) return this.#wait();
    const { bytes, at } = buffer;
    if (bytes[at] !== VERSION) return this.#break(`version ${bytes[at]!}`);
    const type = bytes[at + 1]!;
    const id = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    const length = (bytes[at + 4]! << 8) | bytes[at + 5]!;
    // No state of ours changes before all is there that is to be looked at in one piece.
    if (DISCRETE.has(type) && buffer.length < HEADER_BYTES + length) return this.#wait();
    if (!mayAsk && (type === TYPE.beginRequest || id === NULL_REQUEST_ID)) return PAUSED;
    buffer.at += HEADER_BYTES;
    this.records += 1;
    this.#paddingLeft = bytes[at + 6]!;
    this.#contentLeft = length;
    this.#stream = undefined;
    if (id === NULL_REQUEST_ID) return this.#readManagement(type);
    return type === TYPE.beginRequest ? this.#begin(id) : this.#readOf(id, type);
  }

  #wait(): FastcgiEvent<T> {
    return this.#isEof ? this.#close() : NEED_DATA;
  }

  /** A management record is of the connection (§3.3). */
  #readManagement(type: number): FastcgiEvent<T> | undefined {
    switch (managementKind(type)) {
      case 'asked':
        return this.#tellValues();
      case 'void':
        return undefined;
      case 'misplaced':
        return this.#break(`type ${type} with the id 0`);
      case 'unknown':
        this.output.text(unknownType(type));
        return undefined;
    }
  }

  #tellValues(): FastcgiEvent<T> | undefined {
    const buffer = this.#buffer;
    const to = buffer.at + this.#contentLeft;
    const result = valuesResult(buffer.bytes, buffer.at, to, this.#limits);
    if (result === undefined) return this.#break('FCGI_GET_VALUES is not made of whole pairs');
    buffer.at = to;
    this.#contentLeft = 0;
    this.output.text(result);
    return undefined;
  }

  #begin(id: number): FastcgiEvent<T> | undefined {
    if (this.#contentLeft !== BODY_BYTES) return this.#break(`FCGI_BEGIN_REQUEST of ${this.#contentLeft} bytes`);
    if (this.#active.get(id) !== undefined) return this.#break(`FCGI_BEGIN_REQUEST for request ${id}, which is under way`);
    const { bytes, at } = this.#buffer;
    const begun = this.#active.begin(id, (bytes[at]! << 8) | bytes[at + 1]!, bytes[at + 2]!);
    this.#buffer.at += BODY_BYTES;
    this.#contentLeft = 0;
    if (typeof begun !== 'string') return { type: 'begin', request: begun };
    this.output.text(endRequest(id, 0, begun));
    return undefined;
  }

  /** A record of a request; for one that is not under way it is passed over (§3.3), and so is what no web server sends. */
  #readOf(id: number, type: number): FastcgiEvent<T> | undefined {
    const request = this.#active.get(id);
    if (request === undefined) return undefined;
    switch (type) {
      case TYPE.params:
        return this.#hear(request, 'params');
      case TYPE.stdin:
        return this.#hear(request, 'stdin');
      case TYPE.data:
        return this.#hear(request, 'data');
      case TYPE.abortRequest:
        return { type: 'abort', request };
      default:
        return undefined;
    }
  }

  /** The header of a stream's record; an empty one is the stream's end. */
  #hear(request: FastcgiRequest<T>, stream: 'params' | BodyStream): FastcgiEvent<T> | undefined {
    try {
      if (this.#contentLeft === 0) return this.#endStream(request, stream);
      if (stream !== 'params') {
        if (!request.hears(stream)) return undefined;
        // By what the record announces, not by what has come of it: then it is all the same how it was cut.
        request.count(stream, this.#contentLeft);
      }
    } catch (fault) {
      return this.#refusable(request, fault);
    }
    this.#stream = stream;
    this.#request = request;
    return undefined;
  }

  #endStream(request: FastcgiRequest<T>, stream: 'params' | BodyStream): FastcgiEvent<T> | undefined {
    if (stream === 'params') return request.endParams(this.#isStdinEnded(request.id)) ? { type: 'request', request } : undefined;
    if (!request.hears(stream)) return undefined;
    request.endStream(stream);
    return { type: 'end', request, stream };
  }

  /**
   * Whether the next record is the end of STDIN, as it mostly is behind a GET: then nobody need wait for a body, or be told that he has
   * left one.
   */
  #isStdinEnded(id: number): boolean {
    const { bytes, end } = this.#buffer;
    const at = this.#buffer.at + this.#paddingLeft;
    if (at + HEADER_BYTES > end || bytes[at + 1] !== TYPE.stdin) return false;
    return ((bytes[at + 2]! << 8) | bytes[at + 3]!) === id && bytes[at + 4] === 0 && bytes[at + 5] === 0;
  }

  /** What has come of the content of a record. */
  #readContent(): FastcgiEvent<T> | undefined {
    const buffer = this.#buffer;
    const from = buffer.at;
    const to = Math.min(buffer.end, from + this.#contentLeft);
    if (from === to) return this.#wait();
    buffer.at = to;
    this.#contentLeft -= to - from;
    const request = this.#request;
    const stream = this.#stream;
    // Nobody hears it: it is passed over.
    if (stream === undefined || request === undefined) return undefined;
    if (stream !== 'params') return { type: 'data', request, stream, bytes: buffer.bytes.subarray(from, to) };
    try {
      request.takeParams(buffer.bytes, from, to);
    } catch (fault) {
      return this.#refusable(request, fault);
    }
    return undefined;
  }

  #refusable(request: FastcgiRequest<T>, fault: unknown): FastcgiEvent<T> {
    if (!(fault instanceof Fault)) throw fault;
    return { type: 'fault', request, fault };
  }

  /** Nothing that follows can be told apart any more: the connection ends. */
  #break(why: string): FastcgiEvent<T> {
    this.#isClosed = true;
    this.#buffer.discard();
    return { type: 'fault', request: undefined, fault: new Fault('RECORD_INVALID', { why }) };
  }

  #close(): FastcgiEvent<T> {
    this.#isClosed = true;
    this.#buffer.discard();
    return CLOSED;
  }

  /** The head of an answer. `bodyLength`: how long the body will be, -1 when nobody knows. Faults: RESPONSE_OUT_OF_TURN. */
  sendHead(request: FastcgiRequest<T>, head: ResponseHead, bodyLength: number): void {
    request.move('head');
    writeHead(request, head, bodyLength);
  }

  /** A piece of the body. A fault in return: the app gave too much. */
  sendData(request: FastcgiRequest<T>, bytes: Uint8Array): Fault | undefined {
    request.move('data');
    return writeData(request, bytes, this.output);
  }

  /** The end of the answer. A fault in return: the app gave too little, and the answer is broken off. */
  sendEnd(request: FastcgiRequest<T>): Fault | undefined {
    const fault = shortfall(request);
    if (fault !== undefined) {
      this.abort(request);
      return fault;
    }
    request.move('end');
    this.#end(request);
    return undefined;
  }

  /** A word for the web server's log. */
  complain(request: FastcgiRequest<T>, text: string): void {
    if (!request.isOver) writeStderr(request, text, this.output);
  }

  /** Answers with the fault's status, where an answer is still owed; else breaks off. Gives the bytes of the body, if it was answered. */
  refuse(request: FastcgiRequest<T>, fault: Fault): number | undefined {
    if (!request.isOwed) {
      this.abort(request);
      return undefined;
    }
    request.move('refuse');
    const { text, bodyBytes } = cgiRefusal(fault, request.head?.method === 'HEAD');
    writeText(request, text, this.output);
    if (fault.blame !== 'peer') request.exitStatus = FAILED;
    this.#end(request, fault.status === OVERLOADED_STATUS ? 'overloaded' : 'requestComplete');
    return bodyBytes;
  }

  /** The answer that §5.4 wants to FCGI_ABORT_REQUEST: as soon as possible, and no more than the end. */
  aborted(request: FastcgiRequest<T>): void {
    request.move('abort');
    request.exitStatus = FAILED;
    this.#end(request);
  }

  /**
   * Breaks off. A web server takes FCGI_END_REQUEST for a whole answer whatever its status, so the connection ends without one; but not
   * where other requests stand on it.
   */
  abort(request: FastcgiRequest<T>): void {
    if (request.isOver) return;
    const hasBegun = !request.isOwed;
    request.move('abort');
    request.exitStatus = FAILED;
    if (!hasBegun || this.#active.size > 1) {
      this.#end(request);
      return;
    }
    this.#forget(request);
    this.#isClosed = true;
    this.#buffer.discard();
  }

  /** Nobody is there to hear any more of it. */
  drop(request: FastcgiRequest<T>): void {
    if (request.isOver) return;
    request.move('abort');
    this.#forget(request);
  }

  #end(request: FastcgiRequest<T>, status: ProtocolStatus = 'requestComplete'): void {
    writeEnd(request, status, this.output);
    this.#forget(request);
  }

  #forget(request: FastcgiRequest<T>): void {
    this.#active.end(request);
    // What is still to come of its record is passed over.
    if (this.#request === request) this.#request = undefined;
  }

  /** Those under way; they may end while one looks at them. */
  get requests(): Iterable<FastcgiRequest<T>> {
    return this.#active.values();
  }

  /** How many are under way. */
  get size(): number {
    return this.#active.size;
  }

  /** The server drains: the requests under way are the last, or the next one is. */
  lastRequest(): void {
    this.#active.lastRequest();
  }

  /** Whether lastRequest was called. */
  get isLast(): boolean {
    return this.#active.isLast;
  }

  /** Bytes of a record are here that is not whole, or of further ones. */
  get unreadBytes(): number {
    return this.#buffer.length;
  }

  /** The rest of a record is awaited. */
  get isWithinRecord(): boolean {
    return this.#contentLeft > 0 || this.#paddingLeft > 0 || this.#buffer.length > 0;
  }

  /** The web server has closed its side. */
  get isHalfClosed(): boolean {
    return this.#isEof;
  }
}

/** Records that are looked at in one piece. */
const DISCRETE = new Set<number>([TYPE.beginRequest, TYPE.getValues]);
const OVERLOADED_STATUS = 503;
