// workers/living-fleet.ts: the fleet as it is now, and what happens to it, one thing after the other.
//
// Law: one step of the machine is obeyed to its end before the next thing happens. A worker that cannot be started, say, ends within the
// command that starts it; what follows from that would else overtake the commands that are still to be obeyed.

import { supervise, type Command, type Fleet, type Happening } from './life.ts';

export class LivingFleet {
  #now: Fleet;
  readonly #obey: (commands: readonly Command[]) => void;
  /** What happened while commands were obeyed. */
  readonly #waiting: (() => void)[] = [];
  #isObeying = false;

  constructor(first: Fleet, obey: (commands: readonly Command[]) => void) {
    this.#now = first;
    this.#obey = obey;
  }

  get now(): Fleet {
    return this.#now;
  }

  get isStopping(): boolean {
    const { phase } = this.#now;
    return phase === 'leaving' || phase === 'stopping' || phase === 'over';
  }

  /** Neither starting nor stopping. */
  get isServing(): boolean {
    return this.#now.phase === 'serving';
  }

  /** `prepare`: what must be known before the commands are obeyed. */
  happen(happening: Happening, prepare: (fleet: Fleet) => void = () => undefined): void {
    this.#waiting.push(() => this.#live(happening, prepare));
    if (this.#isObeying) return;
    this.#isObeying = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) next();
    } finally {
      this.#isObeying = false;
    }
  }

  #live(happening: Happening, prepare: (fleet: Fleet) => void): void {
    const [fleet, commands] = supervise(this.#now, happening, performance.now());
    this.#now = fleet;
    prepare(fleet);
    this.#obey(commands);
  }
}
