// The face of this package.

export type { Address } from './listen/address.ts';
export { appServer, type AppServer } from './app-server.ts';
export { createFastcgiServer, type CreateFastcgiOptions } from './create-fastcgi-server.ts';
export { createHttpServer, type CreateOptions } from './create-http-server.ts';
export type { Counters, RequestName } from './connection/counters.ts';
export { FastcgiServer } from './fastcgi-server.ts';
export { HttpServer, type HttpServerOptions } from './http-server.ts';
export { ThreadServer, type ListenOptions, type ServerEvents } from './thread-server.ts';
export { Logger, type Level, type LogRecord, type LogWriter } from './log.ts';
export { LoggingLogAdapter, type LogObject } from './logging/log-object.ts';
export { serve, type ServeOptions } from './serve.ts';
export type { ServerHandle } from './server-handle.ts';
export type { WorkerStats } from './workers/stats.ts';
export type { FastcgiSettings, HttpSettings, ServerSettings, ThreadSettings } from './settings.ts';
export { VERSION } from './version.ts';
