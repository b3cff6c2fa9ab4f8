// workers/carriers/inline.ts: the one worker that is the main thread itself: for programs that cannot be loaded twice, for a debugger,
// for very small machines.
//
// What only another thread can do is not there: nobody sees that it hangs, it cannot be ended, and an error that nobody catches ends
// the process.

import { duplicate } from '../../listen/descriptor.ts';
import { isNews, type FromWorker, type ToWorker } from '../messages.ts';
import type { OfferedHandle } from '../offer.ts';
import type { Wire } from '../wire.ts';
import type { Berth, Carrier, CarrierEvents, Offered } from './carrier.ts';

export function startInline(berth: Berth, events: CarrierEvents): Carrier {
  return new Inline(berth, events);
}

class Inline implements Carrier {
  readonly threadId = undefined;
  readonly pid = process.pid;
  readonly #events: CarrierEvents;
  /** What it was told before it could hear. */
  readonly #early: ToWorker[] = [];
  #obey: (message: ToWorker, handle?: OfferedHandle) => void = (message) => void this.#early.push(message);
  #hasEnded = false;

  constructor({ birth, sockets, scoreboard, log, serverLog }: Berth, events: CarrierEvents) {
    this.#events = events;
    const wire: Wire = {
      birth,
      scoreboard: scoreboard.memory,
      claims: undefined,
      tell: (message) => this.#later(() => this.#hear(message)),
      lend: undefined,
      hear: (obey) => this.#begin(obey),
      keepAlive: () => undefined,
      descriptor: (listener) => duplicate(sockets[listener]!.fd),
      log: serverLog.outlet(log),
      exit: (code) => this.#later(() => this.#end(code)),
    };
    // Only here: what a worker is made of, engine and all, is not for a main thread that only supervises.
    void import('../worker.ts').then(({ runWorker }) => this.#later(() => runWorker(wire)));
  }

  accept(): void {
    this.#obey({ type: 'accept' });
  }

  forewarn(): void {
    this.#obey({ type: 'forewarn' });
  }

  drain(graceMs: number, isPatient: boolean, isLast: boolean): void {
    this.#obey({ type: 'drain', graceMs, isPatient, isLast });
  }

  setLevel(logger: string, level: number): void {
    this.#obey({ type: 'level', logger, level });
  }

  renewTickets(keys: Uint8Array): void {
    this.#obey({ type: 'tickets', keys });
  }

  /** As far as it hears. */
  terminate(): void {
    this.drain(0, false, true);
  }

  /** There is nobody to choose from, so connections are accepted where they are served. */
  offer(): Offered {
    throw new Error('a worker that is the main thread accepts by itself');
  }

  #begin(obey: (message: ToWorker, handle?: OfferedHandle) => void): void {
    this.#obey = obey;
    for (const message of this.#early.splice(0)) obey(message);
  }

  /** As news of other workers: never within the call that brings it about. */
  #later(act: () => void): void {
    setImmediate(act);
  }

  #hear(message: FromWorker): void {
    if (isNews(message)) this.#events.tells(message);
  }

  #end(code: number): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#events.ended(code);
  }
}
