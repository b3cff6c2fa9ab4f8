// websocket/connection.ts: one WebSocket: what ws tells goes to the hooks of the app, what the app says to ws.
//
// Law: what a hook throws ends here. ws reads all frames, and writes those that close, answer a ping or are compressed. A plain message is
// written here: never between two writes of ws, which waits with none of its own where nothing is compressed.
//
// The listeners are the same functions for all WebSockets, which so need no closures of their own.

import type { Socket } from 'node:net';
import { Fault, nameOf } from '@appserve/core';
import type { WebSocketConnection, WebSocketHooks } from '@appserve/core/websocket';
import { unsentBytes } from '../connection/socket-output.ts';
import type { Ticker, Ticking } from '../connection/ticker.ts';
import type { Timed } from '../connection/timer-wheel.ts';
import { describeError, messageOf, type Logger } from '../log.ts';
import { Chunks } from './chunks.ts';
import { binaryFrame, textFrame, type Pieces } from './frame.ts';
import { Keeper, type Quiet, type Traffic } from './keeper.ts';
import { chunksOf, type WebSocket } from './protocol.ts';

/** What all WebSockets of a thread share. */
export interface WebSocketContext {
  readonly log: Logger;
  readonly clock: Ticking;
  readonly ticker: Ticker;
}

/** At so many bytes that wait, an app is asked to wait too. */
const BLOCKED_BYTES = 64 * 1_024;
const GOING_AWAY = 1_001;
const INTERNAL_ERROR = 1_011;
/** RFC 6455 §5.5; of a close, two of them are its code. */
const CONTROL_BYTES_MAX = 125;
const REASON_BYTES_MAX = CONTROL_BYTES_MAX - 2;

/** Shorter messages are not worth compressing. ws heeds its own threshold only where no context is kept between messages. */
const COMPRESSED_BYTES = 1_024;

const CONNECTION = Symbol('appserve.websocket');
type Owned = WebSocket & { [CONNECTION]: Connection };
type OwnedSocket = Socket & { [CONNECTION]?: Connection };

export class Connection implements WebSocketConnection, Timed {
  data: unknown;
  lookAtMs = Number.POSITIVE_INFINITY;
  readonly remoteAddress: string;
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #hooks: WebSocketHooks;
  readonly #context: WebSocketContext;
  readonly #keeper: Keeper;
  readonly #chunks: Chunks;
  readonly #isCompressed: boolean;
  #isBlocked = false;
  #waiters: (() => void)[] | undefined;
  /** Of the last ping that is not answered yet. */
  #pinged: Buffer | undefined;

  constructor(
    webSocket: WebSocket,
    socket: Socket,
    facts: { readonly remoteAddress: string; readonly data: unknown },
    hooks: WebSocketHooks,
    quiet: Quiet,
    context: WebSocketContext,
  ) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#hooks = hooks;
    this.#context = context;
    this.#isCompressed = webSocket.extensions !== '';
    this.#keeper = new Keeper(quiet, context.clock.nowMs);
    this.#chunks = new Chunks(chunksOf(webSocket));
    this.remoteAddress = facts.remoteAddress;
    this.data = facts.data;
    Object.assign(webSocket, { [CONNECTION]: this });
    Object.assign(socket, { [CONNECTION]: this });
    webSocket.on('message', onMessage).on('close', onClose).on('error', onError).on('closing', onClosing).on('ping', onPing);
    // Behind the listener of ws, which has had what came.
    socket.on('data', onData).on('drain', onDrain).on('end', onEnd);
    context.ticker.schedule(this, this.#keeper.nextMs);
  }

  open(hook: ((socket: WebSocketConnection) => unknown) | undefined): void {
    try {
      // What `open` gives may be a promise, as with every hook.
      this.#watch(hook === undefined ? this.#hooks.open?.(this) : hook(this));
    } catch (error) {
      this.#failed(error);
    }
  }

  get protocol(): string {
    return this.#webSocket.protocol;
  }

  get isOpen(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN;
  }

  get bufferedBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  send(data: string | ArrayBufferView | ArrayBuffer): boolean {
    const webSocket = this.#webSocket;
    // Before anything is written: half a frame would be the end of all that follow.
    const message = typeof data === 'string' ? data : bytesOf(data);
    if (!this.isOpen) return false;
    if (this.#isCompressed) this.#sendByWs(message);
    else this.#write(typeof message === 'string' ? textFrame(message) : binaryFrame(message));
    if (webSocket.bufferedAmount < BLOCKED_BYTES) return true;
    this.#isBlocked = true;
    return false;
  }

  #write([first, second]: Pieces): void {
    const socket = this.#socket;
    if (second === undefined) {
      socket.write(first);
      return;
    }
    socket.cork();
    try {
      socket.write(first);
      socket.write(second);
    } finally {
      socket.uncork();
    }
  }

  #sendByWs(message: string | Uint8Array): void {
    const binary = typeof message !== 'string';
    const bytes = binary ? message : Buffer.from(message);
    // A message that waits to be compressed is not in the socket, which so does not tell when it has gone.
    this.#webSocket.send(bytes, { binary, compress: bytes.byteLength >= COMPRESSED_BYTES }, () => this.socketDrained());
  }

  async drained(): Promise<void> {
    if (!this.#isBlocked || !this.isOpen) return;
    await new Promise<void>((resolve) => (this.#waiters ??= []).push(resolve));
  }

  ping(data: string | ArrayBufferView | ArrayBuffer = ''): void {
    const bytes = typeof data === 'string' ? Buffer.from(data) : bytesOf(data);
    if (bytes.length > CONTROL_BYTES_MAX) throw invalid('data', `of a ping must be ${CONTROL_BYTES_MAX} bytes at most`);
    if (this.isOpen) this.#webSocket.ping(bytes);
  }

  close(code = 1_000, reason = ''): void {
    if (typeof (reason as unknown) !== 'string') throw invalid('reason', `must be text, not ${nameOf(reason)}`);
    if (Buffer.byteLength(reason) > REASON_BYTES_MAX) throw invalid('reason', `must be ${REASON_BYTES_MAX} bytes at most`);
    try {
      this.#webSocket.close(code, reason);
    } catch (cause) {
      const given = typeof (code as unknown) === 'number' ? code : nameOf(code);
      throw invalid('code', `must be one that may be sent, 1000 or 3000 to 4999 as a rule, not ${given}`, cause);
    }
  }

  terminate(): void {
    this.#webSocket.terminate();
  }

  pause(): void {
    if (this.isOpen) this.#webSocket.pause();
  }

  resume(): void {
    this.#webSocket.resume();
  }

  /** The server stops. */
  goodbye(): void {
    if (this.isOpen) this.#webSocket.close(GOING_AWAY);
  }

  onTime(nowMs: number): number {
    switch (this.#keeper.look(nowMs, this.#traffic)) {
      case 'ping':
        this.#webSocket.ping();
        break;
      case 'leave':
        this.goodbye();
        break;
      case 'drop':
        this.#context.log.debug(
          `WebSocket of ${this.remoteAddress}: no ${this.isOpen ? 'sign of life since a ping' : 'end behind a close'}; the connection is cut`,
        );
        this.terminate();
        return Number.POSITIVE_INFINITY;
      case 'nothing':
    }
    return this.#keeper.nextMs;
  }

  get #traffic(): Traffic {
    const { bytesRead, bytesWritten } = this.#socket;
    return { bytesRead, bytesWritten, unsentBytes: unsentBytes(this.#socket), isPaused: this.#webSocket.isPaused };
  }

  received(): void {
    this.#chunks.look();
  }

  /** Either side has begun to close. */
  closing(): void {
    const webSocket = this.#webSocket;
    if (webSocket.readyState !== webSocket.CLOSING) return;
    // The answer of the client stands behind what nobody has read.
    webSocket.resume();
    this.#keeper.close(this.#context.clock.nowMs, this.#traffic);
    this.#context.ticker.schedule(this, this.#keeper.nextMs);
  }

  heard(data: Buffer, isBinary: boolean): void {
    this.#keeper.message(this.#context.clock.nowMs);
    try {
      this.#watch(this.#hooks.message?.(this, isBinary ? data : data.toString()));
    } catch (error) {
      this.#failed(error);
    }
  }

  /** RFC 6455 §5.5.3: where answers wait, that to the last ping will do for all. So they never fill the memory. */
  pinged(data: Buffer): void {
    const webSocket = this.#webSocket;
    if (!this.isOpen) return;
    if (webSocket.bufferedAmount < BLOCKED_BYTES) webSocket.pong(data);
    else this.#pinged = Buffer.from(data);
  }

  socketDrained(): void {
    const pinged = this.#pinged;
    this.#pinged = undefined;
    if (pinged !== undefined) this.pinged(pinged);
    if (!this.#isBlocked || this.#webSocket.bufferedAmount > 0) return;
    this.#isBlocked = false;
    this.#wake();
    try {
      this.#watch(this.#hooks.drain?.(this));
    } catch (error) {
      this.#failed(error);
    }
  }

  ended(code: number, reason: string): void {
    this.#context.ticker.remove(this);
    this.#wake();
    try {
      this.#watch(this.#hooks.close?.(this, code, reason));
    } catch (error) {
      this.#failed(error);
    }
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = undefined;
    for (const wake of waiters ?? []) wake();
  }

  /** The client has broken the protocol: ws has answered it, and closes. */
  broken(error: Error): void {
    this.closing();
    this.#context.log.debug(`WebSocket of ${this.remoteAddress}: ${error.message}`);
    this.#tell(error);
  }

  /** A hook may be async. */
  #watch(result: unknown): void {
    if (typeof (result as PromiseLike<unknown> | null | undefined)?.then !== 'function') return;
    Promise.resolve(result).catch((error: unknown) => this.#failed(error));
  }

  #failed(error: unknown): void {
    if (this.isOpen) this.#webSocket.close(INTERNAL_ERROR);
    if (!this.#tell(error instanceof Error ? error : new Error(messageOf(error), { cause: error }))) this.#log(error);
  }

  /** Whether there is a hook to tell. It throws nothing: this is where what a hook throws has its end. */
  #tell(mistake: Error): boolean {
    try {
      const hooks = this.#hooks;
      if (hooks.error === undefined) return false;
      const result: unknown = hooks.error(this, mistake);
      Promise.resolve(result).catch((failure: unknown) => this.#log(failure));
    } catch (failure) {
      this.#log(failure);
    }
    return true;
  }

  #log(error: unknown): void {
    this.#context.log.error(`WebSocket of ${this.remoteAddress}: the app failed: ${describeError(error)}`);
  }
}

/** What a view is of, whatever its elements. Faults: WEBSOCKET_MESSAGE_INVALID. */
function bytesOf(data: unknown): Uint8Array {
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw new Fault('WEBSOCKET_MESSAGE_INVALID', { found: nameOf(data) });
}

function invalid(option: string, why: string, cause?: unknown): Fault {
  return new Fault('WEBSOCKET_OPTION_INVALID', { option, why }, { cause });
}

function onMessage(this: WebSocket, data: unknown, isBinary: boolean): void {
  // ws gives Buffers unless it is told otherwise.
  (this as Owned)[CONNECTION].heard(data as Buffer, isBinary);
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  (this as Owned)[CONNECTION].ended(code, reason.toString());
}

function onPing(this: WebSocket, data: Buffer): void {
  (this as Owned)[CONNECTION].pinged(data);
}

function onError(this: WebSocket, error: Error): void {
  (this as Owned)[CONNECTION].broken(error);
}

function onClosing(this: WebSocket): void {
  (this as Owned)[CONNECTION].closing();
}

/** The client has closed its side, maybe without a Close: ws ends ours behind what waits, however long that takes. */
function onEnd(this: Socket): void {
  (this as OwnedSocket)[CONNECTION]?.closing();
}

function onData(this: Socket): void {
  (this as OwnedSocket)[CONNECTION]?.received();
}

function onDrain(this: Socket): void {
  (this as OwnedSocket)[CONNECTION]?.socketDrained();
}
