// connection/app-calls.ts: the calls of the app in one thread: as many at once as `concurrency` lets, the others in a queue.
//
// Law: what an app throws, at once or later, ends in its exchange and nowhere else.
//
// Where requests are timed, each costs two looks at the clock, of 50 ns. To share one among those of a turn of the loop would take a
// setImmediate() for each turn, which costs more than it saves (docs/decisions/0025-operators.md).

// Not the global, which is looked up behind a getter each time.
import { performance } from 'node:perf_hooks';
import type { Exchange, Handler } from '@appserve/core/exchange';
import { CallsUnderWay, type Aged } from './calls-under-way.ts';
import type { Clock } from './clock.ts';
import type { Counters } from './counters.ts';
import { storyOf, type RequestStory } from './request-channels.ts';
import { RequestQueue, type QueueLimits } from './request-queue.ts';

/** An exchange as the queue sees it. */
export interface Call extends Exchange, Aged<Call> {
  /** The app has been called, or is about to be: the call holds one of the places until it has come back. */
  hasPlace: boolean;
  /** When the app was called; on the thread's clock. */
  calledMs: number;
  /** When it came to the queue, and how long it waited there, both exact; negative where nobody measures it. */
  begunMs: number;
  waitedMs: number;
  /** Of the final answer; 0 before it. */
  readonly status: number;
  /** Where somebody wants to hear of it. */
  story: RequestStory | undefined;
}

export class AppCalls {
  readonly #handler: Handler;
  readonly #queue: RequestQueue<Call>;
  readonly #underWay = new CallsUnderWay<Call>();
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #counters: Counters;
  readonly limits: QueueLimits;

  /** `onLong` is told once each time the queue grows to `qmon_warn_threshold`. */
  constructor(
    handler: Handler,
    limits: QueueLimits,
    onLong: (length: number) => void,
    clock: Pick<Clock, 'nowMs'>,
    counters: Counters,
  ) {
    this.#handler = handler;
    this.limits = limits;
    this.#queue = new RequestQueue(limits, onLong);
    this.#clock = clock;
    this.#counters = counters;
  }

  /** Calls the app now or later. False: there is no place even in the queue. */
  begin(call: Call): boolean {
    const place = this.#queue.enter(call);
    if (place !== 'full') call.story = storyOf(call);
    if (this.#counters.isTimed && place !== 'full') call.begunMs = performance.now();
    if (place === 'run') {
      call.hasPlace = true;
      this.#run(call);
    } else if (place === 'wait') {
      this.#counters.queued(this.#queue.length);
    }
    return place !== 'full';
  }

  /** An exchange is over: if it waited, it waits no longer. A place is given on when its call comes back, not before. */
  end(call: Call): void {
    if (call.begunMs >= 0) this.#measure(call);
    call.story?.end(call.status);
    if (call.hasPlace) {
      this.#forget(call);
      return;
    }
    this.#queue.withdraw(call);
    this.#counters.queued(this.#queue.length);
  }

  #measure(call: Call): void {
    const nowMs = performance.now();
    const tookMs = nowMs - call.begunMs;
    if (!call.hasPlace) {
      call.waitedMs = tookMs;
      this.#counters.waited(tookMs);
    }
    this.#counters.finished(call.head, call.status, call.waitedMs, tookMs, nowMs);
  }

  /** A call has come back: who waits longest gets its place. */
  #leave(): void {
    const next = this.#queue.leave();
    if (next === undefined) return;
    this.#counters.queued(this.#queue.length);
    next.hasPlace = true;
    // Not from within the end of another one, whose stack would grow with the queue.
    queueMicrotask(() => {
      if (next.isOver) {
        this.#leave();
        return;
      }
      if (next.begunMs >= 0) next.waitedMs = performance.now() - next.begunMs;
      this.#run(next);
    });
  }

  #run(call: Call): void {
    const counters = this.#counters;
    call.calledMs = this.#clock.nowMs;
    if (call.begunMs >= 0) counters.waited(call.waitedMs);
    counters.called(call.head, call.calledMs);
    try {
      const { story } = call;
      const running = story === undefined ? this.#handler(call) : story.run(() => this.#handler(call));
      if (running !== undefined) {
        counters.returned();
        if (!call.isOver && this.#underWay.add(call)) counters.oldest(call.head, call.calledMs);
        void running.then(
          () => this.#comeBack(call),
          (error: unknown) => {
            call.fail(error);
            this.#comeBack(call);
          },
        );
        return;
      }
    } catch (error) {
      call.fail(error);
    }
    counters.returned();
    counters.done();
    this.#leave();
  }

  /** Its promise is settled. */
  #comeBack(call: Call): void {
    this.#forget(call);
    this.#counters.done();
    this.#leave();
  }

  #forget(call: Call): void {
    if (!this.#underWay.delete(call)) return;
    const { oldest } = this.#underWay;
    this.#counters.oldest(oldest?.head, oldest?.calledMs ?? 0);
  }
}
