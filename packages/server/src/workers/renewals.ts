// workers/renewals.ts: reloads for development: a newer one takes the place of one that is under way, also of one that never ends.

import { Deferred } from '../deferred.ts';

export interface Renewal {
  /** No newer one has begun. */
  readonly isCurrent: () => boolean;
  /** With the one that came last, those before it are done as well. */
  readonly done: Promise<void>;
}

export class Renewals {
  #round = 0;
  #awaited: Deferred<void> | undefined;

  begin(): Renewal {
    this.#round += 1;
    const round = this.#round;
    if (this.#awaited === undefined) {
      this.#awaited = new Deferred<void>();
      // Who does not await it is shown a failure all the same.
      this.#awaited.promise.catch(() => undefined);
    }
    return { isCurrent: () => round === this.#round, done: this.#awaited.promise };
  }

  /** With what went wrong, if something did. Where none is under way: nothing. */
  end(error?: unknown): void {
    const awaited = this.#awaited;
    this.#awaited = undefined;
    if (error === undefined) awaited?.resolve();
    else awaited?.reject(error);
  }
}
