// workers/supervisor.ts: obeys the fleet's machine with real workers. It lives in the main thread, where no app runs but an inline one:
// so signals and the news of a crash are heard whatever the apps do.
//
// Law: one step of the machine is obeyed to its end before the next thing happens. A worker that cannot be started, say, ends within the
// command that starts it; what follows from that would else overtake the commands that are still to be obeyed.

import { Fault } from '@appserve/core';
import { Deferred } from '../deferred.ts';
import type { ListeningSocket } from '../listen/sockets.ts';
import { describeError, type Logger } from '../log.ts';
import type { ServerLog } from '../logging/server-log.ts';
import { killUnless } from '../process/kill-unless.ts';
import type { SharedSettings } from '../settings.ts';
import type { Crew } from './crew.ts';
import { WORKERS_ALLOWED, WORKERS_MAX } from './fleet.ts';
import { Hands } from './hands.ts';
import { newFleet, supervise, type Command, type Fleet, type FleetPhase, type Happening } from './life.ts';
import { Mending, type Mended, type Mender } from './mending.ts';
import { Monitor, type Watched } from './monitor.ts';
import { reasons, Reloads } from './reloads.ts';
import type { Scoreboard } from './scoreboard.ts';
import type { WorkerStats } from './stats.ts';
import { newTally, type Tally } from './tally.ts';

export interface SupervisorFacts {
  readonly crew: Crew;
  readonly sockets: readonly ListeningSocket[];
  readonly software: string;
  readonly log: Logger;
  readonly serverLog: ServerLog;
  /** Reads the configuration again; rejects with Faults when it is not right any more. */
  readonly again: () => Promise<Crew>;
  /** Nothing where the server does not reload by itself. */
  readonly development?: Mender | undefined;
  /** A reload has come to its end: what else has changed with it. */
  readonly changed: (crew: Crew) => void;
  /** Nobody has been connected for `idle_exit`: told once. */
  readonly idle: () => void;
}

/** Whoever kills the process waits so long for its log. */
const LAST_WORDS_MS = 500;

/** How often it is told that workers are still loading. */
const TELL_MS = 10_000;

export class Supervisor {
  readonly log: Logger;
  readonly #facts: SupervisorFacts;
  readonly #mending: Mending | undefined;
  /** By generation. */
  readonly #crews = new Map<number, Crew>();
  readonly #hands: Hands;
  /** It has no other worker that could take its place. */
  readonly #isInline: boolean;
  #monitor: Monitor;
  readonly #ready = new Deferred<void>();
  readonly #closed = new Deferred<void>();
  #fleet: Fleet;
  readonly #tally = newTally();
  /** What happened while commands were obeyed. */
  readonly #waiting: (() => void)[] = [];
  #isObeying = false;
  readonly #reloads = new Reloads(() => this.#readAgain());

  constructor(facts: SupervisorFacts) {
    const { crew } = facts;
    this.#facts = facts;
    this.log = facts.log;
    this.#mending = facts.development && new Mending(facts.development, this.#mended());
    this.#fleet = newFleet(crew.size, crew.settings.gracefulTimeoutMs, this.#mending !== undefined);
    const { workerClass, dispatch } = crew.settings;
    this.#isInline = workerClass === 'inline';
    this.#hands = new Hands(
      { ...facts, workerClass, dispatch },
      {
        happen: (happening) => this.#happen(happening),
        development: (news) => this.#mending?.hear(news),
        exiting: (id, name, code, error) => this.#tellExit(id, name, code, error),
        members: () => this.#fleet.members,
        maxConnections: () => this.#crews.get(this.#fleet.generation)!.settings.maxConnections,
      },
    );
    this.#crews.set(this.#fleet.generation, crew);
    this.#monitor = this.#monitorFor(crew.settings);
    // Both may be left alone by the caller: who awaits neither hears of a failure by the log.
    this.#ready.promise.catch(() => undefined);
    this.#closed.promise.catch(() => undefined);
  }

  #mended(): Mended {
    const { crew, again } = this.#facts;
    const isStopping = (): boolean => this.isStopping;
    const size = (): number => this.size;
    return {
      get isStopping() {
        return isStopping();
      },
      get size() {
        return size();
      },
      first: crew,
      hold: () => this.hold(),
      again,
      renew: (fresh, isStandIn) => this.#renew(fresh, isStandIn),
    };
  }

  /** Every worker has loaded the app and accepts, or was stopped before. Rejects with the Fault that kept them from it. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get isStopping(): boolean {
    return this.#fleet.phase === 'stopping' || this.#fleet.phase === 'over';
  }

  /** An operator wants it to stop: it does not do so of itself. */
  get isAskedToStop(): boolean {
    return this.#fleet.isAsked;
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
      return { name: `worker-${slot}`, state, generation, readings: this.#hands.of(id)?.row?.read() };
    });
  }

  get phase(): FleetPhase {
    return this.#fleet.phase;
  }

  /** Some worker answers who connects now. */
  get isReady(): boolean {
    return this.isServing && this.#fleet.members.some(({ state, isHung }) => state === 'serving' && !isHung);
  }

  /** What workers have counted that are gone, and their slowest requests. */
  get retired(): Pick<Scoreboard, 'retired' | 'slowOfRetired'> {
    return this.#hands.retired;
  }

  /** How many workers were started, and why; and how reloads ended. */
  get tally(): Tally {
    return this.#tally;
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
   * Answers what is under way, then ends; asked for a second time, at once. Patient: another process serves on the same sockets, so a
   * request that is on its way on an idle connection is still answered. Not asked: the server's own wish.
   */
  stop({ isPatient = false, isAsked = true } = {}): void {
    this.#happen({ type: 'stop', isPatient, isAsked });
  }

  /** What cannot be ended is killed, and this process with it. */
  stopNow(): void {
    this.#happen({ type: 'stop-now' });
    killUnless(this.closed, this.log, () => this.#facts.serverLog.flush(LAST_WORDS_MS));
  }

  /**
   * Workers with fresh code and a configuration that is read again take over when all of them are ready. Rejects with the Fault that
   * kept them from it; then the old ones go on.
   */
  reload(): Promise<void> {
    if (this.#fleet.phase !== 'serving') return Promise.reject(new Fault('NOT_SERVING', { what: 'reload' }));
    if (this.#isInline) {
      const fault = new Fault('INLINE_STAYS', { what: 'reload' });
      this.log.error(fault.message);
      return Promise.reject(fault);
    }
    return this.#mending?.ask() ?? this.#reloads.ask();
  }

  /** For development: whoever asks from here on waits for what the reload brings that follows. */
  hold(): void {
    this.#happen({ type: 'hold' });
  }

  #renew(crew: Crew, isStandIn: boolean): void {
    const { size, settings } = crew;
    this.#happen({ type: 'renew', size, graceMs: settings.gracefulTimeoutMs, isStandIn }, ({ reloading }) => {
      if (reloading !== undefined) this.#crews.set(reloading.generation, crew);
    });
  }

  #readAgain(): void {
    this.#facts.again().then(
      (crew) => this.#startReload(crew),
      (error: unknown) => this.#reloadFailed(error),
    );
  }

  #startReload(crew: Crew): void {
    const { size, settings } = crew;
    this.#happen({ type: 'reload', size, graceMs: settings.gracefulTimeoutMs }, ({ reloading }) => {
      // Nothing, when it was asked to stop meanwhile.
      if (reloading !== undefined) this.#crews.set(reloading.generation, crew);
    });
  }

  #reloadFailed(error: unknown): void {
    this.#tally.reloads.failed += 1;
    for (const why of reasons(error)) this.log.error(`reload failed, the old workers go on: ${why}`);
    this.#reloads.end(error);
  }

  /** More or fewer workers. Faults: NOT_SERVING, INLINE_STAYS, OPTION_INVALID. */
  scale(size: number): void {
    if (!Number.isSafeInteger(size) || size < 1 || size > WORKERS_MAX)
      throw new Fault('OPTION_INVALID', { key: 'workers', value: String(size), allowed: WORKERS_ALLOWED });
    if (this.#fleet.phase !== 'serving') throw new Fault('NOT_SERVING', { what: 'scale' });
    if (this.#isInline) throw new Fault('INLINE_STAYS', { what: 'scale' });
    this.#happen({ type: 'scale', size });
  }

  /** How much a logger says, in all threads, from here on. Faults: OPTION_INVALID. */
  setLevel(logger: string, level: string): void {
    const number = this.#facts.serverLog.setLevel(logger, level);
    this.#hands.setLevel(logger, number);
    this.log.info(`the level of the logger ${logger === '' ? 'root' : logger} is ${level} now`);
  }

  /** `prepare`: what must be known before the commands are obeyed. */
  #happen(happening: Happening, prepare: (fleet: Fleet) => void = () => undefined): void {
    this.#waiting.push(() => this.#live(happening, prepare));
    if (this.#isObeying) return;
    this.#isObeying = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) next();
    } finally {
      this.#isObeying = false;
    }
  }

  #live(happening: Happening, prepare: (fleet: Fleet) => void): void {
    const [fleet, commands] = supervise(this.#fleet, happening, performance.now());
    this.#fleet = fleet;
    prepare(fleet);
    for (const command of commands) this.#obey(command);
    this.#hands.refresh();
  }

  #obey(command: Command): void {
    switch (command.do) {
      case 'spawn':
        this.#tally.starts[command.why] += 1;
        this.#hands.spawn(command, this.#crews.get(command.generation)!, this.size);
        return;
      case 'accept':
        this.#hands.accept(command.id);
        return;
      case 'drain':
        this.#hands.drain(command);
        return;
      case 'terminate':
        this.#hands.terminate(command.id);
        return;
      case 'close-sockets':
        this.#hands.closeSockets();
        return;
      case 'announce':
        this.#ready.resolve();
        return;
      case 'reloaded':
        this.#forgetCrews(command.generation);
        this.#obeySettings(this.#crews.get(command.generation)!);
        this.#tally.reloads.done += 1;
        if (this.#mending !== undefined) {
          this.#renewed(this.#mending);
          return;
        }
        this.log.info('reloaded: new workers are ready, the old ones finish what they have');
        this.#reloads.end();
        return;
      case 'reload-failed':
        if (this.#mending !== undefined) {
          this.#mending.broken(command.fault);
          return;
        }
        this.#crews.delete(command.generation);
        this.#reloadFailed(command.fault);
        return;
      case 'broken':
        this.#mending?.broken(command.fault);
        return;
      case 'finish':
        this.#finish(command.fault);
    }
  }

  /** Also with what stands in it serves: its clients have somebody who answers. */
  #renewed(mending: Mending): void {
    this.#ready.resolve();
    this.#hands.prepare({ ...this.#facts.crew, size: this.size });
    mending.serves(this.#fleet.isStandIn);
  }

  /** What the main thread itself does otherwise after a reload. */
  #obeySettings(crew: Crew): void {
    this.#facts.changed(crew);
    this.#monitor.stop();
    this.#monitor = this.#monitorFor(crew.settings);
  }

  #monitorFor(settings: SharedSettings): Monitor {
    return new Monitor(settings, {
      watched: () => this.#watched(),
      recycle: (id, why) => {
        this.log.info(`${why}: another one takes its place`);
        this.#happen({ type: 'recycle', id });
      },
      idle: (forMs) => {
        this.log.info(`no connection has been open for ${Math.round(forMs / 1_000)} s (idle_exit): stopping`);
        this.#facts.idle();
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
      const hand = this.#hands.of(id);
      if (hand?.row === undefined || state === 'starting') return [];
      const mayRecycle =
        state === 'serving' && !isReplaced.has(id) && (replaces === undefined || this.#hands.of(replaces) === undefined);
      return [{ id, name: `worker-${slot}`, threadId: hand.threadId, row: hand.row, readySinceMs, mayRecycle }];
    });
  }

  #forgetCrews(before: number): void {
    for (const generation of this.#crews.keys()) if (generation < before) this.#crews.delete(generation);
  }

  /** While starting it is told by whoever awaits that; who drains was asked to. */
  #tellExit(id: number, name: string, code: number, error: Error | undefined): void {
    const { members, phase, reloading } = this.#fleet;
    const member = members.find((candidate) => candidate.id === id);
    // While it loads for a reload, it is told as why that failed.
    const isOfReload = member?.state === 'starting' && member.generation === reloading?.generation;
    const isExpected = member === undefined || member.state === 'draining' || isOfReload || this.#mending !== undefined;
    if (phase !== 'serving' || isExpected) return;
    this.log.error(`${name} ended with code ${code}: ${whyEnded(error)}`);
  }

  #finish(fault: Fault | undefined): void {
    this.#monitor.stop();
    this.#hands.closeSockets();
    this.#hands.leave();
    this.#reloads.forget();
    this.#mending?.end();
    if (fault === undefined) {
      this.#ready.resolve();
      this.#closed.resolve();
    } else {
      this.#ready.reject(fault);
      this.#closed.reject(fault);
    }
  }
}

function whyEnded(error: Error | undefined): string {
  if (error === undefined) return 'process.exit() was called in it';
  // Its stack would be ours.
  return error instanceof Fault && error.code === 'WORKER_KILLED' ? error.message : describeError(error);
}
