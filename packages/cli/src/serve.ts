// serve.ts: `appserve CONFIG`: loads the server that the ini names, gives it the app, and stays until it ends. Without CONFIG the
// ini is looked for, and what was found is said before anything is made of it.

import { findConfig, loadAppSource, loadServer, type FoundConfig } from '@appserve/loader';
import type { Arguments } from './args.ts';

export async function serve({ config: given, variables, appName, serverName }: Arguments): Promise<number> {
  const config = given ?? (await foundConfig());
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

async function foundConfig(): Promise<string> {
  const found = await findConfig(process.cwd());
  process.stderr.write(`${using(found)}\n`);
  return found.name;
}

/** `Using development.ini (found in /srv/site); passed over production.ini (development.ini comes first)`. */
function using({ why, passedOver }: FoundConfig): string {
  const others = passedOver.map((other) => `${other.path} (${other.why})`);
  return `Using ${why}${others.length === 0 ? '' : `; passed over ${others.join(', ')}`}`;
}
