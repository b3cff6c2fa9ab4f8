// connection/preface.ts: HTTP/1.1 and HTTP/2 on one address in clear: the first bytes of a client say what it speaks (RFC 9113 §3.3).
//
// Law: the 24 bytes of the preface are HTTP/2, and everything else is HTTP/1.1, which says itself what it thinks of it.

import type { Socket } from 'node:net';
import type { ConnectionFacts } from '@appserve/core/exchange';
import type { Connection } from './connections.ts';
import type { ConnectionContext, Drive } from './context.ts';
import { attach, driverOf, release, type SocketDriver } from './driven-socket.ts';
import type { Timed } from './timer-wheel.ts';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
/** A client that is to be let go, and is about to say something, has this long. */
const LAST_WORD_MS = 1_000;

type Begin = (socket: Socket, facts: ConnectionFacts) => Connection;

/** Gives each fresh connection in clear to who speaks its protocol. */
export function drivePreface(context: ConnectionContext, http1: Begin, http2: Begin): Drive {
  return (socket, facts) => {
    const driver = new PrefaceDriver(socket, facts, context, http1, http2);
    attach(socket, driver);
    driver.begin();
  };
}

/** Until it is known what is spoken. It counts, since it holds a descriptor, and ends with its server. */
class PrefaceDriver implements SocketDriver, Connection, Timed {
  readonly #socket: Socket;
  readonly #facts: ConnectionFacts;
  readonly #context: ConnectionContext;
  readonly #http1: Begin;
  readonly #http2: Begin;
  /** What has come; it is the beginning of the preface. */
  #seen = Buffer.alloc(0);
  #isDrained = false;
  readonly isHandedOver = false;
  readonly isIdle = true;
  lookAtMs = Number.POSITIVE_INFINITY;

  constructor(socket: Socket, facts: ConnectionFacts, context: ConnectionContext, http1: Begin, http2: Begin) {
    this.#socket = socket;
    this.#facts = facts;
    this.#context = context;
    this.#http1 = http1;
    this.#http2 = http2;
  }

  begin(): void {
    const { clock, connections, ticker, timeouts } = this.#context;
    connections.add(this);
    ticker.enter();
    ticker.schedule(this, clock.nowMs + timeouts.headTimeoutMs);
  }

  receive(bytes: Uint8Array | null, length: number): void {
    if (bytes === null) {
      // As HTTP/1.1 hears it.
      this.#speakHttp1(this.#seen).receive(null, 0);
      return;
    }
    const from = this.#seen.length;
    const wanted = Math.min(PREFACE.length - from, length);
    if (PREFACE.compare(bytes, 0, wanted, from, from + wanted) !== 0) {
      this.#speakHttp1(from === 0 ? bytes.subarray(0, length) : Buffer.concat([this.#seen, bytes.subarray(0, length)]));
      return;
    }
    // Lent bytes end with this turn.
    this.#seen = Buffer.concat([this.#seen, bytes.subarray(0, length)]);
    if (this.#seen.length >= PREFACE.length) this.#speakHttp2();
  }

  #speakHttp1(bytes: Uint8Array): SocketDriver {
    this.#become(this.#http1);
    const driver = driverOf(this.#socket)!;
    if (bytes.length > 0) driver.receive(bytes, bytes.length);
    return driver;
  }

  /** node:http2 takes the socket as if nobody had read of it. */
  #speakHttp2(): void {
    release(this.#socket);
    this.#socket.unshift(this.#seen);
    this.#become(this.#http2);
  }

  /** The other one is there before this one goes, so that its server does not take it for the last. */
  #become(begin: Begin): void {
    const { connections, ticker } = this.#context;
    const connection = begin(this.#socket, this.#facts);
    connections.delete(this);
    ticker.leave(this);
    if (this.#isDrained) connection.drain(true);
  }

  drained(): void {
    // Nothing is sent.
  }

  failed(error: NodeJS.ErrnoException): void {
    this.#context.log.debug(`client ${this.#facts.remoteAddress}: ${error.code ?? error.message}`);
  }

  closed(): void {
    this.#context.connections.delete(this);
    this.#context.ticker.leave(this);
  }

  drain(isPatient: boolean): void {
    if (!isPatient) {
      this.#socket.destroy();
      return;
    }
    this.#isDrained = true;
    this.#context.ticker.schedule(this, this.#context.clock.nowMs + LAST_WORD_MS);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** It has said nothing, or not enough, for too long. */
  onTime(): number {
    this.#socket.destroy();
    return Number.POSITIVE_INFINITY;
  }
}
