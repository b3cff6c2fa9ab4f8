// logging/outlet.ts: a thread's way into the log: its rings, and who is called when they have something.

import { readLine } from './encode.ts';
import { LineRing, RecordRing } from './ring.ts';
import type { SharedMemory } from '../workers/shared-memory.ts';

export interface OutletMemory {
  readonly records: SharedMemory;
  /** Lines of the access log, where that is a file or a stream. */
  readonly lines: SharedMemory | undefined;
}

export interface OutletEvents {
  /** Something is there. */
  filled(): void;
  /** Waits until it is written. Only where logging shall wait. */
  wait?(isTaken: () => boolean): void;
}

export class Outlet {
  readonly #records: RecordRing;
  readonly #lines: LineRing | undefined;
  readonly #events: OutletEvents;

  constructor({ records, lines }: OutletMemory, events: OutletEvents) {
    this.#records = new RecordRing(records);
    this.#lines = lines === undefined ? undefined : new LineRing(lines);
    this.#events = events;
  }

  /** A record as JSON, as pino writes it. */
  record(json: string): void {
    const isThere = this.#records.put(json.length * 3 > this.#records.longest ? shortened(json, this.#records.longest) : json);
    this.#events.filled();
    if (isThere) this.#events.wait?.(() => this.#records.isEmpty);
  }

  /** A line of the access log, in ASCII, with its end. */
  line(text: string): void {
    this.#lines?.put(text);
    this.#events.filled();
    this.#events.wait?.(() => this.#lines?.isEmpty !== false);
  }
}

/** Of a record that is too long its message is cut, and what stands beside it is left out. */
function shortened(json: string, longestBytes: number): string {
  if (Buffer.byteLength(json) <= longestBytes) return json;
  const { level, epochMs: time, name, rest } = readLine(json);
  const { msg = '', requestId } = rest;
  const text = typeof msg === 'string' ? msg : JSON.stringify(msg);
  // A char may take six bytes in JSON.
  const kept = text.slice(0, Math.floor(longestBytes / 8));
  const note = ` ... (a record of ${json.length} characters was cut)`;
  const isId = typeof requestId === 'string' && requestId.length <= ID_MAX;
  return JSON.stringify({ level, time, name, requestId: isId ? requestId : undefined, msg: kept + note });
}

/** Those of requests are no longer (X-Request-Id). */
const ID_MAX = 128;
