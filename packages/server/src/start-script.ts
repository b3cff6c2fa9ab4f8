// start-script.ts: what serve() does in the main thread: its options are settled, and workers import the script again.

import type { App } from '@appserve/core/app';
import { objectLayer, settle } from '@appserve/core/options';
import { captureApp, givenApp, keepLogs, type ScriptArgs } from './capture.ts';
import { checkServerOptions } from './check-options.ts';
import type { LogObjects } from './logging/worker-log.ts';
import { serverOptions } from './options.ts';
import type { ServeOptions } from './serve.ts';
import type { ServerHandle } from './server-handle.ts';
import { startServer } from './start-server.ts';

/** `logs`: those of `given` that are objects. Faults: OPTION_*, ADDRESS_*, WORKER_FAILED. */
export async function startScript(
  application: App,
  args: ScriptArgs,
  given: Omit<ServeOptions, 'module'>,
  logs: LogObjects,
): Promise<ServerHandle> {
  const settlement = settle(serverOptions, [objectLayer('serve()', serverOptions, given)]);
  checkServerOptions(settlement, { askedBy: ['serve()'] });
  const module = new URL('capture.js', import.meta.url).href;
  // In the main thread it is there already.
  const isHere = settlement.values.workerClass === 'inline';
  const source = isHere ? { module, export: givenApp.name, args: application } : { module, export: captureApp.name, args };
  if (isHere) keepLogs(logs);
  const server = await startServer(source, settlement.values, args.script);
  await server.ready;
  return server;
}
