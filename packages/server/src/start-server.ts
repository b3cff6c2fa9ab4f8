// start-server.ts: from settled options to a running server: the story on one page.

import { availableParallelism } from 'node:os';
import { Fault } from '@appserve/core';
import type { AppSource } from '@appserve/core/app';
import { banner } from './banner.ts';
import { surviveClosedPipes } from './closed-pipes.ts';
import type { Address } from './listen/address.ts';
import { formatAddress, isEverywhere } from './listen/address.ts';
import { testament } from './listen/heirlooms.ts';
import { openSockets, type ListeningSocket } from './listen/sockets.ts';
import { Logger, messageOf } from './log.ts';
import { openLog, type LogSink } from './log-sink.ts';
import { ServiceManager } from './notify/service-manager.ts';
import { settleIn } from './process/settle-in.ts';
import { beginSuccession, joinSuccession } from './process/succession.ts';
import type { ServerHandle } from './server-handle.ts';
import type { ServiceSettings } from './settings.ts';
import { obeySignals, type Controls } from './signals.ts';
import { VERSION } from './version.ts';
import type { Crew } from './workers/crew.ts';
import { Supervisor } from './workers/supervisor.ts';

/** What a reload finds under `[server:...]`, as settings. */
type SettingsOf = (values: unknown) => ServiceSettings;

export interface StartOptions {
  readonly settingsOf?: SettingsOf;
  /** What is to be said of the options, once. */
  readonly notes?: readonly string[];
}

/** The options of HTTP are its settings. */
const asTheyAre: SettingsOf = (values) => values as ServiceSettings;

/** `title`: what is served, for the banner: the ini file, or the script. */
export async function startServer(
  source: AppSource,
  settings: ServiceSettings,
  title: string,
  { settingsOf = asTheyAre, notes = [] }: StartOptions = {},
): Promise<ServerHandle> {
  const sinceMs = performance.now();
  surviveClosedPipes();
  const sink = openLog(settings.errorLog);
  const log = new Logger('main', settings.logLevel, (record) => sink.write(record));
  for (const note of notes) log.info(note);
  const sockets = await openSockets(wantedAddresses(settings), settings);
  const settled = settleIn(settings, sockets, log, sink, testament()?.pid);
  const manager = new ServiceManager((message) => log.warn(message));
  const first: Crew = { source, settings: crewSettings(settings, sockets), size: sizeOf(settings) };
  const again = async (): Promise<Crew> => readAgain(first, sockets, supervisor, settingsOf);
  const supervisor: Supervisor = new Supervisor({ crew: first, sockets, software: `appserve/${VERSION}`, again, log, sink });
  const addresses: Address[] = sockets.map((socket) => socket.address);
  const urls = sockets.map(({ url }) => spokenUrl(url, settings));
  const shown = sockets.map(({ address }, index) => `${urls[index]!}${isEverywhere(address) ? ' (on every interface)' : ''}`);
  const status = (): string => `${supervisor.size} ${supervisor.size === 1 ? 'worker' : 'workers'} on ${urls.join(', ')}`;
  const controls = controlsOf(supervisor, manager, sink, status);

  const place = joinSuccession({
    log,
    sockets,
    environment: manager.environment,
    succeeded: (pid) => {
      for (const socket of sockets) socket.bequeath();
      manager.succeeded(pid);
      supervisor.stop(true);
    },
  });

  supervisor.start();
  const forget = obeySignals(controls);
  const finish = (): void => {
    forget();
    place.leave();
    manager.stopping();
    settled.leave();
    sink.close();
  };
  void supervisor.closed.finally(finish).catch(() => undefined);
  void announce().catch(() => undefined); // who awaits `ready` or `closed` is told

  async function announce(): Promise<void> {
    await supervisor.ready;
    // One that was stopped while it started is not ready.
    if (supervisor.isStopping) return;
    settled.ready();
    manager.ready(status());
    place.ready();
    if (settings.logLevel !== 'info' && settings.logLevel !== 'debug') return;
    process.stderr.write(
      banner({ title, urls: shown, size: first.size, settings: first.settings, tookMs: performance.now() - sinceMs }),
    );
  }

  const close = async (): Promise<void> => {
    controls.stop();
    await supervisor.closed;
  };
  return {
    addresses,
    url: urls[0]!,
    ready: supervisor.ready,
    closed: supervisor.closed,
    close,
    reload: () => controls.reload(),
    scale: (workers) => controls.scale(workers),
    stats: () => supervisor.stats,
    [Symbol.asyncDispose]: close,
  };
}

/** The supervisor, with a word for systemd. */
function controlsOf(supervisor: Supervisor, manager: ServiceManager, sink: LogSink, status: () => string): Controls {
  return {
    log: supervisor.log,
    get isStopping() {
      return supervisor.isStopping;
    },
    get size() {
      return supervisor.size;
    },
    stop: () => {
      manager.stopping();
      supervisor.stop();
    },
    stopNow: () => {
      manager.stopping();
      supervisor.stopNow();
    },
    reload: async () => {
      manager.reloading();
      try {
        await supervisor.reload();
      } finally {
        // Also with the old workers it is as ready as before.
        if (!supervisor.isStopping) manager.ready(status());
      }
    },
    succeed: () => {
      if (supervisor.isServing) beginSuccession(supervisor.log);
      else supervisor.log.warn(new Fault('NOT_SERVING', { what: 'SIGUSR2' }).message);
    },
    reopenLog: () => {
      try {
        const path = sink.reopen();
        supervisor.log.info(path === undefined ? 'the log is no file: nothing to open again' : `${path} was opened again`);
      } catch (error) {
        supervisor.log.error(`the log goes on into the old file: ${messageOf(error)}`);
      }
    },
    scale: (size) => {
      supervisor.scale(size);
      manager.status(status());
    },
  };
}

/** A URL says what is spoken there; a unix socket has none. */
function spokenUrl(url: string, { protocol }: ServiceSettings): string {
  return protocol === 'fastcgi' ? url.replace(/^http:/, 'fastcgi:') : url;
}

/** With how long the queue of each socket is: an inherited one keeps that of whoever made it. */
function crewSettings(settings: ServiceSettings, sockets: readonly ListeningSocket[]): Crew['settings'] {
  return { ...settings, workerClass: classOf(settings), backlogs: sockets.map(({ backlog }) => backlog) };
}

/** Where the source cannot be read again, the same modules are imported again: that is what fresh code means for a script. */
async function readAgain(
  first: Crew,
  sockets: readonly ListeningSocket[],
  { size, log }: Supervisor,
  settingsOf: SettingsOf,
): Promise<Crew> {
  const again = await first.source.again?.();
  const settings = crewSettings(again?.settings === undefined ? first.settings : settingsOf(again.settings), sockets);
  if (String(wantedAddresses(settings)) !== String(wantedAddresses(first.settings)))
    log.warn('the addresses have changed: that needs a restart, the server listens where it did');
  const fixed = (Object.keys(FIXED) as (keyof typeof FIXED)[]).filter((key) => settings[key] !== first.settings[key]);
  for (const key of fixed) log.warn(`${FIXED[key]} has changed: that needs a restart, it stays ${first.settings[key]}`);
  // Who has asked for more or fewer by hand keeps them, unless the configuration says otherwise now.
  return {
    source: again?.source ?? first.source,
    settings,
    size: sizeOf(settings) === sizeOf(first.settings) ? size : sizeOf(settings),
  };
}

const FIXED = { workerClass: 'worker_class', dispatch: 'dispatch', errorLog: 'error_log' } as const;

/** num_workers is the other spelling; options are checked, so that one of them is there, but for inline. */
function sizeOf({ workers, numWorkers }: ServiceSettings): number {
  return workers === 'auto' ? availableParallelism() : (workers ?? numWorkers ?? 1);
}

/** What the workers of this server are, from its start to its end. */
function classOf({ numWorkers, workerClass }: ServiceSettings): ServiceSettings['workerClass'] {
  return numWorkers === undefined ? workerClass : 'process';
}

function wantedAddresses({ socket, host, port }: ServiceSettings): readonly string[] {
  if (socket !== undefined) return socket;
  // Checked: where nothing is said, systemd has passed what is meant.
  if (port === undefined) return ['systemd'];
  // One TCP address in its other spelling.
  return [formatAddress({ type: 'tcp', host: host ?? '127.0.0.1', port })];
}
