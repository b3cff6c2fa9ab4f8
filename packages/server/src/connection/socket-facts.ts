// connection/socket-facts.ts: the two ends of a connection, asked for when they are wanted: each costs a system call.

import type { Socket } from 'node:net';
import { tlsFactsOf, type ConnectionFacts, type TlsFacts } from '@appserve/core/exchange';

/** What one of the two ends is called; filled in by the handle. */
interface Name {
  address: string | undefined;
  family: string | undefined;
  port: number | undefined;
}

/** A TCP handle; undocumented, the same in Node 20 to 26. */
interface Handle {
  getpeername?(name: Name): number;
}

// Filled in again and again: an object that has the fields already is filled in five times as fast as an empty one.
const scratch: Name = { address: undefined, family: undefined, port: undefined };

export class SocketFacts implements ConnectionFacts {
  readonly scheme: 'http' | 'https';
  readonly #socket: Socket;
  #remoteAddress: string | undefined;
  #remotePort = '';
  #localAddress: string | undefined;
  #localPort: string | undefined;

  /** `listener`: where the connection was accepted, when that is one address and not every one of the machine. */
  constructor(socket: Socket, listener: ListenerName | undefined) {
    this.#socket = socket;
    this.scheme = 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http';
    this.#localAddress = listener?.address;
    this.#localPort = listener?.port;
  }

  get socket(): Socket {
    return this.#socket;
  }

  get tls(): TlsFacts | undefined {
    return tlsFactsOf(this.#socket);
  }

  get remoteAddress(): string {
    return this.#remoteAddress ?? this.#askRemote();
  }

  get remotePort(): string {
    if (this.#remoteAddress === undefined) this.#askRemote();
    return this.#remotePort;
  }

  /** Empty where there is none: unix sockets, and clients that have gone. */
  #askRemote(): string {
    const handle = (this.#socket as unknown as { _handle?: Handle | null })._handle;
    if (typeof handle?.getpeername === 'function') {
      const isKnown = handle.getpeername(scratch) === 0;
      this.#remotePort = isKnown ? String(scratch.port) : '';
      return (this.#remoteAddress = isKnown ? scratch.address! : '');
    }
    this.#remotePort = textOf(this.#socket.remotePort);
    return (this.#remoteAddress = this.#socket.remoteAddress ?? '');
  }

  get localAddress(): string {
    return (this.#localAddress ??= this.#socket.localAddress ?? '');
  }

  get localPort(): string {
    return (this.#localPort ??= textOf(this.#socket.localPort));
  }
}

/** The one address of a listener, as a connection would tell it. */
export interface ListenerName {
  readonly address: string;
  readonly port: string;
}

function textOf(port: number | undefined): string {
  return port === undefined ? '' : String(port);
}
