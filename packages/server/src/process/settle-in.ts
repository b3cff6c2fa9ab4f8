// process/settle-in.ts: what happens to the process before the first worker: its sockets, its pidfile, who it is, its log.
//
// Law: the log is opened last, as the user that the server runs as. Root would follow a link that the owner of the folder has put there;
// and who cannot open it now could not open it again at SIGUSR1.

import { resolve } from 'node:path';
import { openSockets, type OpenSocket, type SocketSettings } from '../listen/sockets.ts';
import type { Logger } from '../log.ts';
import { ServerLog } from '../logging/server-log.ts';
import type { LogPlan } from '../logging/log-plan.ts';
import { openStreams } from '../logging/sinks/stream-sink.ts';
import type { LogObjects } from '../logging/worker-log.ts';
import { become, mayRemove, type BecomeSettings } from './become.ts';
import { writePidfile, type Pidfile } from './pidfile.ts';

export interface ProcessSettings extends BecomeSettings, SocketSettings {
  readonly pidfile: string | undefined;
}

/** What the process leaves behind it, and takes with it. */
export interface Settled {
  readonly sockets: readonly OpenSocket[];
  readonly serverLog: ServerLog;
  /** Says what an operator may not expect. */
  warn(log: Logger): void;
  /** It serves in the place of another process, if there was one. That one's pidfile is ours now: until here it might have had to go on. */
  takeOver(log: Logger): void;
  leave(): void;
}

/**
 * When it fails, nothing stays behind. `predecessor`: the process whose place this one takes.
 *
 * Faults: those of openSockets, PIDFILE_IN_USE, PIDFILE_REFUSED, ACCOUNT_UNKNOWN, PRIVILEGES_REFUSED, FOLDER_REFUSED, LOG_REFUSED.
 */
export async function settleIn(
  settings: ProcessSettings,
  addresses: readonly string[],
  predecessor: number | undefined,
  { plan, objects }: { readonly plan: LogPlan; readonly objects: LogObjects },
): Promise<Settled> {
  const undo: (() => void)[] = [];
  const leave = (): void => {
    for (const step of undo.splice(0).toReversed()) step();
  };
  // Where it was started: `chdir` comes in between.
  const pidfile = settings.pidfile === undefined ? undefined : resolve(settings.pidfile);
  const write = (): void => {
    if (pidfile !== undefined) undo.push(removeAtExit(writePidfile(pidfile, predecessor)));
  };
  const isOther = settings.user !== undefined || settings.group !== undefined;
  try {
    const sockets = await openSockets(addresses, settings);
    undo.push(() => sockets.forEach((socket) => socket.close()));
    if (predecessor === undefined) write();
    // Of whoever started it: those of another user may not be opened again.
    const streams = openStreams();
    become(settings);
    const serverLog = new ServerLog(plan, streams, objects, predecessor === undefined);
    undo.push(() => serverLog.close());
    const warn = (to: Logger): void => {
      for (const { note } of sockets) if (note !== undefined) to.warn(note);
      if (isOther) warnOfFiles([...sockets, ...(predecessor === undefined ? [{ file: pidfile }] : [])], to);
    };
    const takeOver = (to: Logger): void => {
      if (predecessor === undefined) return;
      try {
        write();
        if (isOther) warnOfFiles([{ file: pidfile }], to);
      } catch (error) {
        // It serves already: a file that names nobody any more is no reason to stop.
        to.error((error as Error).message);
      }
      // Somebody may have moved the files away while this process started, and have told the one before it, as the pidfile was then.
      void serverLog.reopen();
    };
    return { sockets, serverLog, warn, takeOver, leave };
  } catch (error) {
    leave();
    throw error;
  }
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

function warnOfFiles(owners: readonly { readonly file?: string | undefined }[], log: Logger): void {
  for (const file of owners.flatMap((owner) => owner.file ?? []).filter((path) => !mayRemove(path)))
    log.warn(`${file} will stay when the server ends: its folder belongs to another user; the next server replaces it`);
}
