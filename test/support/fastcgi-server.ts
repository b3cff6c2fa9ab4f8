// fastcgi-server.ts: a FastCGI server of this thread on a unix socket or a free port, for tests of what is said on the wire.

import type { App } from '@appserve/core/app';
import { createFastcgiServer, type CreateFastcgiOptions, type FastcgiServer, type LogRecord } from '@appserve/server';
import { FastCgiClient } from './fastcgi-client.ts';
import { temporaryFolder } from './temporary.ts';

export interface TestFastcgiServer extends AsyncDisposable {
  readonly server: FastcgiServer;
  readonly log: readonly LogRecord[];
  /** Where to connect: a unix path or a port. */
  readonly at: string | number;
  client(): Promise<FastCgiClient>;
}

export interface TestFastcgiOptions extends Omit<CreateFastcgiOptions, 'log'> {
  readonly listen?: 'unix' | 'tcp';
}

export async function startFastcgiServer(app: App, options: TestFastcgiOptions = {}): Promise<TestFastcgiServer> {
  const { listen = 'unix', ...given } = options;
  const log: LogRecord[] = [];
  const server = await createFastcgiServer(app, { logLevel: 'debug', ...given, errorLog: (record) => log.push(record) });
  const folder = temporaryFolder();
  const address = await server.listen(listen === 'unix' ? `${folder.path}/s` : '127.0.0.1:0');
  const at = address.type === 'unix' ? address.path : address.port;
  return {
    server,
    log,
    at,
    client: () => FastCgiClient.connect(at),
    [Symbol.asyncDispose]: async () => {
      await server.close(0);
      folder[Symbol.dispose]();
    },
  };
}
