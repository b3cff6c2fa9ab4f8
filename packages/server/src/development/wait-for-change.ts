// development/wait-for-change.ts: shows what keeps a server from being started at all, and waits until a file of it has changed.

import { Deferred } from '../deferred.ts';
import { failureOf } from './failure.ts';
import { hearKeys } from './keys.ts';
import { readsOf } from './reads.ts';
import { sayFailure } from './say.ts';
import { Terminal } from './terminal.ts';
import { Watcher } from './watcher.ts';

/** An editor saves in several steps. */
const QUIET_MS = 20;

/** `paths`: what was read. False: a key says to quit, or the terminal is gone. Other signals than SIGHUP end the process as ever. */
export async function waitForChange(error: unknown, paths: Iterable<string>): Promise<boolean> {
  const goesOn = new Deferred<boolean>();
  let timer: NodeJS.Timeout | undefined;
  const watcher = new Watcher({
    changed: () => {
      clearTimeout(timer);
      timer = setTimeout(() => goesOn.resolve(true), QUIET_MS);
    },
    polls: () => undefined,
  });
  const terminal = new Terminal();
  const onHangup = (): void => goesOn.resolve(!terminal.isGone);
  process.on('SIGHUP', onHangup);
  for (const path of paths) watcher.follow(readsOf(path));
  const keys = hearKeys({ reload: () => goesOn.resolve(true), quit: () => goesOn.resolve(false) });
  sayFailure(failureOf('The server cannot be started', error), keys);
  // What is watched keeps no process alive.
  const alive = setInterval(() => undefined, 2 ** 30);
  const again = await goesOn.promise;
  clearInterval(alive);
  process.off('SIGHUP', onHangup);
  watcher.close();
  keys?.close();
  if (terminal.isGone) terminal.leave();
  return again;
}
