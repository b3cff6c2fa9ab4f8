// workers/app-source.ts: a worker gets its app: it imports a module and calls an export of it.

import type { AppSource } from '@appserve/core/app';

/** Runs in the worker. What it throws is the app's own error, or a Fault of whoever made the source. */
export async function loadApp(source: AppSource): Promise<unknown> {
  const module = (await import(source.module)) as Record<string, unknown>;
  const make = module[source.export];
  // An AppSource is made by a loader, not by an operator: this is its mistake.
  if (typeof make !== 'function') throw new TypeError(`${source.module} exports no function ${source.export}`);
  return make(source.args);
}
