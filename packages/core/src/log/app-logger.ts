// log/app-logger.ts: how an app gets a logger by name, wherever it runs.
//
// Law: asking is cheap and may come first: modules of an app ask while they are imported. In a server a logger is pino's, and obeys the
// logging sections of the ini; elsewhere, in a test or a script, warnings and errors go to the console, as Python's last resort has it.
//
// The slot is global by symbol, not by module: an app may have another copy of this package than the server.

import { underlyingOf, type Carrier } from './carrier.ts';
import { LEVEL_WORDS } from './levels.ts';

/** As pino has it: `log.info('so many: %d', 5)`, `log.info({ order: 7 }, 'placed')`, `log.error(error, 'not placed')`. */
export interface LogMethod {
  (message: string, ...values: unknown[]): void;
  (fields: object, message?: string, ...values: unknown[]): void;
}

/** What a logger of pino's offers of which apps make use; it is one, in a server. */
export interface AppLogger {
  /** The least level that is logged. */
  level: string;
  readonly fatal: LogMethod;
  readonly error: LogMethod;
  readonly warn: LogMethod;
  readonly info: LogMethod;
  readonly debug: LogMethod;
  readonly trace: LogMethod;
  readonly silent: LogMethod;
  /** The same with more fields in each record. */
  child(fields: Readonly<Record<string, unknown>>): AppLogger;
  isLevelEnabled(level: string): boolean;
}

/** What makes loggers in this thread. */
export type LoggerSource = (name: string) => AppLogger;

const SLOT = Symbol.for('appserve.loggers');
const slots = globalThis as unknown as Record<symbol, LoggerSource | undefined>;

/** For a server, before it loads the app. */
export function provideLoggers(source: LoggerSource | undefined): void {
  slots[SLOT] = source;
}

/**
 * The logger of that name: dots part it from those above it, whose levels and handlers it inherits. `request`: an environ, the context
 * of a fetch app, a request of node:http: then each record has its id.
 */
export function getLogger(name: string, request?: Carrier): AppLogger {
  const logger = slots[SLOT]?.(name) ?? consoleLogger(name, {});
  const requestId = request === undefined ? undefined : requestIdOf(request);
  return requestId === undefined ? logger : logger.child({ requestId });
}

/** The id of a request: what its client, or a proxy, has sent as X-Request-Id, where that is sane; else one of ours. */
export function requestIdOf(request: Carrier): string | undefined {
  return underlyingOf(request)?.requestId;
}

const METHODS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** For whom nobody serves. */
function consoleLogger(name: string, fields: Readonly<Record<string, unknown>>): AppLogger {
  let least = 'warn';
  const isEnabled = (level: string): boolean => (LEVEL_WORDS[level] ?? 0) >= (LEVEL_WORDS[least] ?? Number.POSITIVE_INFINITY);
  const methods = METHODS.map((level) => {
    const say = (...words: unknown[]): void => {
      const rest = Object.keys(fields).length === 0 ? [] : [fields];
      if (isEnabled(level)) console.error(`${level.toUpperCase()} [${name}]`, ...words, ...rest);
    };
    return [level, say] as const;
  });
  return {
    ...(Object.fromEntries(methods) as Record<(typeof METHODS)[number], LogMethod>),
    silent: () => undefined,
    get level() {
      return least;
    },
    set level(level) {
      least = level;
    },
    child: (more) => consoleLogger(name, { ...fields, ...more }),
    isLevelEnabled: isEnabled,
  };
}
