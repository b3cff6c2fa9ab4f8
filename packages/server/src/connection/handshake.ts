// connection/handshake.ts: a connection over TLS before it speaks HTTP. It counts, since it holds a descriptor, and ends with its
// server, which Node would close without it.

import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Connection, Connections } from './connections.ts';

/** `_parent` is undocumented, the same in Node 20 to 26. Where it should be missing one day, handshakes are not counted. */
const PARENT = '_parent';
const tellsParent = PARENT in new Socket();

/** By what TLS goes over. */
const handshakes = new WeakMap<object, Handshake>();

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

export function beginHandshake(transport: Socket, connections: Connections): void {
  if (!tellsParent) return;
  const handshake = new Handshake(transport);
  handshakes.set(transport, handshake);
  connections.add(handshake);
  transport.once('close', () => connections.delete(handshake));
}

/** `socket` is a connection of its own from here on. */
export function endHandshake(socket: TLSSocket, connections: Connections): void {
  const handshake = handshakes.get(Reflect.get(socket, PARENT) as object);
  if (handshake !== undefined) connections.delete(handshake);
}
