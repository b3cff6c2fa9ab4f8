// connection/http2.ts: HTTP/2 on a socket: a session of node:http2 and the calls under way on it: streams to calls, and the end of both.
//
// Law: this room has no opinion about HTTP. Frames, HPACK and windows are node:http2's; when there is enough of something, and when the
// session ends, is decided here.

import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { Fault } from '@appserve/core';
import type { ConnectionFacts } from '@appserve/core/exchange';
import type { Phase } from '@appserve/core/http1';
import type { AnswerStyle, Http2Limits } from '@appserve/core/http2';
import { ConnectionDriver } from './connection-driver.ts';
import type { Connection } from './connections.ts';
import type { ConnectionContext } from './context.ts';
import { deadlineOf, nextLookOf, overdue } from './deadlines.ts';
import type { SeeThrough } from './forwarded-facts.ts';
import { Http2Call, type Http2Session } from './http2-call.ts';
import { floodTeller, Http2Floods, type TellFlood } from './http2-floods.ts';
import type { ServerSessionOptions } from './http2-session-options.ts';
import { LOOK_MS, PatientEnd } from './patient-end.ts';
import { refusal, type ServerExchange } from './server-exchange.ts';
import { SessionTraffic } from './session-traffic.ts';
import { SharedFacts } from './shared-facts.ts';

/** As long as HTTP/1.1 waits for a last head then (LAST_HEAD_MS). */
const QUIET_MS = 1_000;

/** RFC 9113 §7. */
const ENHANCE_YOUR_CALM = 0xb;

export interface Http2Context extends ConnectionContext {
  readonly limits: Http2Limits;
  /** Where proxies are believed. */
  readonly seeThrough: SeeThrough | undefined;
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
  const tell = floodTeller(context.log);
  return (socket, facts) => {
    const driver = new Http2Driver(socket, facts, context, tell);
    driver.begin();
    return driver;
  };
}

class Http2Driver extends ConnectionDriver<Http2Context> implements Http2Session {
  readonly #session: ServerHttp2Session;
  readonly #tell: TellFlood;
  readonly #calls = new Set<Http2Call>();
  readonly #floods: Http2Floods;
  readonly #traffic: SessionTraffic;
  /** Calls whose app has not answered. */
  #underWay = 0;
  #requests = 0;
  /** It ends as soon as nothing is under way. */
  #isEnding = false;
  /** The server drains patiently, or this connection knows that it will. */
  #patientEnd: PatientEnd | undefined;
  isLast = false;
  /** A client that has closed its side is not waited for. */
  readonly isHalfClosed = false;
  /** Bodies are of requests, which see to them. */
  readonly isBodyAwaited = false;
  readonly bodyWaitedMs = 0;
  readonly bodyBytes = 0;

  constructor(socket: Socket, facts: ConnectionFacts, context: Http2Context, tell: TellFlood) {
    super(socket, new SharedFacts(facts), context);
    this.#tell = tell;
    this.#floods = new Http2Floods(context.resetsMax, context.clock.nowMs);
    this.#traffic = new SessionTraffic(socket, context.counters);
    // Only where it is spoken: node:http2 is 2 MB and some milliseconds of what a worker takes to start.
    this.#session = process.getBuiltinModule('node:http2').performServerHandshake(socket, context.session);
    this.#session.setLocalWindowSize(context.windowBytes);
  }

  override begin(): void {
    const session = this.#session;
    session.on('stream', (stream, _headers, _flags, raw: readonly string[] = []) => this.#open(stream, raw));
    session.on('error', (error) => this.failed(error));
    session.on('goaway', () => this.#check());
    const count = (): void => this.#countFrame();
    session.on('ping', count).on('remoteSettings', count).on('priority', count);
    this.socket.on('end', () => this.#ended());
    this.socket.on('error', (error) => this.failed(error));
    this.socket.on('close', () => this.closed());
    super.begin();
  }

  protected get who(): string {
    return `client ${this.facts.remoteAddress}`;
  }

  get limits(): Http2Limits {
    return this.context.limits;
  }

  get seeThrough(): SeeThrough | undefined {
    return this.context.seeThrough;
  }

  get style(): AnswerStyle {
    return this.context.style;
  }

  /** Of the connection; each request has its own. */
  get phase(): Phase {
    if (this.isClosing) return 'closing';
    return this.#calls.size > 0 ? 'answer' : 'idle';
  }

  get unsentSinceMs(): number | undefined {
    return this.#traffic.unsentSinceMs;
  }

  scheduleCall(call: Http2Call): void {
    const { ticker, timeouts } = this.context;
    ticker.schedule(this, nextLookOf(call, timeouts, this.nowMs));
  }

  #open(stream: ServerHttp2Stream, raw: readonly string[]): void {
    // First of all: without it, a stream that breaks off would end the worker.
    stream.on('error', ignore);
    if (this.isClosing) return;
    // It was reset in the packet that it came in: nobody need be asked.
    if (stream.destroyed) {
      this.#brokenOff();
      return;
    }
    const call = new Http2Call(stream, this);
    this.#calls.add(call);
    this.isNew = false;
    this.#requests += 1;
    if (this.#requests >= this.context.requestsMax) this.#isEnding = true;
    if (this.context.connections.isLeaving) this.#drainGently();
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
    const { calls } = this.context;
    if (this.#underWay === 0) this.counters.busy();
    this.#underWay += 1;
    if (!calls.begin(exchange)) call.refuseAll(new Fault('QUEUE_FULL', { limit: calls.limits.queueLimit }));
  }

  /** It has come to no exchange. */
  #refuse(call: Http2Call, fault: Fault): void {
    this.log.debug(`${this.who}: ${fault.code}: ${fault.message}`);
    const bodyBytes = call.refuseAll(fault);
    if (bodyBytes === undefined) return;
    this.access?.answered(refusal({ head: undefined, connection: this.facts, status: fault.status, bodyBytes }));
  }

  exchangeOver(call: Http2Call): void {
    this.#underWay -= 1;
    if (this.#underWay === 0) this.counters.rested();
    this.context.calls.end(call.exchange!);
    // In the same packet as the end of this answer: who asks one by one hears of it before he asks again.
    if (this.#isEnding && this.#underWay === 0 && !this.isClosed && !this.isClosing) this.#close();
  }

  streamOver(call: Http2Call, isBrokenOff: boolean): void {
    this.#calls.delete(call);
    this.#traffic.count();
    if (isBrokenOff) this.#brokenOff();
    if (this.isClosed || this.isClosing || this.#calls.size > 0) return;
    this.sinceMs = this.nowMs;
    if (this.#isEnding) this.#close();
    else this.#check();
    this.schedule();
  }

  /** By its client, and too early. */
  #brokenOff(): void {
    this.#calm(this.isClosing ? undefined : this.#floods.reset(this.nowMs));
  }

  #countFrame(): void {
    this.#calm(this.isClosing ? undefined : this.#floods.frame(this.nowMs));
  }

  /** RFC 9113 §10.5. */
  #calm(fault: Fault | undefined): void {
    if (fault === undefined) return;
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
    if (this.isClosing) return;
    this.isClosing = true;
    this.sinceMs = this.nowMs;
    this.schedule();
  }

  /** Its client has closed its side: who asks for nothing more, and takes windows away from nobody, has gone (RFC 9113 §5.4.3). */
  #ended(): void {
    for (const call of this.#calls) call.leave();
    this.#session.destroy();
    this.#beginClosing();
  }

  override failed(error: NodeJS.ErrnoException): void {
    super.failed(error);
    this.#check();
  }

  override closed(): void {
    this.#traffic.count();
    super.closed();
    for (const call of this.#calls) call.leave();
  }

  drain(isPatient: boolean): void {
    if (isPatient) {
      if (this.isIdle) this.sinceMs = this.nowMs;
      this.#drainGently();
    } else {
      this.#close();
    }
  }

  #drainGently(): void {
    if (this.#patientEnd !== undefined) return;
    this.#patientEnd = new PatientEnd(QUIET_MS, this.nowMs);
    this.context.ticker.schedule(this, this.nowMs + LOOK_MS);
  }

  /**
   * Gives when to look again. Without quiet, GOAWAY goes with an answer that leaves nothing under way, so that it comes before the client
   * asks again; to a client that is never without a request, in the midst of them: it may send again what came too late (RFC 9113 §8.7).
   */
  #drainOn(end: PatientEnd, nowMs: number): number {
    this.#isEnding ||= end.isLate(nowMs);
    // That it is idle when it is looked at is not enough: the next request of who asks one by one may be on its way.
    const isQuiet = this.isIdle && end.isQuiet(this.sinceMs, nowMs);
    if (isQuiet || end.isOver(nowMs)) this.#close();
    return this.isClosing ? Number.POSITIVE_INFINITY : nowMs + LOOK_MS;
  }

  protected lookAtOutput(nowMs: number): void {
    this.#traffic.count();
    this.#traffic.look(nowMs);
  }

  protected override lookOn(nowMs: number): number {
    const { timeouts } = this.context;
    const drainMs = this.#patientEnd === undefined ? Number.POSITIVE_INFINITY : this.#drainOn(this.#patientEnd, nowMs);
    let lookMs = Math.min(drainMs, super.lookOn(nowMs));
    for (const call of this.#calls) {
      if (nowMs >= deadlineOf(call, timeouts)) this.#onLate(call);
      else lookMs = Math.min(lookMs, nextLookOf(call, timeouts, nowMs));
    }
    return lookMs;
  }

  protected expire(): void {
    this.#close();
  }

  /** Of one request the body has not come, or its answer is not taken. */
  #onLate(call: Http2Call): void {
    const { bodyTimeoutMs, sendTimeoutMs } = this.context.timeouts;
    if (overdue(call) === 'late-body') {
      call.refuseAll(new Fault('BODY_TIMEOUT', { limitMs: bodyTimeoutMs }));
      return;
    }
    const { message } = new Fault('SEND_TIMEOUT', { limitMs: sendTimeoutMs });
    this.log.warn(`${this.who}: ${message}; the stream is cut`);
    call.cut();
  }
}

function ignore(): void {
  // 'close' says enough.
}
