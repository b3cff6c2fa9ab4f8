// app/life.ts: what an app has beside answering: it may want to start before the first request, and to close after the last.
//
// Law: what was made is started in the order of its making and closed in the opposite one, each once, whatever the others do.

import type { ExportRef } from '../export-ref.ts';
import type { App } from './contracts.ts';
import { startOf } from './recognise.ts';
import { isWebSocketApp } from './websocket-app.ts';

/** An app with the life of all that was made for it. */
export interface LivingApp {
  readonly app: App;
  start(): Promise<void>;
  /** Gives what went wrong; the rest is closed all the same. */
  close(): Promise<readonly unknown[]>;
  /** Imports what options name, as the app itself was imported: TypeScript too. A plain import() where it is left out. */
  importExport?(ref: ExportRef): Promise<unknown>;
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

/** Runs a start, and says of what fails where it belongs. */
export type Around = (start: () => Promise<void>) => Promise<void>;

function plainly(start: () => Promise<void>): Promise<void> {
  return start();
}

export class Life {
  /** In the order of their making. */
  readonly #living = new Map<Living, Around>();
  /** Those that have begun to start, or have started. */
  readonly #starts = new Map<Living, Promise<void>>();
  readonly #started = new Set<Living>();
  /** A filter may give `{ ...app, fetch }`: what it copied from the app is the app's. */
  readonly #begun = new Set<unknown>();
  #isRunning = false;
  #isEnding = false;
  #starting: Promise<void> | undefined;
  #closing: Promise<unknown[]> | undefined;

  /** Remembers it if it has a life; gives it back. `around`: what its start runs in, so that who fails is known. */
  add<T>(thing: T, around: Around = plainly): T {
    const isObject = (typeof thing === 'object' && thing !== null) || typeof thing === 'function';
    if (isObject && !this.#living.has(thing as Living)) this.#living.set(thing as Living, around);
    return thing;
  }

  /** The same for what may be made late, as a composite may do for a request: what is running starts it at once. */
  async adopt<T>(thing: T, around: Around = plainly): Promise<T> {
    this.add(thing, around);
    if (this.#isRunning && this.#living.has(thing as Living)) await this.#startOne(thing as Living);
    return thing;
  }

  /** When one fails to start, those before it are closed, and its error goes on. A second call waits for the first. */
  start(): Promise<void> {
    this.#starting ??= this.#startAll();
    return this.#starting;
  }

  /** Closes what was started, and what is starting when it has. Gives the errors: one that cannot close keeps no other from it. */
  close(): Promise<unknown[]> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #startAll(): Promise<void> {
    try {
      // What is made meanwhile comes last.
      for (const living of this.#living.keys()) {
        if (this.#isEnding) return;
        await this.#startOne(living);
      }
      this.#isRunning = !this.#isEnding;
    } catch (error) {
      this.#isEnding = true;
      await this.#closeStarted();
      throw error;
    }
  }

  #startOne(living: Living): Promise<void> {
    const start = this.#starts.get(living) ?? this.#begin(living);
    this.#starts.set(living, start);
    return start;
  }

  async #begin(living: Living): Promise<void> {
    const start: unknown = Reflect.get(living, 'start');
    const isCopied = Object.hasOwn(living, 'start') && this.#begun.has(start);
    this.#begun.add(start);
    const around = this.#living.get(living)!;
    const framework = startOf(living);
    if (framework !== undefined) await around(async () => void (await framework()));
    else if (typeof living.start === 'function' && !isCopied) await around(async () => living.start!());
    this.#started.add(living);
  }

  async #end(): Promise<unknown[]> {
    this.#isEnding = true;
    this.#isRunning = false;
    // What never comes to its end must not keep the others from theirs.
    const errors = await this.#closeStarted();
    await Promise.allSettled([this.#starting, ...this.#starts.values()]);
    return [...errors, ...(await this.#closeStarted())];
  }

  async #closeStarted(): Promise<unknown[]> {
    const errors: unknown[] = [];
    const closers = closersOf([...this.#living.keys()].filter((living) => this.#started.has(living)));
    this.#started.clear();
    for (const close of closers.toReversed()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    return errors;
  }
}

const WAYS_TO_CLOSE = ['close', Symbol.asyncDispose, Symbol.dispose] as const;

/** The `close` of a WebSocket app is told of each socket's end. */
function wayToClose(living: Living): (typeof WAYS_TO_CLOSE)[number] | undefined {
  const ways = isWebSocketApp(living) ? WAYS_TO_CLOSE.slice(1) : WAYS_TO_CLOSE;
  return ways.find((name) => typeof living[name] === 'function');
}

/** How each ends, in the order of their making: what one has copied from another is left to the other. */
function closersOf(things: readonly Living[]): (() => unknown)[] {
  const known = new Set<unknown>();
  return things.flatMap((living) => {
    const way = wayToClose(living);
    if (way === undefined || (Object.hasOwn(living, way) && known.has(living[way]))) return [];
    known.add(living[way]);
    return [() => living[way]!()];
  });
}
