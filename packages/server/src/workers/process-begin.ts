// workers/process-begin.ts: how a worker that is a process begins, when it hears no signals any more.
//
// Law: the supervisor says when it ends; and when the supervisor has gone, it finishes what it has.

import { Fault } from '@appserve/core';
import { rendererOf } from '@appserve/core/log';
import { surviveClosedPipes } from '../closed-pipes.ts';
import { closeDescriptor, duplicate, mapped } from '../listen/descriptor.ts';
import { decodeRecord } from '../logging/encode.ts';
import { Outlet, type OutletMemory } from '../logging/outlet.ts';
import { RecordRing } from '../logging/ring.ts';
import { toStderr } from '../logging/sinks/complaint.ts';
import type { FromWorker, ToWorker, WorkerBirth } from './messages.ts';
import type { OfferedHandle } from './offer.ts';
import { FIRST_INHERITED, type ProcessData } from './process-worker-data.ts';
import type { SharedMemory } from './shared-memory.ts';
import type { Wire } from './wire.ts';
import { guardWorker, runWorker } from './worker.ts';

/** What was told goes out as fast as the supervisor reads; one that does not read shall not keep us. */
const FLUSH_MS = 1_000;

surviveClosedPipes();

/** What is told and has not gone out yet. */
let unsent = 0;
let onSent = (): void => undefined;

function tell(message: FromWorker): void {
  if (!process.connected) return;
  unsent += 1;
  process.send!(message, undefined, undefined, () => {
    unsent -= 1;
    if (unsent === 0) onSent();
  });
}

function exit(code: number): void {
  onSent = () => process.exit(code);
  if (unsent === 0 || !process.connected) process.exit(code);
  setTimeout(onSent, FLUSH_MS);
}

/** The listening sockets. What is open lets clients in, whom nobody would answer, and keeps the address: it is closed before the end. */
class Inherited {
  #numbers: readonly number[];

  constructor(first: number, count: number) {
    this.#numbers = Array.from({ length: count }, (_, listener) => first + listener);
  }

  /** Faults: DESCRIPTOR_FAILED. */
  duplicate(listener: number): number {
    const number = this.#numbers[listener];
    if (number === undefined) throw new Fault('DESCRIPTOR_FAILED', { call: 'accepting', why: 'the worker is about to end' });
    return duplicate(number);
  }

  close(): void {
    for (const number of this.#numbers) closeDescriptor(number);
    this.#numbers = [];
  }
}

function wireOf({ birth, scoreboardBytes, claimsBytes, recordsBytes, linesBytes }: ProcessData): Wire {
  let next = FIRST_INHERITED;
  const shared = (bytes: number): SharedMemory => {
    next += 1;
    return mapped(next - 1, bytes);
  };
  // In the order of their descriptors.
  const scoreboard = shared(scoreboardBytes);
  const claims = claimsBytes === undefined ? undefined : shared(claimsBytes);
  const records = shared(recordsBytes);
  const lines = linesBytes === undefined ? undefined : shared(linesBytes);
  const inherited = new Inherited(next, birth.listeners);
  return {
    birth,
    scoreboard,
    claims,
    tell,
    lend: undefined,
    hear: (obey) => {
      const hear = (message: ToWorker, handle?: OfferedHandle): void => {
        if (message.type === 'drain') inherited.close();
        obey(message, handle);
      };
      process.on('message', (message, handle) => hear(message as ToWorker, handle as OfferedHandle | undefined));
      process.on('disconnect', () =>
        hear({ type: 'drain', graceMs: birth.settings.gracefulTimeoutMs, isPatient: false, isLast: true }),
      );
    },
    keepAlive: (isAlive) => (isAlive ? process.channel?.ref() : process.channel?.unref()),
    descriptor: (listener) => inherited.duplicate(listener),
    log: outletOf(birth, { records, lines }),
    exit,
  };
}

/** The supervisor takes what is there when it is called; where it has gone, nobody does: then standard error is the log. */
function outletOf({ name, log }: WorkerBirth, memory: OutletMemory): Outlet {
  const records = new RecordRing(memory.records);
  const speaker = { thread: name, threadId: 0, pid: process.pid, startMs: log.startMs };
  const { render } = rendererOf({ type: 'text' });
  const writeAlone = (): void => {
    // Called by the app, which goes on also where nobody reads it, or the disk is full.
    records.take((json) => toStderr(render(decodeRecord(json, speaker))));
  };
  const filled = (): void => {
    if (!process.connected) writeAlone();
    else if (records.isAwaited()) tell({ type: 'log' });
  };
  return new Outlet(memory, { filled });
}

process.once('message', (data) => {
  const wire = wireOf(data as ProcessData);
  process.title = `appserve ${wire.birth.name}`;
  guardWorker(wire);
  runWorker(wire);
});
