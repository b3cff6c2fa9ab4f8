// workers/generations.ts: what each generation of workers is started with, and how one follows the other: by a reload that somebody asks
// for, or, where development is going on, with whatever is mended.
//
// Law: the old workers go on until all of the new ones are ready. Where they never are, that is told, also to who awaits it.

import type { DevelopmentNews } from '../development/news.ts';
import type { Logger } from '../log.ts';
import type { Crew } from './crew.ts';
import type { Happening } from './life.ts';
import type { LivingFleet } from './living-fleet.ts';
import { Mending, type Mended, type Mender } from './mending.ts';
import { reasons, Reloads } from './reloads.ts';
import type { Tally } from './tally.ts';

export interface GenerationsFacts {
  /** Of the first one. */
  readonly crew: Crew;
  readonly log: Logger;
  /** Reads the configuration again; rejects with Faults when it is not right any more. */
  readonly again: () => Promise<Crew>;
  /** Nothing where the server does not reload by itself. */
  readonly development?: Mender | undefined;
}

export class Generations {
  readonly #facts: GenerationsFacts;
  readonly #fleet: LivingFleet;
  readonly #tally: Tally['reloads'];
  readonly #crews = new Map<number, Crew>();
  readonly #reloads = new Reloads(() => this.#readAgain());
  readonly #mending: Mending | undefined;

  constructor(facts: GenerationsFacts, fleet: LivingFleet, tally: Tally['reloads']) {
    this.#facts = facts;
    this.#fleet = fleet;
    this.#tally = tally;
    this.#crews.set(fleet.now.generation, facts.crew);
    this.#mending = facts.development && new Mending(facts.development, this.#mended());
  }

  #mended(): Mended {
    const { crew, again } = this.#facts;
    const fleet = this.#fleet;
    return {
      get isStopping() {
        return fleet.isStopping;
      },
      get size() {
        return fleet.now.size;
      },
      first: crew,
      hold: () => fleet.happen({ type: 'hold' }),
      again,
      renew: (fresh, isStandIn) => this.#follow(fresh, { type: 'renew', ...shapeOf(fresh), isStandIn }),
    };
  }

  /** What is broken is mended, and not given up. */
  get isMended(): boolean {
    return this.#mending !== undefined;
  }

  of(generation: number): Crew {
    return this.#crews.get(generation)!;
  }

  /** Of the workers that serve. */
  get now(): Crew {
    return this.of(this.#fleet.now.generation);
  }

  hear(news: DevelopmentNews): void {
    this.#mending?.hear(news);
  }

  /** Rejects with the Fault that kept the new workers from taking over; then the old ones go on. */
  reload(): Promise<void> {
    return this.#mending?.ask() ?? this.#reloads.ask();
  }

  #readAgain(): void {
    this.#facts.again().then(
      (crew) => this.#follow(crew, { type: 'reload', ...shapeOf(crew) }),
      (error: unknown) => this.#failed(error),
    );
  }

  #follow(crew: Crew, happening: Happening): void {
    this.#fleet.happen(happening, ({ reloading }) => {
      // Nothing, when it was asked to stop meanwhile.
      if (reloading !== undefined) this.#crews.set(reloading.generation, crew);
    });
  }

  #failed(error: unknown): void {
    this.#tally.failed += 1;
    for (const why of reasons(error)) this.#facts.log.error(`reload failed, the old workers go on: ${why}`);
    this.#reloads.end(error);
  }

  /** All of its workers are ready: those before it are history. */
  succeeded(generation: number): void {
    for (const older of this.#crews.keys()) if (older < generation) this.#crews.delete(older);
    this.#tally.done += 1;
  }

  /** It is told: what stands in for something broken serves too. */
  serves(isStandIn: boolean): void {
    if (this.#mending !== undefined) {
      this.#mending.serves(isStandIn);
      return;
    }
    this.#facts.log.info('reloaded: new workers are ready, the old ones finish what they have');
    this.#reloads.end();
  }

  /** A generation that was to follow did not come to serving. */
  gaveUp(generation: number, fault: unknown): void {
    if (this.#mending !== undefined) {
      this.#mending.broken(fault);
      return;
    }
    this.#crews.delete(generation);
    this.#failed(fault);
  }

  /** Workers cannot be started, where that is mended. */
  broken(fault: unknown): void {
    this.#mending?.broken(fault);
  }

  /** The server ends. */
  end(): void {
    this.#reloads.forget();
    this.#mending?.end();
  }
}

/** What the machine must know of it. */
function shapeOf({ size, settings }: Crew): { readonly size: number; readonly graceMs: number } {
  return { size, graceMs: settings.gracefulTimeoutMs };
}
