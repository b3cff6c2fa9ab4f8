// connection/engine-driver.ts: a socket and an engine: bytes to events, answers to bytes. What the events mean is said by who speaks the
// protocol.
//
// Law: no opinion about any protocol. It reads while there is room, runs what the engine gives, and writes once a turn.

import type { Socket } from 'node:net';
import type { ConnectionFacts } from '@appserve/core/exchange';
import type { Output } from '@appserve/core/http1';
import { ConnectionDriver } from './connection-driver.ts';
import type { ConnectionContext } from './context.ts';
import type { SocketDriver } from './driven-socket.ts';
import { lengthOf, SocketOutput } from './socket-output.ts';

/** Requests of one connection that are answered in one turn of the loop, so that a client that does not wait starves no other. */
const REQUESTS_PER_TURN = 32;

/** A protocol as a machine. */
export interface Engine {
  /** What is to be sent. */
  readonly output: Output;
  /** What it has received and not taken. */
  readonly unreadBytes: number;
  /** The server drains: it has been told that a request is the last. */
  readonly isLast: boolean;
  /** Bytes on loan until `keep`; `null`: the client has closed its side. */
  receive(bytes: Uint8Array | null, length: number): void;
  keep(): void;
}

/** `need-data`, `paused`: nothing now. */
interface EngineEvent {
  readonly type: string;
}

export abstract class EngineDriver<C extends ConnectionContext, V extends EngineEvent>
  extends ConnectionDriver<C>
  implements SocketDriver
{
  protected readonly output: SocketOutput;
  #isPumping = false;
  #isPaused = false;
  isHandedOver = false;

  constructor(socket: Socket, facts: ConnectionFacts, context: C) {
    super(socket, facts, context);
    this.output = new SocketOutput(socket);
  }

  abstract readonly engine: Engine;
  /** Unread bytes that are kept; beyond it the socket is left alone. */
  protected abstract readonly readAheadBytesMax: number;
  /** An app has enough of its body unread. */
  protected abstract get isFull(): boolean;
  /** Whether the next event may be asked for. */
  protected abstract get mayGoOn(): boolean;
  /** Bytes have come, or the end of them: what that means for the time. */
  protected abstract timeBytes(): void;
  protected abstract next(): V;
  /** `closed` sets isClosing. */
  protected abstract hear(event: V): void;
  abstract drained(): void;
  /** All that we say has been given to the socket, which is to end behind it. */
  protected abstract endSocket(): void;

  get isLast(): boolean {
    return this.engine.isLast;
  }

  get unsentSinceMs(): number | undefined {
    return this.output.unsentSinceMs;
  }

  receive(bytes: Uint8Array | null, length: number): void {
    if (this.isClosing) {
      // Lingering: what still comes is dropped until the client has read our last word.
      if (bytes === null) this.socket.destroySoon();
      return;
    }
    this.counters.received(length);
    this.timeBytes();
    this.engine.receive(bytes, length);
    this.pump();
  }

  /** Runs what there is to run, then writes once. */
  protected pump(): void {
    if (this.#isPumping || this.isClosing || this.isClosed || this.isHandedOver) return;
    this.#isPumping = true;
    this.#run();
    this.#isPumping = false;
    if (this.isClosed || this.isHandedOver) return;
    this.pumped();
    this.engine.keep();
    this.flush();
    if (this.isClosing) this.#close();
    else this.#regulateReading();
    this.schedule();
  }

  #run(): void {
    let requests = 0;
    while (this.mayGoOn) {
      if (requests === REQUESTS_PER_TURN) {
        setImmediate(() => this.pump());
        return;
      }
      const event = this.next();
      if (event.type === 'need-data' || event.type === 'paused') return;
      if (event.type === 'request') requests += 1;
      this.hear(event);
      if (this.isClosing) return;
    }
  }

  /** All that has come has been run. */
  protected pumped(): void {
    // For who times what he has heard.
  }

  /** An answer is complete: what has waited behind it goes on. */
  protected goOn(): void {
    if (this.#isPumping || this.isClosed || this.isHandedOver) return;
    this.sinceMs = this.nowMs;
    this.pump();
  }

  /** Sends what the engine has to say. False: the client is slow. */
  flush(): boolean {
    const { output } = this.engine;
    if (!output.isEmpty && !this.isClosed) {
      const pieces = output.take();
      this.counters.sent(lengthOf(pieces));
      this.output.send(pieces, this.nowMs);
      if (this.isHalfClosed) this.restart();
      else if (this.output.unsentSinceMs !== undefined) this.schedule();
    }
    return !this.output.isBlocked;
  }

  /** Leaves the socket alone while nobody has room for its bytes, and reads on when somebody has. */
  #regulateReading(): void {
    const isFull = this.isFull || this.engine.unreadBytes > this.readAheadBytesMax;
    if (isFull === this.#isPaused) return;
    this.#isPaused = isFull;
    if (isFull) this.socket.pause();
    else this.socket.resume();
  }

  #close(): void {
    this.sinceMs = this.nowMs;
    this.endSocket();
  }

  /** Who may be sending still must be heard out to read our last word: closing at once could cost it that (RFC 9112 §9.6). */
  protected linger(): void {
    this.socket.end();
    if (this.#isPaused) this.socket.resume();
  }

  protected lookAtOutput(nowMs: number): void {
    const wasUnsent = this.unsentSinceMs !== undefined;
    this.output.look(nowMs);
    // The next wait begins when our last byte is gone.
    if (wasUnsent && this.unsentSinceMs === undefined) this.sinceMs = nowMs;
  }

  protected expire(): void {
    this.isClosing = true;
    this.sinceMs = this.nowMs;
    this.socket.destroySoon();
  }
}
