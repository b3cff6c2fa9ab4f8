// workers/supervisor.ts: obeys the fleet's machine with real threads. It runs in the main thread and never runs app code, so
// that signals and the news of a crash are heard whatever the apps do.

import { Worker } from 'node:worker_threads';
import { fromErrorRecord, type Fault } from '@appserve/core';
import type { AppSource } from '@appserve/core/app';
import { Deferred } from '../deferred.ts';
import { closeDescriptor } from '../listen/descriptor.ts';
import type { ListeningSocket } from '../listen/sockets.ts';
import { describeError, Logger, messageOf, writeToStderr } from '../log.ts';
import type { ServerSettings } from '../settings.ts';
import { newFleet, supervise, type Command, type Fleet, type Happening } from './life.ts';
import type { FromWorker, ToWorker, WorkerBirth } from './messages.ts';

export interface Crew {
  readonly source: AppSource;
  readonly sockets: readonly ListeningSocket[];
  readonly settings: ServerSettings;
  readonly size: number;
  readonly software: string;
}

/** A worker thread and what it was given. */
interface Hand {
  readonly worker: Worker;
  /** Descriptors that it has not taken over yet: ours to close should it end before. */
  readonly descriptors: Set<number>;
  error: Error | undefined;
  hasEnded: boolean;
}

/** How often it is told that workers are still loading. */
const TELL_MS = 10_000;
/** When a descriptor could not be duplicated: too many are open. */
const RETRY_MS = 1_000;

export class Supervisor {
  readonly log: Logger;
  readonly #crew: Crew;
  readonly #hands = new Map<number, Hand>();
  readonly #timers = new Map<number, NodeJS.Timeout>();
  readonly #ready = new Deferred<void>();
  readonly #closed = new Deferred<void>();
  #fleet: Fleet;
  #graceTimer: NodeJS.Timeout | undefined;

  constructor(crew: Crew) {
    this.#crew = crew;
    this.log = new Logger('main', crew.settings.logLevel, writeToStderr);
    this.#fleet = newFleet(crew.size, crew.settings.gracefulTimeoutMs);
    // Both may be left alone by the caller: who awaits neither hears of a failure by the log.
    this.#ready.promise.catch(() => undefined);
    this.#closed.promise.catch(() => undefined);
  }

  /** Every worker has loaded the app and accepts, or was stopped before. Rejects with the Fault that kept them from it. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get isStopping(): boolean {
    return this.#fleet.phase === 'stopping' || this.#fleet.phase === 'over';
  }

  /** Every worker has ended. Rejects with a Fault when nobody asked them to. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  start(): void {
    this.#happen({ type: 'start' });
    const tell = (): void => this.#tellWhoLoads(performance.now() - startedMs);
    const startedMs = performance.now();
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

  /** Answers what is under way, then ends. A second call ends at once. */
  stop(): void {
    this.#happen({ type: 'stop' });
  }

  #happen(happening: Happening): void {
    const [fleet, commands] = supervise(this.#fleet, happening, performance.now());
    this.#fleet = fleet;
    for (const command of commands) this.#obey(command);
  }

  #obey(command: Command): void {
    switch (command.do) {
      case 'spawn':
        this.#spawnAfter(command.id, command.slot, command.afterMs);
        return;
      case 'drain':
        this.#hands.get(command.id)?.worker.postMessage({ type: 'drain', graceMs: command.graceMs } satisfies ToWorker);
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
      case 'wait':
        // The commands before this one may have ended the last worker already.
        if (this.#fleet.phase === 'stopping')
          this.#graceTimer = setTimeout(() => this.#happen({ type: 'grace-over' }), command.ms);
        return;
      case 'finish':
        this.#finish(command.fault);
    }
  }

  #spawnAfter(id: number, slot: number, afterMs: number): void {
    if (this.#fleet.phase === 'serving')
      this.log.warn(`worker-${slot} is started again${afterMs === 0 ? '' : ` in ${afterMs} ms`}`);
    if (afterMs === 0) {
      this.#spawn(id, slot);
      return;
    }
    const spawn = (): void => {
      this.#timers.delete(id);
      this.#spawn(id, slot);
    };
    this.#timers.set(id, setTimeout(spawn, afterMs));
  }

  #spawn(id: number, slot: number): void {
    try {
      this.#startThread(id, slot);
    } catch (error) {
      // No descriptor, no memory: the same as a worker that ends at once.
      this.log.error(`worker-${slot} cannot be started: ${describeError(error)}`);
      this.#happen({ type: 'exited', id, code: 1, error: error instanceof Error ? error : undefined });
    }
  }

  #startThread(id: number, slot: number): void {
    const name = `worker-${slot}`;
    const { source, sockets, settings, size, software } = this.#crew;
    const descriptors = sockets.map((socket) => socket.duplicate());
    // The limit is the process's; each worker has its share.
    const maxConnections = Math.max(1, Math.floor(settings.maxConnections / size));
    const birth: WorkerBirth = {
      name,
      source,
      descriptors,
      settings: { ...settings, maxConnections },
      workers: size,
      software,
      logLevel: settings.logLevel,
      asyncLogging: settings.asyncLogging,
    };
    const worker = new Worker(new URL('worker.js', import.meta.url), { name, workerData: birth, argv: process.argv.slice(2) });
    const hand: Hand = { worker, descriptors: new Set(descriptors), error: undefined, hasEnded: false };
    this.#hands.set(id, hand);
    worker.on('message', (message: FromWorker) => this.#hear(id, hand, message));
    worker.on('error', (error) => (hand.error = error));
    worker.on('exit', (code) => this.#onExit(id, name, hand, code));
  }

  #hear(id: number, hand: Hand, message: FromWorker): void {
    switch (message.type) {
      case 'adopted':
        hand.descriptors.delete(message.descriptor);
        return;
      case 'descriptor-wanted':
        this.#giveDescriptor(hand, message.listener);
        return;
      case 'ready':
        this.#happen({ type: 'ready', id });
        return;
      case 'crashed':
        hand.error = fromErrorRecord(message.error);
        return;
      case 'failed':
        hand.error = fromErrorRecord(message.error);
        this.#happen({ type: 'failed', id, error: hand.error });
        return;
      case 'log':
        writeToStderr(message.record);
    }
  }

  /** To a worker that accepts again. Where there is none to be had now, there may be one later. */
  #giveDescriptor(hand: Hand, listener: number): void {
    // While the server stops nobody accepts again, and the sockets are closed.
    if (this.isStopping || hand.hasEnded) return;
    try {
      const descriptor = this.#crew.sockets[listener]!.duplicate();
      hand.descriptors.add(descriptor);
      hand.worker.postMessage({ type: 'descriptor', listener, descriptor } satisfies ToWorker);
    } catch (error) {
      this.log.error(`a worker has to wait before it can accept again: ${messageOf(error)}`);
      setTimeout(() => this.#giveDescriptor(hand, listener), RETRY_MS).unref();
    }
  }

  #onExit(id: number, name: string, hand: Hand, code: number): void {
    this.#hands.delete(id);
    hand.hasEnded = true;
    for (const descriptor of hand.descriptors) closeDescriptor(descriptor);
    // While starting it is told by whoever awaits that; while stopping it was asked to.
    if (this.#fleet.phase === 'serving') {
      const why = hand.error === undefined ? ': process.exit() was called in it' : `: ${describeError(hand.error)}`;
      this.log.error(`${name} ended with code ${code}${why}`);
    }
    this.#happen({ type: 'exited', id, code, error: hand.error });
  }

  #terminate(id: number): void {
    const timer = this.#timers.get(id);
    if (timer !== undefined) {
      // It had not been started yet: there is no thread to wait for.
      clearTimeout(timer);
      this.#timers.delete(id);
      this.#happen({ type: 'exited', id, code: 0, error: undefined });
      return;
    }
    void this.#hands.get(id)?.worker.terminate();
  }

  #closeSockets(): void {
    for (const socket of this.#crew.sockets) socket.close();
  }

  #finish(fault: Fault | undefined): void {
    clearTimeout(this.#graceTimer);
    this.#closeSockets();
    if (fault === undefined) {
      this.#ready.resolve();
      this.#closed.resolve();
    } else {
      this.#ready.reject(fault);
      this.#closed.reject(fault);
    }
  }
}
