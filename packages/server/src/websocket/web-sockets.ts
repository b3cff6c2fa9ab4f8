// websocket/web-sockets.ts: the WebSockets of a thread: connections that were taken over, and the one timer that looks after them.

import type { Socket } from 'node:net';
import type { Exchange } from '@appserve/core/exchange';
import type { Fields } from '@appserve/core/message';
import type { Acceptance, WebSockets } from '@appserve/core/websocket';
import { Ticker, type Ticking } from '../connection/ticker.ts';
import type { Logger } from '../log.ts';
import { Connection, type WebSocketContext } from './connection.ts';
import { loadWs, Protocol } from './protocol.ts';

export interface WebSocketSettings {
  readonly websocketMaxMessageBytes: number;
  readonly websocketPingMs: number;
}

class PlainClock implements Ticking {
  nowMs = performance.now();

  tick(): number {
    this.nowMs = performance.now();
    return this.nowMs;
  }
}

export class ThreadWebSockets implements WebSockets, WebSocketContext {
  readonly log: Logger;
  readonly clock = new PlainClock();
  readonly #settings: WebSocketSettings;
  readonly #ticker = new Ticker(this.clock);
  #ws: Awaited<ReturnType<typeof loadWs>> | undefined;
  /** By what they agree on: `16777216 false`. */
  readonly #protocols = new Map<string, Protocol>();

  constructor(settings: WebSocketSettings, log: Logger) {
    this.#settings = settings;
    this.log = log;
  }

  open(exchange: Exchange, acceptance: Acceptance, fields: Fields): void | Promise<void> {
    return this.#ws === undefined ? this.#openFirst(exchange, acceptance, fields) : this.#open(exchange, acceptance, fields);
  }

  async #openFirst(exchange: Exchange, acceptance: Acceptance, fields: Fields): Promise<void> {
    this.#ws = await loadWs();
    // The client may have left meanwhile.
    if (!exchange.isOver) this.#open(exchange, acceptance, fields);
  }

  #open(exchange: Exchange, acceptance: Acceptance, fields: Fields): void {
    const { options, hooks, opened } = acceptance;
    const { websocketMaxMessageBytes, websocketPingMs } = this.#settings;
    const { remoteAddress } = exchange.connection;
    const protocol = this.#protocol(options.maxMessageBytes ?? websocketMaxMessageBytes, options.compression === true);
    const taken = exchange.takeOver();
    const webSocket = protocol.accept(taken, acceptance, fields);
    if (webSocket === undefined) return;
    this.#ticker.enter();
    const quiet = { pingMs: options.pingMs ?? websocketPingMs, idleMs: options.idleMs ?? 0 };
    const socket = taken.socket as Socket;
    const connection = new Connection(webSocket, socket, { remoteAddress, data: options.data }, hooks, quiet, this);
    this.#ticker.schedule(connection, connection.onTime(this.clock.nowMs));
    connection.open(opened);
    taken.onDrain(() => connection.goodbye());
  }

  #protocol(maxMessageBytes: number, isCompressed: boolean): Protocol {
    const key = `${maxMessageBytes} ${isCompressed}`;
    const known = this.#protocols.get(key);
    if (known !== undefined) return known;
    const protocol = new Protocol(this.#ws!, maxMessageBytes, isCompressed);
    this.#protocols.set(key, protocol);
    return protocol;
  }

  closed(connection: Connection): void {
    this.#ticker.leave(connection);
  }
}
