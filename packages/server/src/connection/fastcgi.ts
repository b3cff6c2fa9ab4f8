// connection/fastcgi.ts: FastCGI on a socket of a web server: events of the engine to calls of the app, many at a time.
//
// Law: no opinion about FastCGI, which is the engine's. Requests share the connection: each has its own times and its own end, but while
// the app of one has enough unread, nothing is read for the others either.

import type { Socket } from 'node:net';
import { Fault } from '@appserve/core';
import type { ConnectionFacts } from '@appserve/core/exchange';
import { FastcgiConnection, type FastcgiEvent, type FastcgiLimits, type FastcgiRequest } from '@appserve/core/fastcgi';
import type { Phase } from '@appserve/core/http1';
import { OnceAMinute } from '../once-a-minute.ts';
import type { ConnectionContext, Drive } from './context.ts';
import { deadlineOf, overdue } from './deadlines.ts';
import { attach } from './driven-socket.ts';
import { EngineDriver } from './engine-driver.ts';
import { FastcgiCall, type CallOwner } from './fastcgi-call.ts';
import { LOOK_MS, PatientEnd } from './patient-end.ts';
import type { Places } from './places.ts';

/** Unread bytes that are kept while the app has enough; then the socket is left alone. More than a record has, which may be awaited. */
const READ_AHEAD_BYTES_MAX = 128 * 1_024;
/** nginx asks again when a connection that it has kept ends just when it asks. */
const QUIET_MS = 200;

export interface FastcgiContext extends ConnectionContext {
  readonly limits: FastcgiLimits;
  /** Of the thread. */
  readonly requests: Places;
  /** Unread bytes of a stream at which the web server is made to wait. */
  readonly fullBytes: number;
  /** Whether this web server is let in. */
  readonly admits: (remoteAddress: string) => boolean;
}

/** Speaks FastCGI on fresh sockets until they are closed. */
export function driveFastcgi(context: FastcgiContext): Drive {
  const warnings = new OnceAMinute<'stranger'>();
  const tell = ({ remoteAddress }: ConnectionFacts): void => {
    if (!warnings.isDue('stranger')) return;
    const who = remoteAddress === '' ? 'on a unix socket' : remoteAddress;
    context.log.warn(`web server ${who} is not let in: neither fastcgi_allow nor FCGI_WEB_SERVER_ADDRS names it`);
  };
  return (socket, facts) => {
    if (!context.admits(facts.remoteAddress)) {
      context.counters.refused('address');
      tell(facts);
      // FastCGI 1.0 §3.2: without a word.
      socket.on('error', () => undefined).destroy();
      return undefined;
    }
    const driver = new FastcgiDriver(socket, facts, context);
    attach(socket, driver);
    driver.begin();
    return driver;
  };
}

class FastcgiDriver extends EngineDriver<FastcgiContext, FastcgiEvent<FastcgiCall>> implements CallOwner {
  readonly engine: FastcgiConnection<FastcgiCall>;
  /** The call whose app has enough unread: while it has, nothing is read. */
  #full: FastcgiCall | undefined;
  /** Requests that have come whole enough to be answered, and are not. */
  #underWay = 0;
  /** How many there were when `sinceMs` was set. */
  #records = 0;
  /** The server drains patiently. */
  #patientEnd: PatientEnd | undefined;
  /** Bodies are of requests, which see to them. */
  readonly isBodyAwaited = false;
  readonly bodyWaitedMs = 0;
  readonly bodyBytes = 0;
  /** A web server that has closed its side has no requests under way. */
  readonly isHalfClosed = false;

  constructor(socket: Socket, facts: ConnectionFacts, context: FastcgiContext) {
    super(socket, facts, context);
    this.engine = new FastcgiConnection(context.limits);
  }

  protected get who(): string {
    return `web server ${this.facts.remoteAddress}`;
  }

  get fullBytes(): number {
    return this.context.fullBytes;
  }

  /** Of the connection; each request has its own. */
  get phase(): Phase {
    if (this.isClosing) return 'closing';
    if (this.engine.size > 0) return 'answer';
    return this.engine.isWithinRecord ? 'head' : 'idle';
  }

  protected get readAheadBytesMax(): number {
    return READ_AHEAD_BYTES_MAX;
  }

  protected get isFull(): boolean {
    return this.#full?.isFull === true;
  }

  protected get mayGoOn(): boolean {
    return !this.isFull;
  }

  /** The time of a record runs from its first byte, not from its last; that to a first request, from the connection's. */
  protected timeBytes(): void {
    if (this.phase !== 'head' && !this.isNew) this.sinceMs = this.nowMs;
  }

  /** Who sends one record behind the other is never between two of them. */
  protected override pumped(): void {
    const { records } = this.engine;
    if (records === this.#records) return;
    this.#records = records;
    if (!this.isNew) this.sinceMs = this.nowMs;
  }

  /** Not into a further request while the web server does not take our answers. */
  protected next(): FastcgiEvent<FastcgiCall> {
    return this.engine.next(!this.output.isBlocked);
  }

  protected hear(event: FastcgiEvent<FastcgiCall>): void {
    switch (event.type) {
      case 'need-data':
      case 'paused':
        return;
      case 'begin':
        this.#begin(event.request);
        return;
      case 'request':
        this.#open(event.request.attached!);
        return;
      case 'data': {
        const call = event.request.attached!;
        call.push(event.stream, event.bytes);
        if (call.isFull) this.#full = call;
        return;
      }
      case 'end':
        event.request.attached!.end(event.stream);
        return;
      case 'abort':
        this.engine.aborted(event.request);
        event.request.attached!.leave();
        return;
      case 'fault':
        this.#refuse(event.request?.attached, event.fault);
        return;
      case 'closed':
        this.#leave();
    }
  }

  #begin(request: FastcgiRequest<FastcgiCall>): void {
    const { requests, ticker, timeouts } = this.context;
    this.isNew = false;
    if (!requests.take()) {
      const fault = new Fault('REQUESTS_TOO_MANY', { limit: requests.max });
      if (this.engine.refuse(request, fault) !== undefined) this.counters.answered(fault.status);
      return;
    }
    const call = new FastcgiCall(request, this);
    request.attached = call;
    ticker.schedule(this, call.sinceMs + timeouts.headTimeoutMs);
  }

  #open(call: FastcgiCall): void {
    const { calls } = this.context;
    const exchange = call.open();
    if (this.#underWay === 0) this.counters.busy();
    this.#underWay += 1;
    if (!calls.begin(exchange)) call.refuseAll(new Fault('QUEUE_FULL', { limit: calls.limits.queueLimit }));
  }

  #refuse(call: FastcgiCall | undefined, fault: Fault): void {
    this.log.debug(`${this.who}: ${fault.code}: ${fault.message}`);
    if (call === undefined) this.#leave();
    else call.refuseAll(fault);
  }

  /** Nothing more is heard: who is still under way is told, and the connection ends. */
  #leave(): void {
    this.isClosing = true;
    for (const { attached } of this.engine.requests) attached!.leave();
  }

  callOver(call: FastcgiCall): void {
    const { calls, requests } = this.context;
    requests.give();
    if (call.exchange !== undefined) {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.counters.rested();
      calls.end(call.exchange);
    }
    this.goOn();
  }

  bodyWanted(call: FastcgiCall): void {
    const { ticker, timeouts } = this.context;
    ticker.schedule(this, call.sinceMs + timeouts.bodyTimeoutMs);
    // In a step of its own: the app is in the middle of asking.
    queueMicrotask(() => this.pump());
  }

  drained(): void {
    this.output.drained();
    if (this.engine.size === 0) this.sinceMs = this.nowMs;
    if (this.isClosing) return;
    for (const { attached } of this.engine.requests) attached?.drained();
    this.pump();
  }

  /** Who has not closed may be sending still, be it padding. */
  protected endSocket(): void {
    if (this.engine.isHalfClosed) this.socket.destroySoon();
    else this.linger();
  }

  override closed(): void {
    super.closed();
    for (const { attached } of this.engine.requests) attached!.leave();
  }

  drain(isPatient: boolean): void {
    if (isPatient) {
      this.#patientEnd = new PatientEnd(QUIET_MS, this.nowMs);
      if (this.isIdle) this.sinceMs = this.nowMs;
      this.context.ticker.schedule(this, this.nowMs + LOOK_MS);
    } else if (this.isIdle) {
      this.socket.destroySoon();
    } else {
      this.engine.lastRequest();
      this.schedule();
    }
  }

  /** Gives when to look again. */
  #drainOn(end: PatientEnd, nowMs: number): number {
    if (this.isIdle && end.isQuiet(this.sinceMs, nowMs)) {
      this.socket.destroySoon();
      return Number.POSITIVE_INFINITY;
    }
    if (end.isLate(nowMs)) this.engine.lastRequest();
    return nowMs + LOOK_MS;
  }

  protected override lookOn(nowMs: number): number {
    const { timeouts } = this.context;
    let lookMs = super.lookOn(nowMs);
    if (this.#patientEnd !== undefined) lookMs = Math.min(lookMs, this.#drainOn(this.#patientEnd, nowMs));
    for (const { attached } of this.engine.requests) {
      if (nowMs >= deadlineOf(attached!, timeouts)) this.#onLate(attached!);
      else lookMs = Math.min(lookMs, deadlineOf(attached!, timeouts));
    }
    return lookMs;
  }

  /** Of one request its variables, or its body, have not come. */
  #onLate(call: FastcgiCall): void {
    const { headTimeoutMs, bodyTimeoutMs } = this.context.timeouts;
    const isHead = overdue(call) === 'late-head';
    call.refuseAll(
      isHead ? new Fault('HEAD_TIMEOUT', { limitMs: headTimeoutMs }) : new Fault('BODY_TIMEOUT', { limitMs: bodyTimeoutMs }),
    );
  }
}
