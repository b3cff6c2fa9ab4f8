// fastcgi/known-variables.ts: the variables that a web server says again and again, made and checked once.
//
// Of thirty variables of a request, twenty-five are those of the one before, and they come in the same order. So for each name its last
// pair is remembered as bytes, and which name came behind it: a request is mostly a walk from one to the next, four bytes at a time. Where
// the walk leaves the way, a name is found by its length and three of its bytes. A slot, and its neighbour, hold the last names that
// fell into them: the table learns what this web server says, and nobody can fill it.
//
// Law: only names that stand in the table remember anything. Who loses his slot forgets his pair and his follower: else each name would
// hold the next one, and a client, who chooses names, the memory of the process.

import { latin1, ownText } from '../bytes.ts';
import { CgiVariable, kindOf, type Kind } from '../message/cgi-variable.ts';

const PAIR_BYTES_MAX = 320;
/** Another value than the last one is remembered now and then only: it may be another each time. */
const REMEMBERED_ONE_IN = 16;

const NOTHING = new Uint8Array(0);
const NO_WORDS = new Int32Array(0);

export class KnownName {
  readonly #name: Uint8Array;
  readonly #text: string;
  readonly #kind: Kind;
  #others = 0;
  /** The last pair of that name as it came, lengths and all; its fours of bytes as numbers, and how many bytes are left over. */
  #pair: Uint8Array = NOTHING;
  #words = NO_WORDS;
  #variable: CgiVariable | undefined;
  /** The name that came behind it. One that has lost its slot since knows no pair any more. */
  follower: KnownName | undefined;
  /** It stands in the table. */
  isKept = false;

  constructor(name: Uint8Array) {
    this.#name = name;
    this.#text = ownText(latin1(name));
    this.#kind = kindOf(this.#text);
  }

  isNamed(bytes: Uint8Array, from: number, to: number): boolean {
    const name = this.#name;
    if (name.length !== to - from) return false;
    for (let at = 0; at < name.length; at += 1) if (name[at] !== bytes[from + at]) return false;
    return true;
  }

  /** The last pair of that name, when it stands there; else nothing. `view`: of the same bytes. */
  at(bytes: Uint8Array, view: DataView, from: number, to: number): CgiVariable | undefined {
    const pair = this.#pair;
    const words = this.#words;
    if (from + pair.length > to) return undefined;
    let at = 0;
    for (let index = 0; index < words.length; index += 1, at += 4)
      if (words[index] !== view.getInt32(from + at)) return undefined;
    for (; at < pair.length; at += 1) if (pair[at] !== bytes[from + at]) return undefined;
    return this.#variable;
  }

  /** How many bytes the last pair has. */
  get pairBytes(): number {
    return this.#pair.length;
  }

  /** The pair that stands between `from` and `to`, its value from `valueAt` on. Faults: VARIABLE_INVALID, HOST_INVALID. */
  variable(bytes: Uint8Array, from: number, valueAt: number, to: number): CgiVariable {
    const variable = new CgiVariable(this.#text, latin1(bytes, valueAt, to), this.#kind);
    if (this.isKept && this.#others++ % REMEMBERED_ONE_IN === 0 && to - from <= PAIR_BYTES_MAX) {
      this.#pair = Uint8Array.from(bytes.subarray(from, to));
      const view = viewOf(this.#pair);
      this.#words = Int32Array.from({ length: (to - from) >> 2 }, (_, index) => view.getInt32(4 * index));
      this.#variable = variable;
    }
    return variable;
  }

  /** `next` came behind it. */
  lead(next: KnownName): void {
    if (this.isKept && next.isKept) this.follower = next;
  }

  /** Its slot is another's now. */
  forget(): void {
    this.isKept = false;
    this.follower = undefined;
    this.#pair = NOTHING;
    this.#words = NO_WORDS;
    this.#variable = undefined;
  }
}

/** What stands before the first name. */
export const START = new KnownName(NOTHING);
START.isKept = true;

let lastBytes = new Uint8Array(0);
let lastView = new DataView(lastBytes.buffer);

/** The same bytes as numbers; nearly always those of the one buffer that all sockets are read into. */
export function viewOf(bytes: Uint8Array): DataView {
  if (bytes !== lastBytes) {
    lastBytes = bytes as Uint8Array<ArrayBuffer>;
    lastView = new DataView(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
  }
  return lastView;
}

const SLOTS = 1_024;
const slots: (KnownName | undefined)[] = Array.from({ length: SLOTS });
/** Longer ones are nobody's habit. */
const NAME_BYTES_MAX = 64;

function slotOf(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  // Many begin with HTTP_, SERVER_ or REQUEST_: it is their ends that tell them apart.
  const late = bytes[from + ((3 * length) >> 2)]!;
  return (length * 98 + bytes[from + (length >> 1)]! * 70 + bytes[to - 1]! * 57 + late * 217) & (SLOTS - 1);
}

/** The name, one byte or more, that stands between `from` and `to`. Faults: VARIABLE_INVALID. */
export function nameAt(bytes: Uint8Array, from: number, to: number): KnownName {
  const slot = slotOf(bytes, from, to);
  const first = slots[slot];
  if (first?.isNamed(bytes, from, to) === true) return first;
  const second = slots[slot ^ 1];
  if (second?.isNamed(bytes, from, to) === true) return second;
  const known = new KnownName(Uint8Array.from(bytes.subarray(from, to)));
  if (to - from <= NAME_BYTES_MAX) keep(known, first === undefined ? slot : slot ^ 1);
  return known;
}

function keep(name: KnownName, slot: number): void {
  slots[slot]?.forget();
  slots[slot] = name;
  name.isKept = true;
}
