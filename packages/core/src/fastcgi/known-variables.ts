// fastcgi/known-variables.ts: the variables that a web server says again and again, made and checked once.
//
// Of thirty variables of a request, twenty-five are those of the one before. A name is found by its length and three of its bytes, then
// compared byte by byte, and its value with the last one that it had. A slot, and its neighbour, hold the last names that fell into
// them, so the table learns what this web server says, and nobody can fill it.

import { latin1, ownText } from '../bytes.ts';
import { CgiVariable, kindOf, type Kind } from '../message/cgi-variable.ts';

class KnownName {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly kind: Kind;
  /** Another value than the last one is remembered now and then only: it may be another each time. */
  others = 0;
  valueBytes: Uint8Array = NEVER;
  variable: CgiVariable | undefined;

  constructor(bytes: Uint8Array, name: string) {
    this.bytes = bytes;
    this.name = name;
    this.kind = kindOf(name);
  }
}

const NEVER = new Uint8Array(0);
const SLOTS = 1_024;
const slots: (KnownName | undefined)[] = Array.from({ length: SLOTS });
/** Longer ones are nobody's habit. */
const NAME_BYTES_MAX = 64;
const VALUE_BYTES_MAX = 256;
const REMEMBERED_ONE_IN = 16;

function slotOf(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  // Many begin with HTTP_, SERVER_ or REQUEST_: it is their ends that tell them apart.
  const late = bytes[from + ((3 * length) >> 2)]!;
  return (length * 98 + bytes[from + (length >> 1)]! * 70 + bytes[to - 1]! * 57 + late * 217) & (SLOTS - 1);
}

/** The variable whose name, one byte or more, and value stand behind each other. Faults: VARIABLE_INVALID, HOST_INVALID. */
export function variableOf(bytes: Uint8Array, nameAt: number, valueAt: number, end: number): CgiVariable {
  const slot = slotOf(bytes, nameAt, valueAt);
  const first = slots[slot];
  if (first !== undefined && isSame(first.bytes, bytes, nameAt, valueAt)) return withValue(first, bytes, valueAt, end);
  const second = slots[slot ^ 1];
  if (second !== undefined && isSame(second.bytes, bytes, nameAt, valueAt)) return withValue(second, bytes, valueAt, end);
  const name = latin1(bytes, nameAt, valueAt);
  if (valueAt - nameAt > NAME_BYTES_MAX) return new CgiVariable(name, latin1(bytes, valueAt, end));
  const known = new KnownName(Uint8Array.from(bytes.subarray(nameAt, valueAt)), ownText(name));
  slots[first === undefined ? slot : slot ^ 1] = known;
  return withValue(known, bytes, valueAt, end);
}

function isSame(wanted: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  const { length } = wanted;
  if (length !== to - from) return false;
  for (let at = 0; at < length; at += 1) if (wanted[at] !== bytes[from + at]) return false;
  return true;
}

function withValue(known: KnownName, bytes: Uint8Array, from: number, to: number): CgiVariable {
  if (known.variable !== undefined && isSame(known.valueBytes, bytes, from, to)) return known.variable;
  const variable = new CgiVariable(known.name, latin1(bytes, from, to), known.kind);
  if (known.others % REMEMBERED_ONE_IN === 0 && to - from <= VALUE_BYTES_MAX) {
    known.valueBytes = Uint8Array.from(bytes.subarray(from, to));
    known.variable = variable;
  }
  known.others += 1;
  return variable;
}
