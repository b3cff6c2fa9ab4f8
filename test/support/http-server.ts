// http-server.ts: a server of this thread on a unix socket or a free port, for tests of what is said on the wire.

import { readFileSync } from 'node:fs';
import type { TlsOptions } from 'node:tls';
import { toHandler, type App, type ContractName, type HandlingServer } from '@appserve/core/app';
import type { Handler } from '@appserve/core/exchange';
import { objectLayer, settle, type Given } from '@appserve/core/options';
import { appServer, HttpServer, Logger, type AppServer, type Counters, type LogRecord } from '@appserve/server';
import { serverOptions } from '@appserve/server/options';
import { RawClient } from './raw-client.ts';
import { inRepository } from './repository.ts';
import { temporaryFolder } from './temporary.ts';

export interface TestServer extends AsyncDisposable {
  readonly server: HttpServer;
  readonly log: readonly LogRecord[];
  /** Where to connect: a unix path or a port. */
  readonly at: string | number;
  client(): Promise<RawClient>;
}

type Classes = Pick<HandlingServer, 'environClass' | 'handlerClass'>;

export interface TestServerOptions extends Omit<Given<typeof serverOptions>, keyof Classes>, Classes {
  /** tls: over TCP. */
  readonly listen?: 'unix' | 'tcp' | 'tls';
  /** What node:tls is told; CERTIFICATE when left out. */
  readonly tls?: TlsOptions;
  readonly interface?: ContractName | 'auto';
  readonly allowsConnect?: boolean;
  readonly counters?: Counters;
}

/** For `localhost`, as test/fixtures/tls/README.md says. */
export const CERTIFICATE = {
  key: readFileSync(inRepository('test/fixtures/tls/key.pem')),
  cert: readFileSync(inRepository('test/fixtures/tls/cert.pem')),
};

/** Keep-alive is on, which is what most tests are about. */
export async function startTestServer(
  app: App,
  { environClass, handlerClass, ...options }: TestServerOptions = {},
): Promise<TestServer> {
  return start((server) => toHandler(app, { ...server, environClass, handlerClass }, options.interface), options);
}

/** What no app contract offers: the exchange itself. */
export async function startTestHandler(
  handler: Handler,
  options: Omit<TestServerOptions, keyof Classes> = {},
): Promise<TestServer> {
  return start(() => handler, options);
}

async function start(
  handlerOf: (server: AppServer) => Handler,
  { listen = 'unix', tls = CERTIFICATE, allowsConnect = false, counters, ...given }: Omit<TestServerOptions, keyof Classes>,
): Promise<TestServer> {
  const log: LogRecord[] = [];
  const { values } = settle(serverOptions, [
    objectLayer('test', serverOptions, { workers: 1, maxReuseCount: Number.POSITIVE_INFINITY, ...given }),
  ]);
  const logger = new Logger('test', values.logLevel ?? 'debug', (record) => log.push(record));
  const facts = appServer({ software: 'appserve/test', multiprocess: false }, logger);
  const { background } = facts;
  const server = new HttpServer(handlerOf(facts), values, logger, { allowsConnect, background }, counters);
  const options = listen === 'tls' ? { tls } : {};
  const folder = temporaryFolder();
  const address = await server.listen(listen === 'unix' ? `${folder.path}/s` : '127.0.0.1:0', options);
  const at = address.type === 'unix' ? address.path : address.port;
  return {
    server,
    log,
    at,
    client: () => (listen === 'tls' ? RawClient.secure(Number(at)) : RawClient.connect(at)),
    [Symbol.asyncDispose]: async () => {
      await server.close(0);
      folder[Symbol.dispose]();
    },
  };
}
