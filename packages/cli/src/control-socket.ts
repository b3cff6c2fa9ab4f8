// control-socket.ts: how a command finds the server that it shall speak to: by the path that was typed, or by what the CONFIG says.

import { Fault } from '@appserve/core';
import { findConfig, loadServerSettings } from '@appserve/loader';
import { ControlClient } from '@appserve/server/control';
import type { Given } from './command.ts';
import type { CONTROL_FLAGS } from './control-flags.ts';

export type ControlGiven = Pick<Given<typeof CONTROL_FLAGS>, 'variables' | 'flags'>;

/** Faults: ARGUMENT_INVALID, CONTROL_UNREACHABLE, those of the loader. */
export async function connectToServer(config: string | undefined, given: ControlGiven): Promise<ControlClient> {
  return ControlClient.connect(given.flags.control ?? (await pathOf(config, given)));
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

async function pathOf(given: string | undefined, { variables, flags }: ControlGiven): Promise<string> {
  const config = given ?? (await findConfig(process.cwd())).name;
  const name = flags['server-name'] ?? 'main';
  const settings = (await loadServerSettings(config, { name, vars: variables })) as { controlSocket?: string } | undefined;
  const path = settings?.controlSocket;
  if (path !== undefined) return path.replace(/^unix:/, '');
  const why = `is needed: [server:${name}] of ${config} has no control_socket`;
  throw new Fault('ARGUMENT_INVALID', { argument: '--control', why });
}

/** The main thread of a server runs no app: one that is silent for so long does not live as it should. */
const ANSWERS_WITHIN_MS = 10_000;

/** What the server answers, at once. Faults: CONTROL_REFUSED, CONTROL_UNREACHABLE. */
export function askNow(client: ControlClient, command: string, fields: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
  return client.ask(command, fields, ANSWERS_WITHIN_MS);
}

/** As it is, or in words. */
export function printAnswer(answer: unknown, isJson: boolean, words: string): void {
  process.stdout.write(isJson ? `${JSON.stringify(answer)}\n` : `${words}\n`);
}
