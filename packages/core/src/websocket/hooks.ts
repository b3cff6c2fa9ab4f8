// websocket/hooks.ts: what an app says of a WebSocket, and what it holds of one, as types. A driver makes them true.

import type { Handshake, Origins } from './handshake.ts';

/** One WebSocket, as an app holds it. `D`: what the app keeps with it. */
export interface WebSocketConnection<D = unknown> {
  /** The app's own. */
  data: D;
  /** The subprotocol that was agreed on; empty for none. */
  readonly protocol: string;
  readonly remoteAddress: string;
  /** Neither side has begun to close it. */
  readonly isOpen: boolean;
  /** Bytes that were sent and that the kernel has not taken yet. */
  readonly bufferedBytes: number;
  /**
   * Text as a text message, bytes as a binary one; they are given away. False: the client is slow, wait for `drained()` or the hook
   * `drain` before the next. Dropped when the WebSocket is no longer open. Faults: WEBSOCKET_MESSAGE_INVALID; nothing is sent then.
   */
  send(data: string | ArrayBufferView | ArrayBuffer): boolean;
  /** Resolves when the client has kept up, or has gone. */
  drained(): Promise<void>;
  /**
   * Sends a ping, of 125 bytes at most. Those that keep a connection alive are the server's: see `pingMs`. Faults:
   * WEBSOCKET_MESSAGE_INVALID, WEBSOCKET_OPTION_INVALID.
   */
  ping(data?: string | ArrayBufferView | ArrayBuffer): void;
  /**
   * Says goodbye: with a code that may be sent (RFC 6455 §7.4: 1000 for an end, 3000 to 4999 for what the app means by them; not 1004
   * to 1006 and 1015, which stand for what nobody has sent), and up to 123 bytes of text in UTF-8. `close` follows when the client has answered. Faults:
   * WEBSOCKET_OPTION_INVALID.
   */
  close(code?: number, reason?: string): void;
  /** Ends the connection without a word. */
  terminate(): void;
  /** Reads nothing more from the client until `resume`, or until either side closes: its answer stands behind what it sent before. */
  pause(): void;
  resume(): void;
}

/** Text, or the bytes of a binary message. */
export type WebSocketMessage = string | Uint8Array;

/**
 * What an app does with a WebSocket. All hooks may be async; they are called in the order of what happens, and not waited for. What
 * one of them throws closes the WebSocket with 1011, and is logged unless there is an `error` hook.
 */
export interface WebSocketHooks<D = unknown> {
  open?(socket: WebSocketConnection<D>): unknown;
  message?(socket: WebSocketConnection<D>, message: WebSocketMessage): unknown;
  /** The client has kept up again after a `send` that gave false. */
  drain?(socket: WebSocketConnection<D>): unknown;
  /** The end, once. 1005: the client gave no code. 1006: the connection broke. */
  close?(socket: WebSocketConnection<D>, code: number, reason: string): unknown;
  /** The client broke the protocol, or another hook threw. `close` follows. */
  error?(socket: WebSocketConnection<D>, error: Error): unknown;
}

export interface WebSocketOptions<D = unknown> {
  /** `data` of the connection. */
  readonly data?: D;
  /** Subprotocols, in the order of the endpoint's liking. None is agreed on where there is none in common. */
  readonly protocols?: readonly string[];
  /** Which pages may connect; `same` when left out. */
  readonly origins?: Origins;
  /** A larger message closes with 1009; `websocket_max_message` when left out. */
  readonly maxMessageBytes?: number;
  /** How often a silent client is asked whether it is there; 0: never. `websocket_ping` when left out. */
  readonly pingMs?: number;
  /** A client that sends no message for so long is closed with 1001; 0, or left out: never. */
  readonly idleMs?: number;
  /** permessage-deflate (RFC 7692) for messages of 1 KiB and more; false when left out. */
  readonly compression?: boolean;
  /** Further fields of the 101, such as Set-Cookie. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
}

/** What a client is to be answered with, and by whom its messages are heard from then on. All of it has been checked. */
export interface Acceptance {
  readonly handshake: Handshake;
  readonly protocol: string | undefined;
  readonly options: WebSocketOptions;
  readonly hooks: WebSocketHooks;
  /** Called once, instead of `hooks.open`, and then forgotten: it may hold the request. */
  readonly opened?: ((socket: WebSocketConnection) => unknown) | undefined;
}
