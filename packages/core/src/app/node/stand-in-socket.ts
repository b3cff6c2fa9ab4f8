// app/node/stand-in-socket.ts: what a node app finds in `req.socket` where no socket is its client's alone: FastCGI, a converted app.
//
// It knows what the exchange knows of the two ends, and can be destroyed. Its bytes are the server's: it gives none and takes none.

import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { Fault } from '../../faults.ts';
import type { Exchange } from '../../exchange/exchange.ts';

export class StandInSocket extends Duplex {
  readonly #exchange: Exchange;
  readonly encrypted: boolean;

  constructor(exchange: Exchange) {
    super({ allowHalfOpen: true });
    this.#exchange = exchange;
    this.encrypted = exchange.connection.scheme === 'https';
    exchange.whenGone(() => this.destroy());
  }

  /** For those who are typed for what is nearly always there. */
  asSocket(): Socket {
    return this as unknown as Socket;
  }

  get remoteAddress(): string | undefined {
    return this.#exchange.connection.remoteAddress || undefined;
  }

  get remotePort(): number | undefined {
    return portOf(this.#exchange.connection.remotePort);
  }

  get remoteFamily(): string | undefined {
    return familyOf(this.#exchange.connection.remoteAddress);
  }

  get localAddress(): string | undefined {
    return this.#exchange.connection.localAddress || undefined;
  }

  get localPort(): number | undefined {
    return portOf(this.#exchange.connection.localPort);
  }

  get localFamily(): string | undefined {
    return familyOf(this.#exchange.connection.localAddress);
  }

  address(): object {
    const { localAddress, localPort } = this;
    return localPort === undefined ? {} : { address: localAddress, family: familyOf(localAddress ?? ''), port: localPort };
  }

  /** The server's own deadlines hold; there is nothing to set here. */
  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  destroySoon(): void {
    this.destroy();
  }

  override _read(): void {
    // Nothing ever comes.
  }

  override _write(_bytes: unknown, _encoding: unknown, callback: (error: Error) => void): void {
    callback(new Fault('RESPONSE_OUT_OF_TURN', { event: 'socket.write', state: 'HTTP' }));
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#exchange.abort();
    callback(error);
  }
}

function portOf(text: string): number | undefined {
  return /^[0-9]{1,5}$/.test(text) ? Number(text) : undefined;
}

function familyOf(address: string): string | undefined {
  if (address === '') return undefined;
  return address.includes(':') ? 'IPv6' : 'IPv4';
}
