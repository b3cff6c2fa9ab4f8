// embedded-log.ts: the log of a server in a program that embeds it: no thread of its own, and nothing but what the program gives.

import { Logger, formatRecord, writeToStderr, type LogWriter } from './log.ts';
import { accessLog } from './logging/access/access-log.ts';
import type { AccessLog } from './logging/access/answered.ts';
import { lineWriter, type LogObject } from './logging/log-object.ts';
import type { ServerSettings } from './settings.ts';

const INFO = 20;
const ERROR = 40;

/** Faults: LOG_FORMAT_INVALID. */
export function embeddedLog(
  { logLevel = 'info', accessLogFormat }: Pick<ServerSettings, 'logLevel' | 'accessLogFormat'>,
  errorLog: LogWriter | LogObject | undefined,
  log: LogObject | undefined,
): { readonly logger: Logger; readonly access: AccessLog | undefined } {
  const logger = new Logger('main', logLevel, errorLog === undefined ? writeToStderr : writerOf(errorLog));
  if (log === undefined) return { logger, access: undefined };
  const write = lineWriter(log);
  return { logger, access: accessLog(accessLogFormat, 'main', (line) => write(line, INFO)) };
}

function writerOf(errorLog: LogWriter | LogObject): LogWriter {
  if (typeof errorLog === 'function' && !('write' in errorLog)) return errorLog;
  const write = lineWriter(errorLog as LogObject);
  return (record) => write(formatRecord(record).slice(0, -1), record.level === 'error' ? ERROR : INFO);
}
