// The face of this folder: records, loggers by name, and how both look.

export { getLogger, provideLoggers, requestIdOf, type AppLogger, type LoggerSource, type LogMethod } from './app-logger.ts';
export type { Caller, LogEvent } from './event.ts';
export { FIELDS } from './fields.ts';
export { LEVEL_WORDS, levelName, levelOf, LEVELS, pinoLevel, PYTHON_LEVELS, pythonLevel, type Level } from './levels.ts';
export { LoggerTree } from './logger-tree.ts';
export type {
  Destination,
  FileDestination,
  FormatterConfig,
  HandlerConfig,
  LoggerConfig,
  LoggingConfig,
} from './logging-config.ts';
export { commonTime, compilePattern, timeOf, whyNoPattern, type Pattern } from './pattern.ts';
export { printable, quotable } from './printable.ts';
export { rendererOf } from './render.ts';
export { strftime } from './strftime.ts';
export { compileTemplate, type Template } from './template.ts';
