// controls.ts: what can be asked of a server, by signals and by its handle, and who else is told: systemd, and an heir.

import { Fault } from '@appserve/core';
import { messageOf, type Level } from './log.ts';
import type { LogSink } from './log-sink.ts';
import type { ServiceManager } from './notify/service-manager.ts';
import { beginSuccession, type Place } from './process/succession.ts';
import type { Controls } from './signals.ts';
import type { Supervisor } from './workers/supervisor.ts';

export interface Controlled {
  readonly supervisor: Supervisor;
  readonly manager: ServiceManager;
  readonly place: Place;
  readonly sink: LogSink;
  /** A line for systemd. */
  readonly status: () => string;
}

/** What can be asked of a server: by signals, and by those who hold it. */
export interface AllControls extends Controls {
  /** Until a reload. Faults: OPTION_INVALID of the logger. */
  setLevel(level: Level, logger: string | undefined): void;
}

/** The name of the one logger. */
const LOGGER = 'appserve';

export function controlsOf({ supervisor, manager, place, sink, status }: Controlled): AllControls {
  return {
    log: supervisor.log,
    get leads() {
      return place.leads;
    },
    get isStopping() {
      return supervisor.isStopping;
    },
    get isAskedToStop() {
      return supervisor.isAskedToStop;
    },
    get size() {
      return supervisor.size;
    },
    stop: () => {
      // First: sockets that are closed now leave their files to an heir.
      place.stops();
      manager.stopping();
      supervisor.stop();
    },
    stopNow: () => {
      place.stops();
      manager.stopping();
      supervisor.stopNow();
    },
    reload: async () => {
      manager.reloading();
      try {
        await supervisor.reload();
      } finally {
        // Also with the old workers it is as ready as before.
        if (!supervisor.isStopping) manager.ready(status());
      }
    },
    succeed: () => beginSuccession(supervisor.log),
    reopenLog: () => {
      try {
        const path = sink.reopen();
        supervisor.log.info(path === undefined ? 'the log is no file: nothing to open again' : `${path} was opened again`);
      } catch (error) {
        supervisor.log.error(`the log goes on into the old file: ${messageOf(error)}`);
      }
    },
    setLevel: (level, logger = LOGGER) => {
      if (logger !== LOGGER) throw new Fault('OPTION_INVALID', { key: 'logger', value: logger, allowed: LOGGER });
      supervisor.setLevel(level);
    },
    scale: (size) => {
      supervisor.scale(size);
      manager.status(status());
    },
  };
}
