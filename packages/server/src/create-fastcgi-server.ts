// create-fastcgi-server.ts: a FastCGI server in this thread, for programs that embed one: gevent-fastcgi's FastCGIServer.

import { toHandler, type App } from '@appserve/core/app';
import type { Given } from '@appserve/core/options';
import type { OfProcess } from './create-http-server.ts';
import type { shownFastcgiOptions } from './fastcgi-options.ts';
import { appServer } from './app-server.ts';
import { FastcgiServer } from './fastcgi-server.ts';
import { embeddedLog } from './embedded-log.ts';
import type { LogWriter } from './log.ts';
import type { LogObject } from './logging/log-object.ts';
import { VERSION } from './version.ts';

/** The options of `[server:main]` that concern a single thread, in camelCase with their units. */
export interface CreateFastcgiOptions extends Omit<Given<typeof shownFastcgiOptions>, OfProcess | 'numWorkers'> {
  /** Where log records go: a function, or an object with write or log; standard error when left out. */
  readonly errorLog?: LogWriter | LogObject;
  /** Where the access log goes; nowhere when left out. */
  readonly log?: LogObject;
}

/**
 * `app`: any app; one with `cgi` is a request handler. Call `listen` on what it gives. Faults: OPTION_*,
 * OPTIONS_CONFLICT, APP_UNKNOWN, WEB_SERVER_ADDRS_INVALID.
 */
export async function createFastcgiServer(app: App, options: CreateFastcgiOptions = {}): Promise<FastcgiServer> {
  const { errorLog, log, ...given } = options;
  const [{ fastcgiOptions }, { fastcgiSettings }, { objectLayer, settle }] = await Promise.all([
    import('./fastcgi-options.ts'),
    import('./fastcgi-settings.ts'),
    import('@appserve/core/options'),
  ]);
  const { values } = settle(fastcgiOptions, [objectLayer('createFastcgiServer()', fastcgiOptions, { ...given })]);
  const { logger, access } = embeddedLog(values, errorLog, log);
  const server = appServer({ software: `appserve/${VERSION}`, multiprocess: false }, logger);
  const handler = toHandler(app, server, values.interface);
  return new FastcgiServer(handler, fastcgiSettings(values, process.env), logger, undefined, server.background, access);
}
