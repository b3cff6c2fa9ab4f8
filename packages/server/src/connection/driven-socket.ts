// connection/driven-socket.ts: a socket and the driver that its events go to. The listeners are the same functions for all sockets,
// which so need no closures of their own.

import type { Socket } from 'node:net';

/** What a socket tells its driver. */
export interface SocketDriver {
  /** Another protocol has the socket now: what it reads is its new owner's. */
  readonly isHandedOver: boolean;
  /** Bytes on loan for the length of the call; `null`: the client has closed its side. */
  receive(bytes: Uint8Array | null, length: number): void;
  /** The socket has taken all that it was given. */
  drained(): void;
  /** Resets and broken pipes are a client's way to leave; `closed` follows. */
  failed(error: NodeJS.ErrnoException): void;
  closed(): void;
}

const DRIVER = Symbol('appserve.driver');

interface DrivenSocket extends Socket {
  [DRIVER]?: SocketDriver;
}

/** Another driver takes the place of the one before it. */
export function attach(socket: Socket, driver: SocketDriver): void {
  const driven: DrivenSocket = socket;
  const isDriven = driven[DRIVER] !== undefined;
  driven[DRIVER] = driver;
  if (isDriven) return;
  driven.on('end', onEnd).on('drain', onDrain).on('close', onClose).on('error', onError);
}

/** Reads a socket that was not made with a buffer of ours: TLS. */
export function readAsStream(socket: Socket): void {
  socket.on('data', onData);
}

/** Gives the socket away as a fresh stream: it flows when its new owner listens, and not before. */
export function detach(socket: Socket): void {
  socket.off('end', onEnd).off('drain', onDrain).off('data', onData);
  socket.pause();
  Reflect.set(socket, 'readableFlowing', null); // typed as read-only; node:http does the same
  socket.read(0);
}

/** Gives the socket away as one that never had a driver. */
export function release(socket: Socket): void {
  const driven: DrivenSocket = socket;
  detach(driven);
  driven.off('close', onClose).off('error', onError);
  delete driven[DRIVER];
}

export function driverOf(socket: Socket): SocketDriver | undefined {
  return (socket as DrivenSocket)[DRIVER];
}

function onData(this: DrivenSocket, bytes: Uint8Array): void {
  this[DRIVER]!.receive(bytes, bytes.length);
}

function onEnd(this: DrivenSocket): void {
  this[DRIVER]!.receive(null, 0);
}

function onDrain(this: DrivenSocket): void {
  this[DRIVER]!.drained();
}

function onClose(this: DrivenSocket): void {
  this[DRIVER]!.closed();
}

function onError(this: DrivenSocket, error: NodeJS.ErrnoException): void {
  this[DRIVER]!.failed(error);
}
