// connection/connections.ts: the open connections of a thread: how many there may be, and the moment when none is left.

/** What a server can do to a connection without knowing its protocol. */
export interface Connection {
  /** Between two requests, or before the first. */
  readonly isIdle: boolean;
  /** The server drains: close now if idle, or soon if it is patient, else after the answer under way. */
  drain(isPatient: boolean): void;
  /** Close at once, whatever is under way. */
  destroy(): void;
}

export class Connections {
  readonly #open = new Set<Connection>();
  readonly #max: number;
  /** So few that it is worth while to accept again: each change costs a descriptor. */
  readonly #roomAt: number;
  #isFull = false;
  #isLeaving = false;
  readonly #onFull: () => void;
  readonly #onRoom: () => void;
  readonly #onCount: (open: number) => void;
  #onEmpty: (() => void)[] = [];

  /** `onFull`: there are `max`. `onRoom`: a tenth of them has gone since. `onCount`: how many there are, at each change. */
  constructor(max: number, onFull: () => void, onRoom: () => void, onCount: (open: number) => void) {
    this.#max = max;
    this.#roomAt = max - Math.ceil(max / 10);
    this.#onFull = onFull;
    this.#onRoom = onRoom;
    this.#onCount = onCount;
  }

  get size(): number {
    return this.#open.size;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** The server will drain soon: who connects, or asks, is served, and told to connect anew. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  forewarn(): void {
    this.#isLeaving = true;
  }

  add(connection: Connection): void {
    this.#open.add(connection);
    this.#onCount(this.#open.size);
    if (this.#isFull || this.#open.size < this.#max) return;
    this.#isFull = true;
    this.#onFull();
  }

  delete(connection: Connection): void {
    if (!this.#open.delete(connection)) return;
    this.#onCount(this.#open.size);
    if (this.#isFull && this.#open.size <= this.#roomAt) {
      this.#isFull = false;
      this.#onRoom();
    }
    if (this.#open.size > 0) return;
    for (const wake of this.#onEmpty.splice(0)) wake();
  }

  closeIdle(): void {
    for (const connection of this.#open) if (connection.isIdle) connection.drain(false);
  }

  /**
   * Drains all; those that are not done after `graceMs` are cut. Resolves when none is left; gives how many were cut: of an idle one, for
   * which patience would have lasted longer, nothing is.
   */
  async drain(graceMs: number, isPatient: boolean): Promise<number> {
    for (const connection of this.#open) connection.drain(isPatient);
    if (this.#open.size === 0) return 0;
    let cut = 0;
    const timer = setTimeout(() => {
      for (const connection of this.#open) {
        if (!connection.isIdle) cut += 1;
        connection.destroy();
      }
    }, graceMs);
    await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
    clearTimeout(timer);
    return cut;
  }
}
