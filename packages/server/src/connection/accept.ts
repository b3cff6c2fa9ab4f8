// connection/accept.ts: from a listening descriptor to connections.
//
// Every socket of a thread reads into one buffer, which saves a buffer, a stream push and an event for each read (1.1 us of
// 7.5). Node offers that (`onread`) for sockets that one makes, not for those that it accepts; so the accepted handle is taken
// before Node wraps it. `_handle` and `onconnection` are undocumented, the same in Node 20 to 26, and checked for: where they
// should be missing one day, ordinary sockets do, a little dearer. (docs/decisions/0008-one-read-buffer.md)

import net, { Socket } from 'node:net';
import { Fault } from '@appserve/core';
import type { ConnectionFacts } from '@appserve/core/exchange';
import type { ProxiedEnds } from '@appserve/core/proxy-protocol';
import type { Connection } from './connections.ts';
import type { ConnectionContext, Drive } from './context.ts';
import { driverOf, readAsStream } from './driven-socket.ts';
import { lastComers } from './last-comers.ts';
import { messageOf } from '../log.ts';
import { ProxiedFacts } from './proxied-facts.ts';
import { SocketFacts, type ListenerName, type Unsaid } from './socket-facts.ts';

/** A descriptor of the listening socket for this acceptor alone; a fresh one each time. */
export type DescriptorSource = () => number | Promise<number>;

/** When none could be had to go on with: too many are open. */
const RETRY_MS = 1_000;

export class Acceptor {
  readonly #source: DescriptorSource;
  readonly #backlog: number;
  readonly #context: ConnectionContext;
  readonly #entranceOf: EntranceOf;
  #server: net.Server | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;
  #accepted = 0;

  constructor(source: DescriptorSource, backlog: number, context: ConnectionContext, entranceOf: EntranceOf) {
    this.#source = source;
    this.#backlog = backlog;
    this.#context = context;
    this.#entranceOf = entranceOf;
  }

  /** Begins to accept, or goes on after `pause`. Faults: DESCRIPTOR_FAILED. */
  async open(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = this.#createServer();
    this.#server = server;
    try {
      await listenOn(server, await this.#source(), this.#backlog);
    } catch (error) {
      if (this.#server === server) this.#server = undefined;
      throw error;
    }
    const { descriptors, log } = this.#context;
    server.on('error', (error) => {
      // accept(2) passes on errors of the network that concern one connection only. Without a descriptor it would fail for ever.
      if (!descriptors.refused(error)) log.warn(`a connection was not accepted: ${error.message}`);
    });
    // Paused, or closed, while the descriptor was on its way: it is the server's by now, and closed by it.
    if (this.#server !== server) server.close();
  }

  /** Leaves new connections to the kernel's queue and to other workers: Node can stop accepting only by giving up a descriptor. */
  pause(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#server?.close();
    this.#server = undefined;
  }

  resume(): void {
    this.#resume((error) => this.#context.log.error(`accepting cannot go on: ${messageOf(error)}; it is tried again`));
  }

  /** `tell`: of the first time that it fails. */
  #resume(tell: (error: unknown) => void): void {
    if (this.#isClosed) return;
    this.open().catch((error: unknown) => {
      // Closed, paused or tried again meanwhile.
      if (this.#isClosed || this.#server !== undefined || this.#retry !== undefined) return;
      tell(error);
      this.#retry = setTimeout(() => this.#tryAgain(), RETRY_MS);
    });
  }

  #tryAgain(): void {
    this.#retry = undefined;
    this.#resume(() => undefined);
  }

  close(): void {
    this.#isClosed = true;
    this.pause();
  }

  /** Closes when nobody waits to be accepted. */
  async finish(): Promise<void> {
    if (this.#server !== undefined) await lastComers(() => this.#accepted);
    this.close();
  }

  #createServer(): net.Server {
    const context = this.#context;
    const entranceOf = this.#entranceOf;
    const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#accepted += 1;
      entranceOf(listenerName(server)).ordinary(socket);
      context.descriptors.taken(descriptorOf(socket));
    });
    server.once('listening', () => takeHandles(server, context, entranceOf, () => (this.#accepted += 1)));
    return server;
  }
}

async function listenOn(server: net.Server, fd: number, backlog: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onError = (cause: Error): void =>
      reject(new Fault('DESCRIPTOR_FAILED', { call: `listening on descriptor ${fd}`, why: cause.message }, { cause }));
    server.once('error', onError);
    // Not within the first argument: beside a descriptor Node passes over it there, and would set the kernel's queue to 511.
    server.listen({ fd }, backlog, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

interface AcceptedHandle {
  /** Not on Windows. */
  readonly fd?: number;
  setNoDelay?(on: boolean): void;
  close(): void;
}

interface ListeningHandle {
  onconnection?: (error: number, handle: AcceptedHandle | undefined) => void;
}

function descriptorOf(socket: Socket): number | undefined {
  return (socket as unknown as { _handle?: AcceptedHandle | null })._handle?.fd;
}

/** Before the first connection can have come: 'listening' is emitted in the turn that called listen. */
function takeHandles(server: net.Server, context: ConnectionContext, entranceOf: EntranceOf, onAccepted: () => void): void {
  const listening = (server as unknown as { _handle?: ListeningHandle | null })._handle;
  const ordinary = listening?.onconnection;
  if (listening === undefined || listening === null || ordinary === undefined) return;
  const name = listenerName(server);
  const entrance = entranceOf(name);
  listening.onconnection = function take(this: unknown, error, handle) {
    if (error !== 0 || handle === undefined) ordinary.call(this as never, error, handle);
    else {
      onAccepted();
      entrance.unwrapped({ handle }, name);
      context.descriptors.taken(handle.fd);
    }
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

/** A connection before it is a socket: what net.Server itself passes as `handle`, or the number of its descriptor. */
export type Unwrapped = { readonly handle: AcceptedHandle } | { readonly fd: number };

/** Where accepted connections go: to a driver, or first through a handshake. */
export interface Entrance {
  unwrapped(accepted: Unwrapped, name: ListenerName | undefined): void;
  /** Where net.Server has made a socket of it already. */
  ordinary(socket: Socket): void;
}

/** What a PROXY header has made of a connection. */
export interface Introduced {
  /** What came behind the header; on loan for the length of the call. */
  readonly rest: Uint8Array;
  /** Nothing: those of the socket count. */
  readonly ends: ProxiedEnds | undefined;
  readonly name: ListenerName | undefined;
  /** The server stops, with patience. */
  readonly isDrained: boolean;
}

/** An entrance behind which a PROXY header is read first. */
export interface InnerEntrance extends Entrance {
  /** How long the header may take. */
  readonly patienceMs: number;
  /** A socket that tells the driver which is attached to it what it reads. */
  socketOf(accepted: Unwrapped): Socket;
  /** Goes on with one of which the header is read. */
  goOn(socket: Socket, introduced: Introduced): void;
}

/** By where they come in. */
export type EntranceOf = (name: ListenerName | undefined) => Entrance;

/** Of connections in clear. `patienceMs`: for a PROXY header. */
export function clearEntrance(drive: Drive, unsaid: Unsaid, patienceMs: number): InnerEntrance {
  return {
    patienceMs,
    socketOf,
    unwrapped(accepted, name) {
      const socket = socketOf(accepted);
      drive(socket, new SocketFacts(socket, name, unsaid));
    },
    ordinary: (socket) => void driveOrdinary(socket, drive, new SocketFacts(socket, undefined, unsaid)),
    goOn(socket, { rest, ends, name, isDrained }) {
      const facts = ends === undefined ? new SocketFacts(socket, name, unsaid) : new ProxiedFacts(socket, ends, unsaid);
      const connection = drive(socket, facts);
      if (isDrained) connection?.drain(true);
      if (rest.length > 0) driverOf(socket)?.receive(rest, rest.length);
    },
  };
}

function socketOf(accepted: Unwrapped): Socket {
  const options = { ...accepted, allowHalfOpen: true, readable: true, writable: true, onread };
  const socket = new Socket(options);
  socket.setNoDelay(true);
  return socket;
}

/** A socket that was not made with a buffer of ours. */
export function driveOrdinary(socket: Socket, drive: Drive, facts: ConnectionFacts): Connection | undefined {
  const connection = drive(socket, facts);
  // What is driven by somebody else, such as node:http2, is read by him.
  if (driverOf(socket) !== undefined) readAsStream(socket);
  return connection;
}
