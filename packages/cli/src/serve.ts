// serve.ts: `appserve CONFIG`: loads the server that the ini names, gives it the app, and stays until it ends.

import { Fault, Faults } from '@appserve/core';
import { loadAppSource, loadServer } from '@appserve/loader';
import type { Arguments } from './args.ts';

export async function serve({ config, variables, appName, serverName }: Arguments): Promise<number> {
  if (config === undefined) throw new Fault('ARGUMENT_INVALID', { argument: 'CONFIG', why: 'no configuration file is given' });
  const [start, source] = await both(
    // CONFIG#NAME names the app; the server has a flag of its own.
    loadServer(config, { name: serverName ?? 'main', vars: variables }),
    loadAppSource(config, { name: appName, vars: variables }),
  );
  const server = await start(source);
  // Rejects when it cannot be started, or gives up.
  await server.closed;
  return 0;
}

/** What is wrong with either, at once. */
async function both<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  const results = await Promise.allSettled([one, other]);
  const faults = new Faults();
  for (const result of results) if (result.status === 'rejected') faults.add(result.reason);
  faults.end();
  return Promise.all([one, other]);
}
