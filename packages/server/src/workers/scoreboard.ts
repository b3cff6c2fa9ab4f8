// workers/scoreboard.ts: what each worker has done and does, in memory that the supervisor can read while the worker hangs.
//
// Law: a row has one writer, its worker, and any number of readers; so the writer adds without atomics, which would cost three
// times as much. An aligned number of eight bytes is never seen half written on the machines that Node runs on; a text may be,
// and is not told then. Each thread has its own zero of performance.now(): a row says where its worker's lies, and readings are in
// the time of whoever reads.

import type { Counters, Refused, RequestName } from '../connection/counters.ts';
import { HistogramArea, type Histogram } from './histogram.ts';
import { NameArea, TEXT_BYTES } from './name-area.ts';
import type { SharedMemory } from './shared-memory.ts';
import { SlowArea, slowestOf, SLOW_MAX, type SlowRequest } from './slow-requests.ts';
import { addTotals, NO_TOTALS, totalsOf, type Totals } from './totals.ts';

/** The numbers of a row, and what they mean. docs/reference/scoreboard.md is printed from this table. */
export const COLUMNS = {
  readyEpochMs: 'When the worker had loaded the app and began to accept, in milliseconds since 1970; 0: not yet.',
  originMs: "Where the worker's clock begins, on the clock that all threads have in common.",
  beats: 'Turns of its event loop that its heart has seen. One that hangs adds none.',
  beatDueMs: "When the next one is due, on the worker's clock.",
  lateMs: 'How much later than due the last beat came: how long others wait for this loop.',
  heapBytes: 'JavaScript heap in use, at the last beat.',
  externalBytes: 'Memory outside of the heap that JavaScript holds, such as buffers, at the last beat.',
  open: 'Connections that are open now, with those in their handshake, and those that have not said what they speak: what max_connections counts.',
  accepted: 'Connections that have come; over TLS, after the handshake.',
  closed: 'Those that have gone.',
  handedOver: 'Those that have gone over to another protocol, such as WebSocket.',
  handedOverClosed: 'Those of them that have gone.',
  refusedAddresses:
    'Connections that were closed at once, since neither `proxy_allow` nor `fastcgi_allow` names whom they are of.',
  refusedHeaders: 'Those that were closed since their PROXY header is none, or has not come.',
  busy: 'Connections that have a request under way now.',
  receivedBytes: 'Bytes that were read from clients.',
  sentBytes: 'Bytes for clients that sockets were given.',
  calls: 'Calls of the app.',
  callsDone: 'Those that have come back.',
  queued: 'Requests that wait for a place now.',
  answers2xx: 'Answers with a status of 200 to 299.',
  answers3xx: 'Answers with a status of 300 to 399.',
  answers4xx: 'Answers with a status of 400 to 499, refusals of ours among them.',
  answers5xx: 'Answers with a status of 500 and above, refusals of ours among them.',
  callAtMs: "When the app was called that has not returned, on the worker's clock.",
  callBytes: 'Bytes of the target of that request, negative where it was longer than they; 0: the app has returned.',
  oldestAtMs: "When the oldest request was begun whose promise is awaited, on the worker's clock.",
  oldestBytes: 'Bytes of the target of that request, likewise; 0: none is awaited.',
} as const;

export type Column = keyof typeof COLUMNS;

/** A request that an app has and has not answered to its end. */
export interface RequestUnderWay {
  /** `GET /path?query`; cut, with an ellipsis, when it is long. Clients' text: a log must escape it. */
  readonly request: string;
  /** Since when, on the reader's `performance.now()`. Exact to 100 ms. */
  readonly sinceMs: number;
}

/** A row at one moment: every column, and what follows from them. */
export interface Readings extends Readonly<Record<Column, number>> {
  /** How long requests took, from their head to the end of their answer, and how long they waited for a place; where that is measured. */
  readonly durations: Histogram;
  readonly waits: Histogram;
  /** The slowest of the last five minutes, times on the reader's `performance.now()`. */
  readonly slow: readonly SlowRequest[];
  /** How long others wait for its event loop: what the last beat said, or how long the next one is overdue. */
  readonly lagMs: number;
  readonly connections: number;
  readonly callsUnderWay: number;
  /** Answers of all classes. */
  readonly answered: number;
  /** Whose app function runs at this moment: who hangs here, hangs in this request. */
  readonly call: RequestUnderWay | undefined;
  /** Of those that wait for a promise, or run on after one, and have not answered, the oldest. */
  readonly oldest: RequestUnderWay | undefined;
}

const NAMES = Object.keys(COLUMNS) as readonly Column[];
const NUMBERS_BYTES = NAMES.length * Float64Array.BYTES_PER_ELEMENT;
const TEXTS_END = NUMBERS_BYTES + 2 * TEXT_BYTES;
const HISTOGRAMS_END = TEXTS_END + 2 * HistogramArea.bytes;

/** A whole number of cache lines of 128 bytes: two workers that write into one line would slow each other. */
const ROW_BYTES = Math.ceil((HISTOGRAMS_END + SlowArea.bytes) / 128) * 128;

const at = (column: Column): number => NAMES.indexOf(column);
// Each a constant: an index that the compiler knows costs nothing.
const READY_EPOCH_MS = at('readyEpochMs');
const ORIGIN_MS = at('originMs');
const BEATS = at('beats');
const BEAT_DUE_MS = at('beatDueMs');
const LATE_MS = at('lateMs');
const HEAP_BYTES = at('heapBytes');
const EXTERNAL_BYTES = at('externalBytes');
const OPEN = at('open');
const ACCEPTED = at('accepted');
const CLOSED = at('closed');
const HANDED_OVER = at('handedOver');
const HANDED_OVER_CLOSED = at('handedOverClosed');
const REFUSED = { address: at('refusedAddresses'), header: at('refusedHeaders') } as const;
const BUSY = at('busy');
const RECEIVED_BYTES = at('receivedBytes');
const SENT_BYTES = at('sentBytes');
const CALLS = at('calls');
const CALLS_DONE = at('callsDone');
const QUEUED = at('queued');
const ANSWERS_2XX = at('answers2xx');
const ANSWERS_5XX = at('answers5xx');
const CALL_AT_MS = at('callAtMs');
const CALL_BYTES = at('callBytes');
const OLDEST_AT_MS = at('oldestAtMs');
const OLDEST_BYTES = at('oldestBytes');

/** One for the process, with a row for each worker that lives at the same time. */
export class Scoreboard {
  readonly #buffer: SharedMemory;
  readonly #free: number[];
  #retired: Totals = NO_TOTALS;
  #slowOfRetired: readonly SlowRequest[] = [];

  private constructor(buffer: SharedMemory) {
    this.#buffer = buffer;
    this.#free = Array.from({ length: buffer.byteLength / ROW_BYTES }, (_, n) => n).toReversed();
  }

  static bytesFor(rows: number): number {
    return rows * ROW_BYTES;
  }

  static create(rows: number): Scoreboard {
    return new Scoreboard(new SharedArrayBuffer(Scoreboard.bytesFor(rows)));
  }

  /** Over memory that others see too. */
  static of(buffer: SharedMemory): Scoreboard {
    return new Scoreboard(buffer);
  }

  share(): SharedMemory {
    return this.#buffer;
  }

  row(n: number, isTimed = false): Row {
    return new Row(this.#buffer, n, isTimed);
  }

  /**
   * The number of a row that no living worker has, with all its numbers at 0; `undefined` when there is none. For the supervisor:
   * a worker and its heir live side by side, so that a row belongs to a life and not to a place in the fleet.
   */
  claim(): number | undefined {
    const n = this.#free.pop();
    if (n !== undefined) new Uint8Array(this.#buffer, n * ROW_BYTES, ROW_BYTES).fill(0);
    return n;
  }

  /** Its worker has ended: nobody writes it any more. What it has counted is kept. */
  release(n: number): void {
    const last = this.row(n).read();
    this.#retired = addTotals(this.#retired, totalsOf(last));
    this.#slowOfRetired = slowestOf([...this.#slowOfRetired, ...last.slow], performance.now(), SLOW_MAX);
    this.#free.push(n);
  }

  /** What those counted whose rows were released: sums that others show must not fall when a worker ends. */
  get retired(): Totals {
    return this.#retired;
  }

  /** The slowest of their requests, on this thread's clock. */
  get slowOfRetired(): readonly SlowRequest[] {
    return this.#slowOfRetired;
  }
}

export class Row implements Counters {
  readonly #slots: Float64Array;
  readonly #call: NameArea;
  readonly #oldest: NameArea;
  readonly #durations: HistogramArea;
  readonly #waits: HistogramArea;
  readonly #slow: SlowArea;

  readonly isTimed: boolean;

  /** `isTimed`: its writer measures how long requests take. */
  constructor(buffer: SharedMemory, n: number, isTimed = false) {
    this.isTimed = isTimed;
    const offset = n * ROW_BYTES;
    this.#slots = new Float64Array(buffer, offset, NAMES.length);
    this.#call = new NameArea(buffer, offset + NUMBERS_BYTES);
    this.#oldest = new NameArea(buffer, offset + NUMBERS_BYTES + TEXT_BYTES);
    this.#durations = new HistogramArea(buffer, offset + TEXTS_END);
    this.#waits = new HistogramArea(buffer, offset + TEXTS_END + HistogramArea.bytes);
    this.#slow = new SlowArea(buffer, offset + HISTOGRAMS_END);
  }

  /** The worker serves from here on. Before this, times of this row mean nothing. */
  ready(epochMs: number): void {
    this.#slots[ORIGIN_MS] = originMs();
    this.#slots[READY_EPOCH_MS] = epochMs;
  }

  /** `dueMs`: when the next one should come, on the worker's clock. */
  beat(dueMs: number, lateMs: number, heapBytes: number, externalBytes: number): void {
    this.#slow.refresh(dueMs);
    this.#slots[BEAT_DUE_MS] = dueMs;
    this.#slots[LATE_MS] = lateMs;
    this.#slots[HEAP_BYTES] = heapBytes;
    this.#slots[EXTERNAL_BYTES] = externalBytes;
    this.#slots[BEATS]! += 1;
  }

  open(connections: number): void {
    this.#slots[OPEN] = connections;
  }

  connected(): void {
    this.#slots[ACCEPTED]! += 1;
  }

  disconnected(): void {
    this.#slots[CLOSED]! += 1;
  }

  refused(what: Refused): void {
    this.#slots[REFUSED[what]]! += 1;
  }

  handedOver(): void {
    this.#slots[HANDED_OVER]! += 1;
  }

  handedOverClosed(): void {
    this.#slots[HANDED_OVER_CLOSED]! += 1;
  }

  busy(): void {
    this.#slots[BUSY]! += 1;
  }

  rested(): void {
    this.#slots[BUSY]! -= 1;
  }

  waited(waitedMs: number): void {
    this.#waits.observe(waitedMs);
  }

  finished(request: RequestName, status: number, waitedMs: number, tookMs: number, nowMs: number): void {
    this.#durations.observe(tookMs);
    this.#slow.consider(request, status, waitedMs, tookMs, nowMs);
  }

  received(bytes: number): void {
    this.#slots[RECEIVED_BYTES]! += bytes;
  }

  sent(bytes: number): void {
    this.#slots[SENT_BYTES]! += bytes;
  }

  called(request: RequestName, atMs: number): void {
    const slots = this.#slots;
    slots[CALLS]! += 1;
    slots[CALL_AT_MS] = atMs;
    slots[CALL_BYTES] = this.#call.write(request);
  }

  returned(): void {
    this.#slots[CALL_BYTES] = 0;
  }

  done(): void {
    this.#slots[CALLS_DONE]! += 1;
  }

  oldest(request: RequestName | undefined, atMs: number): void {
    this.#slots[OLDEST_BYTES] = 0; // a text that is being written is none
    this.#slots[OLDEST_AT_MS] = atMs;
    this.#slots[OLDEST_BYTES] = request === undefined ? 0 : this.#oldest.write(request);
  }

  queued(length: number): void {
    this.#slots[QUEUED] = length;
  }

  answered(status: number): void {
    this.#slots[Math.min(ANSWERS_2XX + Math.floor(status / 100) - 2, ANSWERS_5XX)]! += 1;
  }

  /** As `open` has told. */
  get connections(): number {
    return this.#slots[OPEN]!;
  }

  /** Requests that the app has, or that wait for it. */
  get requests(): number {
    return this.#slots[CALLS]! - this.#slots[CALLS_DONE]! + this.#slots[QUEUED]!;
  }

  /** For the supervisor, at any time, also while the worker hangs. */
  read(): Readings {
    const numbers = Object.fromEntries(NAMES.map((name, index) => [name, this.#slots[index]!])) as Record<Column, number>;
    const { accepted, closed, calls, callsDone, answers2xx, answers3xx, answers4xx, answers5xx } = numbers;
    const call = this.#underWay(this.#call, CALL_BYTES, CALL_AT_MS);
    const oldest = this.#underWay(this.#oldest, OLDEST_BYTES, OLDEST_AT_MS);
    // Who hangs neither calls nor comes back: where that has happened, a text may be of two requests.
    const isStill = this.#slots[CALLS] === calls && this.#slots[CALLS_DONE] === callsDone;
    const toReaderMs = numbers.originMs - originMs();
    return {
      ...numbers,
      durations: this.#durations.read(),
      waits: this.#waits.read(),
      slow: this.#slow.read().map((request) => ({ ...request, endedMs: request.endedMs + toReaderMs })),
      lagMs: numbers.beats === 0 ? 0 : Math.max(numbers.lateMs, performance.now() - numbers.beatDueMs - toReaderMs),
      connections: accepted - closed,
      callsUnderWay: calls - callsDone,
      answered: answers2xx + answers3xx + answers4xx + answers5xx,
      call: isStill ? call : undefined,
      oldest: isStill ? oldest : undefined,
    };
  }

  #underWay(area: NameArea, bytesAt: number, sinceAt: number): RequestUnderWay | undefined {
    const bytes = this.#slots[bytesAt]!;
    if (bytes === 0) return undefined;
    return { request: area.read(bytes), sinceMs: this.#slots[sinceAt]! + this.#slots[ORIGIN_MS]! - originMs() };
  }
}

/** Where `performance.now()` of this thread begins, on the clock of all threads. */
function originMs(): number {
  const [s, ns] = process.hrtime();
  return s * 1_000 + ns / 1e6 - performance.now();
}
