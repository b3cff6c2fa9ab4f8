// http-server.ts: a server of this thread on a unix socket or a free port, for tests of what is said on the wire.

import { toHandler, type App, type ContractName } from '@appserve/core/app';
import { objectLayer, settle, type Given } from '@appserve/core/options';
import { HttpServer, Logger, type LogRecord } from '@appserve/server';
import { serverOptions } from '@appserve/server/options';
import { RawClient } from './raw-client.ts';
import { temporaryFolder } from './temporary.ts';

export interface TestServer extends AsyncDisposable {
  readonly server: HttpServer;
  readonly log: readonly LogRecord[];
  /** Where to connect: a unix path or a port. */
  readonly at: string | number;
  client(): Promise<RawClient>;
}

export interface TestServerOptions extends Given<typeof serverOptions> {
  readonly listen?: 'unix' | 'tcp';
  readonly contract?: ContractName;
}

/** Keep-alive is on, which is what most tests are about. */
export async function startTestServer(
  app: App,
  { listen = 'unix', contract, ...given }: TestServerOptions = {},
): Promise<TestServer> {
  const folder = temporaryFolder();
  const log: LogRecord[] = [];
  const errors = { write: () => undefined, writelines: () => undefined, flush: () => undefined };
  const { values } = settle(serverOptions, [
    objectLayer('test', serverOptions, { workers: 1, maxReuseCount: Number.POSITIVE_INFINITY, ...given }),
  ]);
  const handler = toHandler(app, { software: 'appserve/test', errors, multiprocess: false }, contract);
  const server = new HttpServer(handler, values, new Logger('test', 'debug', (record) => log.push(record)));
  const address = await server.listen(listen === 'unix' ? `${folder.path}/s` : '127.0.0.1:0');
  const at = address.type === 'unix' ? address.path : address.port;
  return {
    server,
    log,
    at,
    client: () => RawClient.connect(at),
    [Symbol.asyncDispose]: async () => {
      await server.close(0);
      folder[Symbol.dispose]();
    },
  };
}
