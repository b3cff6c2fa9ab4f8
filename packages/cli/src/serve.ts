// serve.ts: `appserve CONFIG`: loads the server that the ini names, gives it the app, and stays until it ends.

import { Fault } from '@appserve/core';
import { loadAppSource, loadServer } from '@appserve/loader';
import type { Arguments } from './args.ts';

export async function serve({ config, variables, appName, serverName }: Arguments): Promise<number> {
  if (config === undefined) throw new Fault('ARGUMENT_INVALID', { argument: 'CONFIG', why: 'no configuration file is given' });
  const start = await loadServer(config, {
    // CONFIG#NAME names the app; the server has a flag of its own.
    name: serverName ?? 'main',
    globalConf: variables,
  });
  const source = await loadAppSource(config, { name: appName, globalConf: variables });
  const server = await start(source);
  // Rejects when it cannot be started, or gives up.
  await server.closed;
  return 0;
}
