// http-server.ts: the server of one thread: its listeners, its connections, its one timer. A worker runs one; programs that
// bring their own process model may too.

import type { Server } from 'node:net';
import type { Handler } from '@appserve/core/exchange';
import type { ResponseStyle } from '@appserve/core/http1';
import { acceptFrom } from './connection/accept.ts';
import { Clock } from './connection/clock.ts';
import { Connections } from './connection/connections.ts';
import type { ConnectionContext } from './connection/http1.ts';
import { RequestQueue } from './connection/request-queue.ts';
import { Ticker } from './connection/ticker.ts';
import type { Address } from './listen/address.ts';
import { openSockets, type ListeningSocket } from './listen/sockets.ts';
import type { Logger } from './log.ts';
import type { HttpSettings } from './settings.ts';

export class HttpServer {
  readonly #context: ConnectionContext;
  readonly #backlog: number;
  readonly #listeners: Server[] = [];
  readonly #sockets: ListeningSocket[] = [];

  constructor(handler: Handler, settings: HttpSettings, log: Logger) {
    const style = styleOf(settings);
    const clock = new Clock(style, settings.date);
    this.#backlog = settings.backlog;
    this.#context = {
      handler,
      limits: {
        requestLineBytesMax: settings.maxRequestLineBytes,
        headBytesMax: settings.maxHeadSizeBytes,
        fieldsMax: settings.maxNumberHeaders,
        bodyBytesMax: settings.maxBodySizeBytes,
        requestsMax: settings.maxReuseCount + 1,
      },
      style,
      timeouts: settings,
      queueLimit: settings.queueLimit,
      clock,
      ticker: new Ticker(clock),
      queue: new RequestQueue(settings, (length) => log.warn(`${length} requests in queue`)),
      log,
      connections: new Connections(),
    };
  }

  /** Listens on an address as options spell it, and gives it as bound. Faults: those of openSockets. */
  async listen(address: string): Promise<Address> {
    const [socket] = (await openSockets([address], this.#backlog)) as [ListeningSocket];
    this.#sockets.push(socket);
    await this.accept(socket.duplicate());
    return socket.address;
  }

  /** Accepts connections from a listening descriptor, which is the server's own from here on. Faults: DESCRIPTOR_FAILED. */
  async accept(fd: number): Promise<void> {
    this.#listeners.push(await acceptFrom(fd, this.#backlog, this.#context));
  }

  get connections(): number {
    return this.#context.connections.size;
  }

  /** No new connections; idle ones close, busy ones after their answer. Resolves when none is left; gives how many were cut. */
  async close(graceMs: number): Promise<number> {
    for (const listener of this.#listeners) listener.close();
    for (const socket of this.#sockets) socket.close();
    return this.#context.connections.drain(graceMs);
  }
}

function styleOf({ via, serverHeader, chunkedTransfer }: HttpSettings): ResponseStyle {
  return {
    dateLine: '',
    viaLine: via ? 'Via: 1.1 appserve\r\n' : '',
    serverLine: serverHeader ? 'Server: appserve\r\n' : '',
    chunkedTransfer,
  };
}
