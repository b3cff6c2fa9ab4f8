// control-socket.ts: how a command finds the server that it shall speak to: by the path that was typed, or by what the CONFIG says.

import { dirname, isAbsolute, resolve } from 'node:path';
import { Fault, Faults } from '@appserve/core';
import { findConfig, getSettings, loadServerSettings, parseUri, type LoadOptions } from '@appserve/loader';
import { ControlClient } from '@appserve/server/control';
import type { Given } from './command.ts';
import type { CONTROL_FLAGS } from './control-flags.ts';

export type ControlGiven = Pick<Given<typeof CONTROL_FLAGS>, 'variables' | 'flags'>;

/** Faults: ARGUMENT_INVALID, CONTROL_UNREACHABLE, those of the loader. */
export async function connectToServer(config: string | undefined, given: ControlGiven): Promise<ControlClient> {
  const path = given.flags.control ?? (await pathOf(config, given));
  return ControlClient.connect(path, given.flags.json ? printRefusal : undefined);
}

/**
 * For what changes the server: it has given a sign of life. One that is silent would obey when nobody waits any more.
 *
 * Faults: also CONTROL_UNREACHABLE where it does not answer.
 */
export async function connectToLiving(config: string | undefined, given: ControlGiven): Promise<ControlClient> {
  const client = await connectToServer(config, given);
  await askNow(client, 'status');
  return client;
}

/** As servers are told: the command line, the environment, the file. A relative path of the last two begins at the folder of the file. */
async function pathOf(given: string | undefined, { variables, flags }: ControlGiven): Promise<string> {
  const said = process.env['APPSERVE_CONTROL_SOCKET'] ?? '';
  if (said !== '' && said !== 'None' && isAbsolute(pathIn(said))) return pathIn(said);
  const config = given ?? (await findConfig(process.cwd())).name;
  const name = flags['server-name'] ?? 'main';
  const path = said === '' ? await pathInFile(config, { name, vars: variables }) : said === 'None' ? undefined : said;
  if (path !== undefined) return resolve(dirname(resolve(parseUri(config).path)), pathIn(path));
  const why = `is needed: [server:${name}] of ${config} has no control_socket`;
  const hint = `write control_socket = PATH into [server:${name}] and start the server again, or name the socket of one that runs: --control PATH`;
  throw new Fault('ARGUMENT_INVALID', { argument: '--control', why, hint });
}

function pathIn(written: string): string {
  return written.replace(/^unix:/, '');
}

/** Also where something else of the file is wrong: the server runs with what it said before. */
async function pathInFile(config: string, options: LoadOptions & { readonly name: string }): Promise<string | undefined> {
  try {
    return ((await loadServerSettings(config, options)) as { controlSocket?: string } | undefined)?.controlSocket;
  } catch (error) {
    const settings = await getSettings(config, `server:${options.name}`, options).catch(() => undefined);
    const path = settings?.['control_socket'];
    if (path !== undefined) return path === 'None' ? undefined : path;
    const faults = new Faults();
    faults.add(error);
    const why = `names the server where ${config} cannot be read: --control PATH`;
    faults.add(new Fault('ARGUMENT_INVALID', { argument: '--control', why }));
    return faults.end() as never;
  }
}

/** The main thread of a server runs no app: one that is silent for so long does not live as it should. */
const ANSWERS_WITHIN_MS = 10_000;

/** What the server answers, at once. Faults: CONTROL_REFUSED, CONTROL_UNREACHABLE. */
export function askNow(client: ControlClient, command: string, fields: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
  return client.ask(command, fields, ANSWERS_WITHIN_MS);
}

/** For programs, as the answer would be; people read of it on standard error. */
function printRefusal(error: object): void {
  process.stdout.write(`${JSON.stringify({ error })}\n`);
}

/** As it is, or in words. */
export function printAnswer(answer: unknown, isJson: boolean, words: string): void {
  process.stdout.write(isJson ? `${JSON.stringify(answer)}\n` : `${words}\n`);
}
