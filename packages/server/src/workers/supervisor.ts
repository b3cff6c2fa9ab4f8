// workers/supervisor.ts: obeys the fleet's machine with real threads. It runs in the main thread and never runs app code, so
// that signals and the news of a crash are heard whatever the apps do.

import { Fault } from '@appserve/core';
import type { AppSource } from '@appserve/core/app';
import { Deferred } from '../deferred.ts';
import { descriptorsMax } from '../listen/descriptor.ts';
import type { ListeningSocket } from '../listen/sockets.ts';
import { describeError, messageOf, type Logger } from '../log.ts';
import type { LogSink } from '../log-sink.ts';
import type { HttpSettings, ServerSettings } from '../settings.ts';
import { Claims } from './claims.ts';
import { Dispatcher } from './dispatcher.ts';
import { Hand } from './hand.ts';
import { lookEveryMs } from './heartbeat.ts';
import { newFleet, supervise, type Command, type Fleet, type Happening } from './life.ts';
import { Monitor, type Watched } from './monitor.ts';
import { reasons, Reloads } from './reloads.ts';
import { resourceLimits } from './resource-limits.ts';
import { Scoreboard } from './scoreboard.ts';
import { newSharedMemory, type Shared } from './shared-memory.ts';
import type { WorkerStats } from './stats.ts';

/** What one generation of workers is started with. */
export interface Crew {
  readonly source: AppSource;
  readonly settings: ServerSettings & HttpSettings;
  readonly size: number;
}

export interface SupervisorFacts {
  readonly crew: Crew;
  readonly sockets: readonly ListeningSocket[];
  readonly software: string;
  readonly log: Logger;
  readonly sink: LogSink;
  /** Reads the configuration again; rejects with Faults when it is not right any more. */
  readonly again: () => Promise<Crew>;
}

/** Workers that live at the same time, with those that drain; beyond it some are not watched. */
const ROWS = 512;
/** Connections that are on their way to workers; beyond it the next ones wait. */
const OFFERS = 4_096;
/** How often it is told that workers are still loading. */
const TELL_MS = 10_000;
/** What a worker may take beyond the grace of its connections, to end by itself. */
const EXIT_MS = 1_000;

export class Supervisor {
  readonly log: Logger;
  readonly #facts: SupervisorFacts;
  /** By generation. */
  readonly #crews = new Map<number, Crew>();
  readonly #hands = new Map<number, Hand>();
  /** Of workers that will be born, or should have ended. */
  readonly #timers = new Map<number, NodeJS.Timeout>();
  /** What the workers share with this thread. Those of a running server stay what they were at its start. */
  readonly #workerClass: ServerSettings['workerClass'];
  readonly #shared: Shared;
  readonly #scoreboard: Scoreboard;
  readonly #claims: Shared | undefined;
  readonly #dispatcher: Dispatcher | undefined;
  #monitor: Monitor;
  readonly #ready = new Deferred<void>();
  readonly #closed = new Deferred<void>();
  #fleet: Fleet;
  readonly #reloads = new Reloads(() => this.#readAgain());

  constructor(facts: SupervisorFacts) {
    const { crew } = facts;
    this.#facts = facts;
    this.log = facts.log;
    this.#fleet = newFleet(crew.size, crew.settings.gracefulTimeoutMs);
    const { workerClass, dispatch } = crew.settings;
    this.#workerClass = workerClass;
    this.#shared = newSharedMemory(Scoreboard.bytesFor(ROWS), workerClass === 'process');
    this.#scoreboard = Scoreboard.of(this.#shared.memory);
    if (dispatch === 'balanced') {
      this.#claims = newSharedMemory(Claims.bytesFor(OFFERS), workerClass === 'process');
      this.#dispatcher = this.#newDispatcher(new Claims(this.#claims.memory));
    }
    this.#crews.set(this.#fleet.generation, crew);
    this.#monitor = this.#monitorFor(crew.settings);
    // Both may be left alone by the caller: who awaits neither hears of a failure by the log.
    this.#ready.promise.catch(() => undefined);
    this.#closed.promise.catch(() => undefined);
  }

  #newDispatcher(claims: Claims): Dispatcher {
    return new Dispatcher({
      sockets: this.#facts.sockets,
      claims,
      log: this.log,
      serving: () => this.#serving(),
      maxConnections: () => this.#crews.get(this.#fleet.generation)!.settings.maxConnections,
    });
  }

  #serving(): ReadonlyMap<number, Hand> {
    const serving = this.#fleet.members.filter(({ state, isHung }) => state === 'serving' && !isHung);
    return new Map(serving.flatMap(({ id }) => (this.#hands.has(id) ? [[id, this.#hands.get(id)!] as const] : [])));
  }

  /** Every worker has loaded the app and accepts, or was stopped before. Rejects with the Fault that kept them from it. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get isStopping(): boolean {
    return this.#fleet.phase === 'stopping' || this.#fleet.phase === 'over';
  }

  /** Neither starting nor stopping. */
  get isServing(): boolean {
    return this.#fleet.phase === 'serving';
  }

  /** How many workers there shall be. */
  get size(): number {
    return this.#fleet.size;
  }

  /** Every worker has ended. Rejects with a Fault when nobody asked them to. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  get stats(): readonly WorkerStats[] {
    return this.#fleet.members.map(({ id, slot, state, generation }) => {
      return { name: `worker-${slot}`, state, generation, readings: this.#hands.get(id)?.row?.read() };
    });
  }

  start(): void {
    this.#happen({ type: 'start' });
    const startedMs = performance.now();
    const tell = (): void => this.#tellWhoLoads(performance.now() - startedMs);
    const timer = setInterval(tell, TELL_MS).unref();
    const silence = (): void => clearInterval(timer);
    this.#ready.promise.then(silence, silence);
  }

  /** An app that takes its time, or never comes back, shall not look like a server that hangs. */
  #tellWhoLoads(tookMs: number): void {
    const loading = this.#fleet.members.filter(({ state }) => state === 'starting').map(({ slot }) => `worker-${slot}`);
    if (!this.isStopping && loading.length > 0)
      this.log.warn(`${loading.join(', ')}: still loading the app after ${Math.round(tookMs / 1_000)} s`);
  }

  /**
   * Answers what is under way, then ends. A second call ends at once. Patient: another process serves on the same sockets, so a request
   * that is on its way on an idle connection is still answered.
   */
  stop(isPatient = false): void {
    this.#happen({ type: 'stop', isPatient });
  }

  stopNow(): void {
    this.#happen({ type: 'stop-now' });
  }

  /**
   * Workers with fresh code and a configuration that is read again take over when all of them are ready. Rejects with the Fault that
   * kept them from it; then the old ones go on.
   */
  reload(): Promise<void> {
    if (this.#fleet.phase !== 'serving') return Promise.reject(new Fault('NOT_SERVING', { what: 'reload' }));
    if (this.#workerClass === 'inline') {
      const fault = new Fault('INLINE_STAYS', { what: 'reload' });
      this.log.error(fault.message);
      return Promise.reject(fault);
    }
    return this.#reloads.ask();
  }

  #readAgain(): void {
    this.#facts.again().then(
      (crew) => this.#startReload(crew),
      (error: unknown) => this.#reloadFailed(error),
    );
  }

  #startReload(crew: Crew): void {
    const { size, settings } = crew;
    const happening: Happening = { type: 'reload', size, graceMs: settings.gracefulTimeoutMs };
    const [fleet, commands] = supervise(this.#fleet, happening, performance.now());
    this.#fleet = fleet;
    // Asked to stop meanwhile.
    if (fleet.reloading === undefined) return;
    this.#crews.set(fleet.reloading.generation, crew);
    this.#obeyAll(commands);
  }

  #reloadFailed(error: unknown): void {
    for (const why of reasons(error)) this.log.error(`reload failed, the old workers go on: ${why}`);
    this.#reloads.end(error);
  }

  /** More or fewer workers. Faults: NOT_SERVING, INLINE_STAYS, OPTION_INVALID. */
  scale(size: number): void {
    if (!Number.isSafeInteger(size) || size < 1)
      throw new Fault('OPTION_INVALID', { key: 'workers', value: String(size), allowed: 'a whole number >= 1' });
    if (this.#fleet.phase !== 'serving') throw new Fault('NOT_SERVING', { what: 'scale' });
    if (this.#workerClass === 'inline') throw new Fault('INLINE_STAYS', { what: 'scale' });
    this.#happen({ type: 'scale', size });
  }

  #happen(happening: Happening): void {
    const [fleet, commands] = supervise(this.#fleet, happening, performance.now());
    this.#fleet = fleet;
    this.#obeyAll(commands);
    this.#dispatcher?.refresh();
  }

  #obeyAll(commands: readonly Command[]): void {
    for (const command of commands) this.#obey(command);
  }

  #obey(command: Command): void {
    switch (command.do) {
      case 'spawn':
        this.#spawnLater(command);
        return;
      case 'accept':
        this.#hands.get(command.id)?.accept();
        return;
      case 'drain':
        this.#drain(command);
        return;
      case 'terminate':
        this.#terminate(command.id);
        return;
      case 'close-sockets':
        this.#closeSockets();
        return;
      case 'announce':
        this.#ready.resolve();
        return;
      case 'reloaded':
        this.log.info('reloaded: new workers are ready, the old ones finish what they have');
        this.#forgetCrews(command.generation);
        this.#monitor.stop();
        this.#monitor = this.#monitorFor(this.#crews.get(command.generation)!.settings);
        this.#reloads.end();
        return;
      case 'reload-failed':
        this.#crews.delete(command.generation);
        this.#reloadFailed(command.fault);
        return;
      case 'finish':
        this.#finish(command.fault);
    }
  }

  #monitorFor(settings: ServerSettings): Monitor {
    return new Monitor(settings, {
      watched: () => this.#watched(),
      recycle: (id, why) => {
        this.log.info(`${why}: another one takes its place`);
        this.#happen({ type: 'recycle', id });
      },
      idle: (forMs) => {
        this.log.info(`no connection has been open for ${Math.round(forMs / 1_000)} s (idle_exit): stopping`);
        this.stop();
      },
      hung: (id, message) => {
        this.log.error(message);
        this.#happen({ type: 'hung', id });
      },
    });
  }

  #watched(): Watched[] {
    const { members } = this.#fleet;
    const isReplaced = new Set(members.map(({ replaces }) => replaces));
    return members.flatMap(({ id, slot, state, readySinceMs, replaces }) => {
      const hand = this.#hands.get(id);
      if (hand?.row === undefined || state === 'starting') return [];
      const mayRecycle = state === 'serving' && !isReplaced.has(id) && (replaces === undefined || !this.#hands.has(replaces));
      return [{ id, name: `worker-${slot}`, threadId: hand.threadId, row: hand.row, readySinceMs, mayRecycle }];
    });
  }

  #forgetCrews(before: number): void {
    for (const generation of this.#crews.keys()) if (generation < before) this.#crews.delete(generation);
  }

  #spawnLater(command: Command & { readonly do: 'spawn' }): void {
    const { id, slot, afterMs, why } = command;
    if (why === 'death') this.log.warn(`worker-${slot} is started again${afterMs === 0 ? '' : ` in ${afterMs} ms`}`);
    if (afterMs === 0) this.#spawn(command);
    else this.#after(id, afterMs, () => this.#spawn(command));
  }

  #after(id: number, ms: number, act: () => void): void {
    const fire = (): void => {
      this.#timers.delete(id);
      act();
    };
    this.#timers.set(id, setTimeout(fire, ms));
  }

  #spawn({ id, slot, generation }: Command & { readonly do: 'spawn' }): void {
    const { software, sockets } = this.#facts;
    const { source, settings } = this.#crews.get(generation)!;
    const name = `worker-${slot}`;
    // Who accepts in the main thread is counted there; else the limit is the process's, and each worker has its share.
    const isShared = this.#dispatcher === undefined;
    const maxConnections = isShared ? Math.max(1, Math.floor(settings.maxConnections / this.size)) : settings.maxConnections;
    const birth = {
      name,
      source: { module: source.module, export: source.export, args: source.args },
      listeners: isShared ? sockets.length : 0,
      settings: { ...settings, maxConnections, descriptorsMax: descriptorsMax() },
      workers: this.size,
      software,
      logLevel: settings.logLevel,
      asyncLogging: settings.asyncLogging,
      logDescriptor: this.#facts.sink.descriptor,
      beatEveryMs: lookEveryMs(settings.workerTimeoutMs),
    };
    try {
      const berth = {
        birth,
        sockets: isShared ? sockets : [],
        scoreboard: this.#shared,
        claims: this.#claims,
        resourceLimits: resourceLimits(settings),
      };
      const hand = new Hand(this.#workerClass, berth, this.#scoreboard, {
        ready: () => this.#happen({ type: 'ready', id }),
        failed: (error) => this.#happen({ type: 'failed', id, error }),
        exited: (code, error, answered) => this.#exited(id, name, code, error, answered),
        log: (record) => this.#facts.sink.write(record),
        late: () => this.#dispatcher?.heard(id),
        short: (error) => this.log.error(`${name} has to wait before it can accept again: ${messageOf(error)}`),
      });
      this.#hands.set(id, hand);
    } catch (error) {
      // No descriptor, no memory: the same as a worker that ends at once.
      this.log.error(`${name} cannot be started: ${describeError(error)}`);
      this.#happen({ type: 'exited', id, code: 1, error: error instanceof Error ? error : undefined });
    }
  }

  #exited(id: number, name: string, code: number, error: Error | undefined, answered: number | undefined): void {
    this.#hands.delete(id);
    this.#dispatcher?.gone(id);
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    const member = this.#fleet.members.find((candidate) => candidate.id === id);
    // While starting it is told by whoever awaits that; who drains was asked to.
    const isExpected =
      member === undefined || member.state === 'draining' || member.generation === this.#fleet.reloading?.generation;
    if (this.#fleet.phase === 'serving' && !isExpected) {
      const why = error === undefined ? ': process.exit() was called in it' : `: ${describeError(error)}`;
      this.log.error(`${name} ended with code ${code}${why}`);
    }
    const exit = { type: 'exited', id, code, error } as const;
    this.#happen(answered === undefined ? exit : { ...exit, answered });
  }

  #drain({ id, graceMs, isPatient }: Command & { readonly do: 'drain' }): void {
    const hand = this.#hands.get(id);
    if (hand === undefined) {
      this.#terminate(id);
      return;
    }
    hand.drain(graceMs, isPatient);
    this.#after(id, graceMs + EXIT_MS, () => this.#happen({ type: 'overdue', id }));
  }

  #terminate(id: number): void {
    const hand = this.#hands.get(id);
    if (hand !== undefined) {
      hand.terminate();
      return;
    }
    // It had not been started yet: there is no thread to wait for.
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#happen({ type: 'exited', id, code: 0, error: undefined });
  }

  #closeSockets(): void {
    this.#dispatcher?.close();
    for (const socket of this.#facts.sockets) socket.close();
  }

  #finish(fault: Fault | undefined): void {
    this.#monitor.stop();
    this.#closeSockets();
    this.#reloads.forget();
    if (fault === undefined) {
      this.#ready.resolve();
      this.#closed.resolve();
    } else {
      this.#ready.reject(fault);
      this.#closed.reject(fault);
    }
  }
}
