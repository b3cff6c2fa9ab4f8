// capture.ts: how a worker gets the app of a script: the script is imported again, and its serve() hands the app over.
//
// A script may call serve() several times, and its later calls may depend on what became of the earlier ones; so a worker is told
// of those. The slot is global by symbol, not by module: the script may have another copy of this package than the worker.

import { Fault, fromErrorRecord, type ErrorRecord } from '@appserve/core';
import type { App } from '@appserve/core/app';
import { Deferred } from './deferred.ts';
import type { Address } from './listen/address.ts';
import type { LogObjects } from './logging/worker-log.ts';
import type { ServerHandle } from './server-handle.ts';

/** What became of an earlier call in the main thread. `pending`: it is under way. */
export type Outcome =
  | { readonly type: 'pending' }
  | { readonly type: 'serving'; readonly addresses: readonly Address[]; readonly url: string }
  | { readonly type: 'failed'; readonly error: ErrorRecord };

export interface ScriptArgs {
  /** What the workers import. */
  readonly script: string;
  /** What became of the calls for this script before the one that the worker is for. */
  readonly earlier: readonly Outcome[];
}

interface Capture {
  readonly args: ScriptArgs;
  calls: number;
  isCaptured: boolean;
  /** Of a call that was answered from `earlier`. */
  replayed: App | undefined;
  readonly give: (app: App) => void;
}

const SLOT = Symbol.for('appserve.capture');
const slots = globalThis as unknown as Record<symbol, Capture | undefined>;

/** An AppSource export: the app that the script's serve() is called with. */
export async function captureApp(args: ScriptArgs): Promise<App> {
  const captured = new Deferred<App>();
  slots[SLOT] = { args, calls: 0, isCaptured: false, replayed: undefined, give: captured.resolve };
  // serve() does not come back in a worker, so a script that awaits it is never fully imported; and one that calls it later is
  // imported before. The app is what counts; only a script that fails before is told.
  import(args.script).catch(captured.reject);
  return captured.promise;
}

/** What the script's serve() gave beside its app, in this thread: objects cannot cross from another one. */
let logs: LogObjects = {};

export function givenLogs(): LogObjects {
  return logs;
}

/** In the main thread, whose worker is inline. */
export function keepLogs(given: LogObjects): void {
  logs = given;
}

/** An AppSource export: the app itself, where it need not be loaded anew. */
export function givenApp(app: App): App {
  return app;
}

/**
 * Of a worker with nothing left to do and no app: what there is to say about it. Nothing when the script has an app after all: one
 * that serves another module several times is not imported, so that module calls serve() once only.
 */
export function stuckFault(): Fault | undefined {
  const capture = slots[SLOT];
  if (capture === undefined || capture.isCaptured) return new Fault('LOADING_STUCK', {});
  if (capture.replayed === undefined) return new Fault('SERVE_MISSING', { module: capture.args.script });
  give(capture, capture.replayed);
  return undefined;
}

function give(capture: Capture, app: App): void {
  capture.isCaptured = true;
  capture.give(app);
}

/** In a worker that waits for an app: what serve() gives there. Elsewhere nothing. */
export function handOver(app: App, module: string | undefined, given: LogObjects): Promise<ServerHandle> | undefined {
  const capture = slots[SLOT];
  if (capture === undefined) return undefined;
  const { script, earlier } = capture.args;
  if (capture.isCaptured || (module !== undefined && module !== script)) return new Promise(() => undefined);
  const outcome = earlier[capture.calls];
  capture.calls += 1;
  if (outcome !== undefined) {
    capture.replayed = app;
    logs = given;
    return replay(outcome);
  }
  logs = given;
  give(capture, app);
  return new Promise(() => undefined);
}

/** The same as in the main thread, as far as that was known when the worker was started. */
async function replay(outcome: Outcome): Promise<ServerHandle> {
  switch (outcome.type) {
    case 'pending':
      return new Promise(() => undefined);
    case 'failed':
      throw fromErrorRecord(outcome.error);
    case 'serving': {
      const { addresses, url } = outcome;
      const never = new Promise<void>(() => undefined);
      return {
        addresses,
        url,
        ready: Promise.resolve(),
        closed: never,
        close: leaveAlone,
        reload: leaveAlone,
        scale: () => undefined,
        stats: () => [],
        setLevel: () => undefined,
        [Symbol.asyncDispose]: leaveAlone,
      };
    }
  }
}

/** It is the main thread's to close, and to change. */
async function leaveAlone(): Promise<void> {
  return undefined;
}
