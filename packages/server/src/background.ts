// background.ts: work of apps that goes on behind their answers, and the moment when none is left.

import type { Background } from '@appserve/core/app';
import { describeError, type Logger } from './log.ts';

export class BackgroundWork implements Background {
  readonly #log: Logger;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(log: Logger) {
    this.#log = log;
  }

  add(work: PromiseLike<unknown>): void {
    const watched: Promise<unknown> = Promise.resolve(work)
      .catch((error: unknown) => this.#log.error(`work behind an answer failed: ${describeError(error)}`))
      .finally(() => this.#underWay.delete(watched));
    this.#underWay.add(watched);
  }

  /** Waits until all of it is done, also what is added meanwhile, or `limitMs` are over. Gives how much is left. */
  async settled(limitMs: number): Promise<number> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)));
    const isLate = late.then(() => true);
    while (this.#underWay.size > 0) {
      if (await Promise.race([Promise.all(this.#underWay).then(() => false), isLate])) break;
    }
    clearTimeout(timer);
    return this.#underWay.size;
  }
}
