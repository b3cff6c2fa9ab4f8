// websocket/web-sockets.ts: the WebSockets of a thread: of connections that were taken over, by what their endpoints agree on.

import type { Socket } from 'node:net';
import type { ConnectionFacts, TakenConnection } from '@appserve/core/exchange';
import type { Fields } from '@appserve/core/message';
import type { Acceptance } from '@appserve/core/websocket';
import type { Ticker, Ticking } from '../connection/ticker.ts';
import type { Logger } from '../log.ts';
import { Connection, type WebSocketContext } from './connection.ts';
import { loadWs, Protocol } from './protocol.ts';

const PROTOCOLS_MAX = 64;

export interface WebSocketSettings {
  readonly websocketMaxMessageBytes: number;
  readonly websocketPingMs: number;
}

export class WebSockets implements WebSocketContext {
  readonly log: Logger;
  readonly clock: Ticking;
  readonly ticker: Ticker;
  readonly #settings: WebSocketSettings;
  #ws: Awaited<ReturnType<typeof loadWs>> | undefined;
  /** By what they agree on: `16777216 false`. */
  readonly #protocols = new Map<string, Protocol>();

  constructor(settings: WebSocketSettings, log: Logger, clock: Ticking, ticker: Ticker) {
    this.#settings = settings;
    this.log = log;
    this.clock = clock;
    this.ticker = ticker;
  }

  /** Answers with 101, at once but for the first time. */
  open(taken: TakenConnection, facts: ConnectionFacts, acceptance: Acceptance, fields: Fields): void | Promise<void> {
    if (this.#ws !== undefined) return this.#open(taken, facts, acceptance, fields);
    return this.#load().then(() => this.#open(taken, facts, acceptance, fields));
  }

  async #load(): Promise<void> {
    this.#ws = await loadWs();
  }

  #open(taken: TakenConnection, { remoteAddress }: ConnectionFacts, acceptance: Acceptance, fields: Fields): void {
    const { options, hooks, opened } = acceptance;
    const { websocketMaxMessageBytes, websocketPingMs } = this.#settings;
    const protocol = this.#protocol(options.maxMessageBytes ?? websocketMaxMessageBytes, options.compression === true);
    const webSocket = protocol.accept(taken, acceptance, fields);
    if (webSocket === undefined) return;
    const quiet = { pingMs: options.pingMs ?? websocketPingMs, idleMs: options.idleMs ?? 0 };
    const socket = taken.socket as Socket;
    const connection = new Connection(webSocket, socket, { remoteAddress, data: options.data }, hooks, quiet, this);
    connection.open(opened);
    taken.onDrain(() => connection.goodbye());
  }

  #protocol(maxMessageBytes: number, isCompressed: boolean): Protocol {
    const key = `${maxMessageBytes} ${isCompressed}`;
    const known = this.#protocols.get(key);
    if (known !== undefined) return known;
    const protocol = new Protocol(this.#ws!, maxMessageBytes, isCompressed);
    // An app may compute what it asks for; those that are in use are kept by their WebSockets.
    if (this.#protocols.size >= PROTOCOLS_MAX) this.#protocols.clear();
    this.#protocols.set(key, protocol);
    return protocol;
  }
}
