// create-http-server.ts: a server in this thread, for programs that embed one: `createServer` of node:http, with our options.

import { toHandler, type App, type EnvironClass, type GatewayHandlerClass } from '@appserve/core/app';
import type { Given } from '@appserve/core/options';
import { appServer } from './app-server.ts';
import { HttpServer, type HttpServerOptions } from './http-server.ts';
import { embeddedLog } from './embedded-log.ts';
import type { LogWriter } from './log.ts';
import type { LogObject } from './logging/log-object.ts';
import type { serverOptions } from './options.ts';
import { VERSION } from './version.ts';

/** What only a server with workers has: the embedding program listens and logs as it likes. */
export type OfProcess =
  | 'socket'
  | 'host'
  | 'port'
  | 'workers'
  | 'asyncLogging'
  | 'errorLog'
  | 'log'
  | 'logFormat'
  | 'logRequestId'
  | 'chdir'
  | 'environClass'
  | 'group'
  | 'handlerClass'
  | 'pidfile'
  | 'umask'
  | 'user'
  | 'workerTimeoutMs'
  | 'maxRequests'
  | 'maxRequestsJitter'
  | 'maxWorkerMemoryBytes'
  | 'maxWorkerLifetimeMs'
  | 'heapLimitBytes'
  | 'lightFetch'
  | 'stackLimitBytes';

/** The options of `[server:main]` that concern a single thread, in camelCase with their units. */
export interface CreateOptions extends Omit<Given<typeof serverOptions>, OfProcess>, HttpServerOptions {
  /** What answers each request of a gateway app. */
  readonly handlerClass?: GatewayHandlerClass;
  /** What it gets as environ. */
  readonly environClass?: EnvironClass;
  /** Where log records go: a function, or an object with write or log; standard error when left out. */
  readonly errorLog?: LogWriter | LogObject;
  /** Where the access log goes; nowhere when left out. */
  readonly log?: LogObject;
}

/** Keep-alive is on unless `maxReuseCount` says otherwise. Call `listen` on what it gives. Faults: OPTION_*, OPTIONS_CONFLICT, TLS_*, LOG_FORMAT_INVALID, APP_UNKNOWN. */
export async function createHttpServer(app: App, options: CreateOptions = {}): Promise<HttpServer> {
  const { handlerClass, environClass, errorLog, log, allowsConnect = false, ...given } = options;
  const [{ serverOptions }, { objectLayer, settle }, { tlsOf }] = await Promise.all([
    import('./options.ts'),
    import('@appserve/core/options'),
    import('./tls/tls-now.ts'),
  ]);
  const defaults = { workers: 1, maxReuseCount: Number.POSITIVE_INFINITY };
  const { values } = settle(serverOptions, [objectLayer('createHttpServer()', serverOptions, { ...defaults, ...given })]);
  const { logger, access } = embeddedLog(values, errorLog, log);
  const facts = appServer({ software: `appserve/${VERSION}`, multiprocess: false }, logger);
  const handler = toHandler(app, { ...facts, handlerClass, environClass }, values.interface);
  const tls = tlsOf(values, ({ message }) => logger.warn(message));
  return new HttpServer(handler, { ...values, tls }, logger, { allowsConnect, background: facts.background, access });
}
