// start-server.ts: from settled options to a running server: the story on one page.

import { paintOf, wantsColour } from '@appserve/core';
import type { AppSource } from '@appserve/core/app';
import { banner } from './banner.ts';
import { surviveClosedPipes } from './closed-pipes.ts';
import { controlsOf } from './controls.ts';
import { addressesOf, crewSettings, readAgain, sizeAsLeft, sizeOf, wantedAddresses, type SettingsOf } from './crew-settings.ts';
import type { Development } from './development/development.ts';
import { isEverywhere } from './listen/address.ts';
import { isTestamentJunk, takeByHand, testament } from './listen/heirlooms.ts';
import type { Logger } from './log.ts';
import { compileFormat } from './logging/access/access-log.ts';
import { isLogObject } from './logging/log-object.ts';
import { ownLevel, planLog, type LogPlan } from './logging/log-plan.ts';
import { logEnded } from './logging/log-service.ts';
import type { ServerLog } from './logging/server-log.ts';
import { isWatched } from './metrics/is-watched.ts';
import type { Doors, Watch } from './metrics/watch.ts';
import { ServiceManager } from './notify/service-manager.ts';
import { exposureOf } from './option-warnings.ts';
import { peerWarnings } from './peer-warnings.ts';
import { settleIn, type Settled } from './process/settle-in.ts';
import { joinSuccession, type Place } from './process/succession.ts';
import type { ServerHandle } from './server-handle.ts';
import type { ServiceSettings } from './settings.ts';
import { HeardSignals } from './signals.ts';
import { tlsOf } from './tls/tls-now.ts';
import { VERSION } from './version.ts';
import type { Crew } from './workers/crew.ts';
import { Supervisor } from './workers/supervisor.ts';

export interface StartOptions {
  readonly settingsOf?: SettingsOf;
  /** What is to be said of the options, once. */
  readonly notes?: readonly string[];
  readonly warnings?: readonly string[];
}

/** The options of HTTP are its settings. */
const asTheyAre: SettingsOf = (values) => values as ServiceSettings;

/** `title`: what is served, for the banner: the ini file, or the script. When it fails, nothing stays behind. */
export async function startServer(
  source: AppSource,
  settings: ServiceSettings,
  title: string,
  options: StartOptions = {},
): Promise<ServerHandle> {
  const signals = new HeardSignals();
  try {
    return await started(source, settings, title, options, signals);
  } catch (error) {
    signals.forget();
    await logEnded();
    throw error;
  }
}

async function started(
  source: AppSource,
  settings: ServiceSettings,
  title: string,
  { settingsOf = asTheyAre, notes = [], warnings = [] }: StartOptions,
  signals: HeardSignals,
): Promise<ServerHandle> {
  const sinceMs = performance.now();
  surviveClosedPipes();
  // Before the process changes its folder: paths begin where it was started.
  const folder = process.cwd();
  const planAgain = (now: ServiceSettings, from: AppSource): LogPlan => planOf(now, from, folder);
  const plan = planAgain(settings, source);
  // Before the process is another user, who may not read the keys.
  const notices: string[] = [...warnings];
  const tls = tlsOf(settings, ({ message }) => notices.push(message));
  const objects = { errorLog: isLogObject(settings.errorLog) ? settings.errorLog : undefined };
  // Before there are files that somebody has to remove.
  signals.hear();
  const settled = await settleIn(settings, wantedAddresses(settings), testament()?.pid, { plan, objects });
  const { sockets, serverLog } = settled;
  const { log } = serverLog;
  const addresses = addressesOf(sockets);
  for (const notice of notices) log.warn(notice);
  for (const { message } of peerWarnings(settings, addresses)) log.warn(message);
  tell(notes, settled, log);
  const doors = await doorsOf(settings, settled, log);
  const development = await developmentOf(source, settings, log);
  const byHand = takeByHand(sockets[0]!.written);
  const first: Crew = {
    source,
    settings: crewSettings(settings, sockets, tls, development !== undefined),
    size: sizeAsLeft(settings, byHand?.workers),
    plan,
    ...(development && { development: { failure: undefined } }),
  };
  const urls = sockets.map(({ url }) => spokenUrl(url, settings, tls !== undefined));
  const status = (): string => `${supervisor.size} ${supervisor.size === 1 ? 'worker' : 'workers'} on ${urls.join(', ')}`;
  const supervisor: Supervisor = supervisorOf(settled, doors, log, {
    crew: first,
    again: () => readAgain(first, sockets, supervisor, settingsOf, planAgain),
    changed: ({ plan: fresh }) => configure(serverLog, fresh),
    development,
    idle: () => {
      // With an heir the service goes on.
      if (place.heirPid === undefined) manager.stopping();
      supervisor.stop({ isAsked: false });
    },
  });
  const manager = new ServiceManager((message) => log.warn(message));
  const place: Place = join(supervisor, settled, manager, () => seen?.release());
  const controls = controlsOf({ supervisor, manager, place, serverLog, development, status });
  const seen: Watch | undefined = doors?.watch({ supervisor, title, urls }, controls, supervisor.closed);

  development?.begin(supervisor, controls);
  if (development !== undefined) for (const { message } of exposureOf(addresses)) log.warn(message);
  for (const [logger, level] of Object.entries(byHand?.levels ?? {})) supervisor.setLevel(logger, level);
  supervisor.start();
  signals.obey(controls);
  const finish = (): void => {
    signals.forget();
    development?.close();
    const heirPid = place.leave();
    if (heirPid === undefined) manager.stopping();
    else manager.succeeded(heirPid);
    settled.leave();
  };
  void supervisor.closed.finally(finish).catch(() => undefined);
  const ready = supervisor.ready.then(() => serverLog.opened);
  void announce().catch(() => undefined); // who awaits `ready` or `closed` is told

  async function announce(): Promise<void> {
    await ready;
    // One that was stopped while it started is not ready.
    if (supervisor.isStopping) return;
    manager.ready(status());
    place.ready();
    if (ownLevel(plan) > BANNER_LEVEL) return;
    const shown = sockets.map(({ address }, index) => `${urls[index]!}${isEverywhere(address) ? ' (on every interface)' : ''}`);
    const facts = { title, urls: shown, size: first.size, settings: first.settings, tookMs: performance.now() - sinceMs };
    // What was said before stands above it.
    serverLog.flush(BANNER_MS);
    process.stderr.write(banner(facts, paintOf(wantsColour(process.stderr.isTTY, process.env))));
  }

  const close = async (): Promise<void> => {
    controls.stop(false);
    await supervisor.closed;
  };
  return {
    addresses,
    url: urls[0]!,
    ready,
    closed: supervisor.closed,
    close,
    reload: () => controls.reload(),
    scale: (workers) => controls.scale(workers),
    setLevel: (logger, level) => controls.setLevel(logger, level),
    stats: () => supervisor.stats,
    [Symbol.asyncDispose]: close,
  };
}

/** Where the server shall reload by itself. What it takes is not loaded for the others. */
async function developmentOf(source: AppSource, settings: ServiceSettings, log: Logger): Promise<Development | undefined> {
  if (!settings.reload && source.watch?.isWanted !== true) return undefined;
  const { Development } = await import('./development/development.ts');
  return new Development({ log, settings, watch: source.watch });
}

/** A banner is information. */
const BANNER_LEVEL = 20;
const BANNER_MS = 200;

/** Faults: LOG_FORMAT_INVALID. */
function planOf(settings: ServiceSettings, { logging }: AppSource, folder: string): LogPlan {
  const isTerminal = process.stderr.isTTY && !process.env['NO_COLOR'];
  const plan = planLog(settings, logging, { isTerminal, folder });
  if (plan.access !== undefined) compileFormat(plan.access.format, 'main');
  return plan;
}

/** What a reload has found of logging; where it cannot be, all goes on as it was. */
function configure(serverLog: ServerLog, plan: LogPlan): void {
  try {
    serverLog.configure(plan);
  } catch (error) {
    serverLog.log.error(`the log goes on as it was: ${(error as Error).message}`);
  }
}

function tell(notes: readonly string[], settled: Settled, log: Logger): void {
  for (const note of notes) log.info(note);
  if (isTestamentJunk()) log.warn('APPSERVE_SUCCEEDS of the environment is not what another process leaves: it is ignored');
  settled.warn(log);
}

/** Where operators look and command; nothing where nobody wants that. */
async function doorsOf(settings: ServiceSettings, settled: Settled, log: Logger): Promise<Doors | undefined> {
  if (!isWatched(settings)) return undefined;
  try {
    const { openDoors } = await import('./metrics/watch.ts');
    return await openDoors(settings, testament() === undefined ? undefined : log);
  } catch (error) {
    settled.leave();
    throw error;
  }
}

type OfSupervisor = Pick<ConstructorParameters<typeof Supervisor>[0], 'crew' | 'again' | 'changed' | 'development' | 'idle'>;

/** It needs memory and descriptors, which may not be there. */
function supervisorOf(settled: Settled, doors: Doors | undefined, log: Logger, facts: OfSupervisor): Supervisor {
  const { sockets, serverLog } = settled;
  try {
    return new Supervisor({ ...facts, sockets, software: `appserve/${VERSION}`, log, serverLog });
  } catch (error) {
    doors?.close();
    settled.leave();
    throw error;
  }
}

/** `release`: the heir wants our addresses. */
function join(supervisor: Supervisor, settled: Settled, manager: ServiceManager, release: () => void): Place {
  return joinSuccession({
    log: supervisor.log,
    sockets: settled.sockets,
    environment: manager.environment,
    get byHand() {
      return { workers: { now: supervisor.size, said: sizeOf(supervisor.settings) }, levels: settled.serverLog.levels };
    },
    get isServing() {
      return supervisor.isServing;
    },
    get isStopping() {
      return supervisor.isStopping;
    },
    takesOver: () => settled.takeOver(supervisor.log),
    succeeded: (pid) => {
      manager.succeeded(pid);
      release();
      supervisor.stop({ isPatient: true, isAsked: false });
    },
  });
}

/** A URL says what is spoken there; a unix socket has none. */
function spokenUrl(url: string, { protocol }: ServiceSettings, isSecure: boolean): string {
  if (protocol === 'fastcgi') return url.replace(/^http:/, 'fastcgi:');
  return isSecure ? url.replace(/^http:/, 'https:') : url;
}
