// connection/opening.ts: a connection that has not begun to speak its protocol: its PROXY header, or its first bytes, are awaited.
//
// Law: it counts, since it holds a descriptor, and ends with its server. A server that stops with patience lets it say what it is about
// to say.

import type { Socket } from 'node:net';
import type { Connection } from './connections.ts';
import type { ConnectionContext } from './context.ts';
import { LAST_HEAD_MS } from './deadlines.ts';
import type { SocketDriver } from './driven-socket.ts';
import type { Timed } from './timer-wheel.ts';

export abstract class OpeningDriver implements SocketDriver, Connection, Timed {
  protected readonly socket: Socket;
  protected readonly context: ConnectionContext;
  /** The server stops, with patience. */
  protected isDrained = false;
  #hasLeft = false;
  readonly isHandedOver = false;
  readonly isIdle = true;
  lookAtMs = Number.POSITIVE_INFINITY;

  constructor(socket: Socket, context: ConnectionContext) {
    this.socket = socket;
    this.context = context;
  }

  /** For the log. */
  protected abstract get who(): string;
  abstract receive(bytes: Uint8Array | null, length: number): void;
  /** It has not said enough in its time. */
  protected abstract late(): void;

  begin(patienceMs: number): void {
    const { clock, connections, ticker } = this.context;
    connections.add(this);
    ticker.enter();
    ticker.schedule(this, clock.nowMs + patienceMs);
  }

  /** When what follows is there, so that its server does not take this one for the last; or when the socket is closed. */
  protected leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.context.connections.delete(this);
    this.context.ticker.leave(this);
  }

  drained(): void {
    // Nothing is sent.
  }

  failed(error: NodeJS.ErrnoException): void {
    this.context.log.debug(`${this.who}: ${error.code ?? error.message}`);
  }

  closed(): void {
    this.leave();
  }

  drain(isPatient: boolean): void {
    if (!isPatient) {
      this.destroy();
      return;
    }
    this.isDrained = true;
    this.context.ticker.schedule(this, this.context.clock.nowMs + LAST_HEAD_MS);
  }

  destroy(): void {
    this.socket.destroy();
  }

  onTime(): number {
    if (this.isDrained) this.destroy();
    else this.late();
    return Number.POSITIVE_INFINITY;
  }
}
