// process/succession.ts: another process takes the place of this one: a newer Node, a newer appserve (SIGUSR2).
//
// Law: no socket is closed meanwhile. The heir inherits them all, and this process serves on until the heir says that it does; when the
// heir never does, nothing has happened. Whoever is asked to stop takes the heir along; one that ends of itself leaves it its place.

import { closeSync, readFileSync, writeSync } from 'node:fs';
import { Fault } from '@appserve/core';
import { heirloomsLeft, inherit, leftovers, testament, type ByHand } from '../listen/heirlooms.ts';
import { closeDescriptor, closeOnExec } from '../listen/descriptor.ts';
import type { OpenSocket } from '../listen/sockets.ts';
import type { Logger } from '../log.ts';
import { removeIfOurs } from '../own-file.ts';
import { whyNoHeir, type Origin } from './followable.ts';
import { Heir, type Estate, type Left } from './heir.ts';
import { isItsTurn } from './turn.ts';

/** One server of this process. */
export interface Succeedable {
  readonly log: Logger;
  readonly sockets: readonly OpenSocket[];
  readonly byHand: Omit<ByHand, 'written'>;
  /** What the heir needs of the environment that this process has taken away. */
  readonly environment: Readonly<Record<string, string>>;
  /** Neither starting nor stopping. */
  readonly isServing: boolean;
  readonly isStopping: boolean;
  /** It is in the place of another process's from here on, where there was one. */
  takesOver(): void;
  /** The heir serves, and this server drains. */
  succeeded(heirPid: number): void;
}

/** Its place among the servers of this process, and in their order. */
export interface Place {
  /** Of several servers the first one acts on what is said to the process. */
  readonly leads: boolean;
  /** Who is starting in the place of this process. */
  readonly heirPid: number | undefined;
  /** It serves. */
  ready(): void;
  /** An operator asks for a change that whoever is starting in the place of this process would not hear of. Faults: HEIR_STARTS. */
  changes(what: string): void;
  /** An operator asks it to reload: who is starting in the place of this process may have read what was there before. */
  reloads(): void;
  /** An operator asks it to stop. */
  stops(): void;
  /** It has ended. Gives the process that goes on alone, where one does. */
  leave(): number | undefined;
}

interface State {
  isReady: boolean;
  isAsked: boolean;
  hasTakenOver: boolean;
}

/** How long it may take until a script has started the next one of its servers. */
const NEXT_SERVER_MS = 10_000;

const startedBy = process.ppid;
const servers = new Map<Succeedable, State>();
let heir: Heir | undefined;

/** Remembers a server of this process. */
export function joinSuccession(server: Succeedable): Place {
  const state: State = { isReady: false, isAsked: false, hasTakenOver: false };
  servers.set(server, state);
  // No program that the app starts shall hold it open.
  if (!isTold && testament() !== undefined) closeOnExec(testament()!.readyFd);
  return {
    get leads() {
      return servers.keys().next().value === server;
    },
    get heirPid() {
      return heir?.pid;
    },
    ready: () => {
      state.isReady = true;
      considerTelling();
    },
    changes: (what) => {
      if (heir !== undefined) throw new Fault('HEIR_STARTS', { what, pid: heir.pid });
    },
    reloads: () => {
      if (heir === undefined) return;
      heir.reloadLater();
      server.log.info(`process ${heir.pid}, which is starting in the place of this one, reloads too when it serves`);
    },
    stops: () => {
      state.isAsked = true;
      // Who is asked to stop does not want another one to go on.
      if ([...servers.values()].every(({ isAsked }) => isAsked)) endHeir(server.log);
    },
    leave: () => {
      servers.delete(server);
      if (servers.size > 0) {
        considerTelling();
        return undefined;
      }
      heir?.letGo();
      return heir?.pid;
    },
  };
}

let isTold = false;
let patience: NodeJS.Timeout | undefined;

/** Whether the process before this one may go. */
function considerTelling(isLate = false): void {
  clearTimeout(patience);
  const left = testament();
  const ready = [...servers.values()].filter(({ isReady }) => isReady).length;
  const facts = { joined: servers.size, ready, before: left?.servers ?? 0, heirloomsLeft: heirloomsLeft().length, isLate };
  const turn = isTold ? 'now' : isItsTurn(facts);
  if (turn === 'now') takeOver();
  if (turn === 'later') patience = setTimeout(() => considerTelling(true), NEXT_SERVER_MS).unref();
}

function takeOver(): void {
  if (!isTold) inherit();
  for (const [server, state] of servers) {
    if (state.hasTakenOver || !state.isReady) continue;
    state.hasTakenOver = true;
    server.takesOver();
  }
  if (!isTold) tellPredecessor();
  isTold = true;
}

function tellPredecessor(): void {
  for (const { descriptors, file } of leftovers()) {
    for (const fd of descriptors) closeDescriptor(fd);
    // The process before this one leaves it alone.
    if (file !== undefined) removeIfOurs(file.path, file);
  }
  const left = testament();
  if (left === undefined) return;
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
    const already = 'another process is already starting in the place of this one';
    log.warn(`${already}: process ${heir.pid}, for ${Math.round(heir.ageMs / 1_000)} s; \`kill ${heir.pid}\` ends it`);
    return;
  }
  const why = whyNoHeir(origin());
  if (why !== undefined) {
    log.error(why);
    return;
  }
  const all = [...servers.keys()];
  if (all.some(({ isServing }) => !isServing)) {
    const isStopping = all.some((server) => server.isStopping);
    log.warn(new Fault('NOT_SERVING', { what: 'SIGUSR2', isStopping }).message);
    return;
  }
  startHeir(log);
}

function origin(): Origin {
  const isNotifying = [...servers.keys()].some(({ environment }) => environment['NOTIFY_SOCKET'] !== undefined);
  return { pid: process.pid, startedBy, init: nameOfInit(), isHeir: testament() !== undefined, isNotifying };
}

function nameOfInit(): string | undefined {
  try {
    return readFileSync('/proc/1/comm', 'utf8').trim();
  } catch {
    // Not Linux, or it shows nobody the processes of others.
    return undefined;
  }
}

function startHeir(log: Logger): void {
  const fail = (why: string): void => {
    forgetHeir();
    if (servers.size > 0) log.error(why);
  };
  heir = Heir.start(estate(), {
    serves: () => {
      const { pid } = heir!;
      heir = undefined;
      // This process has ended of itself, and said so.
      if (servers.size === 0) return;
      log.info(`process ${pid} serves: this one finishes what it has`);
      for (const [server, { isAsked }] of servers) if (!isAsked) server.succeeded(pid);
    },
    ended: (why) => fail(`process ${heir!.pid} ${why} before it served: this one goes on`),
    failed: (why) => fail(`another process cannot be started, this one goes on: ${why}`),
  });
  if (heir === undefined) return;
  // This process may end of itself meanwhile.
  for (const { sockets } of servers.keys()) for (const socket of sockets) socket.bequeath();
  log.info(`process ${heir.pid} is starting in the place of this one`);
}

function endHeir(log: Logger): void {
  if (heir === undefined) return;
  log.info(`process ${heir.pid}, which was starting in the place of this one, is ended too`);
  heir.end();
  forgetHeir();
}

function forgetHeir(): void {
  heir = undefined;
  for (const { sockets } of servers.keys()) for (const socket of sockets) socket.regain();
}

function estate(): Estate {
  const all = [...servers.keys()];
  const environment = Object.assign({}, ...all.map((server) => server.environment)) as Record<string, string>;
  const byHand = all.map((server) => ({ written: server.sockets[0]!.written, ...server.byHand }));
  return { servers: all.length, sockets: all.flatMap((server) => heirloomsOf(server.sockets)), byHand, environment };
}

/** The sockets of one address stand together, in their order. */
function heirloomsOf(sockets: readonly OpenSocket[]): Left[] {
  const left = new Map<number, Left>();
  for (const { written, place, fd, file, identity } of sockets) {
    const fds = [...(left.get(place)?.fds ?? []), fd];
    left.set(place, {
      written,
      fds,
      file: file === undefined || identity === undefined ? undefined : { path: file, ...identity },
    });
  }
  return [...left.values()];
}
