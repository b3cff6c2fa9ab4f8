// logging/app-loggers.ts: the loggers that apps get by name: pino's, whose lines are our records.
//
// Law: the one door to pino. It costs 29 ms and 3 MB: it is loaded when an app asks for its first logger, and by nobody else.

import { createRequire } from 'node:module';
import type pino from 'pino';
import { LEVEL_WORDS, type AppLogger, type LoggerTree } from '@appserve/core/log';
import { callerHere } from './caller.ts';

export interface AppLoggersFacts {
  /** Levels. */
  readonly tree: LoggerTree;
  readonly needsCaller: boolean;
  /** Of the request that is answered now, where somebody keeps track of that. */
  readonly requestId: (() => string | undefined) | undefined;
  readonly write: (json: string) => void;
}

export class AppLoggers {
  readonly #facts: AppLoggersFacts;
  readonly #loggers = new Map<string, pino.Logger>();
  #pino: typeof pino | undefined;

  constructor(facts: AppLoggersFacts) {
    this.#facts = facts;
  }

  get(name: string): AppLogger {
    return this.#loggers.get(name) ?? this.#make(name);
  }

  /** Levels have changed. A child that an app has made keeps its own. */
  refresh(): void {
    for (const [name, logger] of this.#loggers) logger.level = this.#levelOf(name);
  }

  #make(name: string): pino.Logger {
    const { tree, write } = this.#facts;
    this.#pino ??= createRequire(import.meta.url)('pino') as typeof pino;
    tree.get(name);
    const mixin = mixinOf(this.#facts);
    const logger = this.#pino(
      { name, level: this.#levelOf(name), base: {}, ...(mixin === undefined ? {} : { mixin }) },
      { write },
    );
    this.#loggers.set(name, logger);
    return logger;
  }

  /** The least grave word of pino's that is grave enough. */
  #levelOf(name: string): string {
    const least = this.#facts.tree.levelOf(name);
    const words = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
    return words.find((word) => LEVEL_WORDS[word]! >= least) ?? 'silent';
  }
}

/** The function that pino calls. */
const OWN_FRAMES = 1;

function mixinOf({ needsCaller, requestId }: AppLoggersFacts): (() => object) | undefined {
  if (!needsCaller && requestId === undefined) return undefined;
  return () => ({
    ...(needsCaller ? { caller: callerHere(OWN_FRAMES) } : {}),
    ...(requestId === undefined ? {} : { requestId: requestId() }),
  });
}
