// connection/tls-gate.ts: connections over TLS from the first byte to the end of their handshake; then they are driven as others are.
//
// A tls.Server that listens nowhere has the handshakes: `connection` may be emitted on it for any socket (node:tls, "Event:
// 'connection'"). So it is all the same who has accepted them.
//
// Law: a handshake holds a descriptor, so it counts as a connection, ends with its server, and takes no longer than its time; of too many
// the one goes that has taken longest, which is none of a client that means it.

import { Socket } from 'node:net';
import type { Server as TlsServer, TLSSocket, TlsOptions } from 'node:tls';
import type { HttpSettings } from '../settings.ts';
import { driveOrdinary, type Entrance, type Unwrapped } from './accept.ts';
import { securedDrive, type Drives } from './alpn.ts';
import type { Connection } from './connections.ts';
import type { ConnectionContext } from './context.ts';

/** What handshakes are held to, and what is offered in them. */
export type HandshakeSettings = Pick<HttpSettings, 'alpn' | 'handshakeTimeoutMs' | 'maxHandshakes'>;

export interface GateOptions extends TlsOptions {
  /** With `requestCert`: whoever shows a certificate shows one that is right, also where none is needed. */
  readonly refusesUnverified?: boolean;
}

/** `_parent` is undocumented, the same in Node 20 to 26. Where it should be missing one day, handshakes are not counted. */
const PARENT = '_parent';
const tellsParent = PARENT in new Socket();

/** What a client gets that speaks HTTP in clear where TLS is spoken, and may be a person (nginx answers alike). */
const IN_CLEAR_TEXT = 'This address speaks HTTPS, and the request came over plain HTTP.\n';
const IN_CLEAR = [
  'HTTP/1.1 400 Bad Request',
  'Content-Type: text/plain; charset=utf-8',
  `Content-Length: ${IN_CLEAR_TEXT.length}`,
  'Connection: close',
  '',
  IN_CLEAR_TEXT,
].join('\r\n');

/** What OpenSSL finds instead of a handshake: a request line. */
const HTTP_REQUEST = 'ERR_SSL_HTTP_REQUEST';

export class TlsGate implements Entrance {
  readonly #server: TlsServer;
  readonly #context: ConnectionContext;
  readonly #secured: NonNullable<Drives['secured']>;
  readonly #handshakes = new Handshakes();
  readonly #max: number;
  readonly #options: GateOptions;

  /** Throws what node:tls says of options that are not right. */
  constructor(
    options: GateOptions,
    settings: HandshakeSettings,
    secured: NonNullable<Drives['secured']>,
    context: ConnectionContext,
  ) {
    this.#context = context;
    this.#secured = secured;
    this.#max = settings.maxHandshakes;
    this.#options = options;
    // Only where it is asked for: it takes 10 ms to load.
    const tls = process.getBuiltinModule('node:tls');
    const ours = { handshakeTimeout: settings.handshakeTimeoutMs, ALPNProtocols: [...settings.alpn] };
    this.#server = tls.createServer({ ...ours, ...options });
    this.#server.on('secureConnection', (socket) => this.#secure(socket));
    this.#server.on('tlsClientError', (error, socket) => this.#failed(error, socket));
  }

  /** Sessions that were settled with the keys before are settled anew. */
  renewTickets(keys: Uint8Array): void {
    this.#server.setTicketKeys(Buffer.from(keys));
  }

  unwrapped(accepted: Unwrapped): void {
    this.ordinary(new Socket({ ...accepted, readable: true, writable: true }));
  }

  ordinary(transport: Socket): void {
    // A client that closes its side before the handshake is done has gone.
    transport.allowHalfOpen = false;
    transport.setNoDelay(true);
    this.#begin(transport);
    this.#server.emit('connection', transport);
  }

  #begin(transport: Socket): void {
    if (!tellsParent) return;
    const { connections, log } = this.#context;
    const handshake = new Handshake(transport);
    this.#handshakes.add(transport, handshake);
    connections.add(handshake);
    transport.once('close', () => {
      this.#handshakes.delete(transport);
      connections.delete(handshake);
    });
    if (this.#handshakes.size <= this.#max) return;
    log.debug(`TLS handshake: ${this.#max} others are under way (max_handshakes), and this one has taken longest: it is closed`);
    this.#handshakes.oldest?.destroy();
  }

  #secure(socket: TLSSocket): void {
    if (!this.#isWelcome(socket)) {
      this.#context.log.debug(`TLS handshake: the certificate of the client is refused: ${String(socket.authorizationError)}`);
      socket.destroy();
      return;
    }
    socket.allowHalfOpen = true;
    driveOrdinary(socket, securedDrive(this.#secured, socket));
    const transport = Reflect.get(socket, PARENT) as Socket;
    const handshake = this.#handshakes.delete(transport);
    // It is a connection of its own from here on.
    if (handshake !== undefined) this.#context.connections.delete(handshake);
  }

  /**
   * Node calls a client `authorized` that takes up a session of TLS 1.3, also where it has shown no certificate (VerifyPeerCertificate in
   * src/crypto/crypto_common.cc). That is put right here, for apps that ask the socket.
   */
  #isWelcome(socket: TLSSocket): boolean {
    const { requestCert = false, rejectUnauthorized = true, refusesUnverified = false } = this.#options;
    if (!requestCert) return true;
    if (socket.getPeerX509Certificate() !== undefined) return socket.authorized || !refusesUnverified;
    socket.authorized = false;
    socket.authorizationError ??= new Error('UNABLE_TO_GET_ISSUER_CERT');
    return !rejectUnauthorized;
  }

  /** A handshake that fails is the client's affair. Node leaves it to us to end one that is too slow. */
  #failed(error: NodeJS.ErrnoException, socket: TLSSocket): void {
    this.#context.log.debug(`TLS handshake: ${error.message}`);
    const transport = Reflect.get(socket, PARENT) as Socket | undefined;
    // Node has not written anything to it, nor closed it yet.
    if (error.code === HTTP_REQUEST && transport?.writable === true) transport.end(IN_CLEAR, () => transport.destroy());
    else socket.destroy();
  }
}

/** Those under way, in the order in which they began. */
class Handshakes {
  readonly #byTransport = new Map<Socket, Handshake>();

  get size(): number {
    return this.#byTransport.size;
  }

  get oldest(): Handshake | undefined {
    return this.#byTransport.values().next().value;
  }

  add(transport: Socket, handshake: Handshake): void {
    this.#byTransport.set(transport, handshake);
  }

  delete(transport: Socket): Handshake | undefined {
    const handshake = this.#byTransport.get(transport);
    this.#byTransport.delete(transport);
    return handshake;
  }
}

class Handshake implements Connection {
  readonly #transport: Socket;
  /** Its client is about to ask. */
  readonly isIdle = false;

  constructor(transport: Socket) {
    this.#transport = transport;
  }

  /** No request has come, so none is lost. */
  drain(): void {
    this.#transport.destroy();
  }

  destroy(): void {
    this.#transport.destroy();
  }
}
