// metrics/watch.ts: what operators see of a server, and say to it: its addresses, its memory of the last minutes. One for each server.
//
// Law: where neither `metrics` nor `control_socket` is set, this is not loaded, and no timer runs.

import type { Controllable } from '../control/commands.ts';
import type { ControlServer } from '../control/control-server.ts';
import type { ListeningSocket } from '../listen/bound-handle.ts';
import { messageOf, type Logger } from '../log.ts';
import type { SharedSettings } from '../settings.ts';
import type { Controls as ByWord } from '../signals.ts';
import { Door } from './door.ts';
import { History, LOOK_EVERY_MS } from './history.ts';
import type { MetricsFacts, MetricsServer } from './metrics-server.ts';
import { reportOf, type Report } from './report.ts';
import { takeSnapshot, type Sight } from './snapshot.ts';

/** Of the user that the server runs as, and of nobody else. */
const CONTROL_MODE = 0o600;
/** A scraper is another user. */
const METRICS_MODE = 0o666;

export interface Doors {
  readonly metrics: Door | undefined;
  readonly control: Door | undefined;
  /** `isOver`: resolves, or rejects, when the server has ended; until then it is told of. */
  watch(sight: Sight, controls: Controls, isOver: Promise<void>): Watch;
  close(): void;
}

/** `heirLog`: of a process that takes the place of another one. When it fails, nothing stays open. Faults: those of Door.open. */
export async function openDoors(
  { metrics, controlSocket }: Pick<SharedSettings, 'metrics' | 'controlSocket'>,
  heirLog: Logger | undefined,
): Promise<Doors> {
  const ofMetrics =
    metrics === undefined ? undefined : await Door.open({ written: metrics, key: 'metrics', mode: METRICS_MODE }, heirLog);
  try {
    const ofControl =
      controlSocket === undefined
        ? undefined
        : await Door.open({ written: controlSocket, key: 'control_socket', mode: CONTROL_MODE }, heirLog);
    const close = (): void => {
      ofMetrics?.close();
      ofControl?.close();
    };
    const doors: Doors = {
      metrics: ofMetrics,
      control: ofControl,
      watch: (sight, controls, isOver) => watch(doors, sight, controls, isOver),
      close,
    };
    return doors;
  } catch (error) {
    ofMetrics?.close();
    throw error;
  }
}

export interface Watch {
  /** Another process serves: its addresses are for that one. */
  release(): void;
}

type Controls = Omit<Controllable, 'report'> & Pick<ByWord, 'log' | 'whatStopMeans' | 'whyNotReload'>;

function watch(doors: Doors, sight: Sight, controls: Controls, isOver: Promise<void>): Watch {
  const history = new History();
  const snapshot = (): ReturnType<typeof takeSnapshot> => takeSnapshot(sight);
  const report = (): Report => reportOf(snapshot(), history);
  const look = (): void => {
    try {
      history.look(snapshot());
    } catch (error) {
      // Nobody is above a timer: what is thrown there would end the server.
      controls.log.error(`a second is missing from what operators see: ${messageOf(error)}`);
    }
  };
  look();
  // Unref'd: workers are what the process lives for.
  const timer = setInterval(look, LOOK_EVERY_MS).unref();
  const open: { close(): void }[] = [doors];
  let isReleased = false;
  const release = (): void => {
    isReleased = true;
    clearInterval(timer);
    for (const one of open.splice(0)) one.close();
  };
  const keep = (one: { close(): void }): void => {
    if (isReleased) one.close();
    else open.push(one);
  };
  const failed = (error: unknown): void => controls.log.error(`operators are not answered: ${messageOf(error)}`);
  doors.metrics?.attend((socket) => void openMetrics({ snapshot, report, log: controls.log }, socket).then(keep, failed));
  doors.control?.attend((socket) => void openControl(controllable(controls, report), socket).then(keep, failed));
  isOver.then(release, release);
  return { release };
}

async function openMetrics(facts: MetricsFacts, socket: ListeningSocket): Promise<MetricsServer> {
  const { MetricsServer: Server } = await import('./metrics-server.ts');
  const server = new Server(facts, socket);
  facts.log.info(`metrics and status page: ${socket.url}${socket.address.type === 'tcp' ? '/' : ''}`);
  return server;
}

async function openControl(facts: Controllable, socket: ListeningSocket): Promise<ControlServer> {
  const { ControlServer: Server } = await import('../control/control-server.ts');
  return new Server(facts, socket);
}

/** Each command leaves a line, as signals do. */
function controllable(controls: Controls, report: () => Report): Controllable {
  const say = (what: string): void => controls.log.info(`control socket: ${what}`);
  return {
    report,
    get size() {
      return controls.size;
    },
    get leftOut() {
      return controls.leftOut;
    },
    reload: () => {
      if (controls.whyNotReload === undefined) say('reloading');
      return controls.reload();
    },
    scale: (workers) => {
      controls.scale(workers);
      say(`${workers} ${workers === 1 ? 'worker' : 'workers'}`);
    },
    stop: (isPatient) => {
      say(controls.whatStopMeans);
      controls.stop(isPatient);
    },
    stopNow: () => {
      say('stopping at once');
      controls.stopNow();
    },
    setLevel: (logger, level) => controls.setLevel(logger, level),
  };
}
