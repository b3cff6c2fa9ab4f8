// workers/thread-begin.ts: how a worker that is a thread begins, when it knows what it shall be.

import { parentPort } from 'node:worker_threads';
import { Bell } from '../logging/bell.ts';
import { Outlet, type OutletMemory } from '../logging/outlet.ts';
import { eventsOf } from '../logging/outlet-events.ts';
import { Descriptors } from './descriptors.ts';
import type { FromWorker, ToWorker, WorkerBirth } from './messages.ts';
import type { SharedMemory } from './shared-memory.ts';
import type { Wire } from './wire.ts';
import { guardWorker, runWorker } from './worker.ts';

/** What it is born with. */
export interface ThreadData {
  readonly birth: WorkerBirth;
  /** Of listening sockets, each of them for this worker alone. */
  readonly descriptors: readonly number[];
  readonly scoreboard: SharedMemory;
  readonly claims: SharedMemory | undefined;
  readonly log: OutletMemory;
  readonly bell: SharedArrayBuffer;
}

export function beginThread({ birth, descriptors, scoreboard, claims, log, bell }: ThreadData): void {
  const port = parentPort!;
  const tell = (message: FromWorker): void => port.postMessage(message);
  const own = new Descriptors(
    descriptors,
    (listener) => tell({ type: 'descriptor-wanted', listener }),
    (descriptor) => tell({ type: 'adopted', descriptor }),
  );
  const wire: Wire = {
    birth,
    scoreboard,
    claims,
    tell,
    lend: (reader) => port.postMessage({ type: 'reader', port: reader } satisfies FromWorker, [reader]),
    hear: (obey) => {
      port.on('message', (message: ToWorker) => {
        if (message.type === 'descriptor') own.arrive(message.listener, message.descriptor);
        else obey(message);
      });
    },
    keepAlive: (isAlive) => (isAlive ? port.ref() : port.unref()),
    descriptor: (listener) => own.next(listener),
    log: new Outlet(log, eventsOf(new Bell(bell), birth.log.waits)),
    // In a worker thread, exit() ends the thread only.
    exit: (code) => process.exit(code),
  };
  guardWorker(wire);
  runWorker(wire);
}
