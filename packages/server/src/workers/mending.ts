// workers/mending.ts: reloads for development, as the supervisor has them done: fresh code takes the place of what was held, or something
// stands in for what is broken.

import { Fault } from '@appserve/core';
import type { DevelopmentNews } from '../development/news.ts';
import type { SharedSettings } from '../settings.ts';
import type { Crew } from './crew.ts';
import { Renewals, type Renewal } from './renewals.ts';

/** Who says what shall be, where what is broken is mended and not given up. */
export interface Mender {
  hear(news: DevelopmentNews): void;
  beginsLoading(): void;
  hasRead(settings: SharedSettings): void;
  /** What serves until something changes. */
  standIn(error: unknown, crew: Crew): Omit<Crew, 'size'>;
  isServing(isStandIn: boolean): void;
}

/** What the supervisor does for it. */
export interface Mended {
  readonly isStopping: boolean;
  readonly size: number;
  readonly first: Crew;
  hold(): void;
  again(): Promise<Crew>;
  renew(crew: Crew, isStandIn: boolean): void;
}

export class Mending {
  readonly #mender: Mender;
  readonly #mended: Mended;
  readonly #renewals = new Renewals();

  constructor(mender: Mender, mended: Mended) {
    this.#mender = mender;
    this.#mended = mended;
  }

  hear(news: DevelopmentNews): void {
    this.#mender.hear(news);
  }

  /** Rejects with what is broken. */
  ask(): Promise<void> {
    this.#mended.hold();
    this.#mender.beginsLoading();
    const renewal = this.#renewals.begin();
    void this.#readAgain(renewal);
    return renewal.done;
  }

  async #readAgain({ isCurrent }: Renewal): Promise<void> {
    try {
      const crew = await this.#mended.again();
      if (!isCurrent()) return;
      this.#mender.hasRead(crew.settings);
      this.#mended.renew(crew, false);
    } catch (error) {
      if (isCurrent()) this.broken(error);
    }
  }

  broken(error: unknown): void {
    this.#renewals.end(error);
    const { isStopping, first, size } = this.#mended;
    if (!isStopping) this.#mended.renew({ ...this.#mender.standIn(error, first), size }, true);
  }

  serves(isStandIn: boolean): void {
    if (!isStandIn) this.#renewals.end();
    this.#mender.isServing(isStandIn);
  }

  /** The server ends. */
  end(): void {
    this.#renewals.end(new Fault('NOT_SERVING', { what: 'reload', isStopping: true }));
  }
}
