// eventually.ts: waits for what nobody announces: a flag that the other side of a socket or of a thread will set.

import { setImmediate as nextTurn, setTimeout as later } from 'node:timers/promises';
import { PATIENCE_MS } from './patience.ts';

/** Looks every millisecond until it is so. `what` completes "did not happen: ...". */
export async function eventually(what: string, isSo: () => boolean): Promise<void> {
  const sinceMs = performance.now();
  while (!isSo()) {
    if (performance.now() - sinceMs > PATIENCE_MS) throw new Error(`did not happen: ${what}`);
    await later(1);
  }
}

/** So many turns of the loop, in which a client that is served, or an app that runs, could do something. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
}
