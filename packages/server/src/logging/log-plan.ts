// logging/log-plan.ts: the options of a server and the logging sections of its ini become one configuration: who logs what where.
//
// Law: what an option says is said of the server's own logger; without sections it is said of all. Nothing is opened here.

import { resolve } from 'node:path';
import {
  levelOf,
  LoggerTree,
  rendererOf,
  type Destination,
  type FormatterConfig,
  type HandlerConfig,
  type LoggerConfig,
  type LoggingConfig,
} from '@appserve/core/log';
import type { ServerSettings } from '../settings.ts';
import type { AccessSettings } from './access/access-log.ts';
import type { ChannelConfig } from './thread-messages.ts';

export type LogSettings = Pick<
  ServerSettings,
  'accessLogFormat' | 'asyncLogging' | 'errorLog' | 'log' | 'logFormat' | 'logLevel' | 'logRequestId'
>;

export interface LogPlan {
  readonly channel: ChannelConfig;
  /** Without the access log. */
  readonly access: AccessSettings | undefined;
  /** Some handler tells where in the code a record was made. */
  readonly needsCaller: boolean;
  /** Whether a thread waits until what it has said is written. */
  readonly waits: boolean;
  readonly hasRequestIds: boolean;
}

/** The logger of the server itself, unless `error_log` names another one. */
const OWN_LOGGER = 'appserve';
const NOBODY = 'None';
const STREAM = '-';
/** No ini has a handler of such a name: blanks are taken off there. */
const ERROR_HANDLER = ' error_log';
const ACCESS_HANDLER = ' log';
const INFO = 20;

/** The option that a handler was made of; nothing for one of the logging sections. */
export function optionOf(handler: string): { readonly key: string } | undefined {
  return handler === ERROR_HANDLER || handler === ACCESS_HANDLER ? { key: handler.trim() } : undefined;
}

/** Where a server is started. */
export interface LogSite {
  /** Somebody looks at its standard error, who may like colours. */
  readonly isTerminal: boolean;
  /** Where relative paths of options begin; also after `chdir`. */
  readonly folder: string;
}

export function planLog(settings: LogSettings, sections: LoggingConfig | undefined, site: LogSite): LogPlan {
  const { errorLog, logLevel } = settings;
  const level = logLevel === undefined ? undefined : levelOf(logLevel)!;
  const planned = sections === undefined ? withoutSections(settings, level, site) : withSections(settings, sections, level, site);
  const logger = typeof errorLog === 'string' && hasLogger(sections, errorLog) ? nameOf(errorLog) : OWN_LOGGER;
  const { access, handler } = planAccess(settings, sections, site);
  const logging = handler === undefined ? planned : { ...planned, handlers: { ...planned.handlers, [ACCESS_HANDLER]: handler } };
  return {
    channel: { logging, logger, accessHandler: handler === undefined ? undefined : ACCESS_HANDLER },
    access,
    needsCaller: Object.values(logging.handlers).some(({ formatter }) => rendererOf(formatter).needsCaller),
    waits: !settings.asyncLogging,
    hasRequestIds: settings.logRequestId,
  };
}

function hasLogger(sections: LoggingConfig | undefined, name: string): boolean {
  return sections !== undefined && Object.hasOwn(sections.loggers, nameOf(name));
}

function nameOf(logger: string): string {
  return logger === 'root' ? '' : logger;
}

function withoutSections(settings: LogSettings, level = INFO, site: LogSite): LoggingConfig {
  const handler = errorHandler(settings, settings.errorLog ?? STREAM, site);
  const root: LoggerConfig = { level, handlers: handler === undefined ? [] : [ERROR_HANDLER], propagate: true };
  return { loggers: { '': root }, handlers: handler === undefined ? {} : { [ERROR_HANDLER]: handler } };
}

function withSections(settings: LogSettings, sections: LoggingConfig, level: number | undefined, site: LogSite): LoggingConfig {
  const { errorLog } = settings;
  const known = sections.loggers[OWN_LOGGER];
  if (errorLog === undefined || (typeof errorLog === 'string' && hasLogger(sections, errorLog))) {
    if (level === undefined) return sections;
    const name = errorLog === undefined ? OWN_LOGGER : nameOf(errorLog);
    const own = sections.loggers[name] ?? { handlers: [], propagate: true };
    return { ...sections, loggers: { ...sections.loggers, [name]: { ...own, level } } };
  }
  const handler = errorHandler(settings, errorLog, site);
  const own: LoggerConfig = {
    level: level ?? known?.level ?? INFO,
    handlers: handler === undefined ? [] : [ERROR_HANDLER],
    propagate: false,
  };
  return {
    loggers: { ...sections.loggers, [OWN_LOGGER]: own },
    handlers: handler === undefined ? sections.handlers : { ...sections.handlers, [ERROR_HANDLER]: handler },
  };
}

/** Nothing where nobody shall hear it, or where an object of the script does. */
function errorHandler({ logFormat }: LogSettings, errorLog: unknown, { isTerminal, folder }: LogSite): HandlerConfig | undefined {
  if (typeof errorLog !== 'string' || errorLog === NOBODY) return undefined;
  const type: FormatterConfig['type'] =
    logFormat === 'auto' ? (isTerminal && errorLog === STREAM ? 'pretty' : 'text') : logFormat;
  return { to: destinationOf(errorLog, 'stderr', folder), level: 0, formatter: { type } };
}

function destinationOf(written: string, stream: 'stderr' | 'stdout', folder: string): Destination {
  if (written === STREAM) return { type: 'stream', stream };
  return { type: 'file', path: resolve(folder, written), isTruncated: false, isDelayed: false };
}

function planAccess(
  { log, accessLogFormat: format }: LogSettings,
  sections: LoggingConfig | undefined,
  { folder }: LogSite,
): { readonly access: AccessSettings | undefined; readonly handler?: HandlerConfig } {
  if (log === undefined || log === NOBODY) return { access: undefined };
  if (typeof log !== 'string') return { access: { format, to: 'object' } };
  if (hasLogger(sections, log)) return { access: { format, to: 'logger', logger: nameOf(log) } };
  const handler: HandlerConfig = { to: destinationOf(log, 'stdout', folder), level: 0, formatter: { type: 'pattern' } };
  return { access: { format, to: 'lines' }, handler };
}

/** The least level that the server's own logger lets through. */
export function ownLevel({ channel: { logging, logger } }: LogPlan): number {
  const tree = new LoggerTree();
  tree.configure(logging);
  return tree.levelOf(logger);
}
