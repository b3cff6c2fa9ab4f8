// connection/connection-driver.ts: an open connection, whatever is spoken on it: it stands among those of its thread, is counted, and is
// looked at when its time has come.
//
// Law: nothing here reads or writes. What speaks says what it waits for (`Waiting`); this room has it looked at then, and says what
// becomes of who has let us wait for too long.

import type { Socket } from 'node:net';
import { Fault } from '@appserve/core';
import type { ConnectionFacts } from '@appserve/core/exchange';
import type { Phase } from '@appserve/core/http1';
import type { Logger } from '../log.ts';
import type { AccessLog } from '../logging/access/answered.ts';
import type { Connection } from './connections.ts';
import type { ConnectionContext } from './context.ts';
import type { Counters } from './counters.ts';
import { deadlineOf, nextLookOf, overdue, type Waiting } from './deadlines.ts';
import type { Timed } from './timer-wheel.ts';

export abstract class ConnectionDriver<C extends ConnectionContext> implements Connection, Timed, Waiting {
  readonly facts: ConnectionFacts;
  protected readonly context: C;
  protected readonly socket: Socket;
  /** Our last word is said, or there is none: what the client still says is not heard. */
  protected isClosing = false;
  /** The socket is. */
  protected isClosed = false;
  isNew = true;
  sinceMs = 0;
  lookAtMs = Number.POSITIVE_INFINITY;

  constructor(socket: Socket, facts: ConnectionFacts, context: C) {
    this.socket = socket;
    this.facts = facts;
    this.context = context;
  }

  abstract get phase(): Phase;
  abstract readonly isLast: boolean;
  abstract readonly isHalfClosed: boolean;
  abstract readonly isBodyAwaited: boolean;
  abstract readonly bodyWaitedMs: number;
  abstract readonly bodyBytes: number;
  abstract readonly unsentSinceMs: number | undefined;
  /** For the log. */
  protected abstract get who(): string;
  abstract drain(isPatient: boolean): void;
  /** Looks whether the client goes on taking what waits for it. */
  protected abstract lookAtOutput(nowMs: number): void;
  /** The next request has not come in its time: the connection ends without a word. */
  protected abstract expire(): void;

  begin(): void {
    const { connections, counters, onConnection, ticker } = this.context;
    connections.add(this);
    counters.connected();
    onConnection(this.facts);
    ticker.enter();
    this.restart();
  }

  get log(): Logger {
    return this.context.log;
  }

  get access(): AccessLog | undefined {
    return this.context.access;
  }

  get counters(): Counters {
    return this.context.counters;
  }

  /** The thread's time. */
  get nowMs(): number {
    return this.context.clock.nowMs;
  }

  get isIdle(): boolean {
    return this.phase === 'idle';
  }

  /** A wait begins, now. */
  protected restart(): void {
    this.sinceMs = this.nowMs;
    this.schedule();
  }

  protected schedule(): void {
    const { ticker, timeouts } = this.context;
    ticker.schedule(this, nextLookOf(this, timeouts, this.nowMs));
  }

  failed(error: NodeJS.ErrnoException): void {
    this.log.debug(`${this.who}: ${error.code ?? error.message}`);
  }

  closed(): void {
    this.isClosed = true;
    this.context.connections.delete(this);
    this.counters.disconnected();
    this.context.ticker.leave(this);
  }

  destroy(): void {
    this.socket.destroy();
  }

  onTime(nowMs: number): number {
    if (this.isClosed) return Number.POSITIVE_INFINITY;
    this.lookAtOutput(nowMs);
    if (nowMs >= deadlineOf(this, this.context.timeouts)) this.#onOverdue();
    const lookMs = this.lookOn(nowMs);
    return this.isClosed ? Number.POSITIVE_INFINITY : lookMs;
  }

  /** Gives when to look again. */
  protected lookOn(nowMs: number): number {
    return nextLookOf(this, this.context.timeouts, nowMs);
  }

  #onOverdue(): void {
    switch (overdue(this)) {
      case 'close':
        this.expire();
        return;
      case 'cut':
        if (this.unsentSinceMs !== undefined) this.#tellStall();
        this.destroy();
        return;
      case 'late-head':
        this.late(new Fault('HEAD_TIMEOUT', { limitMs: this.context.timeouts.headTimeoutMs }));
        return;
      case 'late-body':
        this.late(new Fault('BODY_TIMEOUT', { limitMs: this.context.timeouts.bodyTimeoutMs }));
    }
  }

  /** What the client has begun has not come. Where it is no request, and so has no answer, the connection is cut. */
  protected late(_fault: Fault): void {
    this.destroy();
  }

  #tellStall(): void {
    const { message } = new Fault('SEND_TIMEOUT', { limitMs: this.context.timeouts.sendTimeoutMs });
    this.log.warn(`${this.who}: ${message}; the connection is cut`);
  }
}
