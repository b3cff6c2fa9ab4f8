// entry-point.ts: how a loader finds this server: `[server:main] use = @appserve/server#main`.

import type { AppSource, GlobalConf } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { checkServerOptions } from './check-options.ts';
import { serverOptions } from './options.ts';
import type { ServerHandle } from './server-handle.ts';
import { startServer } from './start-server.ts';

/** A `server_runner`: serves what `source` gives, in worker threads. Its settings are settled by the table it carries. */
export async function main(
  source: AppSource,
  globalConf: GlobalConf,
  settings: Settled<typeof serverOptions>,
): Promise<ServerHandle> {
  return startServer(source, settings, globalConf['__file__'] ?? source.module);
}
main.options = serverOptions;
main.check = checkServerOptions;
