// entry-point.ts: how a loader finds these servers: `[server:main] use = @appserve/server#main`, or `#fastcgi`.

import { resolve } from 'node:path';
import type { Warning } from '@appserve/core';
import type { AppSource, GlobalConf } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { checkFastcgiOptions, checkServerOptions } from './check-options.ts';
import { fastcgiOptions } from './fastcgi-options.ts';
import { unusedSocket, withPlace } from './fastcgi-place.ts';
import { fastcgiSettings, inertKeys } from './fastcgi-settings.ts';
import { optionWarnings } from './option-warnings.ts';
import { serverOptions } from './options.ts';
import type { ServerHandle } from './server-handle.ts';
import type { FastcgiOptionValues, ServiceSettings } from './settings.ts';
import { startServer } from './start-server.ts';

/** Options that say one thing in several ways: what is said on the command line takes the place of the file's, however that says it. */
const SPELLINGS = [
  [['socket'], ['host', 'port']],
  [['workers'], ['num_workers']],
] as const;

/** A `server_runner`: serves what `source` gives, in worker threads. Its settings are settled by the table it carries. */
export async function main(
  source: AppSource,
  globalConf: GlobalConf,
  settings: Settled<typeof serverOptions>,
): Promise<ServerHandle> {
  const settled = (again: unknown): ServiceSettings => controlledIn(globalConf, again as ServiceSettings);
  return startServer(source, settled(settings), globalConf['__file__'] ?? source.module, { settingsOf: settled });
}
main.options = serverOptions;
main.check = checkServerOptions;
main.warnings = (settings: Settled<typeof serverOptions>): Warning[] => optionWarnings(settings);
main.spellings = SPELLINGS;

/** The same for FastCGI. Faults: also WEB_SERVER_ADDRS_INVALID. */
export async function fastcgi(source: AppSource, globalConf: GlobalConf, values: FastcgiOptionValues): Promise<ServerHandle> {
  const settings = controlledIn(globalConf, settingsOf(values));
  const inert = inertKeys(values);
  const notes = inert.length === 0 ? [] : [`${inert.join(', ')}: without effect, there is nothing to patch in Node`];
  const unused = unusedSocket(values);
  const warnings = unused === undefined ? [] : [unused];
  const title = globalConf['__file__'] ?? source.module;
  return startServer(source, settings, title, {
    settingsOf: (again) => controlledIn(globalConf, settingsOf(again as FastcgiOptionValues)),
    notes,
    warnings,
  });
}
fastcgi.options = fastcgiOptions;
fastcgi.check = checkFastcgiOptions;
/** What the environment says is of the process that will serve. */
fastcgi.warnings = (values: FastcgiOptionValues): Warning[] => optionWarnings(fastcgiSettings(values, {}));
fastcgi.spellings = SPELLINGS;

/** What is said, and what the process finds where it is started. */
function settingsOf(values: FastcgiOptionValues): ServiceSettings {
  return fastcgiSettings(withPlace(values), process.env);
}

/** Whoever has the ini finds the server by it, from whatever folder. */
function controlledIn({ here }: GlobalConf, settings: ServiceSettings): ServiceSettings {
  const { controlSocket } = settings;
  if (controlSocket === undefined || here === undefined) return settings;
  return { ...settings, controlSocket: resolve(here, controlSocket.replace(/^unix:/, '')) };
}
