// connection/tls-gate.ts: connections over TLS from the first byte to the end of their handshake; then they are driven as others are.
//
// A tls.Server that listens nowhere has the handshakes: `connection` may be emitted on it for any socket (node:tls, "Event:
// 'connection'"). So it is all the same who has accepted them.
//
// Law: a handshake holds a descriptor, so it counts as a connection, ends with its server, and takes no longer than its time; of too many
// the one goes that has taken longest, which is none of a client that means it.

import { Socket } from 'node:net';
import type { ConnectionFacts } from '@appserve/core/exchange';
import type { ProxiedEnds } from '@appserve/core/proxy-protocol';
import type { Server as TlsServer, TLSSocket, TlsOptions } from 'node:tls';
import { OnceAMinute } from '../once-a-minute.ts';
import type { HttpSettings } from '../settings.ts';
import { driveOrdinary, type InnerEntrance, type Introduced, type Unwrapped } from './accept.ts';
import { securedDrive, type Drives } from './alpn.ts';
import type { Connection } from './connections.ts';
import type { ConnectionContext } from './context.ts';
import { LAST_HEAD_MS } from './deadlines.ts';
import { readAsStream, release } from './driven-socket.ts';
import { ProxiedFacts } from './proxied-facts.ts';
import { GONE, SocketFacts, type Unsaid } from './socket-facts.ts';

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

/** What is no mistake of the client: then all certificates of an authority are refused (X509_STORE_CTX_get_error(3)). */
const OF_LISTS: Readonly<Record<string, string>> = {
  CRL_HAS_EXPIRED: 'the list of its authority is out of date',
  CRL_NOT_YET_VALID: 'the list of its authority is not valid yet',
  CRL_SIGNATURE_FAILURE: 'the list is of another authority with the same name',
  UNABLE_TO_GET_CRL: 'there is no list of its authority, or of one above it',
};

export class TlsGate implements InnerEntrance {
  readonly #server: TlsServer;
  readonly #context: ConnectionContext;
  readonly #secured: NonNullable<Drives['secured']>;
  readonly #handshakes = new Handshakes();
  readonly #max: number;
  readonly #options: GateOptions;
  readonly #unsaid: Unsaid;
  /** By what OpenSSL calls the reason. */
  readonly #warnings = new OnceAMinute<string>();
  /** By the transport: what its PROXY header has told. */
  readonly #ends = new WeakMap<Socket, ProxiedEnds>();
  readonly patienceMs: number;

  /** Throws what node:tls says of options that are not right. */
  constructor(
    options: GateOptions,
    settings: HandshakeSettings,
    secured: NonNullable<Drives['secured']>,
    unsaid: Unsaid,
    context: ConnectionContext,
  ) {
    this.#context = context;
    this.#unsaid = unsaid;
    this.patienceMs = settings.handshakeTimeoutMs;
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

  socketOf(accepted: Unwrapped): Socket {
    const transport = new Socket({ ...accepted, readable: true, writable: true });
    readAsStream(transport);
    return transport;
  }

  /** node:tls takes the socket as if nobody had read of it. */
  goOn(transport: Socket, { rest, ends, isDrained }: Introduced): void {
    if (!tellsParent && ends !== undefined) {
      this.#context.log.error('this Node does not tell whose handshake it was: a PROXY header cannot be kept');
      transport.destroy();
      return;
    }
    release(transport);
    if (ends !== undefined) this.#ends.set(transport, ends);
    // A copy: what is lent ends with this turn.
    if (rest.length > 0) transport.unshift(Buffer.from(rest));
    this.ordinary(transport);
    if (isDrained) this.#handshakes.of(transport)?.drain(true);
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
      handshake.end();
    });
    if (this.#handshakes.size <= this.#max) return;
    log.debug(`TLS handshake: ${this.#max} others are under way (max_handshakes), and this one has taken longest: it is closed`);
    this.#handshakes.oldest?.destroy();
  }

  #secure(socket: TLSSocket): void {
    const transport = Reflect.get(socket, PARENT) as Socket;
    if (!this.#isWelcome(socket)) {
      this.#tellRefused(socket, transport);
      socket.destroy();
      return;
    }
    socket.allowHalfOpen = true;
    const connection = driveOrdinary(socket, securedDrive(this.#secured, socket), this.#factsOf(socket, transport));
    const handshake = this.#handshakes.delete(transport);
    if (handshake === undefined) return;
    // It is a connection of its own from here on.
    this.#context.connections.delete(handshake);
    handshake.end();
    if (handshake.isDrained) connection?.drain(true);
  }

  #factsOf(socket: TLSSocket, transport: Socket | undefined): ConnectionFacts {
    const ends = transport && this.#ends.get(transport);
    return ends === undefined ? new SocketFacts(socket, undefined, this.#unsaid) : new ProxiedFacts(socket, ends, this.#unsaid);
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

  /** A list that is out of date shuts everybody out, so it cannot be the clients' affair alone. */
  #tellRefused(socket: TLSSocket, transport: Socket | undefined): void {
    const { log } = this.#context;
    const { remoteAddress } = this.#factsOf(socket, transport);
    // Where no certificate goes without being right, node:tls has let the socket go before it tells.
    const who = remoteAddress === GONE ? 'a client' : `client ${remoteAddress || 'on a unix socket'}`;
    const { authorizationError: why } = socket;
    const reason = why instanceof Error ? why.message : String(why);
    const of = Object.hasOwn(OF_LISTS, reason) ? ` (crlfile: ${OF_LISTS[reason]!})` : '';
    const what = `the certificate of ${who} is refused: ${reason}${of}`;
    if (this.#warnings.isDue(reason)) log.warn(what);
    else log.debug(what);
  }

  /** A handshake that fails is the client's affair. Node leaves it to us to end one that is too slow. */
  #failed(error: NodeJS.ErrnoException, socket: TLSSocket): void {
    const transport = Reflect.get(socket, PARENT) as Socket | undefined;
    // Null where nobody has been looked at, whatever the types of Node say.
    if (typeof socket.authorizationError === 'string') this.#tellRefused(socket, transport);
    else this.#context.log.debug(`TLS handshake: ${error.message}`);
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

  of(transport: Socket): Handshake | undefined {
    return this.#byTransport.get(transport);
  }

  delete(transport: Socket): Handshake | undefined {
    const handshake = this.of(transport);
    this.#byTransport.delete(transport);
    return handshake;
  }
}

class Handshake implements Connection {
  readonly #transport: Socket;
  /** Its client is about to ask. */
  readonly isIdle = false;
  #lastMoment: NodeJS.Timeout | undefined;

  constructor(transport: Socket) {
    this.#transport = transport;
  }

  /** With patience: what it becomes is drained. */
  get isDrained(): boolean {
    return this.#lastMoment !== undefined;
  }

  /** A client of whom the server has taken the connection has a request for it: patience lets it come. */
  drain(isPatient: boolean): void {
    if (isPatient) this.#lastMoment ??= setTimeout(() => this.destroy(), LAST_HEAD_MS);
    else this.destroy();
  }

  /** It is done, or its client has gone. */
  end(): void {
    clearTimeout(this.#lastMoment);
  }

  destroy(): void {
    this.#transport.destroy();
  }
}
