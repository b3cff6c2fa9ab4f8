// connection/http2.ts: a session of node:http2 on a socket, and the calls under way on it: streams to calls, and the end of both.
//
// Law: this room has no opinion about HTTP. Frames, HPACK and windows are node:http2's; when there is enough of something, and when the
// session ends, is decided here.

import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { Fault } from '@appserve/core';
import type { ConnectionFacts } from '@appserve/core/exchange';
import type { Phase } from '@appserve/core/http1';
import type { AnswerStyle, Http2Limits } from '@appserve/core/http2';
import type { Logger } from '../log.ts';
import type { AccessLog } from '../logging/access/answered.ts';
import { OnceAMinute } from '../once-a-minute.ts';
import { Budget } from './budget.ts';
import type { Connection } from './connections.ts';
import type { ConnectionContext } from './context.ts';
import type { Counters } from './counters.ts';
import { deadlineOf, nextLookOf, overdue, type Waiting } from './deadlines.ts';
import { Http2Call, type Http2Session } from './http2-call.ts';
import type { ServerSessionOptions } from './http2-session-options.ts';
import { refusal, type ServerExchange } from './server-exchange.ts';
import { SharedFacts } from './shared-facts.ts';
import { unsentBytes } from './socket-output.ts';
import type { Timed } from './timer-wheel.ts';

/** What a client may break off at once comes back in this time. */
const RESETS_REFILL_MS = 10_000;
/** PING, SETTINGS and PRIORITY cost us an answer, or work, and the client next to nothing. Browsers send a few for each page. */
const FRAMES_MAX = 1_000;
const FRAMES_REFILL_MS = 10_000;
/** Whoever is told to calm down may come again and again. */

/**
 * A server that drains patiently closes in a moment of quiet that is this long, as with HTTP/1.1: the next request may be on its way. Where there is none for so long, it
 * closes with an answer when no other is under way: so that GOAWAY comes before the client asks again. A client that is never without
 * one is told in the midst of them, when the same time is over once more: it may send again what came too late (RFC 9113 §8.7).
 *
 * GOAWAY ahead of the end (RFC 9113 §6.8) is not to be had: once it is sent, node:http2 hears of no further stream.
 */
const QUIET_MS = 1_000;
const DRAIN_MS = 2_000;
/** How often it is looked whether it is quiet. */
const LOOK_MS = 200;

/** RFC 9113 §7. */
const ENHANCE_YOUR_CALM = 0xb;

export interface Http2Context extends ConnectionContext {
  readonly limits: Http2Limits;
  readonly style: AnswerStyle;
  /** For node:http2. */
  readonly session: ServerSessionOptions;
  /** What all streams together may have on their way to us. */
  readonly windowBytes: number;
  /** From which request on a connection ends as soon as none is under way. */
  readonly requestsMax: number;
  /** Requests that a client may break off at once. */
  readonly resetsMax: number;
}

/** Speaks HTTP/2 on fresh sockets until they are closed. Who calls it has read nothing of them, or has given it back. */
export function driveHttp2(context: Http2Context): (socket: Socket, facts: ConnectionFacts) => Connection {
  const tell = calmTeller(context);
  return (socket, facts) => {
    const driver = new Http2Driver(socket, facts, context, tell);
    driver.begin();
    return driver;
  };
}

type TellCalm = (facts: ConnectionFacts, fault: Fault) => void;

/** Once a minute for all clients of the thread. */
function calmTeller({ log }: Http2Context): TellCalm {
  const warnings = new OnceAMinute<'client'>();
  return ({ remoteAddress }, { code, message }) => {
    const what = `client ${remoteAddress || 'on a unix socket'}: ${code}: ${message}; the connection is closed`;
    if (warnings.isDue('client')) log.warn(what);
    else log.debug(what);
  };
}

class Http2Driver implements Http2Session, Connection, Timed, Waiting {
  readonly facts: ConnectionFacts;
  readonly #context: Http2Context;
  readonly #socket: Socket;
  readonly #session: ServerHttp2Session;
  readonly #tell: TellCalm;
  readonly #calls = new Set<Http2Call>();
  readonly #resets: Budget;
  readonly #frames: Budget;
  /** Calls whose app has not answered. */
  #underWay = 0;
  #requests = 0;
  #isClosing = false;
  #isClosed = false;
  /** It ends as soon as nothing is under way. */
  #isEnding = false;
  /** Since when the server drains patiently. */
  #drainsSinceMs: number | undefined;
  #receivedBytes = 0;
  #sentBytes = 0;
  /** What the kernel had not taken at the last look, what had been written by then, and since when nothing has gone. */
  #unsentBytes = 0;
  #writtenBytes = 0;
  unsentSinceMs: number | undefined;
  isNew = true;
  isLast = false;
  /** A client that has closed its side is not waited for. */
  readonly isHalfClosed = false;
  sinceMs: number;
  readonly isBodyAwaited = false;
  readonly bodyWaitedMs = 0;
  readonly bodyBytes = 0;
  lookAtMs = Number.POSITIVE_INFINITY;

  constructor(socket: Socket, facts: ConnectionFacts, context: Http2Context, tell: TellCalm) {
    this.#socket = socket;
    this.facts = new SharedFacts(facts);
    this.#context = context;
    this.#tell = tell;
    const { nowMs } = context.clock;
    this.sinceMs = nowMs;
    this.#resets = new Budget(context.resetsMax, RESETS_REFILL_MS, nowMs);
    this.#frames = new Budget(FRAMES_MAX, FRAMES_REFILL_MS, nowMs);
    // Only where it is spoken: node:http2 is 2 MB and some milliseconds of what a worker takes to start.
    this.#session = process.getBuiltinModule('node:http2').performServerHandshake(socket, context.session);
    this.#session.setLocalWindowSize(context.windowBytes);
  }

  begin(): void {
    const { connections, counters, onConnection, ticker } = this.#context;
    const session = this.#session;
    const socket = this.#socket;
    session.on('stream', (stream, _headers, _flags, raw: readonly string[] = []) => this.#open(stream, raw));
    session.on('error', (error) => this.#failed(error));
    session.on('goaway', () => this.#check());
    const count = (): void => this.#countFrame();
    session.on('ping', count).on('remoteSettings', count).on('priority', count);
    socket.on('end', () => this.#ended());
    socket.on('error', (error) => this.#failed(error));
    socket.on('close', () => this.#closed());
    connections.add(this);
    counters.connected();
    onConnection(this.facts);
    ticker.enter();
    this.sinceMs = this.nowMs;
    this.#scheduleAll();
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

  get limits(): Http2Limits {
    return this.#context.limits;
  }

  get style(): AnswerStyle {
    return this.#context.style;
  }

  get nowMs(): number {
    return this.#context.clock.nowMs;
  }

  /** Of the connection; each request has its own. */
  get phase(): Phase {
    if (this.#isClosing) return 'closing';
    return this.#calls.size > 0 ? 'answer' : 'idle';
  }

  get isIdle(): boolean {
    return this.phase === 'idle';
  }

  #scheduleAll(): void {
    const { ticker, timeouts } = this.#context;
    ticker.schedule(this, nextLookOf(this, timeouts, this.nowMs));
  }

  schedule(call: Http2Call): void {
    const { ticker, timeouts } = this.#context;
    ticker.schedule(this, nextLookOf(call, timeouts, this.nowMs));
  }

  #open(stream: ServerHttp2Stream, raw: readonly string[]): void {
    // First of all: without it, a stream that breaks off would end the worker.
    stream.on('error', ignore);
    if (this.#isClosing) return;
    // It was reset in the packet that it came in: nobody need be asked.
    if (stream.destroyed) {
      this.#brokenOff();
      return;
    }
    const call = new Http2Call(stream, this);
    this.#calls.add(call);
    this.isNew = false;
    this.#requests += 1;
    if (this.#requests >= this.#context.requestsMax) this.#isEnding = true;
    let exchange: ServerExchange;
    try {
      exchange = call.open(raw);
    } catch (error) {
      this.#refuse(call, error as Fault);
      return;
    }
    this.#begin(call, exchange);
  }

  #begin(call: Http2Call, exchange: ServerExchange): void {
    const { calls } = this.#context;
    if (this.#underWay === 0) this.counters.busy();
    this.#underWay += 1;
    if (!calls.begin(exchange)) call.refuseAll(new Fault('QUEUE_FULL', { limit: calls.limits.queueLimit }));
  }

  /** It has come to no exchange. */
  #refuse(call: Http2Call, fault: Fault): void {
    this.log.debug(`client ${this.facts.remoteAddress}: ${fault.code}: ${fault.message}`);
    const bodyBytes = call.refuseAll(fault);
    if (bodyBytes === undefined) return;
    this.access?.answered(refusal({ head: undefined, connection: this.facts, status: fault.status, bodyBytes }));
  }

  exchangeOver(call: Http2Call): void {
    this.#underWay -= 1;
    if (this.#underWay === 0) this.counters.rested();
    this.#context.calls.end(call.exchange!);
    // In the same packet as the end of this answer: who asks one by one hears of it before he asks again.
    if (this.#isEnding && this.#underWay === 0 && !this.#isClosed && !this.#isClosing) this.#close();
  }

  streamOver(call: Http2Call, isBrokenOff: boolean): void {
    this.#calls.delete(call);
    this.#count();
    if (isBrokenOff) this.#brokenOff();
    if (this.#isClosed || this.#isClosing || this.#calls.size > 0) return;
    this.sinceMs = this.nowMs;
    if (this.#isEnding) this.#close();
    else this.#check();
    this.#scheduleAll();
  }

  /** By its client, and too early. */
  #brokenOff(): void {
    if (!this.#isClosing && !this.#resets.take(this.nowMs)) this.#calm(new Fault('RESETS_TOO_MANY', { limit: this.#resets.max }));
  }

  #countFrame(): void {
    if (!this.#isClosing && !this.#frames.take(this.nowMs)) this.#calm(new Fault('FRAMES_TOO_MANY', { limit: this.#frames.max }));
  }

  /** RFC 9113 §10.5. */
  #calm(fault: Fault): void {
    this.#tell(this.facts, fault);
    this.#session.destroy(fault, ENHANCE_YOUR_CALM);
    this.#beginClosing();
  }

  /** GOAWAY: no further request; the connection ends behind the last answer. */
  #close(): void {
    this.isLast = true;
    this.#session.close();
    this.#check();
  }

  /** A session that is closed, by either side, and has nothing under way, ends now. */
  #check(): void {
    if (this.#calls.size === 0 && (this.#session.closed || this.#session.destroyed)) this.#beginClosing();
  }

  /** What is left to be sent is sent, and then there is an end of it. */
  #beginClosing(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.sinceMs = this.nowMs;
    this.#scheduleAll();
  }

  /** Its client has closed its side: who asks for nothing more, and takes windows away from nobody, has gone (RFC 9113 §5.4.3). */
  #ended(): void {
    for (const call of this.#calls) call.leave();
    this.#session.destroy();
    this.#beginClosing();
  }

  #failed(error: NodeJS.ErrnoException): void {
    this.log.debug(`client ${this.facts.remoteAddress}: ${error.code ?? error.message}`);
    this.#check();
  }

  #closed(): void {
    this.#isClosed = true;
    this.#count();
    this.#context.connections.delete(this);
    this.counters.disconnected();
    this.#context.ticker.leave(this);
    for (const call of this.#calls) call.leave();
  }

  /** Bytes of frames: node:http2 reads and writes by itself. */
  #count(): void {
    const { bytesRead, bytesWritten } = this.#socket;
    if (bytesRead > this.#receivedBytes) this.counters.received(bytesRead - this.#receivedBytes);
    if (bytesWritten > this.#sentBytes) this.counters.sent(bytesWritten - this.#sentBytes);
    this.#receivedBytes = Math.max(this.#receivedBytes, bytesRead);
    this.#sentBytes = Math.max(this.#sentBytes, bytesWritten);
  }

  drain(isPatient: boolean): void {
    if (isPatient) {
      this.#drainsSinceMs = this.nowMs;
      if (this.isIdle) this.sinceMs = this.nowMs;
      this.#context.ticker.schedule(this, this.nowMs + LOOK_MS);
    } else {
      this.#close();
    }
  }

  /** Gives when to look again. */
  #drainOn(sinceMs: number, nowMs: number): number {
    const isQuiet = this.isIdle && nowMs >= this.sinceMs + QUIET_MS;
    this.#isEnding ||= nowMs >= sinceMs + DRAIN_MS;
    if (isQuiet || (this.isIdle && this.#isEnding) || nowMs >= sinceMs + 2 * DRAIN_MS) this.#close();
    return this.#isClosing ? Number.POSITIVE_INFINITY : nowMs + LOOK_MS;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  onTime(nowMs: number): number {
    if (this.#isClosed) return Number.POSITIVE_INFINITY;
    const { timeouts } = this.#context;
    this.#count();
    this.#lookAtSocket(nowMs);
    if (nowMs >= deadlineOf(this, timeouts)) this.#onOverdue();
    const drainMs = this.#drainsSinceMs === undefined ? Number.POSITIVE_INFINITY : this.#drainOn(this.#drainsSinceMs, nowMs);
    let lookMs = Math.min(drainMs, nextLookOf(this, timeouts, nowMs));
    for (const call of this.#calls) {
      if (nowMs >= deadlineOf(call, timeouts)) this.#onLate(call);
      else lookMs = Math.min(lookMs, nextLookOf(call, timeouts, nowMs));
    }
    return this.#isClosed ? Number.POSITIVE_INFINITY : lookMs;
  }

  /** Whether the client reads at all; whether it opens a window is looked at stream by stream. */
  #lookAtSocket(nowMs: number): void {
    const before = this.#unsentBytes;
    const { bytesWritten } = this.#socket;
    // node:http2 writes when its last write is gone.
    const hasMoved = bytesWritten > this.#writtenBytes;
    this.#writtenBytes = bytesWritten;
    this.#unsentBytes = unsentBytes(this.#socket);
    if (this.#unsentBytes === 0) this.unsentSinceMs = undefined;
    else if (this.unsentSinceMs === undefined || hasMoved || this.#unsentBytes < before) this.unsentSinceMs = nowMs;
  }

  /** The client is to blame as a whole. */
  #onOverdue(): void {
    if (overdue(this) === 'close') {
      this.#close();
      return;
    }
    if (this.unsentSinceMs !== undefined) this.#tellStall();
    this.#socket.destroy();
  }

  #tellStall(): void {
    const { message } = new Fault('SEND_TIMEOUT', { limitMs: this.#context.timeouts.sendTimeoutMs });
    this.log.warn(`client ${this.facts.remoteAddress}: ${message}; the connection is cut`);
  }

  /** Of one request the body has not come, or its answer is not taken. */
  #onLate(call: Http2Call): void {
    const { bodyTimeoutMs, sendTimeoutMs } = this.#context.timeouts;
    if (overdue(call) === 'late-body') {
      call.refuseAll(new Fault('BODY_TIMEOUT', { limitMs: bodyTimeoutMs }));
      return;
    }
    const { message } = new Fault('SEND_TIMEOUT', { limitMs: sendTimeoutMs });
    this.log.warn(`client ${this.facts.remoteAddress}: ${message}; the stream is cut`);
    call.cut();
  }
}

function ignore(): void {
  // 'close' says enough.
}
