// subject.ts: what the command line is about: a configuration with what is said over it, or an app without one. Serving, checking
// and asking go on from here in the same way.

import { Fault } from '@appserve/core';
import type { AppSource, LivingApp, Serve } from '@appserve/core/app';
import {
  directAppSource,
  directLivingApp,
  findConfig,
  loadAppSource,
  loadLivingApp,
  loadServer,
  loadServerSettings,
  parseDirect,
  type DirectApp,
  type FoundConfig,
  type LoadOptions,
  type Said,
} from '@appserve/loader';
import type { Given } from './command.ts';
import type { SAID_FLAGS, SECTION_FLAGS, TALK_FLAGS } from './flags.ts';

export interface Subject {
  /** As it was named, or found. */
  readonly name: string;
  /** The configuration and what is said over it; nothing where an app is served without one. */
  readonly config: { readonly uri: string; readonly options: LoadOptions } | undefined;
  server(): Promise<Serve>;
  /** What the factory of the server would be given now. */
  serverSettings(): Promise<unknown>;
  appSource(): Promise<AppSource>;
  /** The app in this thread. */
  livingApp(): Promise<LivingApp>;
}

export type SubjectFlags = typeof SECTION_FLAGS & typeof SAID_FLAGS & typeof TALK_FLAGS;

/** `further`: what is said to the server beside that. Faults: ARGUMENT_INVALID, VARIABLE_UNKNOWN, and those of findConfig. */
export async function subjectOf(given: Given<SubjectFlags>, further: readonly Said[] = []): Promise<Subject> {
  const { operands, flags } = given;
  if (flags.server !== undefined && flags['server-name'] !== undefined)
    refuse('--server-name', '--server takes the place of what a section says: give one of them');
  const [written, address] = operands;
  const direct = written === undefined ? undefined : parseDirect(written, process.cwd());
  const said = [...(await saidOf(given)), ...further];
  if (direct !== undefined) return directSubject(written!, direct, given, [...PRESET, ...said, ...addressOf(address)]);
  if (address !== undefined) refuse(address, 'after the configuration file come assignments, name=value');
  return configured(written ?? (await foundConfig(flags.quiet)), given, said);
}

function refuse(argument: string, why: string): never {
  throw new Fault('ARGUMENT_INVALID', { argument, why });
}

function configured(uri: string, { flags, variables }: Given<SubjectFlags>, said: readonly Said[]): Subject {
  // CONFIG#NAME names the app; the server has a flag of its own.
  const server = flags['server-name'] ?? 'main';
  // A server may change its folder (chdir), and reload after that.
  const options: LoadOptions = { vars: variables, said, server, relativeTo: process.cwd() };
  const [ofServer, ofApp] = [
    { ...options, name: server },
    { ...options, name: flags['app-name'] },
  ];
  return {
    name: uri,
    config: { uri, options: ofApp },
    server: () => loadServer(uri, ofServer),
    serverSettings: () => loadServerSettings(uri, ofServer),
    appSource: () => loadAppSource(uri, ofApp),
    livingApp: () => loadLivingApp(uri, ofApp),
  };
}

const OWN_SERVER = '@appserve/server#main';

/** What a server is told where no configuration has to say it. */
const PRESET: readonly Said[] = Object.entries({
  socket: '127.0.0.1:8000',
  workers: '1',
  max_reuse_count: 'unlimited',
}).map(([key, value]) => ({ to: 'server', layer: 'preset', isOffer: true, by: key, key, value }));

function directSubject(
  name: string,
  direct: DirectApp,
  { flags, variables }: Given<SubjectFlags>,
  said: readonly Said[],
): Subject {
  const [variable] = Object.keys(variables);
  if (variable !== undefined && direct.type === 'export')
    refuse(`${variable}=`, `${name} is no configuration, and takes no variables`);
  for (const flag of ['app-name', 'server-name'] as const)
    if (flags[flag] !== undefined) refuse(`--${flag}`, `${name} is no configuration, and has no sections`);
  if (flags.set.length > 0) refuse('--set', `${name} is no configuration, and has no sections`);
  const named = flags.server ?? OWN_SERVER;
  const uri = /^[a-z]{2,}:/i.test(named) ? named : `pkg:${named}`;
  const ofServer: LoadOptions = { said, globalConf: { __file__: name }, relativeTo: process.cwd() };
  return {
    name,
    config: undefined,
    server: () => loadServer(uri, ofServer),
    serverSettings: () => loadServerSettings(uri, ofServer),
    appSource: () => directAppSource(direct, { vars: variables }),
    livingApp: () => directLivingApp(direct, { vars: variables }),
  };
}

/** `8000` is that port of this machine; what else an address can be, `socket` knows. */
function addressOf(written: string | undefined): Said[] {
  if (written === undefined) return [];
  const value = /^[0-9]+$/.test(written) ? `127.0.0.1:${written}` : written;
  return [{ to: 'server', layer: 'command line', by: '--socket', key: 'socket', value }];
}

/** The environment, and over it the command line. */
async function saidOf({ flags, further }: Given<SubjectFlags>): Promise<Said[]> {
  // The tables bring zod: where a server is settled, it comes anyway.
  const { saidByEnvironment, saidByFlags } = await import('./server-flags.ts');
  const level = flags.verbose ? { by: '-v', value: 'debug' } : flags.quiet ? { by: '-q', value: 'warn' } : undefined;
  return [
    ...saidByEnvironment(process.env),
    ...(level === undefined ? [] : [{ to: 'server', layer: 'command line', isOffer: true, key: 'log_level', ...level } as const]),
    ...(flags.server === undefined
      ? []
      : [{ to: 'server factory', layer: 'command line', by: '--server', value: flags.server } as const]),
    ...flags.set.map(saidBySet),
    ...saidByFlags(further),
  ];
}

function saidBySet(written: string): Said {
  const at = written.indexOf('=');
  const path = written.slice(0, Math.max(0, at));
  if (!path.includes('.')) refuse(`--set ${written}`, 'it is --set SECTION.KEY=VALUE, such as --set app:main.debug=true');
  return { to: 'section', layer: 'command line', by: `--set ${path}`, path, value: written.slice(at + 1) };
}

async function foundConfig(isQuiet: boolean): Promise<string> {
  const found = await findConfig(process.cwd());
  if (!isQuiet) process.stderr.write(`${using(found)}\n`);
  return found.name;
}

/** `Using development.ini (found in /srv/site); passed over production.ini (development.ini comes first)`. */
function using({ why, passedOver }: FoundConfig): string {
  const others = passedOver.map((other) => `${other.path} (${other.why})`);
  return `Using ${why}${others.length === 0 ? '' : `; passed over ${others.join(', ')}`}`;
}
