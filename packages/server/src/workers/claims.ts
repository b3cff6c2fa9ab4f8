// workers/claims.ts: who has a connection that was offered: one atomic word each, in memory that supervisor and workers share.
//
// Law: an offer ends once: the worker takes it, or the supervisor takes it back; the word says which, whoever was faster. So a worker
// that does not come to it leaves its connections to the others, and none is ever served twice. What is taken is the worker's only when it
// stands in its row too: else there would be a moment in which nobody counts it.

/** Which offer: a word, and its number on that word, which makes old news harmless. */
export interface Claim {
  readonly word: number;
  readonly ticket: number;
}

const FREE = 0;
const TAKEN = 1;
const SETTLED = 2;
/** A ticket stands above the bits that say whether it is taken, and settled. */
const STEP = 4;
const TICKETS = 2 ** 29;

export class Claims {
  readonly #words: Int32Array;
  readonly #free: number[];
  #ticket = 0;

  /** For the supervisor and for each worker, over the same memory. */
  constructor(memory: ArrayBufferLike) {
    this.#words = new Int32Array(memory);
    this.#free = Array.from(this.#words.keys()).toReversed();
  }

  static bytesFor(offers: number): number {
    return offers * Int32Array.BYTES_PER_ELEMENT;
  }

  /** Nothing when as many are open as there is room for. */
  open(): Claim | undefined {
    const word = this.#free.pop();
    if (word === undefined) return undefined;
    this.#ticket = (this.#ticket % (TICKETS - 1)) + 1;
    Atomics.store(this.#words, word, this.#ticket * STEP);
    return { word, ticket: this.#ticket };
  }

  /** By the worker. False: it is somebody else's by now. */
  take({ word, ticket }: Claim): boolean {
    const offered = ticket * STEP;
    return Atomics.compareExchange(this.#words, word, offered, offered + TAKEN) === offered;
  }

  /** By the worker that has taken it, and counts it. */
  settle({ word, ticket }: Claim): void {
    Atomics.compareExchange(this.#words, word, ticket * STEP + TAKEN, ticket * STEP + SETTLED);
  }

  isSettled({ word, ticket }: Claim): boolean {
    return Atomics.load(this.#words, word) === ticket * STEP + SETTLED;
  }

  /** By the supervisor: ends the offer. False: the worker has taken it. */
  close({ word, ticket }: Claim): boolean {
    const isOpen = Atomics.compareExchange(this.#words, word, ticket * STEP, FREE) === ticket * STEP;
    if (!isOpen) Atomics.store(this.#words, word, FREE);
    this.#free.push(word);
    return isOpen;
  }
}
