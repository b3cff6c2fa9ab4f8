// connection/fastcgi.ts: a socket of a web server, an engine and the calls under way: bytes to events, events to calls, answers to
// bytes.
//
// Law: this room has no opinion about FastCGI. It reads while there is room, runs what the engine gives, and writes once a turn.

import type { Socket } from 'node:net';
import { Fault } from '@appserve/core';
import type { ConnectionFacts } from '@appserve/core/exchange';
import { FastcgiConnection, type FastcgiEvent, type FastcgiLimits, type FastcgiRequest } from '@appserve/core/fastcgi';
import type { Logger } from '../log.ts';
import type { AccessLog } from '../logging/access/answered.ts';
import { OnceAMinute } from '../once-a-minute.ts';
import type { Connection } from './connections.ts';
import type { ConnectionContext, Drive } from './context.ts';
import type { Counters } from './counters.ts';
import { deadlineOf, nextLookOf, overdue, type Waiting } from './deadlines.ts';
import { attach, type SocketDriver } from './driven-socket.ts';
import { FastcgiCall, type CallOwner } from './fastcgi-call.ts';
import type { Places } from './places.ts';
import { lengthOf, SocketOutput } from './socket-output.ts';
import type { Timed } from './timer-wheel.ts';

/** Unread bytes that are kept while the app has enough; then the socket is left alone. More than a record has, which may be awaited. */
const READ_AHEAD_BYTES_MAX = 128 * 1_024;
/** Requests of one connection that are answered in one turn of the loop, so that a web server that multiplexes starves no other. */
const REQUESTS_PER_TURN = 32;
/** Whoever is not let in may come again and again. */

/**
 * A server that drains patiently cannot tell a web server so, which may send its next request just when we close. So a connection is
 * closed in a moment of quiet that is this long; where there is none for so long, behind its next answer. nginx asks again then.
 */
const QUIET_MS = 200;
const DRAIN_MS = 2_000;

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
      tell(facts);
      // FastCGI 1.0 §3.2: without a word.
      socket.on('error', () => undefined).destroy();
      return;
    }
    const driver = new FastcgiDriver(socket, facts, context);
    attach(socket, driver);
    driver.begin();
  };
}

class FastcgiDriver implements SocketDriver, CallOwner, Connection, Timed, Waiting {
  readonly engine: FastcgiConnection<FastcgiCall>;
  readonly #context: FastcgiContext;
  readonly #socket: Socket;
  readonly #output: SocketOutput;
  readonly #facts: ConnectionFacts;
  /** The call whose app has enough unread: while it has, nothing is read. */
  #full: FastcgiCall | undefined;
  /** Requests that have come whole enough to be answered, and are not. */
  #underWay = 0;
  #isPumping = false;
  /** How many there were when `sinceMs` was set. */
  #records = 0;
  #isClosing = false;
  #isClosed = false;
  #isPaused = false;
  /** Since when the server drains patiently. */
  #drainsSinceMs: number | undefined;
  readonly isHandedOver = false;
  isNew = true;
  sinceMs = 0;
  readonly isBodyAwaited = false;
  readonly bodyWaitedMs = 0;
  readonly bodyBytes = 0;
  readonly isHalfClosed = false;
  lookAtMs = Number.POSITIVE_INFINITY;

  constructor(socket: Socket, facts: ConnectionFacts, context: FastcgiContext) {
    this.#socket = socket;
    this.#output = new SocketOutput(socket);
    this.#facts = facts;
    this.#context = context;
    this.engine = new FastcgiConnection(context.limits);
  }

  begin(): void {
    const { connections, counters, onConnection, ticker } = this.#context;
    connections.add(this);
    counters.connected();
    onConnection(this.#facts);
    ticker.enter();
    this.sinceMs = this.nowMs;
    this.#schedule();
  }

  get log(): Logger {
    return this.#context.log;
  }

  get access(): AccessLog | undefined {
    return this.#context.access;
  }

  get counters(): Counters {
    return this.#context.counters;
  }

  get nowMs(): number {
    return this.#context.clock.nowMs;
  }

  get fullBytes(): number {
    return this.#context.fullBytes;
  }

  /** Of the connection; each request has its own. */
  get phase(): Waiting['phase'] {
    if (this.#isClosing) return 'closing';
    if (this.engine.size > 0) return 'answer';
    return this.engine.isWithinRecord ? 'head' : 'idle';
  }

  get unsentSinceMs(): number | undefined {
    return this.#output.unsentSinceMs;
  }

  get isLast(): boolean {
    return this.engine.isLast;
  }

  get isIdle(): boolean {
    return this.phase === 'idle';
  }

  #schedule(): void {
    const { ticker, timeouts } = this.#context;
    ticker.schedule(this, nextLookOf(this, timeouts, this.nowMs));
  }

  receive(bytes: Uint8Array | null, length: number): void {
    if (this.#isClosing) {
      // Lingering: what still comes is dropped until the web server has read our last word.
      if (bytes === null) this.#socket.destroySoon();
      return;
    }
    this.counters.received(length);
    // The time of a record runs from its first byte, not from its last; that to a first request, from the connection's.
    if (this.phase !== 'head' && !this.isNew) this.sinceMs = this.nowMs;
    this.engine.receive(bytes, length);
    this.#pump();
  }

  /** Runs what there is to run, then writes once. */
  #pump(): void {
    if (this.#isPumping || this.#isClosing || this.#isClosed) return;
    this.#isPumping = true;
    this.#run();
    this.#isPumping = false;
    if (this.#isClosed) return;
    this.#timeRecord();
    this.engine.keep();
    this.flush();
    if (this.#isClosing) this.#close();
    else this.#regulateReading();
    this.#schedule();
  }

  /** Who sends one record behind the other is never between two of them. */
  #timeRecord(): void {
    const { records } = this.engine;
    if (records === this.#records) return;
    this.#records = records;
    if (!this.isNew) this.sinceMs = this.nowMs;
  }

  #run(): void {
    let requests = 0;
    while (this.#full?.isFull !== true) {
      if (requests === REQUESTS_PER_TURN) {
        setImmediate(() => this.#pump());
        return;
      }
      // Not into a further request while the web server does not take our answers.
      const event = this.engine.next(!this.#output.isBlocked);
      if (event.type === 'need-data' || event.type === 'paused') return;
      if (event.type === 'request') requests += 1;
      this.#hear(event);
      if (this.#isClosing) return;
    }
  }

  #hear(event: FastcgiEvent<FastcgiCall>): void {
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
    const { requests, ticker, timeouts } = this.#context;
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
    const { calls } = this.#context;
    const exchange = call.open();
    if (this.#underWay === 0) this.counters.busy();
    this.#underWay += 1;
    if (!calls.begin(exchange)) call.refuseAll(new Fault('QUEUE_FULL', { limit: calls.limits.queueLimit }));
  }

  #refuse(call: FastcgiCall | undefined, fault: Fault): void {
    this.log.debug(`web server ${this.#facts.remoteAddress}: ${fault.code}: ${fault.message}`);
    if (call === undefined) this.#leave();
    else call.refuseAll(fault);
  }

  /** Nothing more is heard: who is still under way is told, and the connection ends. */
  #leave(): void {
    this.#isClosing = true;
    for (const { attached } of this.engine.requests) attached!.leave();
  }

  callOver(call: FastcgiCall): void {
    const { calls, requests } = this.#context;
    requests.give();
    if (call.exchange !== undefined) {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.counters.rested();
      calls.end(call.exchange);
    }
    if (this.#isPumping || this.#isClosed) return;
    this.sinceMs = this.nowMs;
    this.#pump();
  }

  bodyWanted(call: FastcgiCall): void {
    const { ticker, timeouts } = this.#context;
    ticker.schedule(this, call.sinceMs + timeouts.bodyTimeoutMs);
    // In a step of its own: the app is in the middle of asking.
    queueMicrotask(() => this.#pump());
  }

  flush(): boolean {
    const { output } = this.engine;
    if (!output.isEmpty && !this.#isClosed) {
      const pieces = output.take();
      this.counters.sent(lengthOf(pieces));
      this.#output.send(pieces, this.nowMs);
      if (this.#output.unsentSinceMs !== undefined) this.#schedule();
    }
    return !this.#output.isBlocked;
  }

  drained(): void {
    this.#output.drained();
    if (this.engine.size === 0) this.sinceMs = this.nowMs;
    if (this.#isClosing) return;
    for (const { attached } of this.engine.requests) attached?.drained();
    this.#pump();
  }

  /** Leaves the socket alone while nobody has room for its bytes, and reads on when somebody has. */
  #regulateReading(): void {
    const isFull = this.#full?.isFull === true || this.engine.unreadBytes > READ_AHEAD_BYTES_MAX;
    if (isFull === this.#isPaused) return;
    this.#isPaused = isFull;
    if (isFull) this.#socket.pause();
    else this.#socket.resume();
  }

  #close(): void {
    const socket = this.#socket;
    this.sinceMs = this.nowMs;
    if (this.engine.isHalfClosed) {
      socket.destroySoon();
      return;
    }
    // Who may be sending still, be it padding, must be heard out to read our last word: closing at once could cost it that.
    socket.end();
    if (this.#isPaused) socket.resume();
  }

  failed(error: NodeJS.ErrnoException): void {
    this.log.debug(`web server ${this.#facts.remoteAddress}: ${error.code ?? error.message}`);
  }

  closed(): void {
    this.#isClosed = true;
    this.#context.connections.delete(this);
    this.counters.disconnected();
    this.#context.ticker.leave(this);
    for (const { attached } of this.engine.requests) attached!.leave();
  }

  drain(isPatient: boolean): void {
    if (isPatient) {
      this.#drainsSinceMs = this.nowMs;
      if (this.isIdle) this.sinceMs = this.nowMs;
      this.#context.ticker.schedule(this, this.nowMs + QUIET_MS);
    } else if (this.isIdle) {
      this.#socket.destroySoon();
    } else {
      this.engine.lastRequest();
      this.#schedule();
    }
  }

  /** Gives when to look again. */
  #drainOn(sinceMs: number, nowMs: number): number {
    if (this.isIdle && nowMs >= this.sinceMs + QUIET_MS) {
      this.#socket.destroySoon();
      return Number.POSITIVE_INFINITY;
    }
    if (nowMs >= sinceMs + DRAIN_MS) this.engine.lastRequest();
    return nowMs + QUIET_MS;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  onTime(nowMs: number): number {
    if (this.#isClosed) return Number.POSITIVE_INFINITY;
    const { timeouts } = this.#context;
    const wasUnsent = this.unsentSinceMs !== undefined;
    this.#output.look(nowMs);
    // The next wait begins when our last byte is gone.
    if (wasUnsent && this.unsentSinceMs === undefined) this.sinceMs = nowMs;
    if (nowMs >= deadlineOf(this, timeouts)) this.#onOverdue();
    let lookMs = nextLookOf(this, timeouts, nowMs);
    if (this.#drainsSinceMs !== undefined) lookMs = Math.min(lookMs, this.#drainOn(this.#drainsSinceMs, nowMs));
    for (const { attached } of this.engine.requests) {
      if (nowMs >= deadlineOf(attached!, timeouts)) this.#onLate(attached!);
      else lookMs = Math.min(lookMs, deadlineOf(attached!, timeouts));
    }
    return this.#isClosed ? Number.POSITIVE_INFINITY : lookMs;
  }

  /** The web server is to blame as a whole. */
  #onOverdue(): void {
    if (this.unsentSinceMs !== undefined) {
      const { message } = new Fault('SEND_TIMEOUT', { limitMs: this.#context.timeouts.sendTimeoutMs });
      this.log.warn(`web server ${this.#facts.remoteAddress}: ${message}; the connection is cut`);
    }
    if (overdue(this) === 'close') {
      this.#isClosing = true;
      this.sinceMs = this.nowMs;
      this.#socket.destroySoon();
    } else {
      this.#socket.destroy();
    }
  }

  /** Of one request its variables, or its body, have not come. */
  #onLate(call: FastcgiCall): void {
    const { headTimeoutMs, bodyTimeoutMs } = this.#context.timeouts;
    const isHead = overdue(call) === 'late-head';
    call.refuseAll(
      isHead ? new Fault('HEAD_TIMEOUT', { limitMs: headTimeoutMs }) : new Fault('BODY_TIMEOUT', { limitMs: bodyTimeoutMs }),
    );
  }
}
