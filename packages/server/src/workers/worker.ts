// workers/worker.ts: what a worker does, whatever carries it: it loads the app, then serves it.
//
// Law: it is ready when it can answer, not before. The table of options stays outside: it would bring zod into every thread.

import { toErrorRecord } from '@appserve/core';
import { installLightFetch, livingApp, toHandler, type GatewayApp, type LivingApp } from '@appserve/core/app';
import { givenLogs, stuckFault } from '../capture.ts';
import type { Unwrapped } from '../connection/accept.ts';
import { appServer } from '../app-server.ts';
import type { Developing } from '../development/in-worker.ts';
import type { WorkingRole } from '../development/news.ts';
import { describeError, type Logger } from '../log.ts';
import { WorkerLog } from '../logging/worker-log.ts';
import { loadApp } from './app-source.ts';
import { Claims } from './claims.ts';
import { classesOf } from './classes.ts';
import { startHeart } from './heart.ts';
import type { ToWorker } from './messages.ts';
import type { Offer, OfferedHandle } from './offer.ts';
import { Scoreboard } from './scoreboard.ts';
import { serverOf } from './server-of.ts';
import type { ThreadServer } from '../thread-server.ts';
import type { Wire } from './wire.ts';

/** Not a promise to wait for: an app that is never loaded would make Node end the thread for that, before it can be told. */
export function runWorker(wire: Wire): void {
  const log = new WorkerLog(wire.birth.name, wire.birth.log, wire.log, givenLogs);
  log.provide();
  const onStuck = (): void => {
    // Nothing is left to do in this thread, and the app is not loaded: what it waits for will never be.
    const fault = stuckFault();
    if (fault !== undefined) fail(wire, fault);
  };
  process.on('beforeExit', onStuck);
  const onLoaded = (): void => void process.off('beforeExit', onStuck);
  load(wire, log, onLoaded).catch((error: unknown) => {
    onLoaded();
    fail(wire, error);
  });
}

/**
 * Tells of what nobody caught. Node would tell the main thread by serialising the error, which some errors never survive. Where the
 * app has a listener of its own, it is the app's decision.
 */
export function guardWorker(wire: Wire): void {
  process.on('uncaughtException', (error) => {
    if (process.listenerCount('uncaughtException') > 1) return;
    wire.tell({ type: 'crashed', error: toErrorRecord(error) });
    wire.exit(1);
  });
}

/** Not for a server that nobody develops. */
async function develop(role: WorkingRole, wire: Wire): Promise<Developing> {
  const { developing } = await import('../development/in-worker.ts');
  const development = developing(role, (news) => wire.tell({ type: 'development', news }), wire.lend);
  // What was read is told before the end, also where the app brings it about.
  process.once('exit', () => development.flush());
  return development;
}

/** It is never called: what it failed with is shown instead. */
const NO_APP: GatewayApp = () => [];

function fail(wire: Wire, error: unknown): void {
  wire.tell({ type: 'failed', error: toErrorRecord(error) });
  wire.exit(1);
}

async function load(wire: Wire, ours: WorkerLog, onLoaded: () => void): Promise<void> {
  const { birth } = wire;
  const { log } = ours;
  /** Asked to end before there is an app. */
  let obey = (message: ToWorker, handle?: OfferedHandle): void => leave(message, handle, () => wire.exit(0));
  let tickets: Uint8Array | undefined;
  let renewTickets = (keys: Uint8Array): void => void (tickets = keys);
  wire.hear((message, handle) => {
    // At any time, also while it loads.
    if (message.type === 'level') ours.setLevel(message.logger, message.level);
    else if (message.type === 'tickets') renewTickets(message.keys);
    else obey(message, handle);
  });
  // Until it serves: a thread in which nothing else is left to do is stuck, and must be seen to be.
  wire.keepAlive(false);
  // Before any module of the app is loaded: it may keep what it finds.
  if (birth.settings.lightFetch) installLightFetch();
  const development = birth.development && (await develop(birth.development, wire));
  const loading = development?.hasApp === false ? NO_APP : loadApp(birth.source).finally(() => development?.flush());
  const living = livingApp(await loading);
  obey = (message, handle) => leave(message, handle, () => void closeApp(living, CLOSE_MIN_MS, log).finally(() => wire.exit(0)));
  const plain = appServer({ software: birth.software, multiprocess: birth.workers > 1 }, log);
  const facts = { ...plain, ...(await classesOf(birth.settings, living)) };
  const handler = ours.within(toHandler(living.app, facts, birth.settings.interface));
  const row =
    wire.scoreboard && birth.row !== undefined ? Scoreboard.of(wire.scoreboard).row(birth.row, birth.isTimed) : undefined;
  const ending = new AbortController();
  const shown = development?.around(handler, ending.signal) ?? handler;
  const access = ours.accessLog(birth.name, givenLogs());
  const server = await serverOf(shown, birth.settings, log, row, facts.background, access);
  if (tickets !== undefined) server.renewTickets(tickets);
  renewTickets = (keys) => server.renewTickets(keys);
  await living.start();
  row?.ready(Date.now());
  onLoaded();
  wire.keepAlive(true);
  const claims = wire.claims && new Claims(wire.claims);
  obey = (message, handle) => {
    if (message.type === 'accept') accept(server, wire, living, log, ending.signal).catch((error: unknown) => fail(wire, error));
    else if (message.type === 'forewarn') server.forewarn();
    else if (message.type === 'drain') {
      ending.abort();
      void drain(server, living, message, log, wire);
    } else if (message.type === 'connection') takeOffer(server, claims!, message, handle, wire);
  };
  if (row !== undefined) startHeart(row, birth.beatEveryMs);
  wire.tell({ type: 'ready' });
}

/** An app that has started is closed, also when no socket can be had for it. */
async function accept(server: ThreadServer, wire: Wire, living: LivingApp, log: Logger, ending: AbortSignal): Promise<void> {
  const { listeners } = wire.birth;
  try {
    // Asked to end in between: its listeners are closed, and a further one would be forgotten.
    for (let listener = 0; listener < listeners && !ending.aborted; listener += 1)
      await server.accept(() => wire.descriptor(listener));
  } catch (error) {
    await closeApp(living, CLOSE_MIN_MS, log);
    throw error;
  }
}

/** Asked something before it serves. */
function leave({ type }: ToWorker, handle: OfferedHandle | undefined, end: () => void): void {
  // It is not taken, so it goes to another worker; this end of it is not needed.
  handle?.close();
  if (type === 'drain') end();
}

function takeOffer(server: ThreadServer, claims: Claims, offer: Offer, handle: OfferedHandle | undefined, wire: Wire): void {
  const { claim, listener, descriptor } = offer;
  const accepted = unwrapped(descriptor, handle);
  // A handle that was lost on its way is not taken: the supervisor has it still.
  if (accepted !== undefined && claims.take(claim)) {
    server.take(accepted, listener);
    claims.settle(claim);
    return;
  }
  handle?.close();
  wire.tell({ type: 'late' });
}

function unwrapped(fd: number | undefined, handle: OfferedHandle | undefined): Unwrapped | undefined {
  if (handle !== undefined) return { handle };
  return fd === undefined ? undefined : { fd };
}

type Drain = ToWorker & { readonly type: 'drain' };

/** Ends the worker even when the app has left timers behind. */
async function drain(server: ThreadServer, living: LivingApp, message: Drain, log: Logger, wire: Wire): Promise<void> {
  const { graceMs, isPatient, isLast } = message;
  const untilMs = performance.now() + graceMs;
  const cut = await server.close(graceMs, isPatient, isPatient && isLast);
  if (cut > 0) log.warn(`${cut} ${cut === 1 ? 'connection was' : 'connections were'} cut after ${graceMs} ms`);
  await closeApp(living, Math.max(CLOSE_MIN_MS, untilMs - performance.now()), log);
  wire.exit(0);
}

/** An app may close even when its last requests have used up the time. */
const CLOSE_MIN_MS = 500;

async function closeApp(living: LivingApp, limitMs: number, log: Logger): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), limitMs)));
  const closed = (async () => (await living.close()) ?? [])().catch((error: unknown) => [error]);
  const errors = await Promise.race([closed, late]);
  clearTimeout(timer);
  if (errors === undefined) log.warn(`the app is still closing after ${Math.round(limitMs)} ms; it is not waited for`);
  for (const error of errors ?? []) log.error(`the app failed to close: ${describeError(error)}`);
}
