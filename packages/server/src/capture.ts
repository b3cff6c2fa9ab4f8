// capture.ts: how a worker gets the app of a script: the script is imported again, and its serve() hands the app over.
//
// The slot is global by symbol, not by module: the script may have another copy of this package than the worker.

import { Fault } from '@appserve/core';
import type { App } from '@appserve/core/app';
import { Deferred } from './deferred.ts';

export interface ScriptArgs {
  readonly module: string;
  /** Which of the script's calls of serve() this is about, counted from 0. */
  readonly call: number;
}

interface Capture {
  calls: number;
  readonly wanted: number;
  readonly give: (app: App) => void;
}

const SLOT = Symbol.for('appserve.capture');
const slots = globalThis as unknown as Record<symbol, Capture | undefined>;

/** An AppSource export: the app that the script's serve() is called with. */
export async function captureApp({ module, call }: ScriptArgs): Promise<App> {
  const captured = new Deferred<App>();
  slots[SLOT] = { calls: 0, wanted: call, give: captured.resolve };
  // serve() does not come back in a worker, so a script that awaits it is never fully imported: the app is what counts.
  const imported = import(module).then(() => {
    throw new Fault('SERVE_MISSING', { module });
  });
  return Promise.race([captured.promise, imported]);
}

/** In a worker that waits for an app: takes it, and gives true. Elsewhere false. */
export function handOver(app: App): boolean {
  const capture = slots[SLOT];
  if (capture === undefined) return false;
  if (capture.calls === capture.wanted) capture.give(app);
  capture.calls += 1;
  return true;
}
