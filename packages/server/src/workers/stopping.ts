// workers/stopping.ts: the time between the wish to stop and the drain: the delay that an operator has asked for, and those who wait to be
// accepted. What follows from it is the machine's (life.ts); the timer is here.

import type { Logger } from '../log.ts';
import type { FleetPhase, Happening } from './fleet.ts';

export interface StoppingFacts {
  readonly log: Logger;
  readonly phase: () => FleetPhase;
  /** `stop_delay`. */
  readonly delayMs: () => number;
  /** Nothing, where the main thread does not accept. */
  readonly finishAccepting: () => Promise<void> | undefined;
  readonly happen: (happening: Happening) => void;
}

export class Stopping {
  readonly #facts: StoppingFacts;
  #lingering: NodeJS.Timeout | undefined;

  constructor(facts: StoppingFacts) {
    this.#facts = facts;
  }

  stop(isPatient: boolean, isAsked: boolean): void {
    const { happen, delayMs } = this.#facts;
    const stop = (): void => happen({ type: 'stop', isPatient, isAsked, delayMs: delayMs() });
    const drains = this.#drainsNow(isAsked);
    if (drains) clearTimeout(this.#lingering);
    if (drains && isPatient) this.#finishAccepting(stop);
    else stop();
  }

  /** Neither delayed nor begun before. */
  #drainsNow(isAsked: boolean): boolean {
    switch (this.#facts.phase()) {
      case 'starting':
      case 'serving':
        return !isAsked || this.#facts.delayMs() === 0;
      case 'leaving':
        return isAsked;
      case 'stopping':
      case 'over':
        return false;
    }
  }

  /** Whoever waits to be accepted by the main thread is, first. */
  #finishAccepting(then: () => void): void {
    const finished = this.#facts.finishAccepting();
    if (finished === undefined) then();
    else void finished.then(then);
  }

  linger(forMs: number): void {
    const { happen, log } = this.#facts;
    const again = 'asked a second time it stops without waiting, and a third time it cuts what is under way';
    log.info(`not ready any more; requests are answered for ${forMs / 1_000} s (stop_delay) before it stops; ${again}`);
    this.#lingering = setTimeout(() => this.#finishAccepting(() => happen({ type: 'left' })), forMs);
  }

  /** Every worker has ended. */
  end(): void {
    clearTimeout(this.#lingering);
  }
}
