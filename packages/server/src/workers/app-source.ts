// workers/app-source.ts: a worker gets its app: it imports a module and calls an export of it.

import type { AppSource } from '@appserve/core/app';

/** Runs in the worker. What it throws is the app's own error, or a Fault of whoever made the source. */
export async function loadApp(source: AppSource): Promise<unknown> {
  const module = (await import(source.module)) as Record<string, (args: unknown) => unknown>;
  return module[source.export]!(source.args);
}
