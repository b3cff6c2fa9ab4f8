// controls.ts: what can be asked of a server, by signals and by its handle, and who else is told: systemd, and an heir.

import type { Development } from './development/development.ts';
import type { Logger } from './log.ts';
import type { ServerLog } from './logging/server-log.ts';
import type { ServiceManager } from './notify/service-manager.ts';
import { beginSuccession, type Place } from './process/succession.ts';
import type { Controls } from './signals.ts';
import type { Supervisor } from './workers/supervisor.ts';

export interface Controlled {
  readonly supervisor: Supervisor;
  readonly manager: ServiceManager;
  readonly place: Place;
  readonly serverLog: ServerLog;
  readonly development: Pick<Development, 'isForsaken'> | undefined;
  /** A line for systemd. */
  readonly status: () => string;
}

export function controlsOf({ supervisor, manager, place, serverLog, development, status }: Controlled): Controls {
  return {
    log: supervisor.log,
    get leads() {
      return place.leads;
    },
    get isStopping() {
      return supervisor.isStopping;
    },
    get whatStopMeans() {
      return supervisor.whatStopMeans;
    },
    get whyNotReload() {
      if (supervisor.isServing) return undefined;
      return supervisor.isStopping ? 'it is stopping: not reloaded' : 'there is nothing to reload before all workers are ready';
    },
    get isForsaken() {
      return development?.isForsaken === true;
    },
    get size() {
      return supervisor.size;
    },
    get leftOut() {
      return supervisor.leftOut;
    },
    stop: (isPatient) => {
      // First: sockets that are closed now leave their files to an heir.
      place.stops();
      manager.stopping();
      supervisor.stop({ isPatient });
    },
    stopNow: () => {
      place.stops();
      manager.stopping();
      supervisor.stopNow();
    },
    reload: async () => {
      // It is refused: systemd need not hear of it.
      if (!supervisor.isServing) return supervisor.reload();
      place.reloads();
      manager.reloading();
      try {
        await supervisor.reload();
      } finally {
        // Also with the old workers it is as ready as before.
        if (!supervisor.isStopping) manager.ready(status());
      }
    },
    succeed: () => beginSuccession(supervisor.log),
    reopenLog: () => void reopen(serverLog, supervisor.log),
    setLevel: (logger, level) => {
      place.changes('log-level');
      supervisor.setLevel(logger, level);
    },
    scale: (size) => {
      place.changes('scale');
      supervisor.scale(size);
      manager.status(status());
    },
  };
}

async function reopen(serverLog: ServerLog, log: Logger): Promise<void> {
  const { paths, faults } = await serverLog.reopen();
  for (const path of paths) log.info(`${path} was opened again`);
  if (paths.length === 0 && faults.length === 0) log.info('the log is no file: nothing to open again');
}
