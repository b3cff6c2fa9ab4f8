// workers/carriers/process.ts: a worker that is a process: it inherits the listening sockets, and shares two files without a name.

import { fork, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Fault } from '@appserve/core';
import { isNews, type FromWorker, type ToWorker } from '../messages.ts';
import type { Offer, OfferedHandle } from '../offer.ts';
import type { ProcessData } from '../process-worker-data.ts';
import type { Berth, Carrier, CarrierEvents, Offered } from './carrier.ts';

export function startProcess(berth: Berth, events: CarrierEvents): Carrier {
  return new Process(berth, events);
}

class Process implements Carrier {
  readonly threadId = undefined;
  readonly #child: ChildProcess;
  readonly #events: CarrierEvents;
  #isTerminated = false;

  constructor({ birth, sockets, scoreboard, claims, resourceLimits, log }: Berth, events: CarrierEvents) {
    this.#events = events;
    const { records, lines } = log.memory;
    const shared = [scoreboard, claims, records, lines].filter((memory) => memory !== undefined);
    const inherited = [...shared, ...sockets].map(({ fd }) => fd!);
    const data: ProcessData = {
      birth,
      scoreboardBytes: scoreboard.memory.byteLength,
      claimsBytes: claims?.memory.byteLength,
      recordsBytes: records.memory.byteLength,
      linesBytes: lines?.memory.byteLength,
    };
    this.#child = fork(fileURLToPath(new URL('../process-worker.js', import.meta.url)), process.argv.slice(2), {
      execArgv: [...process.execArgv, ...limitFlags(resourceLimits)],
      // Settings hold Infinity, which JSON has not.
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...inherited],
    });
    this.#child.on('message', (message) => this.#hear(message as FromWorker));
    this.#child.on('error', (error) => {
      events.broke(error);
      // Of one that could not be started Node tells no 'exit' (child_process: 'error').
      if (this.#child.pid === undefined) events.ended(1);
    });
    this.#child.once('exit', (code, signal) => this.#ended(code, signal));
    this.#send(data);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  accept(): void {
    this.#send({ type: 'accept' });
  }

  forewarn(): void {
    this.#send({ type: 'forewarn' });
  }

  drain(graceMs: number, isPatient: boolean, isLast: boolean): void {
    this.#send({ type: 'drain', graceMs, isPatient, isLast });
  }

  setLevel(logger: string, level: number): void {
    this.#send({ type: 'level', logger, level });
  }

  renewTickets(keys: Uint8Array): void {
    this.#send({ type: 'tickets', keys });
  }

  terminate(): void {
    this.#isTerminated = true;
    this.#child.kill('SIGKILL');
  }

  offer(offer: Omit<Offer, 'type' | 'descriptor'>, handle: OfferedHandle): Offered {
    this.#send({ type: 'connection', ...offer, descriptor: undefined }, handle);
    return { takenBack: () => undefined };
  }

  /** A shell's codes for signals. */
  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    if (signal !== null && !this.#isTerminated) this.#events.broke(new Fault('WORKER_KILLED', { signal, why: WHY[signal] }));
    this.#events.ended(code ?? 128 + constants.signals[signal!]);
  }

  #send(message: ToWorker | ProcessData, handle?: OfferedHandle): void {
    // One that has ended hears nothing; its end is told by 'exit'.
    if (this.#child.connected) this.#child.send(message, handle as never, () => undefined);
  }

  #hear(message: FromWorker): void {
    if (isNews(message)) this.#events.tells(message);
  }
}

const NATIVE = 'native code, of a package or of Node, did what it must not do';

/** What mostly stands behind a signal that nobody has sent by hand. */
const WHY: { readonly [signal in NodeJS.Signals]?: string } = {
  SIGABRT: 'V8 does so when the heap needs more than heap_limit, or more than there is; it has printed why',
  SIGKILL: 'the system does so when memory is short, and logs it (dmesg)',
  SIGSEGV: NATIVE,
  SIGBUS: NATIVE,
  SIGILL: NATIVE,
};

/** What is a limit of a thread is a flag of a process. V8's stack flag is in KiB. */
function limitFlags({ maxOldGenerationSizeMb, stackSizeMb }: Berth['resourceLimits']): string[] {
  return [
    ...(maxOldGenerationSizeMb === undefined ? [] : [`--max-old-space-size=${Math.ceil(maxOldGenerationSizeMb)}`]),
    ...(stackSizeMb === undefined ? [] : [`--stack-size=${Math.floor(stackSizeMb * 1_024)}`]),
  ];
}
