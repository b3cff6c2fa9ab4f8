// workers/worker.ts: what runs inside a worker thread: it loads the app, then serves it on its own descriptors.
//
// Law: it is ready when it can answer, not before. The table of options stays outside: it would bring zod into every thread.

import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { toErrorRecord } from '@appserve/core';
import { LightResponse, livingApp, toHandler, type LivingApp } from '@appserve/core/app';
import { appServer } from '../app-server.ts';
import { HttpServer } from '../http-server.ts';
import { describeError, formatRecord, Logger, type LogRecord } from '../log.ts';
import { loadApp } from './app-source.ts';
import { Descriptors } from './descriptors.ts';
import { startHeart } from './heart.ts';
import { stuckFault } from '../capture.ts';
import type { FromWorker, ToWorker, WorkerBirth } from './messages.ts';
import { Scoreboard } from './scoreboard.ts';

const port = parentPort!;
const birth = workerData as WorkerBirth;
const STDERR = 2;

function tell(message: FromWorker): void {
  port.postMessage(message);
}

function writeLog(record: LogRecord): void {
  if (birth.asyncLogging) {
    tell({ type: 'log', record });
    return;
  }
  try {
    writeSync(STDERR, formatRecord(record));
  } catch {
    // A pipe that is full, or that nobody reads any more: the main thread can wait with it, or drop it; requests cannot.
    tell({ type: 'log', record });
  }
}

async function run(): Promise<void> {
  const log = new Logger(birth.name, birth.logLevel, writeLog);
  let obey = leaveAtOnce;
  port.on('message', (message: ToWorker) => obey(message));
  // Until it serves: a thread in which nothing else is left to do is stuck, and must be seen to be.
  port.unref();
  // Before any module of the app is loaded: it may keep what it finds.
  if (birth.settings.lightResponse) globalThis.Response = LightResponse;
  const living = livingApp(await loadApp(birth.source));
  obey = (message) => leave(message, living, log);
  const facts = appServer({ software: birth.software, multiprocess: birth.workers > 1 }, birth.settings, log);
  const handler = toHandler(living.app, facts);
  const { scoreboard } = birth;
  const row = scoreboard && Scoreboard.of(scoreboard.memory).row(scoreboard.row);
  const server = new HttpServer(handler, birth.settings, log, { background: facts.background }, row);
  const descriptors = new Descriptors(
    birth.descriptors,
    (listener) => tell({ type: 'descriptor-wanted', listener }),
    (descriptor) => tell({ type: 'adopted', descriptor }),
  );
  await living.start();
  row?.ready(Date.now());
  await accepting(server, descriptors, living, log);
  process.off('beforeExit', onStuck);
  port.ref();
  obey = (message) => {
    if (message.type === 'drain') void drain(server, living, message, log);
    else descriptors.arrive(message.listener, message.descriptor);
  };
  if (row !== undefined) startHeart(row, scoreboard!.beatEveryMs);
  tell({ type: 'ready' });
}

/** An app that has started is closed, also when no socket can be had for it. */
async function accepting(server: HttpServer, descriptors: Descriptors, living: LivingApp, log: Logger): Promise<void> {
  try {
    for (const listener of birth.descriptors.keys()) await server.accept(() => descriptors.next(listener));
  } catch (error) {
    await closeApp(living, CLOSE_MIN_MS, log);
    throw error;
  }
}

/** Asked to end before there is an app. */
function leaveAtOnce({ type }: ToWorker): void {
  if (type === 'drain') process.exit(0);
}

/** Asked to end before it serves: what the app has started is closed. */
function leave({ type }: ToWorker, living: LivingApp, log: Logger): void {
  if (type === 'drain') void closeApp(living, CLOSE_MIN_MS, log).finally(() => process.exit(0));
}

function fail(error: unknown): void {
  tell({ type: 'failed', error: toErrorRecord(error) });
  process.exit(1);
}

/** Nothing is left to do in this thread, and the app is not loaded: what it waits for will never be. */
function onStuck(): void {
  const fault = stuckFault();
  if (fault !== undefined) fail(fault);
}

/**
 * Node would tell the main thread by serialising the error, which some errors never survive. Where the app has a listener of its
 * own, it is the app's decision.
 */
function onUncaught(error: unknown): void {
  if (process.listenerCount('uncaughtException') > 1) return;
  tell({ type: 'crashed', error: toErrorRecord(error) });
  process.exit(1);
}

type Drain = ToWorker & { readonly type: 'drain' };

/** Ends the thread even when the app has left timers behind: in a worker, exit() ends the thread only. */
async function drain(server: HttpServer, living: LivingApp, { graceMs, isPatient }: Drain, log: Logger): Promise<void> {
  const untilMs = performance.now() + graceMs;
  const cut = await server.close(graceMs, isPatient);
  if (cut > 0) log.warn(`${cut} ${cut === 1 ? 'connection was' : 'connections were'} cut after ${graceMs} ms`);
  await closeApp(living, Math.max(CLOSE_MIN_MS, untilMs - performance.now()), log);
  process.exit(0);
}

/** An app may close even when its last requests have used up the time. */
const CLOSE_MIN_MS = 500;

async function closeApp(living: LivingApp, limitMs: number, log: Logger): Promise<void> {
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), limitMs));
  const closed = (async () => (await living.close()) ?? [])().catch((error: unknown) => [error]);
  const errors = await Promise.race([closed, late]);
  if (errors === undefined) log.warn(`the app is still closing after ${Math.round(limitMs)} ms; it is not waited for`);
  for (const error of errors ?? []) log.error(`the app failed to close: ${describeError(error)}`);
}

process.on('uncaughtException', onUncaught);
process.on('beforeExit', onStuck);
// Not awaited: an app that is never loaded would make Node end the thread for that, before it can be told.
run().catch(fail);
