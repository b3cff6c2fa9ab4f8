// server-flags.ts: every option of the servers as a flag and as a variable of the environment. The tables are the servers' own; they
// bring zod, so this room is loaded for a flag that no command has itself, and where a server is about to be started.

import { Fault, nearest } from '@appserve/core';
import { kebabCase, type Option } from '@appserve/core/options';
import type { Said } from '@appserve/loader';
import { shownFastcgiOptions } from '@appserve/server/fastcgi-options';
import { serverOptions } from '@appserve/server/options';
import type { FurtherFlag } from './command.ts';
import type { Flag, Flags } from './flags.ts';

/** A row that both servers have is shown as HTTP has it. */
const OPTIONS: Readonly<Record<string, Option>> = { ...shownFastcgiOptions, ...serverOptions };

function isSwitch({ kind }: Option): boolean {
  return kind.placeholder === 'BOOL';
}

/** `--workers N`; a switch may stand alone, and has `--no-date` for its contrary. */
export const SERVER_FLAGS: Flags = Object.fromEntries(Object.entries(OPTIONS).flatMap(([key, option]) => flagsOf(key, option)));

/** The flag of each option, by its key. */
export const OPTION_FLAGS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.keys(OPTIONS).map((key) => [key, `--${kebabCase(key)}`]),
);

function flagsOf(key: string, option: Option): [string, Flag][] {
  const name = kebabCase(key);
  const { doc, kind } = option;
  if (!isSwitch(option)) return [[name, { type: 'string', value: kind.placeholder, doc }]];
  return [
    [name, { type: 'boolean', mayHaveValue: true, doc }],
    [`no-${name}`, { type: 'boolean', doc: `the contrary of --${name}` }],
  ];
}

/** What flags say to the server. */
export function saidByFlags(flags: readonly FurtherFlag[]): Said[] {
  return flags.map(({ name, written, value }) => {
    const isContrary = !Object.hasOwn(OPTIONS, keyOf(name));
    const key = keyOf(isContrary ? name.slice('no-'.length) : name);
    return { to: 'server', layer: 'command line', by: written, key, value: value ?? String(!isContrary) };
  });
}

function keyOf(name: string): string {
  return name.replaceAll('-', '_');
}

const PREFIX = 'APPSERVE_';

/**
 * What the environment says to the server. A variable that is no option, nor like one, is not ours: there are those of this program
 * itself, and those that Kubernetes makes of the names of services. Faults: VARIABLE_UNKNOWN.
 */
export function saidByEnvironment(environment: NodeJS.ProcessEnv): Said[] {
  return Object.entries(environment).flatMap(([by, value]): Said[] => {
    if (!by.startsWith(PREFIX) || value === undefined || value === '' || OTHERS.has(by)) return [];
    const key = by.slice(PREFIX.length).toLowerCase();
    if (Object.hasOwn(OPTIONS, key)) return [{ to: 'server', layer: 'environment', isOffer: true, by, key, value }];
    const like = nearest(key, Object.keys(OPTIONS));
    if (like === undefined) return [];
    throw new Fault('VARIABLE_UNKNOWN', { name: by, nearest: `${PREFIX}${like.toUpperCase()}` });
  });
}

/** Variables that are read elsewhere. */
const OTHERS: ReadonlySet<string> = new Set(['APPSERVE_CONFIG', 'APPSERVE_CACHE', 'APPSERVE_SUCCEEDS']);
