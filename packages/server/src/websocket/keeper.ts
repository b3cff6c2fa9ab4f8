// websocket/keeper.ts: how long a WebSocket may be silent, as a machine: time is an argument (RFC 6455 §5.5.2).
//
// Law: whoever sends anything is alive. A client is asked after a silence of `pingMs`, and given as long again to answer.

export interface Quiet {
  /** 0: never asked, and never left for silence. */
  readonly pingMs: number;
  readonly idleMs: number;
}

/** What is to be done now. */
export type Care = 'nothing' | 'ping' | 'drop' | 'leave';

export class Keeper {
  readonly #quiet: Quiet;
  #bytesRead = 0;
  #heardMs: number;
  #messageMs: number;
  #isAsked = false;

  constructor(quiet: Quiet, nowMs: number) {
    this.#quiet = quiet;
    this.#heardMs = nowMs;
    this.#messageMs = nowMs;
  }

  /** A message has come. */
  message(nowMs: number): void {
    this.#messageMs = nowMs;
  }

  /** `bytesRead`: of the connection, from its beginning. `isPaused`: nobody reads, so that silence says nothing. */
  look(nowMs: number, bytesRead: number, isPaused: boolean): Care {
    const { pingMs, idleMs } = this.#quiet;
    if (isPaused) this.#messageMs = nowMs;
    if (bytesRead !== this.#bytesRead || isPaused) {
      this.#bytesRead = bytesRead;
      this.#heardMs = nowMs;
      this.#isAsked = false;
    }
    if (idleMs > 0 && nowMs >= this.#messageMs + idleMs) return 'leave';
    if (pingMs === 0 || nowMs < this.#heardMs + pingMs) return 'nothing';
    if (!this.#isAsked) {
      this.#isAsked = true;
      return 'ping';
    }
    return nowMs < this.#heardMs + 2 * pingMs ? 'nothing' : 'drop';
  }

  /** When to look again. */
  get nextMs(): number {
    const { pingMs, idleMs } = this.#quiet;
    const ping = pingMs === 0 ? Number.POSITIVE_INFINITY : this.#heardMs + (this.#isAsked ? 2 : 1) * pingMs;
    return idleMs === 0 ? ping : Math.min(ping, this.#messageMs + idleMs);
  }
}
