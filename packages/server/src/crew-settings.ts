// crew-settings.ts: what the options mean for workers, at the start and again at each reload, and what a reload cannot change.

import { availableParallelism } from 'node:os';
import type { AppSource } from '@appserve/core/app';
import { formatAddress, type Address } from './listen/address.ts';
import type { ByHand } from './listen/heirlooms.ts';
import type { ListeningSocket } from './listen/sockets.ts';
import type { LogPlan } from './logging/log-plan.ts';
import { peerWarnings } from './peer-warnings.ts';
import type { ServiceSettings } from './settings.ts';
import type { TlsMaterial } from './tls/material.ts';
import { tlsOf } from './tls/tls-now.ts';
import type { Crew } from './workers/crew.ts';
import type { Supervisor } from './workers/supervisor.ts';

/** What a reload finds under `[server:...]`, as settings. */
export type SettingsOf = (values: unknown) => ServiceSettings;

/** Options of the process, which has them from its start to its end. The sentence in docs/guide/operations.md is printed from it. */
export const FIXED = {
  socketMode: 'socket_mode',
  socketOwner: 'socket_owner',
  socketGroup: 'socket_group',
  backlog: 'backlog',
  workerClass: 'worker_class',
  dispatch: 'dispatch',
  pidfile: 'pidfile',
  user: 'user',
  group: 'group',
  umask: 'umask',
  chdir: 'chdir',
  errorLog: 'error_log',
  metrics: 'metrics',
  controlSocket: 'control_socket',
  reload: 'reload',
  log: 'log',
  asyncLogging: 'async_logging',
} as const satisfies Partial<Readonly<Record<keyof ServiceSettings, string>>>;

/** So long an answer under way keeps the code before a change alive; an event stream would do so for graceful_timeout. */
const DEVELOPMENT_GRACE_MS = 5_000;

/** A connection that is kept would bring its next request to the code before a change. Nobody waits for a balancer. */
function forDevelopment(settings: ServiceSettings): ServiceSettings {
  const gracefulTimeoutMs = Math.min(settings.gracefulTimeoutMs, DEVELOPMENT_GRACE_MS);
  return settings.protocol === 'fastcgi'
    ? { ...settings, gracefulTimeoutMs, stopDelayMs: 0 }
    : { ...settings, gracefulTimeoutMs, stopDelayMs: 0, maxReuseCount: 0, http2MaxRequests: 1 };
}

/** With how long the queue of each socket is: an inherited one keeps that of whoever made it. */
export function crewSettings(
  options: ServiceSettings,
  sockets: readonly ListeningSocket[],
  tls: TlsMaterial | undefined,
  isDeveloped: boolean,
): Crew['settings'] {
  const settings = isDeveloped ? forDevelopment(options) : options;
  return { ...settings, tls, workerClass: classOf(settings), backlogs: sockets.map(({ backlog }) => backlog) };
}

/** Where the source cannot be read again, the same modules are imported again: that is what fresh code means for a script. */
export async function readAgain(
  first: Crew,
  sockets: readonly ListeningSocket[],
  { size, log }: Supervisor,
  settingsOf: SettingsOf,
  planOf: (settings: ServiceSettings, source: AppSource) => LogPlan,
): Promise<Crew> {
  const again = await first.source.again?.();
  const options = again?.settings === undefined ? first.settings : settingsOf(again.settings);
  const tls = tlsOf(options, ({ message }) => log.warn(message));
  const settings = crewSettings(options, sockets, tlsAsFirst(first, tls), first.development !== undefined);
  const isTlsOther = (tls === undefined) !== (first.settings.tls === undefined);
  const leftOut = [...(isTlsOther ? [TLS_STAYS] : []), ...unchangeable(first.settings, settings)];
  for (const what of leftOut) log.warn(what);
  for (const { message } of peerWarnings(settings, addressesOf(sockets))) log.warn(message);
  const source = again?.source ?? first.source;
  const { errorLog, log: accessLog, asyncLogging } = first.settings;
  return {
    ...first,
    source,
    settings,
    leftOut,
    plan: planOf({ ...settings, errorLog, log: accessLog, asyncLogging }, source),
    size: sizeAsLeft(settings, { now: size, said: sizeOf(first.settings) }),
  };
}

export function addressesOf(sockets: readonly ListeningSocket[]): Address[] {
  return sockets.map(({ address }) => address);
}

/** Whoever has connected over TLS does so again: it is neither begun nor left off in between. */
function tlsAsFirst({ settings }: Crew, tls: TlsMaterial | undefined): TlsMaterial | undefined {
  return settings.tls === undefined ? undefined : (tls ?? settings.tls);
}

const TLS_STAYS = 'certfile has come, or has gone: that needs a restart, TLS stays as it is';

function unchangeable(first: ServiceSettings, now: ServiceSettings): string[] {
  const moved = String(wantedAddresses(now)) !== String(wantedAddresses(first));
  const keys = (Object.keys(FIXED) as (keyof typeof FIXED)[]).filter((key) => now[key] !== first[key]);
  return [
    ...(moved ? ['the addresses have changed: that needs a restart, the server listens where it did'] : []),
    ...keys.map((key) => `${FIXED[key]} has changed: that needs a restart, it stays ${shown(key, first[key])}`),
  ];
}

/** As options spell it: modes in octal. */
function shown(key: keyof typeof FIXED, value: unknown): string {
  if (value === undefined || typeof value === 'object') return 'as it is';
  if (typeof value !== 'number') return `${value as string | boolean}`;
  return key === 'backlog' ? String(value) : value.toString(8).padStart(4, '0');
}

/** num_workers is the other spelling; options are checked, so that one of them is there, but for inline, which is one. */
export function sizeOf({ workers, numWorkers }: Pick<ServiceSettings, 'workers' | 'numWorkers'>): number {
  return workers === 'auto' ? availableParallelism() : (workers ?? numWorkers ?? 1);
}

/** Who has asked for more or fewer by hand keeps them, unless the configuration says otherwise now. */
export function sizeAsLeft(settings: ServiceSettings, left: ByHand['workers'] | undefined): number {
  const size = sizeOf(settings);
  return left?.said === size ? left.now : size;
}

/** What the workers of this server are, from its start to its end. */
function classOf({ numWorkers, workerClass }: ServiceSettings): ServiceSettings['workerClass'] {
  return numWorkers === undefined ? workerClass : 'process';
}

export function wantedAddresses({ socket, host, port }: ServiceSettings): readonly string[] {
  if (socket !== undefined) return socket;
  // Checked: where nothing is said, systemd has passed what is meant.
  if (port === undefined) return ['systemd'];
  // One TCP address in its other spelling.
  return [formatAddress({ type: 'tcp', host: host ?? '127.0.0.1', port })];
}
