// connection/timer-wheel.ts: deadlines of many connections, without a timer for each and without work for each request.
//
// A machine: it is told the time. An entry stands in the slot where it must be looked at; when that time comes it says when it
// wants to be looked at next. A deadline that moves later, as it does with every request, costs nothing: the entry finds
// out when its old slot comes up.

export interface Timed {
  /** When this entry stands in the wheel to be looked at; kept by the wheel. */
  lookAtMs: number;
  /** The time has come. Acts, or not; gives when to look again, Infinity for never. */
  onTime(nowMs: number): number;
}

export class TimerWheel {
  readonly #slotMs: number;
  readonly #slots: Set<Timed>[];
  #doneSlot: number;
  #size = 0;

  constructor(nowMs: number, slotMs = 100, slots = 1_024) {
    this.#slotMs = slotMs;
    this.#slots = Array.from({ length: slots }, () => new Set<Timed>());
    this.#doneSlot = Math.floor(nowMs / slotMs);
  }

  get size(): number {
    return this.#size;
  }

  /** Makes sure that `entry` is looked at `atMs` or earlier. Infinity: no wish. */
  schedule(entry: Timed, atMs: number): void {
    if (entry.lookAtMs <= atMs) return; // the one comparison that every request costs
    if (entry.lookAtMs !== Number.POSITIVE_INFINITY) this.#slotOf(entry.lookAtMs).delete(entry);
    else this.#size += 1;
    this.#put(entry, atMs);
  }

  remove(entry: Timed): void {
    if (entry.lookAtMs === Number.POSITIVE_INFINITY) return;
    this.#slotOf(entry.lookAtMs).delete(entry);
    entry.lookAtMs = Number.POSITIVE_INFINITY;
    this.#size -= 1;
  }

  /** Looks at every entry whose time has come. */
  advance(nowMs: number): void {
    const nowSlot = Math.floor(nowMs / this.#slotMs);
    // After a long sleep every slot is due, each once.
    const from = Math.max(this.#doneSlot + 1, nowSlot - this.#slots.length + 1);
    // Before the entries act: what they schedule for now belongs into the next slot, not into one that is looked at here.
    this.#doneSlot = nowSlot;
    for (let slot = from; slot <= nowSlot; slot += 1) this.#lookAt(slot, nowMs);
  }

  #lookAt(slot: number, nowMs: number): void {
    const entries = this.#slots[slot % this.#slots.length]!;
    for (const entry of Array.from(entries)) {
      // Further than one turn of the wheel away; or removed by the entry before it.
      if (!entries.has(entry) || Math.ceil(entry.lookAtMs / this.#slotMs) > slot) continue;
      entries.delete(entry);
      entry.lookAtMs = Number.POSITIVE_INFINITY;
      this.#size -= 1;
      this.schedule(entry, entry.onTime(nowMs));
    }
  }

  #put(entry: Timed, atMs: number): void {
    // Never into a slot that has been looked at: it would wait for a whole turn.
    entry.lookAtMs = Math.max(atMs, (this.#doneSlot + 1) * this.#slotMs);
    this.#slotOf(entry.lookAtMs).add(entry);
  }

  /** The first slot that begins at that time or later: nothing is looked at too early. */
  #slotOf(atMs: number): Set<Timed> {
    return this.#slots[Math.ceil(atMs / this.#slotMs) % this.#slots.length]!;
  }
}
