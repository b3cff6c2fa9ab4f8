// connection/socket-facts.ts: the two ends of a connection, asked for when they are wanted: each costs a system call.

import type { Socket } from 'node:net';
import { tlsFactsOf, type Called, type ConnectionFacts, type TlsFacts } from '@appserve/core/exchange';

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

/**
 * The address of a client on TCP that has reset its connection before anybody has asked for it. What it had sent is read all the same, and
 * must not be taken for that of somebody on a unix socket, who may be trusted.
 */
export const GONE = 'unknown';

// Filled in again and again: an object that has the fields already is filled in five times as fast as an empty one.
const scratch: Name = { address: undefined, family: undefined, port: undefined };

export class SocketFacts implements ConnectionFacts {
  readonly scheme: 'http' | 'https';
  readonly called: Called | undefined;
  readonly #socket: Socket;
  #remoteAddress: string | undefined;
  #remotePort = '';
  #localAddress: string | undefined;
  #localPort: string | undefined;

  /** `listener`: where the connection was accepted, when that is one address and not every one of the machine. */
  constructor(socket: Socket, listener: ListenerName | undefined, { scheme, called }: Unsaid) {
    this.#socket = socket;
    this.scheme = isEncrypted(socket) ? 'https' : scheme;
    if (this.scheme === 'https') tellEncrypted(socket);
    this.called = called;
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

  /** Empty where there is none: unix sockets. */
  #askRemote(): string {
    const handle = handleOf(this.#socket);
    if (typeof handle?.getpeername === 'function') {
      const isKnown = handle.getpeername(scratch) === 0;
      this.#remotePort = isKnown ? String(scratch.port) : '';
      return (this.#remoteAddress = isKnown ? scratch.address! : GONE);
    }
    const isUnix = this.#localAddress === '' || (isOpen(handle) && this.localPort === '');
    this.#remotePort = textOf(this.#socket.remotePort);
    return (this.#remoteAddress = this.#socket.remoteAddress ?? (isUnix ? '' : GONE));
  }

  get localAddress(): string {
    return (this.#localAddress ??= this.#socket.localAddress ?? '');
  }

  get localPort(): string {
    return (this.#localPort ??= textOf(this.#socket.localPort));
  }
}

/** What counts where nothing else tells it: of all connections of a server. */
export interface Unsaid {
  /** Of connections in clear. */
  readonly scheme: 'http' | 'https';
  readonly called: Called | undefined;
}

export const NOTHING_SAID: Unsaid = { scheme: 'http', called: undefined };

/** By TLS of ours: `encrypted` alone may have been told by us. */
export function isEncrypted(socket: Socket): boolean {
  return 'getProtocol' in socket;
}

/** To node apps, which take the scheme from there, whoever has the TLS. */
export function tellEncrypted(socket: Socket): void {
  if (!isEncrypted(socket)) Object.defineProperty(socket, 'encrypted', { value: true, configurable: true });
}

/** What can be reset. */
export function isPlainTcp(socket: Socket): boolean {
  return !isEncrypted(socket) && typeof handleOf(socket)?.getpeername === 'function';
}

function isOpen(handle: Handle | null | undefined): boolean {
  return handle !== undefined && handle !== null;
}

function handleOf(socket: Socket): Handle | null | undefined {
  return (socket as unknown as { _handle?: Handle | null })._handle;
}

/** The one address of a listener, as a connection would tell it. */
export interface ListenerName {
  readonly address: string;
  readonly port: string;
}

function textOf(port: number | undefined): string {
  return port === undefined ? '' : String(port);
}
