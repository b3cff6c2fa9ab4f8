// serve.ts: a server from a script, without an ini file.

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Fault, toErrorRecord } from '@appserve/core';
import type { App } from '@appserve/core/app';
import type { Given } from '@appserve/core/options';
import { handOver, type Outcome, type ScriptArgs } from './capture.ts';
import { isLogObject } from './logging/log-object.ts';
import type { LogObjects } from './logging/worker-log.ts';
import type { serverOptions } from './options.ts';
import type { ServerHandle } from './server-handle.ts';

/** The options of `[server:main]` in camelCase with their units, and which module the workers import. */
export interface ServeOptions extends Given<typeof serverOptions> {
  /** The URL of the module that calls serve(); the script that Node was started with when left out. */
  readonly module?: string;
}

/** What became of each call, by the script that its workers import. */
const outcomes = new Map<string, Outcome[]>();

/**
 * Serves `application` in workers, and resolves when all of them are ready.
 *
 * `address`: a socket, or options. The script is imported again in each worker, where this same call hands its application over
 * and does not return: what stands behind it runs in the main thread only.
 *
 * Faults: OPTION_*, SCRIPT_UNKNOWN, ADDRESS_*, WORKER_FAILED.
 */
export async function serve(application: App, address: string | ServeOptions, workers = 1): Promise<ServerHandle> {
  const { module, ...given }: ServeOptions = typeof address === 'string' ? { socket: address } : address;
  if (given.workers === undefined && given.numWorkers === undefined) given.workers = workers;
  const logs = logsOf(given);
  const handedOver = handOver(application, module, logs);
  if (handedOver !== undefined) return handedOver;
  const script = module ?? mainScript();
  const calls = outcomes.get(script) ?? [];
  outcomes.set(script, calls);
  const args: ScriptArgs = { script, earlier: [...calls] };
  const call = calls.push({ type: 'pending' }) - 1;
  try {
    // Only here, not above: zod and koffi come with it, which workers do without.
    const { startScript } = await import('./start-script.ts');
    const server = await startScript(application, args, given, logs);
    calls[call] = { type: 'serving', addresses: server.addresses, url: server.url };
    return server;
  } catch (error) {
    calls[call] = { type: 'failed', error: toErrorRecord(error) };
    throw error;
  }
}

/** What a worker takes of the script that it has imported itself. */
function logsOf({ log, errorLog }: Pick<ServeOptions, 'log' | 'errorLog'>): LogObjects {
  return {
    log: isLogObject(log) ? log : undefined,
    errorLog: isLogObject(errorLog) ? errorLog : undefined,
  };
}

/** argv[1] as Node has resolved it: `node app` means app.js. */
function mainScript(): string {
  const script = process.argv[1];
  if (script === undefined) throw new Fault('SCRIPT_UNKNOWN', {});
  return pathToFileURL(createRequire(import.meta.url).resolve(script)).href;
}
