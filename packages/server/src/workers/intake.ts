// workers/intake.ts: accepts the connections of one listening socket in the main thread, and reads nothing of them.

import net, { type Socket } from 'node:net';
import type { ListenerName } from '../connection/socket-facts.ts';
import { isEverywhere } from '../listen/address.ts';
import type { ListeningSocket } from '../listen/sockets.ts';
import type { OfferedHandle } from './offer.ts';

/** A connection that nobody serves yet. */
export interface Accepted {
  /** Nothing when it has gone already. */
  readonly handle: OfferedHandle | undefined;
  readonly listener: ListenerName | undefined;
  /** Closes this end of it: the connection goes on where its descriptor was duplicated. */
  leave(): void;
}

export interface IntakeEvents {
  accepted(connection: Accepted): void;
  failed(error: Error): void;
}

export class Intake {
  readonly #socket: ListeningSocket;
  readonly #events: IntakeEvents;
  readonly #listener: ListenerName | undefined;
  #server: net.Server | undefined;

  constructor(socket: ListeningSocket, events: IntakeEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#listener = nameOf(socket);
  }

  /** Begins to accept, or goes on. */
  open(): void {
    if (this.#server !== undefined) return;
    const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => this.#accepted(socket));
    this.#server = server;
    server.on('error', (error) => {
      if (this.#server === server && !server.listening) this.#server = undefined;
      this.#events.failed(error);
    });
    try {
      server.listen({ fd: this.#socket.duplicate() }, this.#socket.backlog, () => {
        if (this.#server !== server) server.close();
      });
    } catch (error) {
      this.#server = undefined;
      this.#events.failed(error as Error);
    }
  }

  /** Leaves new connections to the kernel's queue: Node can stop accepting only by giving up a descriptor. */
  pause(): void {
    if (this.#server?.listening === true) this.#server.close();
    this.#server = undefined;
  }

  #accepted(socket: Socket): void {
    // A client that resets is met again by the worker.
    socket.on('error', () => undefined);
    const { _handle: handle } = socket as unknown as { _handle: OfferedHandle | null };
    this.#events.accepted({ handle: handle ?? undefined, listener: this.#listener, leave: () => socket.destroy() });
  }
}

/** Where connections of that socket come in, when that is one address; else each is asked for its own. */
function nameOf({ address }: ListeningSocket): ListenerName | undefined {
  if (address.type === 'unix') return { address: '', port: '' };
  return isEverywhere(address) ? undefined : { address: address.host, port: String(address.port) };
}
