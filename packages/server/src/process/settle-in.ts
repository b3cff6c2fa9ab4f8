// process/settle-in.ts: what happens to the process between open sockets and the first worker: its pidfile, then who it is.

import type { ListeningSocket } from '../listen/sockets.ts';
import type { Logger } from '../log.ts';
import { become, mayRemove, type BecomeSettings } from './become.ts';
import { writePidfile, type Pidfile } from './pidfile.ts';

export interface ProcessSettings extends BecomeSettings {
  readonly pidfile: string | undefined;
}

/**
 * Gives what takes the pidfile away. When it fails, the sockets are closed and nothing stays behind.
 *
 * Faults: PIDFILE_IN_USE, PIDFILE_REFUSED, ACCOUNT_UNKNOWN, PRIVILEGES_REFUSED, FOLDER_REFUSED.
 */
export function settleIn(settings: ProcessSettings, sockets: readonly ListeningSocket[], log: Logger): () => void {
  let leave = nothing;
  try {
    const pidfile = settings.pidfile === undefined ? undefined : writePidfile(settings.pidfile);
    if (pidfile !== undefined) leave = removeAtExit(pidfile);
    become(settings);
    if (settings.user !== undefined || settings.group !== undefined)
      warnOfFiles([...sockets, ...(pidfile === undefined ? [] : [{ file: pidfile.path }])], log);
  } catch (error) {
    leave();
    for (const socket of sockets) socket.close();
    throw error;
  }
  return leave;
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
