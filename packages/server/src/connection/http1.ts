// connection/http1.ts: a socket, an engine and the exchange under way: bytes to events, events to calls, answers to bytes.
//
// Law: this room has no opinion about HTTP. It reads while there is room, runs what the engine gives, and writes once a turn.

import type { Socket } from 'node:net';
import { Fault } from '@appserve/core';
import type { ConnectionFacts, Handler, TakenConnection } from '@appserve/core/exchange';
import {
  Http1Connection,
  type Http1Limits,
  type Phase,
  type Piece,
  type ResponseStyle,
  type TargetPolicy,
} from '@appserve/core/http1';
import type { RequestHead } from '@appserve/core/message';
import type { Logger } from '../log.ts';
import type { Clock } from './clock.ts';
import { deadlineOf, overdue, type Timeouts, type Waiting } from './deadlines.ts';
import { Http1Exchange, type ExchangeOwner } from './http1-exchange.ts';
import type { RequestQueue } from './request-queue.ts';
import type { Connection, Connections } from './connections.ts';
import type { Ticker } from './ticker.ts';
import type { Timed } from './timer-wheel.ts';

/** What all connections of one server share. */
export interface ConnectionContext {
  readonly handler: Handler;
  readonly limits: Http1Limits;
  readonly style: ResponseStyle;
  readonly timeouts: Timeouts;
  readonly queueLimit: number;
  readonly clock: Clock;
  readonly ticker: Ticker;
  readonly queue: RequestQueue<Http1Exchange>;
  readonly log: Logger;
  readonly connections: Connections;
  readonly policy: TargetPolicy;
  readonly securePolicy: TargetPolicy;
  readonly onConnection: (facts: ConnectionFacts) => void;
}

/** Unread bytes of further requests that are kept while one is answered; then the socket is left alone. */
const READ_AHEAD_BYTES_MAX = 64 * 1_024;
/** Requests of one connection that are answered in one turn of the loop, so that a client that pipelines starves nobody. */
const REQUESTS_PER_TURN = 32;

/** Where a socket's listeners find its driver: they are the same functions for all sockets, which need no closures of their own. */
export const DRIVER = Symbol('appserve.driver');

export interface DrivenSocket extends Socket {
  [DRIVER]?: Http1Driver;
}

function onData(this: DrivenSocket, bytes: Uint8Array): void {
  this[DRIVER]!.receive(bytes, bytes.length);
}

function onEnd(this: DrivenSocket): void {
  this[DRIVER]!.receive(null, 0);
}

function onDrain(this: DrivenSocket): void {
  this[DRIVER]!.drained();
}

function onClose(this: DrivenSocket): void {
  this[DRIVER]!.closed();
}

/** Resets and broken pipes are a client's way to leave; 'close' follows. */
function onError(this: DrivenSocket, error: NodeJS.ErrnoException): void {
  this[DRIVER]!.log.debug(`client: ${error.code ?? error.message}`);
}

/** Speaks HTTP on a fresh socket until that is closed, or handed over. */
export function drive(socket: Socket, facts: ConnectionFacts, context: ConnectionContext): Http1Driver {
  return new Http1Driver(socket, facts, context);
}

export class Http1Driver implements ExchangeOwner, Connection, Timed, Waiting {
  readonly engine: Http1Connection;
  readonly #context: ConnectionContext;
  readonly #socket: Socket;
  readonly #facts: ConnectionFacts;
  #exchange: Http1Exchange | undefined;
  #isPumping = false;
  #isClosing = false;
  #isClosed = false;
  /** HTTP has ended here: what the socket reads is its new owner's. */
  isHandedOver = false;
  isPaused = false;
  isNew = true;
  sinceMs: number;
  bodySinceMs = 0;
  bodyBytes = 0;
  blockedSinceMs: number | undefined;
  #pendingBytes = 0;
  lookAtMs = Number.POSITIVE_INFINITY;

  constructor(socket: Socket, facts: ConnectionFacts, context: ConnectionContext) {
    this.#socket = socket;
    this.#facts = facts;
    this.#context = context;
    this.engine = new Http1Connection(
      context.limits,
      context.style,
      facts.scheme === 'https' ? context.securePolicy : context.policy,
    );
    context.connections.add(this);
    context.onConnection(facts);
    context.ticker.enter();
    this.sinceMs = context.clock.nowMs;
    context.ticker.schedule(this, deadlineOf(this, context.timeouts));
    const driven = socket as DrivenSocket;
    driven[DRIVER] = this;
    driven.on('end', onEnd).on('drain', onDrain).on('close', onClose).on('error', onError);
  }

  /** Reads a socket that was not made with the shared buffer: TLS. */
  readStream(): void {
    this.#socket.on('data', onData);
  }

  get log(): Logger {
    return this.#context.log;
  }

  get phase(): Phase {
    return this.#isClosing ? 'closing' : this.engine.phase;
  }

  /** Bytes that the socket has read, on loan; `null`: the client has closed its side. */
  receive(bytes: Uint8Array | null, length: number): void {
    if (this.#isClosing) {
      // Lingering: what still comes is dropped until the client has read our last word.
      if (bytes === null) this.#socket.destroySoon();
      return;
    }
    // The time of a head runs from its first byte, not from its last.
    if (this.engine.phase !== 'head') this.sinceMs = this.#context.clock.nowMs;
    this.engine.receive(bytes, length);
    this.#pump();
  }

  /** Runs what there is to run, then writes once. */
  #pump(): void {
    if (this.#isPumping || this.#isClosed || this.isHandedOver) return;
    this.#isPumping = true;
    this.#run();
    this.#isPumping = false;
    if (this.#isClosed || this.isHandedOver) return;
    this.engine.keep();
    this.flush();
    if (this.#isClosing) this.#close();
    else this.#regulateReading();
    this.#context.ticker.schedule(this, deadlineOf(this, this.#context.timeouts));
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
          this.#refuse(event.fault);
          break;
        case 'closed':
          this.#isClosing = true;
          return;
      }
    }
  }

  /** Not while the app has enough of its body unread, nor into a further request while the client does not take our answers. */
  #mayGoOn(): boolean {
    if (this.#exchange === undefined) return this.blockedSinceMs === undefined;
    return this.#exchange.incoming?.isFull !== true;
  }

  #open(head: RequestHead): void {
    const exchange = new Http1Exchange(head, this.#facts, this);
    this.#exchange = exchange;
    this.isNew = false;
    this.bodySinceMs = this.#context.clock.nowMs;
    this.bodyBytes = 0;
    switch (this.#context.queue.enter(exchange)) {
      case 'run':
        runApp(this.#context.handler, exchange);
        return;
      case 'wait':
        return;
      case 'full':
        this.#exchange = undefined;
        this.engine.refuse(new Fault('QUEUE_FULL', { limit: this.#context.queueLimit }));
    }
  }

  #refuse(fault: Fault): void {
    this.log.debug(`client ${this.#facts.remoteAddress}: ${fault.code}: ${fault.message}`);
    if (this.#exchange === undefined) this.engine.refuse(fault);
    else this.#exchange.refuse(fault);
  }

  exchangeOver(exchange: Http1Exchange): void {
    this.#exchange = undefined;
    const { queue, handler } = this.#context;
    if (!exchange.hasRun) queue.withdraw(exchange);
    else {
      const next = queue.leave();
      if (next !== undefined) runLater(handler, next);
    }
    if (this.#isPumping || this.#isClosed || this.isHandedOver) return;
    this.sinceMs = this.#context.clock.nowMs;
    this.#pump();
  }

  bodyWanted(): void {
    if (this.engine.sendContinue()) this.flush();
    // In a step of its own: the app is in the middle of asking.
    queueMicrotask(() => this.#pump());
  }

  handOver(): TakenConnection {
    const unread = this.engine.handOver();
    this.flush();
    this.isHandedOver = true;
    this.#context.ticker.remove(this);
    const socket = this.#socket;
    socket.off('end', onEnd).off('drain', onDrain).off('data', onData);
    // As a fresh stream: it flows when its new owner listens, and not before.
    socket.pause();
    Reflect.set(socket, 'readableFlowing', null); // typed as read-only; node:http does the same
    if (this.isPaused) socket.read(0);
    return { socket, unread };
  }

  flush(): boolean {
    const { output } = this.engine;
    if (!output.isEmpty && !this.#isClosed) this.#write(output.take());
    return this.blockedSinceMs === undefined;
  }

  #write(output: Piece | readonly Piece[]): void {
    const socket = this.#socket;
    let isTaken: boolean;
    if (typeof output === 'string') {
      isTaken = socket.write(output, 'latin1');
    } else {
      socket.cork();
      for (const piece of output as readonly Piece[]) socket.write(piece, 'latin1');
      socket.uncork();
      isTaken = !socket.writableNeedDrain;
    }
    if (isTaken || this.blockedSinceMs !== undefined) return;
    this.blockedSinceMs = this.#context.clock.nowMs;
    this.#pendingBytes = this.#unsentBytes();
    this.#context.ticker.schedule(this, deadlineOf(this, this.#context.timeouts));
  }

  /** The socket has taken what it was given. */
  drained(): void {
    this.blockedSinceMs = undefined;
    this.sinceMs = this.#context.clock.nowMs;
    if (this.#isClosing) return;
    this.#exchange?.wakeWriters();
    this.#pump();
  }

  /** Leaves the socket alone while nobody has room for its bytes, and reads on when somebody has. */
  #regulateReading(): void {
    const isFull = this.#exchange?.incoming?.isFull === true || this.engine.unreadBytes > READ_AHEAD_BYTES_MAX;
    if (isFull === this.isPaused) return;
    this.isPaused = isFull;
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
      if (this.isPaused) socket.resume();
    } else {
      socket.destroySoon();
    }
  }

  /** The socket is gone. */
  closed(): void {
    this.#isClosed = true;
    this.#context.connections.delete(this);
    this.#context.ticker.leave(this);
    this.#exchange?.leave(new Fault('PEER_GONE', {}));
  }

  /** The server drains: an idle connection closes now, another one after its answer. */
  drain(): void {
    if (this.isHandedOver) return; // its new owner knows how to say goodbye
    if (this.isIdle) this.#socket.destroySoon();
    else this.engine.lastRequest();
  }

  get isIdle(): boolean {
    return !this.isHandedOver && this.#exchange === undefined && this.engine.phase === 'idle';
  }

  destroy(): void {
    this.#socket.destroy();
  }

  onTime(nowMs: number): number {
    if (this.#isClosed) return Number.POSITIVE_INFINITY;
    if (this.blockedSinceMs !== undefined && this.#hasProgressed()) this.blockedSinceMs = nowMs;
    const deadlineMs = deadlineOf(this, this.#context.timeouts);
    if (nowMs < deadlineMs) return deadlineMs;
    this.#onOverdue();
    return this.#isClosed ? Number.POSITIVE_INFINITY : deadlineOf(this, this.#context.timeouts);
  }

  #onOverdue(): void {
    const { timeouts } = this.#context;
    switch (overdue(this)) {
      case 'close':
        this.#socket.destroySoon();
        return;
      case 'cut':
        if (!this.#isClosing)
          this.log.warn(
            `client ${this.#facts.remoteAddress}: ${new Fault('SEND_TIMEOUT', { limitMs: timeouts.sendTimeoutMs }).message}; the connection is cut`,
          );
        this.#socket.destroy();
        return;
      case 'late-head':
        this.#refuseLate(new Fault('HEAD_TIMEOUT', { limitMs: timeouts.headTimeoutMs }));
        return;
      case 'late-body':
        this.#refuseLate(new Fault('BODY_TIMEOUT', { limitMs: timeouts.bodyTimeoutMs }));
    }
  }

  #refuseLate(fault: Fault): void {
    this.#refuse(fault);
    this.#pump();
  }

  #unsentBytes(): number {
    const handle = (this.#socket as unknown as { _handle?: { writeQueueSize?: number } | null })._handle;
    return this.#socket.writableLength + (handle?.writeQueueSize ?? 0);
  }

  /** Whether the client has taken anything since the last look: a slow download is not a stalled one. */
  #hasProgressed(): boolean {
    const before = this.#pendingBytes;
    this.#pendingBytes = this.#unsentBytes();
    return this.#pendingBytes < before;
  }
}

/** Calls the app of an exchange that had to wait. Not from within the end of another one, whose stack would grow with the queue. */
function runLater(handler: Handler, exchange: Http1Exchange): void {
  exchange.hasRun = true;
  queueMicrotask(() => {
    if (!exchange.isOver) runApp(handler, exchange);
  });
}

/** Calls the app, now. What it throws, at once or later, ends in its exchange. */
function runApp(handler: Handler, exchange: Http1Exchange): void {
  exchange.hasRun = true;
  try {
    const running = handler(exchange);
    if (running !== undefined) running.catch((error: unknown) => exchange.fail(error));
  } catch (error) {
    exchange.fail(error);
  }
}
