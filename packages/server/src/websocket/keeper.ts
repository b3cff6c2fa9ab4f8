// websocket/keeper.ts: how long a WebSocket may be silent, as a machine: time is an argument (RFC 6455 §5.5.2).
//
// Law: whoever sends anything is alive; but where something waits for him, only that he takes of it: our ping stands behind it, and what
// he never reads would be kept for ever. A client is asked after `pingMs` without a sign of life, and given as long again for one. Once
// either side has begun to close nobody is asked any more: what waits is still taken, or it is the end.

/** A peer that does not close too is left after so long; where something waits, after so long in which it took nothing. */
const CLOSE_MS = 10_000;

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
  #closingMs: number | undefined;

  constructor(quiet: Quiet, nowMs: number) {
    this.#quiet = quiet;
    this.#heardMs = nowMs;
    this.#messageMs = nowMs;
  }

  /** A message has come. */
  message(nowMs: number): void {
    this.#messageMs = nowMs;
  }

  /** Either side has begun to close. */
  close(nowMs: number, traffic: Traffic): void {
    if (this.#closingMs !== undefined) return;
    this.#hasTaken(traffic);
    this.#closingMs = nowMs;
  }

  look(nowMs: number, traffic: Traffic): Care {
    return this.#closingMs === undefined ? this.#lookOpen(nowMs, traffic) : this.#lookClosing(nowMs, this.#closingMs, traffic);
  }

  #lookClosing(nowMs: number, closingMs: number, traffic: Traffic): Care {
    if (this.#hasTaken(traffic)) this.#closingMs = nowMs;
    else if (nowMs >= closingMs + CLOSE_MS) return 'drop';
    return 'nothing';
  }

  #lookOpen(nowMs: number, traffic: Traffic): Care {
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

  /** Since the last look. */
  #isAlive(traffic: Traffic): boolean {
    const { bytesRead, isPaused } = traffic;
    const hasWaited = this.#isWaiting;
    const hasTaken = this.#hasTaken(traffic);
    const isAlive = hasWaited ? hasTaken : isPaused || bytesRead !== this.#bytesRead;
    this.#bytesRead = bytesRead;
    return isAlive;
  }

  /** Of what waited at the last look. */
  #hasTaken({ bytesWritten, unsentBytes }: Traffic): boolean {
    const takenBytes = bytesWritten - unsentBytes;
    const hasTaken = this.#isWaiting && takenBytes > this.#takenBytes;
    this.#takenBytes = takenBytes;
    this.#isWaiting = unsentBytes > 0;
    return hasTaken;
  }

  /** When to look again. */
  get nextMs(): number {
    if (this.#closingMs !== undefined) return this.#closingMs + CLOSE_MS;
    const { pingMs, idleMs } = this.#quiet;
    const ping = pingMs === 0 ? Number.POSITIVE_INFINITY : (this.#askedMs ?? this.#heardMs) + pingMs;
    return idleMs === 0 ? ping : Math.min(ping, this.#messageMs + idleMs);
  }
}
