// workers/carriers/thread.ts: a worker that is a thread, and the descriptors that it was given.
//
// Law: a descriptor that the worker has not taken over is ours to close, whatever becomes of the worker.

import { Worker, type MessagePort } from 'node:worker_threads';
import { closeDescriptor, duplicate } from '../../listen/descriptor.ts';
import type { ListeningSocket } from '../../listen/sockets.ts';
import type { Read } from '../../development/reads.ts';
import type { FromWorker, ToWorker } from '../messages.ts';
import type { Offer, OfferedHandle } from '../offer.ts';
import type { ThreadData } from '../thread-begin.ts';
import type { Berth, Carrier, CarrierEvents, Offered } from './carrier.ts';

/** When a descriptor could not be duplicated: too many are open. */
const RETRY_MS = 1_000;

export function startThread(berth: Berth, events: CarrierEvents): Carrier {
  return new Thread(berth, events);
}

class Thread implements Carrier {
  readonly #worker: Worker;
  readonly #sockets: readonly ListeningSocket[];
  readonly #events: CarrierEvents;
  readonly #unadopted: Set<number>;
  #hasEnded = false;
  #isDraining = false;

  constructor({ birth, sockets, scoreboard, claims, resourceLimits, spares, log, serverLog }: Berth, events: CarrierEvents) {
    this.#sockets = sockets;
    this.#events = events;
    const descriptors: number[] = [];
    try {
      for (const socket of sockets) descriptors.push(socket.duplicate());
      const workerData: ThreadData = {
        birth,
        descriptors,
        scoreboard: scoreboard.memory,
        claims: claims?.memory,
        log: { records: log.memory.records.memory, lines: log.memory.lines?.memory },
        bell: serverLog.bell,
      };
      const url = new URL('../thread-worker.js', import.meta.url);
      const spare = spares?.take();
      this.#worker = spare ?? new Worker(url, { name: birth.name, workerData, argv: process.argv.slice(2), resourceLimits });
      spare?.postMessage(workerData);
    } catch (error) {
      for (const descriptor of descriptors) closeDescriptor(descriptor);
      throw error;
    }
    this.#unadopted = new Set(descriptors);
    this.#worker.on('message', (message: FromWorker) => this.#hear(message));
    this.#worker.on('error', (error) => events.broke(error));
    this.#worker.on('exit', (code) => this.#ended(code));
  }

  get threadId(): number {
    return this.#worker.threadId;
  }

  get pid(): number {
    return process.pid;
  }

  accept(): void {
    this.#post({ type: 'accept' });
  }

  forewarn(): void {
    this.#post({ type: 'forewarn' });
  }

  drain(graceMs: number, isPatient: boolean, isLast: boolean): void {
    this.#isDraining = true;
    this.#post({ type: 'drain', graceMs, isPatient, isLast });
  }

  setLevel(logger: string, level: number): void {
    this.#post({ type: 'level', logger, level });
  }

  renewTickets(keys: Uint8Array): void {
    this.#post({ type: 'tickets', keys });
  }

  terminate(): void {
    void this.#worker.terminate();
  }

  offer(offer: Omit<Offer, 'type' | 'descriptor'>, handle: OfferedHandle): Offered {
    const descriptor = duplicate(handle.fd);
    this.#post({ type: 'connection', ...offer, descriptor });
    return { takenBack: () => closeDescriptor(descriptor) };
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #hear(message: FromWorker): void {
    if (message.type === 'adopted') this.#unadopted.delete(message.descriptor);
    else if (message.type === 'descriptor-wanted') this.#giveDescriptor(message.listener);
    else if (message.type === 'reader') this.#listenTo(message.port);
    else this.#events.tells(message);
  }

  /** Past the worker, which may be in a loop by then that never ends. */
  #listenTo(port: MessagePort): void {
    port.on('message', (reads: readonly Read[]) => this.#events.tells({ type: 'development', news: { type: 'reads', reads } }));
    port.unref();
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

  #ended(code: number): void {
    this.#hasEnded = true;
    for (const descriptor of this.#unadopted) closeDescriptor(descriptor);
    this.#events.ended(code);
  }
}
