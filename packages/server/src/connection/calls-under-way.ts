// connection/calls-under-way.ts: the calls of the app that have given a promise and not yet their answer, by age. A machine.
//
// Law: who has answered, or whose client has gone, is not kept: some promises are never settled.
//
// A list through the calls themselves: a set would cost each of them as much as all other counting together.

/** Kept by the list; nobody else writes it. */
export interface Aged<T> {
  older: T | undefined;
  newer: T | undefined;
  isUnderWay: boolean;
}

export class CallsUnderWay<T extends Aged<T>> {
  #oldest: T | undefined;
  #newest: T | undefined;

  get oldest(): T | undefined {
    return this.#oldest;
  }

  /** The newest of them. True: it is the oldest too. */
  add(call: T): boolean {
    call.isUnderWay = true;
    call.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = call;
    else this.#newest.newer = call;
    this.#newest = call;
    return this.#oldest === call;
  }

  /** True: it was there, and was the oldest. */
  delete(call: T): boolean {
    if (!call.isUnderWay) return false;
    call.isUnderWay = false;
    const { older, newer } = call;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    call.older = undefined;
    call.newer = undefined;
    return older === undefined;
  }
}
