// logging/ring.ts: what one thread has said and the log thread has not written yet: memory that both see. A machine.
//
// Law: a ring has one writer and one reader. Whoever writes never waits: what has no room is counted and lost, and the log says how many.
// What is in it outlives its writer: a worker that crashes, or is ended in the middle of something, has said what it has said.
//
// Numbers of bytes only go forward, modulo 2^32; the capacity is a power of two, so that they find their place by a mask.

import type { SharedMemory } from '../workers/shared-memory.ts';

const HEAD = 0;
const TAIL = 1;
const LOST = 2;
const IS_AWAITED = 3;
const WRAP = 4;
const HEADER_BYTES = 64;

/** What Buffer.write comes to, undocumented, the same in Node 20 to 26: it costs a third less without the way there. */
type FastBuffer = Buffer & { latin1Write(text: string, at: number, length: number): number };

export abstract class Ring {
  readonly #words: Int32Array;
  protected readonly bytes: FastBuffer;
  protected readonly lengths: Int32Array;
  protected readonly mask: number;

  static bytesFor(capacity: number): number {
    return HEADER_BYTES + capacity;
  }

  /** `memory`: zeros at first, `bytesFor` a power of two. */
  constructor(memory: SharedMemory) {
    const capacity = memory.byteLength - HEADER_BYTES;
    this.#words = new Int32Array(memory, 0, HEADER_BYTES >> 2);
    this.bytes = Buffer.from(memory as ArrayBuffer, HEADER_BYTES, capacity) as FastBuffer;
    this.lengths = new Int32Array(memory, HEADER_BYTES, capacity >> 2);
    this.mask = capacity - 1;
  }

  get capacity(): number {
    return this.mask + 1;
  }

  protected get head(): number {
    return Atomics.load(this.#words, HEAD);
  }

  protected set head(position: number) {
    Atomics.store(this.#words, HEAD, position);
  }

  protected get tail(): number {
    return Atomics.load(this.#words, TAIL);
  }

  protected set tail(position: number) {
    Atomics.store(this.#words, TAIL, position);
  }

  protected get free(): number {
    return this.capacity - ((this.head - this.tail) | 0);
  }

  protected lose(): false {
    this.countLost(1);
    return false;
  }

  /** Also those of a ring from which this one is filled. */
  countLost(count: number): void {
    Atomics.add(this.#words, LOST, count);
  }

  /** Where the lap that the reader is in ends before the end of the memory; 0: nowhere. */
  protected get wrap(): number {
    return Atomics.load(this.#words, WRAP);
  }

  protected set wrap(position: number) {
    Atomics.store(this.#words, WRAP, position);
  }

  get isEmpty(): boolean {
    return this.head === this.tail;
  }

  /** How many had no room, from the beginning on. */
  get lost(): number {
    return Atomics.load(this.#words, LOST);
  }

  /** The reader goes away until it is called; it looks once more after saying so. */
  await(): void {
    Atomics.store(this.#words, IS_AWAITED, 1);
  }

  /** True, once: the reader waits to be called. */
  isAwaited(): boolean {
    return Atomics.load(this.#words, IS_AWAITED) === 1 && Atomics.exchange(this.#words, IS_AWAITED, 0) === 1;
  }
}

/** Where a length stands: the rest of the ring is empty, it goes on at its beginning. */
const SKIP = -1;
const LENGTH_BYTES = 4;

/** Texts, each whole, behind its length. */
export class RecordRing extends Ring {
  /** Of one text, in UTF-8. */
  get longest(): number {
    return this.capacity >> 3;
  }

  /** For who will not lose it: whether `put` would take it, wherever it comes to stand. */
  hasRoomFor(text: string): boolean {
    const size = LENGTH_BYTES + text.length * 3 + 3;
    return size + Math.min(size, this.capacity - (this.head & this.mask)) <= this.free;
  }

  /** False: there is no room. It must not be longer than the longest. */
  put(text: string): boolean {
    const length = Buffer.byteLength(text);
    const size = (LENGTH_BYTES + length + 3) & ~3;
    let position = this.head;
    const untilEnd = this.capacity - (position & this.mask);
    const skipped = size > untilEnd ? untilEnd : 0;
    if (skipped + size > this.free || length > this.longest) return this.lose();
    if (skipped > 0) {
      this.lengths[(position & this.mask) >> 2] = SKIP;
      position = (position + skipped) | 0;
    }
    const at = position & this.mask;
    this.bytes.write(text, at + LENGTH_BYTES, length);
    this.lengths[at >> 2] = length;
    this.head = (position + size) | 0;
    return true;
  }

  /**
   * All that there is, in order, as long as `mayTake`. Gives how many. Each has left the ring when `each` gets it: one that the reader
   * dies of is not there for the next reader.
   */
  take(each: (text: string) => void, mayTake: (text: string) => boolean = () => true): number {
    let count = 0;
    const head = this.head;
    for (let position = this.tail; position !== head; count += 1) {
      const at = position & this.mask;
      const length = this.lengths[at >> 2]!;
      if (length === SKIP) {
        position = (position + this.capacity - at) | 0;
        count -= 1;
        continue;
      }
      const text = this.bytes.toString('utf8', at + LENGTH_BYTES, at + LENGTH_BYTES + length);
      if (!mayTake(text)) return count;
      position = (position + ((LENGTH_BYTES + length + 3) & ~3)) | 0;
      this.tail = position;
      each(text);
    }
    this.tail = head;
    return count;
  }
}

/** Lines of ASCII, one behind the other, which can be written as they are. None is parted by the end of the memory. */
export class LineRing extends Ring {
  /** The writer's own: where it is, and how much room there was when it looked last. Looking costs more than all else here. */
  #position = 0;
  #room = 0;

  /** Whole lines. False: there is no room. */
  put(lines: string): boolean {
    const { length } = lines;
    const at = this.#place(length);
    if (at === -1) return this.lose();
    this.bytes.latin1Write(lines, at, length);
    this.#publish(length);
    return true;
  }

  /** The same as bytes, by who asks before; what has no room is not counted. */
  putBytes(lines: Uint8Array): boolean {
    const at = this.#place(lines.length);
    if (at === -1) return false;
    this.bytes.set(lines, at);
    this.#publish(lines.length);
    return true;
  }

  #publish(length: number): void {
    this.#room -= length;
    this.#position = (this.#position + length) | 0;
    this.head = this.#position;
  }

  /** Where so many bytes have room in one piece; -1: nowhere. */
  #place(length: number): number {
    const at = this.#position & this.mask;
    const untilEnd = this.capacity - at;
    if (length <= untilEnd && length <= this.#room) return at;
    this.#room = this.free;
    if (length <= untilEnd) return length <= this.#room ? at : -1;
    if (untilEnd + length > this.#room) return -1;
    // Said before the head goes on. No second one can be needed before the reader has passed: it would need more than the whole ring.
    this.wrap = at;
    this.#publish(untilEnd);
    return 0;
  }

  /** What can be written at once: whole lines. The bytes are lent until `drop`. */
  get next(): Buffer {
    this.#passWrap();
    const position = this.tail;
    const at = position & this.mask;
    const length = (this.head - position) | 0;
    const untilEnd = this.capacity - at;
    if (length < untilEnd) return this.bytes.subarray(at, at + length);
    const wrap = this.wrap;
    return this.bytes.subarray(at, wrap === 0 ? at + untilEnd : wrap);
  }

  /** Where the rest of the memory is empty, the reader goes on at its beginning. */
  #passWrap(): void {
    const position = this.tail;
    const at = position & this.mask;
    const untilEnd = this.capacity - at;
    if (this.wrap !== at || at === 0 || ((this.head - position) | 0) < untilEnd) return;
    // The writer may say the next wrap as soon as the tail has gone on: this one goes first.
    this.wrap = 0;
    this.tail = (position + untilEnd) | 0;
  }

  /** So many bytes of it are written. */
  drop(length: number): void {
    this.tail = (this.tail + length) | 0;
  }
}
