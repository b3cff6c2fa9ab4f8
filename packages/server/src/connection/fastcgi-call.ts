// connection/fastcgi-call.ts: one request of a web server: its exchange, and what that needs of a connection on which others stand too.

import { Fault } from '@appserve/core';
import {
  BodyQueue,
  bytesOf,
  NO_REQUEST_BODY,
  type CgiFacts,
  type Piece,
  type RequestBody,
  type TakenConnection,
} from '@appserve/core/exchange';
import type { BodyStream, FastcgiConnection, FastcgiRequest, RequestPhase } from '@appserve/core/fastcgi';
import { checkInformational, Fields, type CgiVariable, type ResponseHead } from '@appserve/core/message';
import type { Logger } from '../log.ts';
import type { AccessLog } from '../logging/access/answered.ts';
import { CgiPeer } from './cgi-peer.ts';
import type { Counters } from './counters.ts';
import type { Waiting } from './deadlines.ts';
import { ServerExchange, type AnswerEngine, type ExchangeOwner } from './server-exchange.ts';

/** What a call needs of its connection. */
export interface CallOwner {
  readonly engine: FastcgiConnection<FastcgiCall>;
  readonly log: Logger;
  readonly access: AccessLog | undefined;
  readonly counters: Counters;
  /** The thread's time. */
  readonly nowMs: number;
  readonly fullBytes: number;
  flush(): boolean;
  bodyWanted(call: FastcgiCall): void;
  callOver(call: FastcgiCall): void;
}

/** `wsgi.errors` cannot make an app wait: beyond this, what it writes is dropped while the web server does not read. */
const UNSENT_COMPLAINTS_MAX = 256 * 1_024;

export class FastcgiCall implements ExchangeOwner, AnswerEngine, CgiFacts, Waiting {
  readonly request: FastcgiRequest<FastcgiCall>;
  /** There when its variables are. */
  exchange: ServerExchange | undefined;
  sinceMs: number;
  bodyWaitedMs = 0;
  bodyBytes = 0;
  readonly isNew = false;
  readonly misfit = 'it is cut off there';
  /** A connection that the web server has closed has no calls. */
  readonly isHalfClosed = false;
  readonly unsentSinceMs = undefined;
  readonly #owner: CallOwner;
  #data: BodyQueue | undefined;
  /** Characters of STDERR since the web server has taken all that we had for it. */
  #unsentComplaints = 0;
  #hasToldLoss = false;

  constructor(request: FastcgiRequest<FastcgiCall>, owner: CallOwner) {
    this.request = request;
    this.#owner = owner;
    this.sinceMs = owner.nowMs;
  }

  /** Its variables are here. */
  open(): ServerExchange {
    const head = this.request.head!;
    if (this.request.role === 'filter') this.#data = new BodyQueue(() => this.bodyWanted(), this.fullBytes);
    this.exchange = new ServerExchange(head, new CgiPeer(head), this);
    return this.exchange;
  }

  get engine(): AnswerEngine {
    return this;
  }

  get cgi(): CgiFacts {
    return this;
  }

  get log(): Logger {
    return this.#owner.log;
  }

  get access(): AccessLog | undefined {
    return this.#owner.access;
  }

  get counters(): Counters {
    return this.#owner.counters;
  }

  get fullBytes(): number {
    return this.#owner.fullBytes;
  }

  flush(): boolean {
    return this.#owner.flush();
  }

  handOver(): TakenConnection {
    throw new Fault('TAKE_OVER_REFUSED', {});
  }

  bodyWanted(): void {
    if (this.request.isOver) return;
    // From here on it is the web server's turn.
    this.sinceMs = this.#owner.nowMs;
    this.#owner.bodyWanted(this);
  }

  exchangeOver(): void {
    if (this.#data?.isEnded === false) this.#data.fail(() => new Fault('BODY_LEFT', {}));
    this.#owner.callOver(this);
  }

  sendHead(head: ResponseHead, bodyLength: number): void {
    this.#owner.engine.sendHead(this.request, head, bodyLength);
  }

  sendData(piece: Piece): Fault | undefined {
    return this.#owner.engine.sendData(this.request, bytesOf(piece));
  }

  /** CGI has no trailers: they are left out. */
  sendEnd(): Fault | undefined {
    return this.#owner.engine.sendEnd(this.request);
  }

  /** CGI has no interim responses: they are left out. Faults: RESPONSE_STATUS_INVALID, as with HTTP. */
  sendInformational(status: number): void {
    checkInformational(status);
  }

  refuse(fault: Fault): number | undefined {
    return this.#owner.engine.refuse(this.request, fault);
  }

  abort(): void {
    this.#owner.engine.abort(this.request);
  }

  get takesMore(): boolean {
    return this.request.takesMore;
  }

  get role(): CgiFacts['role'] {
    return this.request.role;
  }

  get variables(): readonly CgiVariable[] {
    return this.request.head!.variables;
  }

  get data(): RequestBody {
    return this.#data ?? NO_REQUEST_BODY;
  }

  complain(text: string): boolean {
    if (this.request.isOver) return false;
    if (this.#unsentComplaints > UNSENT_COMPLAINTS_MAX) {
      this.#tellLoss();
      return true;
    }
    this.#owner.engine.complain(this.request, text);
    this.#unsentComplaints = this.#owner.flush() ? 0 : this.#unsentComplaints + text.length;
    return true;
  }

  /** Once: it may be the first of many. */
  #tellLoss(): void {
    if (this.#hasToldLoss) return;
    this.#hasToldLoss = true;
    const { method, target } = this.request.head!;
    const why = 'the web server does not take what the app writes to its log';
    this.log.warn(`${method} ${target}: ${why}; of this request it is dropped while ${UNSENT_COMPLAINTS_MAX} characters wait`);
  }

  /** The web server has kept up again. */
  drained(): void {
    this.#unsentComplaints = 0;
    this.exchange?.wakeWriters();
  }

  get exitStatus(): number {
    return this.request.exitStatus;
  }

  set exitStatus(status: number) {
    this.request.exitStatus = status;
  }

  /** Bytes on loan: they are copied. */
  push(stream: BodyStream, bytes: Uint8Array): void {
    const { nowMs } = this.#owner;
    if (this.isBodyAwaited) this.bodyWaitedMs += nowMs - this.sinceMs;
    this.sinceMs = nowMs;
    this.bodyBytes += bytes.length;
    this.#queueOf(stream)?.push(Buffer.from(bytes));
  }

  end(stream: BodyStream): void {
    this.#queueOf(stream)?.end(Fields.none);
  }

  #queueOf(stream: BodyStream): BodyQueue | undefined {
    return stream === 'stdin' ? this.exchange?.incoming : this.#data;
  }

  /** The app has enough unread. */
  get isFull(): boolean {
    return !this.request.isOver && (this.exchange?.incoming?.isFull === true || this.#data?.isFull === true);
  }

  get phase(): RequestPhase {
    return this.request.phase;
  }

  get isLast(): boolean {
    return this.#owner.engine.isLast;
  }

  get isBodyAwaited(): boolean {
    return this.exchange?.incoming?.isAwaited === true || this.#data?.isAwaited === true;
  }

  /** The web server has gone, or wants no answer any more. */
  leave(): void {
    const isWhole = this.request.phase === 'answer';
    const fault = isWhole ? new Fault('PEER_GONE', {}) : new Fault('BODY_INCOMPLETE', {});
    this.#owner.engine.drop(this.request);
    if (this.#data?.isEnded === false) this.#data.fail(fault);
    if (this.exchange === undefined) this.#owner.callOver(this);
    else this.exchange.leave(fault);
  }

  /** It broke the rules. */
  refuseAll(fault: Fault): void {
    if (this.#data?.isEnded === false) this.#data.fail(fault);
    if (this.exchange !== undefined) {
      this.exchange.refuse(fault);
      return;
    }
    if (this.refuse(fault) !== undefined) this.counters.answered(fault.status);
    this.#owner.callOver(this);
  }
}
