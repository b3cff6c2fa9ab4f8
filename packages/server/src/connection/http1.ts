// connection/http1.ts: HTTP/1.1 on a socket: events of the engine to calls of the app, one at a time, and the socket to another protocol
// when an app takes it over.
//
// Law: no opinion about HTTP, which is the engine's. One exchange is under way, or none; its body and its answer are this connection's.

import type { Socket } from 'node:net';
import { Fault } from '@appserve/core';
import type { ConnectionFacts, TakenConnection } from '@appserve/core/exchange';
import {
  Http1Connection,
  type Http1Event,
  type Http1Limits,
  type Phase,
  type ResponseStyle,
  type TargetPolicy,
} from '@appserve/core/http1';
import type { RequestHead } from '@appserve/core/message';
import type { WebSockets } from '../websocket/web-sockets.ts';
import type { Connection } from './connections.ts';
import type { ConnectionContext } from './context.ts';
import { attach, detach } from './driven-socket.ts';
import { EngineDriver } from './engine-driver.ts';
import type { SeeThrough } from './forwarded-facts.ts';
import { refusal, ServerExchange, type ExchangeOwner } from './server-exchange.ts';
import { isPlainTcp } from './socket-facts.ts';

/** Unread bytes of further requests that are kept while one is answered; then the socket is left alone. */
const READ_AHEAD_BYTES_MAX = 64 * 1_024;

export interface Http1Context extends ConnectionContext {
  readonly limits: Http1Limits;
  readonly style: ResponseStyle;
  /** For connections in clear, and for those over TLS. */
  readonly policy: TargetPolicy;
  readonly securePolicy: TargetPolicy;
  readonly webSockets: WebSockets;
  /** Where proxies are believed. */
  readonly seeThrough: SeeThrough | undefined;
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

class Http1Driver extends EngineDriver<Http1Context, Http1Event> implements ExchangeOwner {
  readonly engine: Http1Connection;
  #exchange: ServerExchange | undefined;
  /** The last request is the last since the server will stop, which it does not do yet. */
  #isForewarned = false;
  #isDraining = false;
  #goodbye: (() => void) | undefined;
  readonly misfit = 'the connection is closed';
  bodyWaitedMs = 0;
  bodyBytes = 0;

  constructor(socket: Socket, facts: ConnectionFacts, context: Http1Context) {
    super(socket, facts, context);
    this.engine = new Http1Connection(
      context.limits,
      context.style,
      facts.scheme === 'https' ? context.securePolicy : context.policy,
    );
  }

  protected get who(): string {
    return `client ${this.facts.remoteAddress}`;
  }

  get phase(): Phase {
    return this.isClosing ? 'closing' : this.engine.phase;
  }

  get isBodyAwaited(): boolean {
    return this.#exchange === undefined || this.#exchange.incoming?.isAwaited === true;
  }

  get isHalfClosed(): boolean {
    return this.engine.isHalfClosed;
  }

  override get isIdle(): boolean {
    return !this.isHandedOver && this.#exchange === undefined && this.engine.phase === 'idle';
  }

  protected get readAheadBytesMax(): number {
    return READ_AHEAD_BYTES_MAX;
  }

  protected get isFull(): boolean {
    return this.#exchange?.incoming?.isFull === true;
  }

  /** Not while the app has enough of its body unread, nor into a further request while the client does not take our answers. */
  protected get mayGoOn(): boolean {
    if (this.isHandedOver) return false;
    return this.#exchange === undefined ? !this.output.isBlocked : !this.isFull;
  }

  protected timeBytes(): void {
    const { nowMs } = this;
    const { phase } = this.engine;
    if (phase === 'body' && this.isBodyAwaited) this.bodyWaitedMs += nowMs - this.sinceMs;
    // The time of a head runs from its first byte, not from its last.
    if (phase !== 'head') this.sinceMs = nowMs;
  }

  protected next(): Http1Event {
    return this.engine.next();
  }

  protected hear(event: Http1Event): void {
    switch (event.type) {
      case 'need-data':
      case 'paused':
        return;
      case 'request':
        this.#open(event.head);
        return;
      case 'data':
        this.bodyBytes += event.bytes.length;
        // Lent bytes end with this turn; the app may keep its own as long as it likes.
        this.#exchange?.incoming?.push(Buffer.from(event.bytes));
        return;
      case 'end':
        this.#exchange?.incoming?.end(event.trailers);
        return;
      case 'fault':
        this.#refuse(event.fault, event.head);
        return;
      case 'closed':
        this.isClosing = true;
    }
  }

  #open(sent: RequestHead): void {
    const { calls, connections, seeThrough } = this.context;
    if (connections.isLeaving) this.#forewarn();
    let head = sent;
    let connection = this.facts;
    if (seeThrough !== undefined) {
      try {
        ({ head, connection } = seeThrough(sent, this.facts));
      } catch (error) {
        this.#refuse(error as Fault, sent);
        return;
      }
    }
    const exchange = new ServerExchange(head, connection, this);
    this.#exchange = exchange;
    this.isNew = false;
    this.bodyWaitedMs = 0;
    this.bodyBytes = 0;
    this.counters.busy();
    if (calls.begin(exchange)) return;
    this.#exchange = undefined;
    this.counters.rested();
    this.#answer(new Fault('QUEUE_FULL', { limit: calls.limits.queueLimit }), head, connection);
  }

  /** The server shall stop soon: this answer is the last, and says so. */
  #forewarn(): void {
    if (this.engine.isLast) return;
    this.#isForewarned = true;
    this.engine.lastRequest();
  }

  #refuse(fault: Fault, head?: RequestHead): void {
    this.log.debug(`${this.who}: ${fault.code}: ${fault.message}`);
    if (this.#exchange === undefined) this.#answer(fault, head, this.facts);
    else this.#exchange.refuse(fault);
  }

  /** Of no exchange. `connection`: who has asked, as far as it is known: of a head that was refused, or says two things, the peer. */
  #answer(fault: Fault, head: RequestHead | undefined, connection: ConnectionFacts): void {
    const bodyBytes = this.engine.refuse(fault);
    if (bodyBytes === undefined) return;
    const { status } = fault;
    this.counters.answered(status);
    this.access?.answered(refusal({ head, connection, status, bodyBytes }));
  }

  exchangeOver(exchange: ServerExchange): void {
    this.#exchange = undefined;
    this.counters.rested();
    this.context.calls.end(exchange);
    this.goOn();
  }

  bodyWanted(): void {
    // From here on it is the client's turn.
    this.restart();
    if (this.engine.sendContinue()) this.flush();
    // In a step of its own: the app is in the middle of asking.
    queueMicrotask(() => this.pump());
  }

  handOver(): TakenConnection {
    const unread = this.engine.handOver();
    const { connection } = this.#exchange!;
    this.flush();
    this.isHandedOver = true;
    this.context.ticker.remove(this);
    this.counters.handedOver();
    detach(this.socket);
    const taken: TakenConnection = {
      socket: this.socket,
      unread,
      onDrain: (goodbye) => this.#onDrain(goodbye),
      openWebSocket: (acceptance, fields) => this.context.webSockets.open(taken, connection, acceptance, fields),
    };
    return taken;
  }

  #onDrain(goodbye: () => void): void {
    if (this.#isDraining || (this.engine.isLast && !this.#isForewarned)) goodbye();
    else this.#goodbye = goodbye;
  }

  drained(): void {
    this.output.drained();
    this.sinceMs = this.nowMs;
    if (this.isClosing) return;
    this.#exchange?.wakeWriters();
    this.pump();
  }

  protected endSocket(): void {
    const { engine, socket } = this;
    if (engine.isTruncated) {
      // Where the end of the connection is the end of the body, only a reset tells the client that it is not whole.
      if (isPlainTcp(socket)) socket.resetAndDestroy();
      else socket.destroy();
    } else if (engine.mayStillReceive) {
      this.linger();
    } else {
      socket.destroySoon();
    }
  }

  override closed(): void {
    super.closed();
    if (this.isHandedOver) this.counters.handedOverClosed();
    this.#exchange?.leave(new Fault('PEER_GONE', {}));
  }

  drain(isPatient: boolean): void {
    if (this.isHandedOver) {
      this.#leave();
      return;
    }
    this.#isForewarned = false;
    const { isIdle } = this;
    if (isIdle && !isPatient) {
      this.socket.destroySoon();
      return;
    }
    if (isIdle) this.sinceMs = this.nowMs;
    this.engine.lastRequest();
    // An answered request whose body is still being read past needs no further word from us.
    if (this.#exchange === undefined) this.pump();
    this.schedule();
  }

  /** Its new owner alone knows how to say goodbye. */
  #leave(): void {
    const goodbye = this.#goodbye;
    this.#isDraining = true;
    this.#goodbye = undefined;
    goodbye?.();
  }

  /** The head, or the body, of its one request. */
  protected override late(fault: Fault): void {
    this.#refuse(fault);
    this.pump();
  }
}
