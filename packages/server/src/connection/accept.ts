// connection/accept.ts: from a listening descriptor to connections.
//
// Every socket of a thread reads into one buffer, which saves a buffer, a stream push and an event for each read (1.1 us of
// 7.5). Node offers that (`onread`) for sockets that one makes, not for those that it accepts; so the accepted handle is taken
// before Node wraps it. `_handle` and `onconnection` are undocumented, the same in Node 20 to 26, and checked for: where they
// should be missing one day, ordinary sockets do, a little dearer.

import net, { Socket, type Server } from 'node:net';
import { Fault } from '@appserve/core';
import type { ConnectionFacts } from '@appserve/core/exchange';
import { Http1Driver, type ConnectionContext } from './http1.ts';

const READ_BYTES = 64 * 1_024;
// One for all: what is read is used up, or copied, before the next socket is read.
const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);

interface AcceptedHandle {
  setNoDelay?(on: boolean): void;
  close(): void;
}

interface ListeningHandle {
  onconnection?: (error: number, handle: AcceptedHandle | undefined) => void;
}

/** Accepts from a descriptor that is ours alone until `close()`. `scheme` is what the app is told. */
export async function acceptFrom(fd: number, backlog: number, context: ConnectionContext): Promise<Server> {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true });
  server.on('connection', (socket) => acceptSocket(socket, context));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new Fault('DESCRIPTOR_FAILED', { call: `listening on descriptor ${fd}`, why: cause.message }, { cause })),
    );
    server.listen({ fd, backlog }, resolve);
    takeHandles(server, context);
  });
  server.on('error', (error) => context.log.error(`accepting failed: ${error.message}`));
  return server;
}

function takeHandles(server: Server, context: ConnectionContext): void {
  const listening = (server as unknown as { _handle?: ListeningHandle | null })._handle;
  const ordinary = listening?.onconnection;
  if (listening === undefined || listening === null || ordinary === undefined) return;
  listening.onconnection = function take(this: unknown, error, handle) {
    if (error !== 0 || handle === undefined) ordinary.call(this as never, error, handle);
    else acceptHandle(handle, context);
  };
}

function acceptHandle(handle: AcceptedHandle, context: ConnectionContext): void {
  handle.setNoDelay?.(true);
  let driver: Http1Driver | undefined;
  const onread = {
    buffer: readBuffer,
    callback: (length: number): boolean => {
      driver?.receive(readBuffer, length);
      return true;
    },
  };
  // Typed as what is documented; `handle` is what net.Server itself passes.
  const socket = new Socket({ handle, allowHalfOpen: true, readable: true, writable: true, onread } as net.SocketConstructorOpts);
  driver = new Http1Driver(socket, new SocketFacts(socket), context);
}

function acceptSocket(socket: Socket, context: ConnectionContext): void {
  const driver = new Http1Driver(socket, new SocketFacts(socket), context);
  socket.on('data', (bytes) => driver.receive(bytes, bytes.length));
}

/** The two ends of a connection, asked for when they are wanted: each costs a system call. */
class SocketFacts implements ConnectionFacts {
  readonly scheme = 'http';
  readonly #socket: Socket;
  #remoteAddress: string | undefined;
  #remotePort: string | undefined;
  #localAddress: string | undefined;
  #localPort: string | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
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
