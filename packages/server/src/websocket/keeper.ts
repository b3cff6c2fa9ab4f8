// websocket/keeper.ts: how long a WebSocket may be silent, as a machine: time is an argument (RFC 6455 §5.5.2).
//
// Law: whoever sends anything is alive; but where something waits for him, only that he takes of it: our ping stands behind it, and what
// he never reads would be kept for ever. A client is asked after `pingMs` without a sign of life, and given as long again for one.

export interface Quiet {
  /** 0: never asked, and never left for silence. */
  readonly pingMs: number;
  readonly idleMs: number;
}

/** What has come and gone over a connection, from its beginning. */
export interface Traffic {
  readonly bytesRead: number;
  /** What the socket was given. */
  readonly bytesWritten: number;
  /** What of it the kernel has not taken yet. */
  readonly unsentBytes: number;
  /** Nobody reads, so that silence says nothing. */
  readonly isPaused: boolean;
}

/** What is to be done now. */
export type Care = 'nothing' | 'ping' | 'drop' | 'leave';

export class Keeper {
  readonly #quiet: Quiet;
  #bytesRead = 0;
  #takenBytes = 0;
  /** Something waited at the last look. The kernel is full then: it takes more when the client does. */
  #isWaiting = false;
  #heardMs: number;
  #messageMs: number;
  #askedMs: number | undefined;

  constructor(quiet: Quiet, nowMs: number) {
    this.#quiet = quiet;
    this.#heardMs = nowMs;
    this.#messageMs = nowMs;
  }

  /** A message has come. */
  message(nowMs: number): void {
    this.#messageMs = nowMs;
  }

  look(nowMs: number, traffic: Traffic): Care {
    const { pingMs, idleMs } = this.#quiet;
    if (traffic.isPaused) this.#messageMs = nowMs;
    if (this.#isAlive(traffic)) {
      this.#heardMs = nowMs;
      this.#askedMs = undefined;
    }
    if (idleMs > 0 && nowMs >= this.#messageMs + idleMs) return 'leave';
    if (pingMs === 0 || nowMs < (this.#askedMs ?? this.#heardMs) + pingMs) return 'nothing';
    if (this.#askedMs !== undefined) return 'drop';
    this.#askedMs = nowMs;
    return 'ping';
  }

  /** When to look again. */
  get nextMs(): number {
    const { pingMs, idleMs } = this.#quiet;
    const ping = pingMs === 0 ? Number.POSITIVE_INFINITY : (this.#askedMs ?? this.#heardMs) + pingMs;
    return idleMs === 0 ? ping : Math.min(ping, this.#messageMs + idleMs);
  }

  /** Since the last look. */
  #isAlive({ bytesRead, bytesWritten, unsentBytes, isPaused }: Traffic): boolean {
    const takenBytes = bytesWritten - unsentBytes;
    const isAlive = this.#isWaiting ? takenBytes > this.#takenBytes : isPaused || bytesRead !== this.#bytesRead;
    this.#bytesRead = bytesRead;
    this.#takenBytes = takenBytes;
    this.#isWaiting = unsentBytes > 0;
    return isAlive;
  }
}
