// subject.ts: what the command line is about: a configuration with what is said over it, or an app without one. Serving, checking
// and asking go on from here in the same way.

import { existsSync } from 'node:fs';
import { Fault, nearest } from '@appserve/core';
import type { AppSource, LivingApp, Serve } from '@appserve/core/app';
import {
  checkKeys,
  directAppSource,
  directLivingApp,
  findConfig,
  loadAppSource,
  loadLivingApp,
  loadLogging,
  loadServer,
  loadServerSettings,
  parseDirect,
  type DirectApp,
  type FoundConfig,
  type LoadOptions,
  type Said,
} from '@appserve/loader';
import type { Given } from './command.ts';
import { COMMANDS } from './commands.ts';
import type { SAID_FLAGS, SECTION_FLAGS, TALK_FLAGS } from './flags.ts';
import { KNOWN_KEYS } from './own-section.ts';

export interface Subject {
  /** As it was named, or found. */
  readonly name: string;
  /** The configuration and what is said over it; nothing where an app is served without one. */
  readonly config: { readonly uri: string; readonly options: LoadOptions } | undefined;
  server(): Promise<Serve>;
  /** What the factory of the server would be given now. */
  serverSettings(): Promise<unknown>;
  appSource(): Promise<AppSource>;
  /** What the configuration says of logging. */
  logging(): Promise<unknown>;
  /** The app in this thread. */
  livingApp(): Promise<LivingApp>;
}

export type SubjectFlags = typeof SECTION_FLAGS & typeof SAID_FLAGS & typeof TALK_FLAGS;

type SubjectValues = Given<SubjectFlags>['flags'];
type NotOfAll = 'app-name' | 'server-name' | 'server';

/** What a command was given that is about one: not every command takes all of its flags. */
export interface SubjectGiven extends Omit<Given, 'flags'> {
  readonly flags: Omit<SubjectValues, NotOfAll> & { readonly [K in NotOfAll]?: SubjectValues[K] };
}

/** `further`: what is said to the server beside that. Faults: ARGUMENT_INVALID, VARIABLE_UNKNOWN, and those of findConfig. */
export async function subjectOf(given: SubjectGiven, further: readonly Said[] = []): Promise<Subject> {
  const { operands, flags } = given;
  if (flags.server !== undefined && flags['server-name'] !== undefined)
    refuse('--server-name', '--server takes the place of what a section says: give one of them');
  const [written, address] = operands;
  const direct = written === undefined ? undefined : parseDirect(written, process.cwd());
  const said = [...(await saidOf(given)), ...further];
  if (written !== undefined && direct === undefined) refuseMisspelt(written, address);
  if (direct !== undefined) return directSubject(written!, direct, given, [...PRESET, ...said, ...addressOf(address)]);
  if (address !== undefined) refuse(address, 'after the configuration file come assignments, name=value');
  return configured(written ?? (await foundConfig(flags.quiet)), given, said);
}

const serves = (config: string): string => `appserve ${config} serves`;

/** The commands of other servers, and what is done here instead. */
const OTHER_WORDS: Readonly<Record<string, (config: string) => string>> = {
  start: serves,
  run: serves,
  restart: (config) => `appserve reload ${config} brings fresh code`,
};

/** `statu`: no file, no address, but almost a command, or before the name of a file. A file alone is looked for by others, who say where. */
function refuseMisspelt(written: string, next: string | undefined): void {
  if (!/^[a-z-]+$/.test(written) || existsSync(written)) return;
  const like = nearest(written, [...Object.keys(COMMANDS), ...Object.keys(OTHER_WORDS)]);
  if (like === undefined && next === undefined) return;
  const guess = like === undefined ? '' : `; ${OTHER_WORDS[like]?.(next ?? 'CONFIG') ?? `did you mean appserve ${like}?`}`;
  refuse(written, `there is no such file, and no such command${guess}`);
}

function refuse(argument: string, why: string): never {
  throw new Fault('ARGUMENT_INVALID', { argument, why });
}

function configured(uri: string, { flags, variables }: SubjectGiven, said: readonly Said[]): Subject {
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
    server: async () => {
      await checkKeys(uri, KNOWN_KEYS, ofServer);
      return loadServer(uri, ofServer);
    },
    serverSettings: () => loadServerSettings(uri, ofServer),
    appSource: () => loadAppSource(uri, ofApp),
    logging: () => loadLogging(uri, ofApp),
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

function directSubject(name: string, direct: DirectApp, { flags, variables }: SubjectGiven, said: readonly Said[]): Subject {
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
    logging: () => Promise.resolve(undefined),
    livingApp: () => directLivingApp(direct, { vars: variables }),
  };
}

/** `8000` is that port of this machine; what else an address can be, `socket` knows. */
function addressOf(written: string | undefined): Said[] {
  if (written === undefined) return [];
  // A socket may say more, of descriptors and systemd; whoever types an address means one of these.
  if (!/^[0-9]{1,5}$|[:/]|^(?:systemd|None)$/.test(written))
    refuse(written, 'is no address: a port, host:port, [v6]:port, :port, /path.sock or unix:path');
  const value = /^[0-9]+$/.test(written) ? `127.0.0.1:${written}` : written;
  return [{ to: 'server', layer: 'command line', by: '--socket', key: 'socket', value }];
}

/** The environment, and over it the command line. */
async function saidOf({ flags, further }: SubjectGiven): Promise<Said[]> {
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
