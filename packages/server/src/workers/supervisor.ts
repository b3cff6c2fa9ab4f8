// workers/supervisor.ts: obeys the fleet's machine with real workers. It lives in the main thread, where no app runs but an inline one:
// so signals and the news of a crash are heard whatever the apps do.
//
// Law: it decides nothing. What happens goes to the machine (`life.ts`), step by step (`LivingFleet`), and what that says is done: by the
// workers as they are (`Hands`), with what their generation is started with (`Generations`).

import { Fault } from '@appserve/core';
import { Deferred } from '../deferred.ts';
import type { ListeningSocket } from '../listen/sockets.ts';
import type { Logger } from '../log.ts';
import type { ServerLog } from '../logging/server-log.ts';
import { killUnless } from '../process/kill-unless.ts';
import type { ServiceSettings, SharedSettings } from '../settings.ts';
import type { Crew } from './crew.ts';
import { FleetLog } from './fleet-log.ts';
import { WORKERS_ALLOWED, WORKERS_MAX } from './fleet.ts';
import { Generations, type GenerationsFacts } from './generations.ts';
import { Hands } from './hands.ts';
import { newFleet, type Command, type FleetPhase } from './life.ts';
import { LivingFleet } from './living-fleet.ts';
import { Monitor, watchedOf } from './monitor.ts';
import type { Scoreboard } from './scoreboard.ts';
import type { WorkerStats } from './stats.ts';
import { Stopping } from './stopping.ts';
import { newTally, type Tally } from './tally.ts';

export interface SupervisorFacts extends GenerationsFacts {
  readonly sockets: readonly ListeningSocket[];
  readonly software: string;
  readonly serverLog: ServerLog;
  /** A reload has come to its end: what else has changed with it. */
  readonly changed: (crew: Crew) => void;
  /** Nobody has been connected for `idle_exit`: told once. */
  readonly idle: () => void;
}

/** Whoever kills the process waits so long for its log. */
const LAST_WORDS_MS = 500;

export class Supervisor {
  readonly log: Logger;
  readonly #facts: SupervisorFacts;
  /** It has no other worker that could take its place. */
  readonly #isInline: boolean;
  readonly #tally = newTally();
  readonly #fleet: LivingFleet;
  readonly #fleetLog: FleetLog;
  readonly #generations: Generations;
  readonly #hands: Hands;
  readonly #stopping: Stopping;
  #monitor: Monitor;
  readonly #ready = new Deferred<void>();
  readonly #closed = new Deferred<void>();

  constructor(facts: SupervisorFacts) {
    const { crew, development } = facts;
    this.#facts = facts;
    this.log = facts.log;
    const first = newFleet(crew.size, crew.settings.gracefulTimeoutMs, development !== undefined);
    this.#fleet = new LivingFleet(first, (commands) => this.#obeyAll(commands));
    this.#fleetLog = new FleetLog(this.log, this.#fleet);
    this.#generations = new Generations(facts, this.#fleet, this.#tally.reloads);
    this.#isInline = crew.settings.workerClass === 'inline';
    this.#hands = this.#newHands();
    this.#stopping = new Stopping({
      log: this.log,
      phase: () => this.phase,
      delayMs: () => this.#generations.now.settings.stopDelayMs,
      finishAccepting: () => this.#hands.finishAccepting(),
      happen: (happening) => this.#fleet.happen(happening),
    });
    this.#monitor = this.#monitorFor(crew.settings);
    // Both may be left alone by the caller: who awaits neither hears of a failure by the log.
    this.#ready.promise.catch(() => undefined);
    this.#closed.promise.catch(() => undefined);
  }

  #newHands(): Hands {
    const { workerClass, dispatch } = this.#facts.crew.settings;
    return new Hands(
      { ...this.#facts, workerClass, dispatch },
      {
        happen: (happening) => this.#fleet.happen(happening),
        development: (news) => this.#generations.hear(news),
        exiting: (id, name, code, error) => {
          // Where it is mended, that is shown.
          if (!this.#generations.isMended) this.#fleetLog.tellExit(id, name, code, error);
        },
        members: () => this.#fleet.now.members,
        maxConnections: () => this.#generations.now.settings.maxConnections,
      },
    );
  }

  /** Every worker has loaded the app and accepts, or was stopped before. Rejects with the Fault that kept them from it. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get isStopping(): boolean {
    return this.#fleet.isStopping;
  }

  /** What it means that an operator wants it to stop now, for the log. */
  get whatStopMeans(): string {
    const { phase, isAsked } = this.#fleet.now;
    if (phase === 'leaving') return 'again: the delay is over (stop_delay)';
    return isAsked ? 'again: what is under way is cut' : 'stopping';
  }

  /** Neither starting nor stopping. */
  get isServing(): boolean {
    return this.#fleet.isServing;
  }

  /** How many workers there shall be. */
  get size(): number {
    return this.#fleet.now.size;
  }

  /** Of the workers that serve. */
  get settings(): ServiceSettings {
    return this.#generations.now.settings;
  }

  /** Every worker has ended. Rejects with a Fault when nobody asked them to. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  get stats(): readonly WorkerStats[] {
    return this.#fleet.now.members.map(({ id, slot, state, generation }) => {
      return { name: `worker-${slot}`, state, generation, readings: this.#hands.of(id)?.row?.read() };
    });
  }

  get phase(): FleetPhase {
    return this.#fleet.now.phase;
  }

  /** Some worker answers who connects now. */
  get isReady(): boolean {
    return this.isServing && this.#fleet.now.members.some(({ state, isHung }) => state === 'serving' && !isHung);
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
    this.#fleet.happen({ type: 'start' });
    this.#fleetLog.tellWhoLoadsUntil(this.ready);
  }

  /**
   * Answers what is under way, after `stop_delay` where an operator asks, then ends; asked for once more, without the delay, and then at
   * once. Patient: a request that is on its way on an idle connection, or on one that waits to be accepted, is still answered: whoever
   * spreads requests over several servers, or another process on the same sockets, goes on. Not asked: the server's own wish.
   */
  stop({ isPatient = false, isAsked = true } = {}): void {
    this.#stopping.stop(isPatient, isAsked);
  }

  /** What cannot be ended is killed, and this process with it. */
  stopNow(): void {
    this.#fleet.happen({ type: 'stop-now' });
    killUnless(this.closed, this.log, () => this.#facts.serverLog.flush(LAST_WORDS_MS));
  }

  /**
   * Workers with fresh code and a configuration that is read again take over when all of them are ready. Rejects with the Fault that
   * kept them from it; then the old ones go on.
   */
  reload(): Promise<void> {
    if (!this.isServing) return Promise.reject(this.#notServing('reload'));
    if (this.#isInline) {
      const fault = new Fault('INLINE_STAYS', { what: 'reload' });
      this.log.error(fault.message);
      return Promise.reject(fault);
    }
    return this.#generations.reload();
  }

  /** What the last reload has left for a restart. */
  get leftOut(): readonly string[] {
    return this.#generations.now.leftOut ?? [];
  }

  #notServing(what: string): Fault {
    return new Fault('NOT_SERVING', { what, isStopping: this.isStopping });
  }

  /** For development: whoever asks from here on waits for what the reload brings that follows. */
  hold(): void {
    this.#fleet.happen({ type: 'hold' });
  }

  /** More or fewer workers. Faults: NOT_SERVING, INLINE_STAYS, OPTION_INVALID. */
  scale(size: number): void {
    if (!Number.isSafeInteger(size) || size < 1 || size > WORKERS_MAX)
      throw new Fault('OPTION_INVALID', { key: 'workers', value: String(size), allowed: WORKERS_ALLOWED });
    if (!this.isServing) throw this.#notServing('scale');
    if (this.#isInline) throw new Fault('INLINE_STAYS', { what: 'scale' });
    this.#fleet.happen({ type: 'scale', size });
  }

  /** How much a logger says, in all threads, from here on. Faults: OPTION_INVALID. */
  setLevel(logger: string, level: string): void {
    const number = this.#facts.serverLog.setLevel(logger, level);
    this.#hands.setLevel(logger, number);
    this.log.info(`the level of the logger ${logger === '' ? 'root' : logger} is ${level} now`);
  }

  #obeyAll(commands: readonly Command[]): void {
    for (const command of commands) this.#obey(command);
    this.#hands.refresh();
  }

  #obey(command: Command): void {
    switch (command.do) {
      case 'spawn':
        this.#tally.starts[command.why] += 1;
        this.#hands.spawn(command, this.#generations.of(command.generation), this.size);
        return;
      case 'accept':
        this.#hands.accept(command.id);
        return;
      case 'forewarn':
        this.#hands.forewarn(command.id);
        return;
      case 'linger':
        this.#stopping.linger(command.forMs);
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
        this.#reloaded(command.generation);
        return;
      case 'reload-failed':
        this.#generations.gaveUp(command.generation, command.fault);
        return;
      case 'broken':
        this.#generations.broken(command.fault);
        return;
      case 'finish':
        this.#finish(command.fault);
    }
  }

  #reloaded(generation: number): void {
    const { crew } = this.#facts;
    this.#generations.succeeded(generation);
    this.#obeySettings(this.#generations.of(generation));
    if (this.#generations.isMended) {
      // Also with what stands in it serves: its clients have somebody who answers.
      this.#ready.resolve();
      this.#hands.prepare({ ...crew, size: this.size });
    }
    this.#generations.serves(this.#fleet.now.isStandIn);
  }

  /** What the main thread itself does otherwise after a reload. */
  #obeySettings(crew: Crew): void {
    this.#facts.changed(crew);
    this.#monitor.stop();
    this.#monitor = this.#monitorFor(crew.settings);
  }

  #monitorFor(settings: SharedSettings): Monitor {
    return new Monitor(settings, {
      watched: () => watchedOf(this.#fleet.now.members, (id) => this.#hands.of(id)),
      recycle: (id, why) => {
        this.log.info(`${why}: another one takes its place`);
        this.#fleet.happen({ type: 'recycle', id });
      },
      idle: (forMs) => {
        this.log.info(`no connection has been open for ${Math.round(forMs / 1_000)} s (idle_exit): stopping`);
        this.#facts.idle();
      },
      hung: (id, message) => {
        this.log.error(message);
        this.#fleet.happen({ type: 'hung', id });
      },
    });
  }

  #finish(fault: Fault | undefined): void {
    this.#monitor.stop();
    this.#stopping.end();
    this.#hands.closeSockets();
    this.#hands.leave();
    this.#generations.end();
    if (fault === undefined) {
      this.#ready.resolve();
      this.#closed.resolve();
    } else {
      this.#ready.reject(fault);
      this.#closed.reject(fault);
    }
  }
}
