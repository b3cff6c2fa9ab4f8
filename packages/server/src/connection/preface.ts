// connection/preface.ts: HTTP/1.1 and HTTP/2 on one address in clear: the first bytes of a client say what it speaks (RFC 9113 §3.3).
//
// Law: the 24 bytes of the preface are HTTP/2, and everything else is HTTP/1.1, which says itself what it thinks of it.

import type { Socket } from 'node:net';
import type { ConnectionFacts } from '@appserve/core/exchange';
import type { Connection } from './connections.ts';
import type { ConnectionContext, Drive } from './context.ts';
import { attach, driverOf, release, type SocketDriver } from './driven-socket.ts';
import { OpeningDriver } from './opening.ts';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

type Begin = (socket: Socket, facts: ConnectionFacts) => Connection;

/** Gives each fresh connection in clear to who speaks its protocol. */
export function drivePreface(context: ConnectionContext, http1: Begin, http2: Begin): Drive {
  return (socket, facts) => {
    const driver = new PrefaceDriver(socket, facts, context, http1, http2);
    attach(socket, driver);
    driver.begin(context.timeouts.headTimeoutMs);
    return driver;
  };
}

/** Until it is known what is spoken. */
class PrefaceDriver extends OpeningDriver {
  readonly #facts: ConnectionFacts;
  readonly #http1: Begin;
  readonly #http2: Begin;
  /** What has come; it is the beginning of the preface. */
  #seen = Buffer.alloc(0);

  constructor(socket: Socket, facts: ConnectionFacts, context: ConnectionContext, http1: Begin, http2: Begin) {
    super(socket, context);
    this.#facts = facts;
    this.#http1 = http1;
    this.#http2 = http2;
  }

  protected get who(): string {
    return `client ${this.#facts.remoteAddress}`;
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
    const driver = driverOf(this.socket)!;
    if (bytes.length > 0) driver.receive(bytes, bytes.length);
    return driver;
  }

  /** node:http2 takes the socket as if nobody had read of it. */
  #speakHttp2(): void {
    release(this.socket);
    this.socket.unshift(this.#seen);
    this.#become(this.#http2);
  }

  #become(begin: Begin): void {
    const connection = begin(this.socket, this.#facts);
    this.leave();
    if (this.isDrained) connection.drain(true);
  }

  protected late(): void {
    this.destroy();
  }
}
