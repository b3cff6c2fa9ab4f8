// connection/descriptor-table.ts: whether the process has descriptors left for connections. All its threads share one table of them.
//
// When there is none, accept(2) fails with EMFILE; libuv then closes a descriptor that it keeps for this, accepts whoever waits by
// that, and closes them at once (`uv__emfile_trick` in src/unix/stream.c), without a word to us. So accepting ends before: the last
// descriptors are no connection's, but for what apps open, and for the threads of a reload.
//
// A new descriptor is the lowest number that is free (POSIX, open(2)). So who gets a high one knows that the table is full, and
// nobody counts. Between two connections a few are opened, and closed again, to see what they get.

import { closeSync, openSync } from 'node:fs';

/** What is kept: a fifth of a small table. A reload of two threads has up to 100 files open at once. */
const RESERVE_MAX = 256;
const RESERVE_PART = 5;
/** So few are nothing: a thread that has stopped accepting leaves as many. */
const FEW = 4;
/** So many must be free before accepting goes on: each change costs one. */
const ROOM = 8;
/** While there is room: apps open files, too. */
const LOOK_MS = 1_000;
const LOOK_WHEN_SHORT_MS = 100;

export interface DescriptorTableEvents {
  /** `max`: how many the process may have. */
  onShort(max: number): void;
  onRoom(): void;
  /** Somebody holds a connection, who may leave. */
  hasConnections(): boolean;
}

export class DescriptorTable {
  readonly #events: DescriptorTableEvents;
  #max = Number.POSITIVE_INFINITY;
  #reserved = 0;
  #isShort = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(events: DescriptorTableEvents) {
    this.#events = events;
  }

  get isShort(): boolean {
    return this.#isShort;
  }

  /** From here to `rest`: the process may have `max`. */
  watch(max: number): void {
    this.#max = max;
    this.#reserved = Math.min(RESERVE_MAX, Math.floor(max / RESERVE_PART));
    if (Number.isFinite(max) && !this.#isShort) this.#lookEvery(LOOK_MS);
  }

  rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#isShort = false;
  }

  /** A connection has come, by this number; none where the system has no such numbers. */
  taken(fd: number | undefined): void {
    if (fd !== undefined && fd >= this.#max - this.#reserved) this.#short();
  }

  /** accept(2) has failed after all: for that reason? */
  refused({ code }: NodeJS.ErrnoException): boolean {
    if (!SHORT_CODES.has(code)) return false;
    this.#short();
    return true;
  }

  #short(): void {
    if (this.#isShort) return;
    this.#isShort = true;
    this.#lookEvery(LOOK_WHEN_SHORT_MS);
    this.#events.onShort(this.#max);
  }

  #lookEvery(ms: number): void {
    clearInterval(this.#timer);
    const timer = setInterval(() => this.#look(), ms);
    // While it is short no socket that listens keeps the process alive.
    this.#timer = ms === LOOK_MS ? timer.unref() : timer;
  }

  #look(): void {
    if (!this.#isShort) {
      this.taken(highestOfFree(FEW));
    } else if (this.#isRoom(highestOfFree(ROOM))) {
      this.#isShort = false;
      this.#lookEvery(LOOK_MS);
      this.#events.onRoom();
    }
  }

  /** Where nobody can leave, waiting would be for ever: what is kept is used, by one connection after the other. */
  #isRoom(highest: number): boolean {
    return highest < this.#max - this.#reserved || (highest < this.#max && !this.#events.hasConnections());
  }
}

/** Of the process, and of the whole machine. */
const SHORT_CODES: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE']);

/** The highest number of the next so many; infinite when there are not so many. */
function highestOfFree(count: number): number {
  const opened: number[] = [];
  try {
    // The root: it is there, and can be opened, in every container.
    while (opened.length < count) opened.push(openSync('/', 'r'));
    return Math.max(...opened);
  } catch (error) {
    // Who may not open the root is not told by it how many there are.
    return SHORT_CODES.has((error as NodeJS.ErrnoException).code) ? Number.POSITIVE_INFINITY : 0;
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}
