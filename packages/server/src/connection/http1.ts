// connection/http1.ts: a socket, an engine and the exchange under way: bytes to events, events to calls, answers to bytes.
//
// Law: this room has no opinion about HTTP. It reads while there is room, runs what the engine gives, and writes once a turn.

import type { Socket } from 'node:net';
import { Fault } from '@appserve/core';
import type { ConnectionFacts, TakenConnection } from '@appserve/core/exchange';
import { Http1Connection, type Http1Limits, type Phase, type ResponseStyle, type TargetPolicy } from '@appserve/core/http1';
import type { RequestHead } from '@appserve/core/message';
import type { Logger } from '../log.ts';
import type { AccessLog } from '../logging/access/answered.ts';
import type { WebSockets } from '../websocket/web-sockets.ts';
import type { Connection } from './connections.ts';
import type { ConnectionContext } from './context.ts';
import type { Counters } from './counters.ts';
import { deadlineOf, nextLookOf, overdue, type Waiting } from './deadlines.ts';
import { attach, detach, type SocketDriver } from './driven-socket.ts';
import { refusal, ServerExchange, type ExchangeOwner } from './server-exchange.ts';
import { lengthOf, SocketOutput } from './socket-output.ts';
import type { Timed } from './timer-wheel.ts';

/** Unread bytes of further requests that are kept while one is answered; then the socket is left alone. */
const READ_AHEAD_BYTES_MAX = 64 * 1_024;
/** Requests of one connection that are answered in one turn of the loop, so that a client that pipelines starves nobody. */
const REQUESTS_PER_TURN = 32;

export interface Http1Context extends ConnectionContext {
  readonly limits: Http1Limits;
  readonly style: ResponseStyle;
  /** For connections in clear, and for those over TLS. */
  readonly policy: TargetPolicy;
  readonly securePolicy: TargetPolicy;
  readonly webSockets: WebSockets;
}

/** Speaks HTTP on fresh sockets until they are closed, or handed over. */
export function driveHttp1(context: Http1Context): (socket: Socket, facts: ConnectionFacts) => Connection {
  return (socket, facts) => {
    const driver = new Http1Driver(socket, facts, context);
    attach(socket, driver);
    driver.begin();
    return driver;
  };
}

class Http1Driver implements SocketDriver, ExchangeOwner, Connection, Timed, Waiting {
  readonly engine: Http1Connection;
  readonly #context: Http1Context;
  readonly #socket: Socket;
  readonly #output: SocketOutput;
  readonly #facts: ConnectionFacts;
  #exchange: ServerExchange | undefined;
  #isPumping = false;
  #isClosing = false;
  #isClosed = false;
  #isPaused = false;
  #isDraining = false;
  #goodbye: (() => void) | undefined;
  isHandedOver = false;
  readonly misfit = 'the connection is closed';
  isNew = true;
  sinceMs = 0;
  bodyWaitedMs = 0;
  bodyBytes = 0;
  lookAtMs = Number.POSITIVE_INFINITY;

  constructor(socket: Socket, facts: ConnectionFacts, context: Http1Context) {
    this.#socket = socket;
    this.#output = new SocketOutput(socket);
    this.#facts = facts;
    this.#context = context;
    this.engine = new Http1Connection(
      context.limits,
      context.style,
      facts.scheme === 'https' ? context.securePolicy : context.policy,
    );
  }

  begin(): void {
    const { connections, counters, onConnection, ticker } = this.#context;
    connections.add(this);
    counters.connected();
    onConnection(this.#facts);
    ticker.enter();
    this.#restart();
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

  get phase(): Phase {
    return this.#isClosing ? 'closing' : this.engine.phase;
  }

  get isBodyAwaited(): boolean {
    return this.#exchange === undefined || this.#exchange.incoming?.isAwaited === true;
  }

  get unsentSinceMs(): number | undefined {
    return this.#output.unsentSinceMs;
  }

  get isLast(): boolean {
    return this.engine.isLast;
  }

  get isHalfClosed(): boolean {
    return this.engine.isHalfClosed;
  }

  get isIdle(): boolean {
    return !this.isHandedOver && this.#exchange === undefined && this.engine.phase === 'idle';
  }

  /** A wait begins, now. */
  #restart(): void {
    this.sinceMs = this.#context.clock.nowMs;
    this.#schedule();
  }

  #schedule(): void {
    const { ticker, timeouts, clock } = this.#context;
    ticker.schedule(this, nextLookOf(this, timeouts, clock.nowMs));
  }

  receive(bytes: Uint8Array | null, length: number): void {
    if (this.#isClosing) {
      // Lingering: what still comes is dropped until the client has read our last word.
      if (bytes === null) this.#socket.destroySoon();
      return;
    }
    const { clock, counters } = this.#context;
    const { nowMs } = clock;
    counters.received(length);
    const { phase } = this.engine;
    if (phase === 'body' && this.isBodyAwaited) this.bodyWaitedMs += nowMs - this.sinceMs;
    // The time of a head runs from its first byte, not from its last.
    if (phase !== 'head') this.sinceMs = nowMs;
    this.engine.receive(bytes, length);
    this.#pump();
  }

  /** Runs what there is to run, then writes once. */
  #pump(): void {
    if (this.#isPumping || this.#isClosing || this.#isClosed || this.isHandedOver) return;
    this.#isPumping = true;
    this.#run();
    this.#isPumping = false;
    if (this.#isClosed || this.isHandedOver) return;
    this.engine.keep();
    this.flush();
    if (this.#isClosing) this.#close();
    else this.#regulateReading();
    this.#schedule();
  }

  #run(): void {
    let requests = 0;
    while (!this.isHandedOver && this.#mayGoOn()) {
      if (requests === REQUESTS_PER_TURN) {
        setImmediate(() => this.#pump());
        return;
      }
      const event = this.engine.next();
      switch (event.type) {
        case 'need-data':
        case 'paused':
          return;
        case 'request':
          requests += 1;
          this.#open(event.head);
          break;
        case 'data':
          this.bodyBytes += event.bytes.length;
          // Lent bytes end with this turn; the app may keep its own as long as it likes.
          this.#exchange?.incoming?.push(Buffer.from(event.bytes));
          break;
        case 'end':
          this.#exchange?.incoming?.end(event.trailers);
          break;
        case 'fault':
          this.#refuse(event.fault, event.head);
          break;
        case 'closed':
          this.#isClosing = true;
          return;
      }
    }
  }

  /** Not while the app has enough of its body unread, nor into a further request while the client does not take our answers. */
  #mayGoOn(): boolean {
    if (this.#exchange === undefined) return !this.#output.isBlocked;
    return this.#exchange.incoming?.isFull !== true;
  }

  #open(head: RequestHead): void {
    const exchange = new ServerExchange(head, this.#facts, this);
    const { calls } = this.#context;
    this.#exchange = exchange;
    this.isNew = false;
    this.bodyWaitedMs = 0;
    this.bodyBytes = 0;
    this.counters.busy();
    if (calls.begin(exchange)) return;
    this.#exchange = undefined;
    this.counters.rested();
    this.#answer(new Fault('QUEUE_FULL', { limit: calls.limits.queueLimit }), head);
  }

  #refuse(fault: Fault, head?: RequestHead): void {
    this.log.debug(`client ${this.#facts.remoteAddress}: ${fault.code}: ${fault.message}`);
    if (this.#exchange === undefined) this.#answer(fault, head);
    else this.#exchange.refuse(fault);
  }

  /** Of no exchange. */
  #answer(fault: Fault, head?: RequestHead): void {
    const bodyBytes = this.engine.refuse(fault);
    if (bodyBytes === undefined) return;
    const { status } = fault;
    this.counters.answered(status);
    this.access?.answered(refusal({ head, connection: this.#facts, status, bodyBytes }));
  }

  exchangeOver(exchange: ServerExchange): void {
    this.#exchange = undefined;
    this.counters.rested();
    this.#context.calls.end(exchange);
    if (this.#isPumping || this.#isClosed || this.isHandedOver) return;
    this.sinceMs = this.#context.clock.nowMs;
    this.#pump();
  }

  bodyWanted(): void {
    // From here on it is the client's turn.
    this.#restart();
    if (this.engine.sendContinue()) this.flush();
    // In a step of its own: the app is in the middle of asking.
    queueMicrotask(() => this.#pump());
  }

  handOver(): TakenConnection {
    const unread = this.engine.handOver();
    this.flush();
    this.isHandedOver = true;
    this.#context.ticker.remove(this);
    this.counters.handedOver();
    detach(this.#socket);
    const taken: TakenConnection = {
      socket: this.#socket,
      unread,
      onDrain: (goodbye) => this.#onDrain(goodbye),
      openWebSocket: (acceptance, fields) => this.#context.webSockets.open(taken, this.#facts, acceptance, fields),
    };
    return taken;
  }

  #onDrain(goodbye: () => void): void {
    if (this.#isDraining || this.engine.isLast) goodbye();
    else this.#goodbye = goodbye;
  }

  flush(): boolean {
    const { output } = this.engine;
    if (!output.isEmpty && !this.#isClosed) {
      const pieces = output.take();
      this.counters.sent(lengthOf(pieces));
      this.#output.send(pieces, this.#context.clock.nowMs);
      if (this.engine.isHalfClosed) this.#restart();
      else if (this.#output.unsentSinceMs !== undefined) this.#schedule();
    }
    return !this.#output.isBlocked;
  }

  drained(): void {
    this.#output.drained();
    this.sinceMs = this.#context.clock.nowMs;
    if (this.#isClosing) return;
    this.#exchange?.wakeWriters();
    this.#pump();
  }

  /** Leaves the socket alone while nobody has room for its bytes, and reads on when somebody has. */
  #regulateReading(): void {
    const isFull = this.#exchange?.incoming?.isFull === true || this.engine.unreadBytes > READ_AHEAD_BYTES_MAX;
    if (isFull === this.#isPaused) return;
    this.#isPaused = isFull;
    if (isFull) this.#socket.pause();
    else this.#socket.resume();
  }

  #close(): void {
    const socket = this.#socket;
    this.sinceMs = this.#context.clock.nowMs;
    if (this.engine.isTruncated) {
      // Where the end of the connection is the end of the body, only a reset tells the client that it is not whole.
      if (this.#facts.localPort !== '' && this.#facts.scheme === 'http') socket.resetAndDestroy();
      else socket.destroy();
    } else if (this.engine.mayStillReceive) {
      socket.end();
      if (this.#isPaused) socket.resume();
    } else {
      socket.destroySoon();
    }
  }

  failed(error: NodeJS.ErrnoException): void {
    this.log.debug(`client ${this.#facts.remoteAddress}: ${error.code ?? error.message}`);
  }

  closed(): void {
    this.#isClosed = true;
    this.#context.connections.delete(this);
    this.counters.disconnected();
    if (this.isHandedOver) this.counters.handedOverClosed();
    this.#context.ticker.leave(this);
    this.#exchange?.leave(new Fault('PEER_GONE', {}));
  }

  drain(isPatient: boolean): void {
    if (this.isHandedOver) {
      this.#leave();
      return;
    }
    const { isIdle } = this;
    if (isIdle && !isPatient) {
      this.#socket.destroySoon();
      return;
    }
    if (isIdle) this.sinceMs = this.#context.clock.nowMs;
    this.engine.lastRequest();
    // An answered request whose body is still being read past needs no further word from us.
    if (this.#exchange === undefined) this.#pump();
    this.#schedule();
  }

  /** Its new owner alone knows how to say goodbye. */
  #leave(): void {
    const goodbye = this.#goodbye;
    this.#isDraining = true;
    this.#goodbye = undefined;
    goodbye?.();
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
    return this.#isClosed ? Number.POSITIVE_INFINITY : nextLookOf(this, timeouts, nowMs);
  }

  #onOverdue(): void {
    const { headTimeoutMs, bodyTimeoutMs, sendTimeoutMs } = this.#context.timeouts;
    switch (overdue(this)) {
      case 'close':
        this.#isClosing = true;
        this.sinceMs = this.#context.clock.nowMs;
        this.#socket.destroySoon();
        return;
      case 'cut':
        if (this.unsentSinceMs !== undefined) {
          const { message } = new Fault('SEND_TIMEOUT', { limitMs: sendTimeoutMs });
          this.log.warn(`client ${this.#facts.remoteAddress}: ${message}; the connection is cut`);
        }
        this.#socket.destroy();
        return;
      case 'late-head':
        this.#refuse(new Fault('HEAD_TIMEOUT', { limitMs: headTimeoutMs }));
        this.#pump();
        return;
      case 'late-body':
        this.#refuse(new Fault('BODY_TIMEOUT', { limitMs: bodyTimeoutMs }));
        this.#pump();
    }
  }
}
