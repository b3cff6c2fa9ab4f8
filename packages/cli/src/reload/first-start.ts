// reload/first-start.ts: what is to be started, also where a server that reloads by itself finds mistakes.
//
// A mistake in what concerns the app alone is for the server to show, which comes up all the same. One in what concerns the server leaves
// nobody to show it to but the terminal: it is waited for until a file has changed.

import { Faults } from '@appserve/core';
import type { AppSource, Serve } from '@appserve/core/app';
import { brokenAppSource } from '@appserve/loader';

export interface Startable {
  server(): Promise<Serve>;
  appSource(): Promise<AppSource>;
  serverSettings(): Promise<unknown>;
}

/**
 * `reads`: what was read for it, by who listens to that; it begins anew with each try. Nothing when a key says to quit. Faults: all that
 * are found, where nobody waits for their end.
 */
export async function firstStart(
  startable: Startable,
  reads: Set<string>,
  isReloading: boolean,
): Promise<readonly [Serve, AppSource] | undefined> {
  for (;;) {
    reads.clear();
    const [start, source] = await Promise.allSettled([startable.server(), startable.appSource()]);
    if (start.status === 'fulfilled') {
      if (source.status === 'fulfilled') return [start.value, source.value];
      if (isReloading || saysReload(await startable.serverSettings())) return [start.value, brokenAppSource(source.reason)];
    }
    try {
      throwAll([start, source]);
    } catch (error) {
      if (!isReloading) throw error;
      const { waitForChange } = await import('@appserve/server/development');
      if (!(await waitForChange(error, reads))) return undefined;
    }
  }
}

/** `reload = true` of the server, whichever it is. */
function saysReload(settings: unknown): boolean {
  return (Object(settings) as { readonly reload?: unknown }).reload === true;
}

/** What is wrong with either, at once. */
function throwAll(results: readonly PromiseSettledResult<unknown>[]): void {
  const faults = new Faults();
  for (const result of results) if (result.status === 'rejected') faults.add(result.reason);
  faults.end();
}
