// fastcgi/variable-names.ts: the names of variables as strings made once: a web server says the same ones with every request.
//
// A name is found by its length and three of its bytes, then compared byte by byte. A slot holds the last name that fell into it, so
// the table learns what this web server says, and nobody can fill it.

import { latin1, ownText } from '../bytes.ts';

interface KnownName {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const SLOTS = 1_024;
const slots: (KnownName | undefined)[] = Array.from({ length: SLOTS });
/** Longer ones are nobody's habit. */
const KNOWN_BYTES_MAX = 64;

function slotOf(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  return (length * 98 + bytes[from]! * 70 + bytes[to - 1]! * 57 + bytes[from + ((3 * length) >> 2)]! * 217) & (SLOTS - 1);
}

/** `bytes[from]` to `bytes[to - 1]`, one byte or more, as text. */
export function variableName(bytes: Uint8Array, from: number, to: number): string {
  const slot = slotOf(bytes, from, to);
  const known = slots[slot];
  return known !== undefined && isSame(known.bytes, bytes, from, to) ? known.name : learn(slot, bytes, from, to);
}

function isSame(wanted: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (wanted.length !== to - from) return false;
  for (let at = 0; at < wanted.length; at += 1) if (wanted[at] !== bytes[from + at]) return false;
  return true;
}

function learn(slot: number, bytes: Uint8Array, from: number, to: number): string {
  const name = latin1(bytes, from, to);
  if (to - from > KNOWN_BYTES_MAX) return name;
  const known = { name: ownText(name), bytes: Uint8Array.from(bytes.subarray(from, to)) };
  slots[slot] = known;
  return known.name;
}
