// connection/app-calls.ts: the calls of the app in one thread: as many at once as `concurrency` lets, the others in a queue.
//
// Law: what an app throws, at once or later, ends in its exchange and nowhere else.

import type { Exchange, Handler } from '@appserve/core/exchange';
import { RequestQueue, type QueueLimits } from './request-queue.ts';

/** An exchange as the queue sees it. */
export interface Call extends Exchange {
  /** The app has been called, or is about to be: the call holds one of the places until it has come back. */
  hasPlace: boolean;
}

export class AppCalls {
  readonly #handler: Handler;
  readonly #queue: RequestQueue<Call>;
  readonly limits: QueueLimits;

  /** `onLong` is told once each time the queue grows to `qmon_warn_threshold`. */
  constructor(handler: Handler, limits: QueueLimits, onLong: (length: number) => void) {
    this.#handler = handler;
    this.limits = limits;
    this.#queue = new RequestQueue(limits, onLong);
  }

  /** Calls the app now or later. False: there is no place even in the queue. */
  begin(call: Call): boolean {
    const place = this.#queue.enter(call);
    if (place === 'run') {
      call.hasPlace = true;
      this.#run(call);
    }
    return place !== 'full';
  }

  /** An exchange is over: if it waited, it waits no longer. A place is given on when its call comes back, not before. */
  end(call: Call): void {
    if (!call.hasPlace) this.#queue.withdraw(call);
  }

  /** A call has come back: who waits longest gets its place. */
  #leave(): void {
    const next = this.#queue.leave();
    if (next === undefined) return;
    next.hasPlace = true;
    // Not from within the end of another one, whose stack would grow with the queue.
    queueMicrotask(() => {
      if (next.isOver) this.#leave();
      else this.#run(next);
    });
  }

  #run(call: Call): void {
    try {
      const running = this.#handler(call);
      if (running !== undefined) {
        void running.then(
          () => this.#leave(),
          (error: unknown) => {
            call.fail(error);
            this.#leave();
          },
        );
        return;
      }
    } catch (error) {
      call.fail(error);
    }
    this.#leave();
  }
}
