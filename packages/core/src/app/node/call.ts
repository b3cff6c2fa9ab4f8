// app/node/call.ts: one call of a node app: its request, its response, and the exchange that both stand for.
//
// Law: what is written in one turn goes out as one piece, as node:http corks a turn; no listener of the app runs within the server's
// own steps, so that what it throws cannot harm them.

import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { nextTick } from 'node:process';
import { bytesOf, type Piece } from '../../bytes.ts';
import { Fault } from '../../faults.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import { Fields } from '../../message/fields.ts';
import type { ResponseHead } from '../../message/response-head.ts';
import { fieldsOfLines } from './fields.ts';
import { setFinished, setNeedsDrain, type Callback, type OwnCall, type OwnRequest, type OwnResponse } from './internals.ts';
import { NodeRequest } from './request.ts';
import { NodeResponse } from './response.ts';
import { StandInSocket } from './stand-in-socket.ts';

/** What may wait before `write` says that it is enough. */
const HIGH_WATER_BYTES = 64 * 1_024;
const NOTHING = new Uint8Array(0);

export class NodeCall implements OwnCall {
  readonly exchange: Exchange;
  readonly request: OwnRequest;
  readonly response: OwnResponse;
  readonly #socket: Socket;
  head: ResponseHead | undefined;
  #hasResponded = false;
  #length = -1;
  /** Written and not sent. */
  #pieces: Piece[] | undefined;
  #bytes = 0;
  #callbacks: Callback[] | undefined;
  #corks = 0;
  #isPlanned = false;
  #isBlocked = false;
  #needsDrain = false;
  #isEnding = false;
  /** The answer is complete, or never will be. */
  #isSettled = false;
  #onSettled: (() => void) | undefined;
  #onTimeout: (() => void) | undefined;

  constructor(exchange: Exchange) {
    const socket = (exchange.connection.socket as Socket | undefined) ?? new StandInSocket(exchange).asSocket();
    this.exchange = exchange;
    this.#socket = socket;
    const request = new NodeRequest(socket, exchange.head, this);
    this.request = request as unknown as OwnRequest;
    this.response = new NodeResponse(request, socket, this) as unknown as OwnResponse;
  }

  get isAnswered(): boolean {
    return this.#isSettled;
  }

  /** Resolves when the exchange is over; nothing when it is. To be asked once, when the app has been called. */
  settled(): Promise<void> | undefined {
    if (this.#isSettled) return undefined;
    this.exchange.whenGone(() => this.#gone());
    if (this.#isSettled) return undefined;
    return new Promise((resolve) => {
      this.#onSettled = resolve;
    });
  }

  write(piece: Piece, callback: Callback | undefined): boolean {
    if (callback !== undefined) (this.#callbacks ??= []).push(callback);
    if (piece.length > 0) {
      (this.#pieces ??= []).push(piece);
      this.#bytes += piece.length;
      this.response.outputSize = this.#bytes;
    }
    this.#plan();
    const hasRoom = !this.#isBlocked && this.#bytes < HIGH_WATER_BYTES;
    if (!hasRoom) this.#needDrain(true);
    return hasRoom;
  }

  #needDrain(isNeeded: boolean): void {
    if (this.#needsDrain === isNeeded) return;
    this.#needsDrain = isNeeded;
    setNeedsDrain(this.response, isNeeded);
  }

  #plan(): void {
    if (this.#isPlanned || this.#isBlocked || this.#corks > 0) return;
    this.#isPlanned = true;
    nextTick(flushLater, this);
  }

  cork(): void {
    this.#corks += 1;
  }

  uncork(): void {
    if (this.#corks === 0) return;
    this.#corks -= 1;
    if (this.#corks === 0 && (this.#pieces ?? this.#callbacks) !== undefined) this.#plan();
  }

  sendHead(): void {
    if (this.#hasResponded || this.#isEnding || this.exchange.isOver) return;
    this.#respond();
    this.exchange.write(NOTHING);
    this.response._headerSent = true;
  }

  #respond(): void {
    if (this.#hasResponded) return;
    this.#hasResponded = true;
    this.response._headerSent = true;
    this.exchange.respond(this.head!, this.#length);
  }

  /** What was written in a turn, in one piece. */
  flush(): void {
    this.#isPlanned = false;
    const { exchange } = this;
    if (this.#isBlocked || this.#corks > 0 || this.#isSettled || exchange.isOver) return;
    const pieces = this.#pieces;
    this.#pieces = undefined;
    this.#bytes = 0;
    try {
      this.#respond();
      // An empty write sends the head, as in node:http.
      const isTaken = pieces === undefined ? this.#isEnding || exchange.write(NOTHING) : exchange.write(joined(pieces));
      if (isTaken) this.#keptUp();
      else this.#wait();
    } catch (error) {
      exchange.fail(error);
    }
  }

  #wait(): void {
    this.#isBlocked = true;
    this.#keepUp().catch((error: unknown) => this.exchange.fail(error));
  }

  async #keepUp(): Promise<void> {
    await this.exchange.drained();
    this.#isBlocked = false;
    // Who has gone meanwhile is told so by whenGone.
    if (!this.exchange.isOver) this.#keptUp();
  }

  /** The client has taken what was written, and there may be more by now. */
  #keptUp(): void {
    if (this.#pieces !== undefined) {
      this.flush();
      return;
    }
    this.response.outputSize = 0;
    this.#callBack();
    if (this.#isEnding) this.#complete();
    if (!this.#needsDrain || this.#isEnding) return;
    this.#needDrain(false);
    nextTick(emitDrain, this);
  }

  /** Those whose pieces are on their way. */
  #callBack(): void {
    const callbacks = this.#callbacks;
    this.#callbacks = undefined;
    if (callbacks !== undefined) for (const callback of callbacks) nextTick(callback);
  }

  #complete(): void {
    const { _trailer } = this.response;
    this.exchange.end(_trailer === '' ? Fields.none : fieldsOfLines(_trailer));
    this.#finish();
  }

  end(last: Piece | undefined, callback: Callback | undefined): void {
    const { exchange, response } = this;
    if (exchange.isOver) {
      if (callback !== undefined) nextTick(callback, new Fault('PEER_GONE', {}));
      return;
    }
    if (callback !== undefined) response.once('finish', callback);
    response.emit('prefinish');
    this.#corks = 0;
    // Whole in one turn: its length is known, also where writeHead came first. Trailers go with a chunked body only.
    if (!this.#hasResponded && response._trailer === '') {
      this.#length = this.#bytes + (last?.length ?? 0);
      // And it goes out in one write, unless it is so long that its end must be waited for.
      if (this.#length < HIGH_WATER_BYTES) {
        this.#sendWhole(last);
        return;
      }
    }
    this.#isEnding = true;
    if (last !== undefined && response._hasBody) (this.#pieces ??= []).push(last);
    if (!this.#isBlocked) this.flush();
  }

  #sendWhole(last: Piece | undefined): void {
    const pieces = this.#pieces ?? [];
    this.#pieces = undefined;
    this.#hasResponded = true;
    if (last !== undefined) pieces.push(last);
    this.response._headerSent = true;
    this.exchange.send(this.head!, pieces);
    this.#callBack();
    this.#finish();
  }

  /** The answer is complete. */
  #finish(): void {
    this.#isSettled = true;
    nextTick(emitFinish, this);
    this.#onSettled?.();
  }

  /** The client has gone, or the answer was broken off. */
  #gone(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.response.destroyed = true;
    nextTick(emitGone, this);
    this.#onSettled?.();
  }

  /** `finish` has been, or never will be: the pair lets go of the connection. */
  close(error?: Error): void {
    const { request, response } = this;
    if (this.#onTimeout !== undefined) this.#unwatch();
    const callbacks = this.#callbacks;
    this.#callbacks = undefined;
    if (error !== undefined) for (const callback of callbacks ?? []) callback(error);
    response.socket = null;
    if (!request.destroyed) this.#closeRequest(error);
    response.destroyed = true;
    if (response._closed) return;
    response._closed = true;
    response.emit('close');
  }

  #closeRequest(error: Error | undefined): void {
    const { request } = this;
    if (error !== undefined) {
      if (!request.readableEnded || !request.complete) {
        request.aborted = true;
        request.emit('aborted');
      }
      request.destroy(error);
      return;
    }
    // node:http reads past what nobody has read, which ends in 'end' and 'close'. Where nobody listens for the first, the second does.
    if (!request._consuming && request.listenerCount('end') === 0) {
      request.destroy();
      return;
    }
    request.removeAllListeners('data');
    request.resume();
  }

  watch(ms: number): void {
    if (this.#isSettled) return;
    if (this.#onTimeout === undefined) {
      this.#onTimeout = () => this.#timeOut();
      this.#socket.on('timeout', this.#onTimeout);
    }
    this.#socket.setTimeout(ms);
  }

  #unwatch(): void {
    this.#socket.off('timeout', this.#onTimeout!);
    this.#socket.setTimeout(0);
    this.#onTimeout = undefined;
  }

  #timeOut(): void {
    const { request, response } = this;
    const isHeard = [!request.complete && request.emit('timeout', this.#socket), response.emit('timeout', this.#socket)];
    if (!isHeard.includes(true)) this.exchange.abort();
  }
}

function joined(pieces: readonly Piece[]): Piece {
  if (pieces.length === 1) return pieces[0]!;
  return pieces.every((piece) => typeof piece === 'string') ? pieces.join('') : Buffer.concat(pieces.map(bytesOf));
}

function flushLater(call: NodeCall): void {
  call.flush();
}

function emitDrain({ response }: NodeCall): void {
  if (!response.destroyed && !response.finished) response.emit('drain');
}

function emitFinish(call: NodeCall): void {
  setFinished(call.response);
  call.response.emit('finish');
  // A turn later, as in node:http: what the app did wrong behind its end is told before.
  nextTick(emitClose, call);
}

function emitClose(call: NodeCall): void {
  call.close();
}

function emitGone(call: NodeCall): void {
  call.close(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
}
