// logging/relay.ts: what a worker that is a process has said, on its way to the log thread: the main thread moves it from memory that
// processes share to memory that threads share.
//
// Law: what the process has said is in memory of ours, so it is not lost when the process is killed.

import { LineRing, RecordRing } from './ring.ts';
import type { OutletMemory } from './outlet.ts';

/** Of what is moved at once: less than any ring has room for. */
const PIECE_BYTES = 64 * 1_024;
const LOOK_MS = 5;

export class Relay {
  readonly #from: { readonly records: RecordRing; readonly lines: LineRing | undefined };
  readonly #to: { readonly records: RecordRing; readonly lines: LineRing | undefined };
  readonly #filled: () => void;
  #timer: NodeJS.Timeout | undefined;
  #lost = { records: 0, lines: 0 };

  constructor(from: OutletMemory, to: OutletMemory, filled: () => void) {
    this.#from = ringsOf(from);
    this.#to = ringsOf(to);
    this.#filled = filled;
    this.#from.records.await();
  }

  /** The process has called: it does so once, then we look by ourselves until there is nothing. */
  move(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#moveAll()) {
      this.#timer = setTimeout(() => this.move(), LOOK_MS);
      return;
    }
    this.#from.records.await();
    // What was said in between did not call.
    if (this.#moveAll()) this.move();
  }

  /** The process has ended: what it has said goes on. */
  end(): void {
    clearTimeout(this.#timer);
    this.#moveAll();
  }

  /** Whether there was something. */
  #moveAll(): boolean {
    const { records: to } = this.#to;
    const count = this.#from.records.take(
      (json) => void to.put(json),
      (json) => to.hasRoomFor(json),
    );
    const bytes = this.#moveLines();
    this.#countLost();
    const isSome = count > 0 || bytes > 0;
    if (isSome) this.#filled();
    return isSome || !this.#from.records.isEmpty || this.#from.lines?.isEmpty === false;
  }

  #moveLines(): number {
    const { lines: from } = this.#from;
    const { lines: to } = this.#to;
    if (from === undefined || to === undefined) return 0;
    let total = 0;
    for (let next = from.next; next.length > 0; next = from.next) {
      const piece = next.length <= PIECE_BYTES ? next : next.subarray(0, next.lastIndexOf(0x0a, PIECE_BYTES) + 1);
      if (!to.putBytes(piece)) return total;
      from.drop(piece.length);
      total += piece.length;
    }
    return total;
  }

  #countLost(): void {
    const records = this.#from.records.lost;
    const lines = this.#from.lines?.lost ?? 0;
    if (records > this.#lost.records) this.#to.records.countLost(records - this.#lost.records);
    if (lines > this.#lost.lines) this.#to.lines?.countLost(lines - this.#lost.lines);
    this.#lost = { records, lines };
  }
}

function ringsOf({ records, lines }: OutletMemory): { readonly records: RecordRing; readonly lines: LineRing | undefined } {
  return { records: new RecordRing(records), lines: lines === undefined ? undefined : new LineRing(lines) };
}
