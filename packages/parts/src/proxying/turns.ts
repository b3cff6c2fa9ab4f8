// proxying/turns.ts: who may ask the other server now, and who waits until one of them is done. First come, first served.
//
// Law: nobody waits without end: not longer than the limit, not when too many wait already, and not for a client that has gone.

export type Turn = 'taken' | 'full' | 'late' | 'gone';

interface Waiting {
  readonly resolve: (turn: Turn) => void;
}

export class Turns {
  #free: number;
  readonly #waitingMax: number;
  readonly #waitMs: number;
  /** In the order of their coming: a Set keeps it, and lets one go from its middle. */
  readonly #queue = new Set<Waiting>();

  constructor(max: number, waitingMax: number, waitMs: number) {
    this.#free = max;
    this.#waitingMax = waitingMax;
    this.#waitMs = waitMs;
  }

  /** Whose turn is `taken` gives it back. `gone` aborts when the client has left. */
  async take(gone: AbortSignal): Promise<Turn> {
    if (this.#free > 0) {
      this.#free -= 1;
      return 'taken';
    }
    return this.#queue.size >= this.#waitingMax ? 'full' : this.#wait(gone);
  }

  #wait(gone: AbortSignal): Promise<Turn> {
    return new Promise((resolve) => {
      const end = (turn: Turn): void => {
        clearTimeout(timer);
        gone.removeEventListener('abort', leave);
        this.#queue.delete(waiting);
        resolve(turn);
      };
      const leave = (): void => end('gone');
      const timer = setTimeout(() => end('late'), this.#waitMs);
      const waiting: Waiting = { resolve: end };
      gone.addEventListener('abort', leave, { once: true });
      this.#queue.add(waiting);
    });
  }

  giveBack(): void {
    const [next] = this.#queue;
    if (next === undefined) this.#free += 1;
    else next.resolve('taken');
  }
}
