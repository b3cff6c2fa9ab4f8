// process/settle-in.ts: what happens to the process between open sockets and the first worker: its pidfile, then who it is.

import { resolve } from 'node:path';
import type { ListeningSocket } from '../listen/sockets.ts';
import type { Logger } from '../log.ts';
import type { LogSink } from '../log-sink.ts';
import { groupOf, userOf } from './accounts.ts';
import { become, mayRemove, type BecomeSettings } from './become.ts';
import { writePidfile, type Pidfile } from './pidfile.ts';

export interface ProcessSettings extends BecomeSettings {
  readonly pidfile: string | undefined;
}

/** What the process leaves behind it, and takes with it. */
export interface Settled {
  /** It serves. Who takes the place of another process writes its pidfile now: until here that one might have had to go on. */
  ready(): void;
  leave(): void;
}

/**
 * When it fails, the sockets are closed and nothing stays behind. `predecessor`: the process whose place this one takes.
 *
 * Faults: PIDFILE_IN_USE, PIDFILE_REFUSED, ACCOUNT_UNKNOWN, PRIVILEGES_REFUSED, FOLDER_REFUSED, LOG_REFUSED.
 */
export function settleIn(
  settings: ProcessSettings,
  sockets: readonly ListeningSocket[],
  log: Logger,
  sink: LogSink,
  predecessor: number | undefined,
): Settled {
  let leave = nothing;
  // Where it was started: `chdir` comes in between.
  const path = settings.pidfile === undefined ? undefined : resolve(settings.pidfile);
  const write = (): void => {
    if (path !== undefined) leave = removeAtExit(writePidfile(path, predecessor));
  };
  try {
    if (predecessor === undefined) write();
    giveLog(settings, sink);
    become(settings);
    if (settings.user !== undefined || settings.group !== undefined)
      warnOfFiles([...sockets, ...(path === undefined ? [] : [{ file: path }])], log);
  } catch (error) {
    leave();
    for (const socket of sockets) socket.close();
    throw error;
  }
  const ready = (): void => {
    try {
      if (predecessor !== undefined) write();
    } catch (error) {
      // It serves already: a file that names nobody any more is no reason to stop.
      log.error((error as Error).message);
    }
  };
  return { ready, leave: () => leave() };
}

/** The user that the server becomes must be able to write the log again when it is reopened. */
function giveLog({ user, group }: ProcessSettings, sink: LogSink): void {
  if (user === undefined && group === undefined) return;
  const account = user === undefined ? undefined : userOf('user', user);
  const gid = group === undefined ? account?.gid : groupOf('group', group);
  if (process.geteuid?.() === 0) sink.giveTo(account?.uid ?? 0, gid ?? 0);
}

function nothing(): void {
  // There is no pidfile.
}

/** Also where the process ends in another way, but for SIGKILL and the like; then the file is stale. */
function removeAtExit(pidfile: Pidfile): () => void {
  const remove = (): void => pidfile.remove();
  process.once('exit', remove);
  return () => {
    process.off('exit', remove);
    remove();
  };
}

function warnOfFiles(owners: readonly { readonly file?: string }[], log: Logger): void {
  for (const file of owners.flatMap((owner) => owner.file ?? []).filter((path) => !mayRemove(path)))
    log.warn(`${file} will stay when the server ends: its folder belongs to another user; the next server replaces it`);
}
