// connection/socket-facts.ts: the two ends of a connection, asked for when they are wanted: each costs a system call.

import type { Socket } from 'node:net';
import type { ConnectionFacts } from '@appserve/core/exchange';

export class SocketFacts implements ConnectionFacts {
  readonly scheme: 'http' | 'https';
  readonly #socket: Socket;
  #remoteAddress: string | undefined;
  #remotePort: string | undefined;
  #localAddress: string | undefined;
  #localPort: string | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.scheme = 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http';
  }

  get remoteAddress(): string {
    return (this.#remoteAddress ??= this.#socket.remoteAddress ?? '');
  }

  get remotePort(): string {
    return (this.#remotePort ??= textOf(this.#socket.remotePort));
  }

  get localAddress(): string {
    return (this.#localAddress ??= this.#socket.localAddress ?? '');
  }

  get localPort(): string {
    return (this.#localPort ??= textOf(this.#socket.localPort));
  }
}

function textOf(port: number | undefined): string {
  return port === undefined ? '' : String(port);
}
