// connection/accept.ts: from a listening descriptor to connections.
//
// Every socket of a thread reads into one buffer, which saves a buffer, a stream push and an event for each read (1.1 us of
// 7.5). Node offers that (`onread`) for sockets that one makes, not for those that it accepts; so the accepted handle is taken
// before Node wraps it. `_handle` and `onconnection` are undocumented, the same in Node 20 to 26, and checked for: where they
// should be missing one day, ordinary sockets do, a little dearer. (docs/decisions/0008-one-read-buffer.md)

import net, { Socket } from 'node:net';
import tls, { type TlsOptions } from 'node:tls';
import { Fault } from '@appserve/core';
import type { Logger } from '../log.ts';
import type { Connection } from './connections.ts';
import type { ConnectionContext } from './context.ts';
import { driverOf, readAsStream } from './driven-socket.ts';
import { drive } from './http1.ts';
import { SocketFacts, type ListenerName } from './socket-facts.ts';

/** A descriptor of the listening socket for this acceptor alone; a fresh one each time. */
export type DescriptorSource = () => number | Promise<number>;

export class Acceptor {
  readonly #source: DescriptorSource;
  readonly #backlog: number;
  readonly #context: ConnectionContext;
  readonly #tls: TlsOptions | undefined;
  #server: net.Server | undefined;
  #isClosed = false;

  constructor(source: DescriptorSource, backlog: number, context: ConnectionContext, tlsOptions?: TlsOptions) {
    this.#source = source;
    this.#backlog = backlog;
    this.#context = context;
    this.#tls = tlsOptions;
  }

  /** Begins to accept, or goes on after `pause`. Faults: DESCRIPTOR_FAILED. */
  async open(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = this.#createServer();
    this.#server = server;
    await listenOn(server, await this.#source(), this.#backlog, this.#context.log);
    // Paused, or closed, while the descriptor was on its way: it is the server's by now, and closed by it.
    if (this.#server !== server) server.close();
  }

  /** Leaves new connections to the kernel's queue and to other workers: Node can stop accepting only by giving up a descriptor. */
  pause(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  resume(): void {
    if (this.#isClosed) return;
    this.open().catch((error: unknown) => this.#context.log.error(`accepting cannot go on: ${String(error)}`));
  }

  close(): void {
    this.#isClosed = true;
    this.pause();
  }

  #createServer(): net.Server {
    const context = this.#context;
    if (this.#tls !== undefined) {
      return createTlsServer(this.#tls, context);
    }
    const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => acceptSocket(socket, context));
    server.once('listening', () => takeHandles(server, context));
    return server;
  }
}

/** A handshake counts as a connection and has as long as a head; one that fails is the client's affair. */
function createTlsServer(options: TlsOptions, context: ConnectionContext): net.Server {
  const { connections, timeouts, log } = context;
  const handshakeTimeout = Math.min(timeouts.headTimeoutMs, HANDSHAKE_MS_MAX);
  const server = tls.createServer({ handshakeTimeout, ...options, allowHalfOpen: true, noDelay: true });
  const handshakes = new WeakMap<object, Handshake>();
  server.on('connection', (socket: Socket) => {
    const handshake = new Handshake(socket);
    connections.add(handshake);
    socket.once('close', () => connections.delete(handshake));
    handshakes.set(socket, handshake);
  });
  server.on('secureConnection', (socket) => {
    // The connection takes the place of its handshake. `_parent` is undocumented: without it both count until they close.
    const handshake = handshakes.get((socket as unknown as { _parent?: object })._parent ?? socket);
    if (handshake !== undefined) connections.delete(handshake);
    acceptSocket(socket, context);
  });
  server.on('tlsClientError', (error) => log.debug(`TLS handshake: ${error.message}`));
  return server;
}

/** Node's own limit; Infinity would be none at all. */
const HANDSHAKE_MS_MAX = 120_000;

/** A connection that is not one yet. */
class Handshake implements Connection {
  readonly isIdle = false;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  drain(): void {
    this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

async function listenOn(server: net.Server, fd: number, backlog: number, log: Logger): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onRefused = (cause: Error): void =>
      reject(new Fault('DESCRIPTOR_FAILED', { call: `listening on descriptor ${fd}`, why: cause.message }, { cause }));
    server.once('error', onRefused);
    // Not within the first argument: beside a descriptor Node passes over it there, and would set the kernel's queue to 511.
    server.listen({ fd }, backlog, () => {
      server.off('error', onRefused);
      // Too many open files and the like: the connection waits in the kernel's queue, and those that are here go on.
      server.on('error', (error) => log.warn(`a connection could not be accepted: ${error.message}`));
      resolve();
    });
  });
}

interface AcceptedHandle {
  setNoDelay?(on: boolean): void;
  close(): void;
}

interface ListeningHandle {
  onconnection?: (error: number, handle: AcceptedHandle | undefined) => void;
}

/** Before the first connection can have come: 'listening' is emitted in the turn that called listen. */
function takeHandles(server: net.Server, context: ConnectionContext): void {
  const listening = (server as unknown as { _handle?: ListeningHandle | null })._handle;
  const ordinary = listening?.onconnection;
  if (listening === undefined || listening === null || ordinary === undefined) return;
  const name = listenerName(server);
  listening.onconnection = function take(this: unknown, error, handle) {
    if (error !== 0 || handle === undefined) ordinary.call(this as never, error, handle);
    else acceptHandle(handle, name, context);
  };
}

/** What all connections of a listener have in common: nothing, when it listens on every address. */
function listenerName(server: net.Server): ListenerName | undefined {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') return { address: '', port: '' };
  return bound.address === '0.0.0.0' || bound.address === '::' ? undefined : { address: bound.address, port: String(bound.port) };
}

const READ_BYTES = 64 * 1_024;
// One for all: what is read is used up, or copied, before the next socket is read.
const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);

/** Called as a method of the socket. False: its stream is full. */
function onRead(this: Socket, length: number): boolean {
  const driver = driverOf(this);
  if (driver === undefined) return true;
  // Another protocol now: its owner gets an ordinary stream, whose chunks are its own.
  if (driver.isHandedOver) return this.push(Buffer.from(readBuffer.subarray(0, length)));
  driver.receive(readBuffer, length);
  return true;
}

const onread = { buffer: readBuffer, callback: onRead as (this: unknown, length: number) => boolean };

function acceptHandle(handle: AcceptedHandle, name: ListenerName | undefined, context: ConnectionContext): void {
  handle.setNoDelay?.(true);
  // Typed as what is documented; `handle` is what net.Server itself passes.
  const options = { handle, allowHalfOpen: true, readable: true, writable: true, onread } as net.SocketConstructorOpts;
  const socket = new Socket(options);
  drive(socket, new SocketFacts(socket, name), context);
}

function acceptSocket(socket: Socket, context: ConnectionContext): void {
  drive(socket, new SocketFacts(socket, undefined), context);
  readAsStream(socket);
}
