// workers/hand.ts: one worker thread, and the descriptors that it was given.
//
// Law: a descriptor that the worker has not taken over is ours to close, whatever becomes of the worker.

import { Worker, type ResourceLimits } from 'node:worker_threads';
import { fromErrorRecord } from '@appserve/core';
import { closeDescriptor } from '../listen/descriptor.ts';
import type { ListeningSocket } from '../listen/sockets.ts';
import type { LogRecord } from '../log.ts';
import type { FromWorker, ToWorker, WorkerBirth } from './messages.ts';
import type { Row, Scoreboard } from './scoreboard.ts';

/** What a worker tells. */
export interface HandEvents {
  ready(): void;
  failed(error: Error): void;
  /** `error`: what nobody caught, when it was that. `answered`: how many requests, where that is known. */
  exited(code: number, error: Error | undefined, answered: number | undefined): void;
  log(record: LogRecord): void;
  /** No descriptor could be had for it; that is tried again until there is one, and not told again. */
  short(error: unknown): void;
}

/** What a worker is started with beside what it is told. */
export interface Berth {
  readonly sockets: readonly ListeningSocket[];
  readonly scoreboard: Scoreboard;
  readonly beatEveryMs: number;
  readonly resourceLimits: ResourceLimits;
}

/** When a descriptor could not be duplicated: too many are open. */
const RETRY_MS = 1_000;

export class Hand {
  readonly #worker: Worker;
  readonly #sockets: readonly ListeningSocket[];
  readonly #events: HandEvents;
  readonly #unadopted: Set<number>;
  #error: Error | undefined;
  #hasEnded = false;
  #isDraining = false;

  /** Its row of the scoreboard; nothing when all are taken: then nobody watches it. */
  readonly row: Row | undefined;
  readonly #leave: () => void;

  /** Throws when there is no descriptor or no thread to be had. */
  constructor(birth: Omit<WorkerBirth, 'descriptors' | 'scoreboard'>, berth: Berth, events: HandEvents) {
    const { sockets, scoreboard, beatEveryMs, resourceLimits } = berth;
    this.#sockets = sockets;
    this.#events = events;
    const descriptors: number[] = [];
    const claimed = scoreboard.claim();
    this.row = claimed === undefined ? undefined : scoreboard.row(claimed);
    this.#leave = () => (claimed === undefined ? undefined : scoreboard.release(claimed));
    const shared = claimed === undefined ? {} : { scoreboard: { memory: scoreboard.share(), row: claimed, beatEveryMs } };
    try {
      for (const socket of sockets) descriptors.push(socket.duplicate());
      const workerData: WorkerBirth = { ...birth, ...shared, descriptors };
      const url = new URL('worker.js', import.meta.url);
      this.#worker = new Worker(url, { name: birth.name, workerData, argv: process.argv.slice(2), resourceLimits });
    } catch (error) {
      for (const descriptor of descriptors) closeDescriptor(descriptor);
      this.#leave();
      throw error;
    }
    this.#unadopted = new Set(descriptors);
    this.#worker.on('message', (message: FromWorker) => this.#hear(message));
    this.#worker.on('error', (error) => (this.#error = error));
    this.#worker.on('exit', (code) => this.#exited(code));
  }

  get threadId(): number {
    return this.#worker.threadId;
  }

  drain(graceMs: number, isPatient: boolean): void {
    this.#isDraining = true;
    this.#post({ type: 'drain', graceMs, isPatient });
  }

  terminate(): void {
    void this.#worker.terminate();
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case 'adopted':
        this.#unadopted.delete(message.descriptor);
        return;
      case 'descriptor-wanted':
        this.#giveDescriptor(message.listener);
        return;
      case 'ready':
        this.#events.ready();
        return;
      case 'crashed':
        this.#error = fromErrorRecord(message.error);
        return;
      case 'failed':
        this.#error = fromErrorRecord(message.error);
        this.#events.failed(this.#error);
        return;
      case 'log':
        this.#events.log(message.record);
    }
  }

  /** To a worker that accepts again. Where there is none to be had now, there may be one later. */
  #giveDescriptor(listener: number, isTold = false): void {
    if (this.#isDraining || this.#hasEnded) return;
    try {
      const descriptor = this.#sockets[listener]!.duplicate();
      this.#unadopted.add(descriptor);
      this.#post({ type: 'descriptor', listener, descriptor });
    } catch (error) {
      if (!isTold) this.#events.short(error);
      setTimeout(() => this.#giveDescriptor(listener, true), RETRY_MS).unref();
    }
  }

  #exited(code: number): void {
    this.#hasEnded = true;
    for (const descriptor of this.#unadopted) closeDescriptor(descriptor);
    const answered = this.row?.read().answered;
    this.#leave();
    this.#events.exited(code, this.#error, answered);
  }
}
