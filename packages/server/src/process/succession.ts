// process/succession.ts: another process takes the place of this one: a newer Node, a newer appserve (SIGUSR2).
//
// Law: no socket is closed meanwhile. The heir inherits them all, and this process serves on until the heir says that it does; when the
// heir never does, nothing has happened.

import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import { inherit, leftovers, testament, VARIABLE, type Heirloom, type Testament } from '../listen/heirlooms.ts';
import { closeDescriptor } from '../listen/descriptor.ts';
import type { OpenSocket } from '../listen/sockets.ts';
import type { Logger } from '../log.ts';

/** One server of this process. */
export interface Succeedable {
  readonly log: Logger;
  readonly sockets: readonly OpenSocket[];
  /** What the heir needs of the environment that this process has taken away. */
  readonly environment: Readonly<Record<string, string>>;
  /** The heir serves: its files are its own, and this server drains. */
  succeeded(heirPid: number): void;
}

/** Where the process was started: a configuration may have been named from there. `chdir` comes later. */
const startedIn = process.cwd();
/** Behind the standard streams: the pipe, then the sockets. */
const READY_FD = 3;

const servers = new Map<Succeedable, { isReady: boolean }>();
let heir: ChildProcess | undefined;

/** Remembers a server of this process; gives what is to be called when it is ready, and when it ends. */
export function joinSuccession(server: Succeedable): { ready(): void; leave(): void } {
  const state = { isReady: false };
  servers.set(server, state);
  return {
    ready: () => {
      state.isReady = true;
      tellPredecessor();
    },
    leave: () => {
      servers.delete(server);
      // Who is asked to stop does not want another one to go on.
      if (servers.size === 0) heir?.kill('SIGTERM');
    },
  };
}

let isTold = false;

/** All servers of this process are ready: the one before it may go. */
function tellPredecessor(): void {
  const left = testament();
  if (left === undefined || isTold || [...servers.values()].some(({ isReady }) => !isReady)) return;
  isTold = true;
  inherit();
  for (const fd of leftovers()) closeDescriptor(fd);
  try {
    writeSync(left.readyFd, 'ready');
    closeSync(left.readyFd);
  } catch {
    // It has ended meanwhile: its place is ours all the same.
  }
}

/** Starts the heir; only one at a time. */
export function beginSuccession(log: Logger): void {
  if (heir !== undefined) {
    log.warn('another process is already starting in the place of this one');
    return;
  }
  if (process.pid === 1) {
    log.error('process 1 cannot be followed by another one: a container ends with it; start a new container instead');
    return;
  }
  const sockets = [...servers.keys()].flatMap((server) => heirloomsOf(server.sockets));
  try {
    heir = start(sockets);
  } catch (error) {
    log.error(`another process cannot be started: ${(error as Error).message}`);
    return;
  }
  follow(heir, log);
}

interface Left {
  readonly written: string;
  readonly fds: number[];
}

/** The sockets of one address stand together, in their order. */
function heirloomsOf(sockets: readonly OpenSocket[]): Left[] {
  const left = new Map<number, Left>();
  for (const { written, place, fd } of sockets) {
    const one = left.get(place) ?? { written, fds: [] };
    one.fds.push(fd);
    left.set(place, one);
  }
  return [...left.values()];
}

/** As this process was started, with the sockets under numbers of their own. */
function start(left: readonly Left[]): ChildProcess {
  let next = READY_FD + 1;
  const sockets = left.map(({ written, fds }): Heirloom => ({ written, descriptors: fds.map(() => next++) }));
  const will: Testament = { pid: process.pid, readyFd: READY_FD, sockets };
  const environments = [...servers.keys()].map(({ environment }) => environment);
  return spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    cwd: startedIn,
    env: Object.assign({}, process.env, ...environments, { [VARIABLE]: JSON.stringify(will) }) as NodeJS.ProcessEnv,
    stdio: ['inherit', 'inherit', 'inherit', 'pipe', ...left.flatMap(({ fds }) => fds)],
  });
}

function follow(child: ChildProcess, log: Logger): void {
  let isReady = false;
  log.info(`process ${child.pid} is starting in the place of this one`);
  child.stdio[READY_FD]!.once('data', () => {
    isReady = true;
    heir = undefined;
    child.unref();
    log.info(`process ${child.pid} serves: this one finishes what it has`);
    for (const server of servers.keys()) server.succeeded(child.pid!);
  });
  child.once('error', (error) => log.error(`another process cannot be started: ${error.message}`));
  child.once('close', (code, signal) => {
    heir = undefined;
    if (!isReady && servers.size > 0)
      log.error(`process ${child.pid ?? ''} ended with ${signal ?? `code ${code}`} before it served: this one goes on`);
  });
}
