// app/life.ts: what an app has beside answering: it may want to start before the first request, and to close after the last.
//
// Law: what was made is started in the order of its making and closed in the opposite one, each once, whatever the others do.

import type { App } from './contracts.ts';

/** An app with the life of all that was made for it. */
export interface LivingApp {
  readonly app: App;
  start(): Promise<void>;
  /** Gives what went wrong; the rest is closed all the same. */
  close(): Promise<readonly unknown[]>;
}

/** An app as it comes from a script or a foreign loader has at most its own life. */
export function livingApp(made: unknown): LivingApp {
  const given = made as Partial<LivingApp> | null | undefined;
  const isLiving = typeof given === 'object' && given !== null && 'app' in given && !('fetch' in given);
  if (isLiving && typeof given.start === 'function' && typeof given.close === 'function') return given as LivingApp;
  const life = new Life();
  return { app: life.add(made) as App, start: () => life.start(), close: () => life.close() };
}

/** Any of these; an app, or what a filter factory returned, may have them. */
export interface Living {
  /** Called once in every worker, before it says that it is ready. */
  start?(): void | Promise<void>;
  /** Called once in every worker, when its last request has been answered. */
  close?(): void | Promise<void>;
  [Symbol.asyncDispose]?(): PromiseLike<void>;
  [Symbol.dispose]?(): void;
}

export class Life {
  /** In the order of their making. */
  readonly #living = new Set<Living>();
  readonly #started = new Set<Living>();

  /** Remembers it if it has a life; gives it back. */
  add<T>(thing: T): T {
    const isObject = (typeof thing === 'object' && thing !== null) || typeof thing === 'function';
    if (isObject) this.#living.add(thing as Living);
    return thing;
  }

  /** When one fails to start, those before it are closed, and its error goes on. */
  async start(): Promise<void> {
    try {
      for (const living of this.#living) {
        if (this.#started.has(living)) continue;
        if (typeof living.start === 'function') await living.start();
        this.#started.add(living);
      }
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Closes what was started. Gives the errors: one that cannot close keeps no other from it. */
  async close(): Promise<unknown[]> {
    const errors: unknown[] = [];
    const started = [...this.#started].toReversed();
    this.#started.clear();
    for (const living of started) {
      try {
        await closeOne(living);
      } catch (error) {
        errors.push(error);
      }
    }
    return errors;
  }
}

async function closeOne(living: Living): Promise<void> {
  if (typeof living.close === 'function') await living.close();
  else if (typeof living[Symbol.asyncDispose] === 'function') await living[Symbol.asyncDispose]!();
  else living[Symbol.dispose]?.();
}
