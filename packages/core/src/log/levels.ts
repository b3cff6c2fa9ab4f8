// log/levels.ts: how grave a record is: Python's numbers and names, and the words of our own options.
//
// Source: logging's table of levels. Records travel with pino's numbers, which are ten more.

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** What options take, from the least grave on. */
export const LEVELS: readonly Level[] = ['debug', 'info', 'warn', 'error'];

/** Python's names, as an ini writes them; NOTSET: whatever the logger above says. */
export const PYTHON_LEVELS = {
  CRITICAL: 50,
  FATAL: 50,
  ERROR: 40,
  WARN: 30,
  WARNING: 30,
  INFO: 20,
  DEBUG: 10,
  NOTSET: 0,
} as const;

/** The words of options and of pino, in Python's numbers. */
export const LEVEL_WORDS: Readonly<Record<string, number>> = {
  trace: 5,
  debug: 10,
  info: 20,
  warn: 30,
  warning: 30,
  error: 40,
  fatal: 50,
  critical: 50,
};

/** What pino's numbers are above Python's. Its trace, 10, is our 5. */
const PINO_ABOVE = 10;
const PINO_TRACE = 10;
const TRACE = 5;

export function pythonLevel(pino: number): number {
  return pino <= PINO_TRACE ? TRACE : pino - PINO_ABOVE;
}

export function pinoLevel(python: number): number {
  return python <= TRACE ? PINO_TRACE : python + PINO_ABOVE;
}

/** By the number of Python; another number is `Level 15`, as there. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [50, 'CRITICAL'],
  [40, 'ERROR'],
  [30, 'WARNING'],
  [20, 'INFO'],
  [10, 'DEBUG'],
  [TRACE, 'TRACE'],
  [0, 'NOTSET'],
]);

export function levelName(level: number): string {
  return NAMES.get(level) ?? `Level ${level}`;
}

/** The number of `debug`, `WARNING` or `15`; nothing for what is no level. */
export function levelOf(text: string): number | undefined {
  if (Object.hasOwn(PYTHON_LEVELS, text)) return PYTHON_LEVELS[text as keyof typeof PYTHON_LEVELS];
  return Object.hasOwn(LEVEL_WORDS, text) ? LEVEL_WORDS[text] : undefined;
}
