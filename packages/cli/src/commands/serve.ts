// serve.ts: `appserve CONFIG`: loads the server that the ini names, gives it the app, and stays until it ends. Without CONFIG the
// ini is looked for, and what was found is said before anything is made of it.

import { Faults, listenToReads } from '@appserve/core';
import type { Again } from '@appserve/core/app';
import { findConfig, loadAppSource, loadServer, loadServerSettings, type FoundConfig } from '@appserve/loader';
import type { Given } from '../command.ts';
import type { SERVE_FLAGS } from '../commands.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { firstStart } from '../reload/first-start.ts';
import { wishesOf } from '../reload/watched.ts';

export async function run({ operands, variables, flags }: Given<typeof SERVE_FLAGS>): Promise<number> {
  const config = operands[0] ?? (await foundConfig());
  const { 'app-name': appName, 'server-name': serverName } = flags;
  // CONFIG#NAME names the app; the server has a flag of its own.
  const ofServer = { name: serverName ?? 'main', vars: variables };
  const ofApp = { name: appName, vars: variables };
  const reads = new Set<string>();
  listenToReads((path) => reads.add(path));
  const startable = {
    server: () => loadServer(config, ofServer),
    appSource: () => loadAppSource(config, ofApp),
    serverSettings: () => loadServerSettings(config, ofServer),
  };
  const loaded = await firstStart(startable, reads, flags.reload);
  if (loaded === undefined) return EXIT_CODES.asked.code;
  const [start, source] = loaded;
  const watch = { isWanted: flags.reload, read: () => reads, wishes: () => wishesOf(config, variables) };
  const again = async (): Promise<Again> => {
    const [settings, fresh] = await both(startable.serverSettings(), startable.appSource());
    return { settings, source: fresh };
  };
  const server = await start({ ...source, again, watch });
  // Rejects when it cannot be started, or gives up. A server that is not ours may say so in either promise.
  await Promise.race([server.closed, server.ready.then(() => server.closed)]);
  return EXIT_CODES.asked.code;
}

/** What is wrong with either, at once. */
async function both<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  const results = await Promise.allSettled([one, other]);
  const faults = new Faults();
  for (const result of results) if (result.status === 'rejected') faults.add(result.reason);
  faults.end();
  return Promise.all([one, other]);
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
