// fastcgi/params.ts: name-value pairs (FastCGI 1.0 §3.4) out of a stream that may be cut at any byte.
//
// Law: a length is believed only as far as the limit goes: nothing is ever allocated because a peer said a number.

import { Fault } from '../faults.ts';
import type { CgiVariable } from '../message/cgi-variable.ts';
import { ReceiveBuffer } from '../receive-buffer.ts';
import { nameAt, START, viewOf, type KnownName } from './known-variables.ts';

export interface ParamsLimits {
  readonly paramsBytesMax: number;
  readonly paramsMax: number;
}

/** A length is one byte below 128, or four whose first bit is set. */
const LONG = 0x80;

export class ParamsReader {
  readonly #limits: ParamsLimits;
  readonly #variables: CgiVariable[] = [];
  #bytes = 0;
  /** The beginning of a pair whose rest has not come; most requests never need it. */
  #rest: ReceiveBuffer | undefined;
  /** So many bytes of it must be there before it is worth while to look again. */
  #wantedBytes = 0;
  #pairEnd = 0;

  constructor(limits: ParamsLimits) {
    this.#limits = limits;
  }

  /** Takes `bytes[from]` to `bytes[to - 1]` of the stream. Faults: PARAMS_*, VARIABLE_INVALID, HOST_INVALID. */
  take(bytes: Uint8Array, from: number, to: number): void {
    const { paramsBytesMax } = this.#limits;
    this.#bytes += to - from;
    if (this.#bytes > paramsBytesMax) throw new Fault('PARAMS_TOO_LARGE', { limit: paramsBytesMax });
    if (this.#rest === undefined) {
      const at = this.#read(bytes, from, to);
      if (at === to) return;
      this.#rest = new ReceiveBuffer();
      this.#keep(bytes, at, to);
      return;
    }
    this.#keep(bytes, from, to);
    if (this.#rest.length < this.#wantedBytes) return;
    this.#rest.at = this.#read(this.#rest.bytes, this.#rest.at, this.#rest.end);
    if (this.#rest.length === 0) this.#rest = undefined;
  }

  #keep(bytes: Uint8Array, from: number, to: number): void {
    this.#rest!.lend(bytes.subarray(from, to), to - from);
    this.#rest!.keep();
  }

  /** The stream is complete. Faults: PARAMS_INVALID. */
  end(): CgiVariable[] {
    if (this.#rest !== undefined) throw new Fault('PARAMS_INVALID', { why: 'a name or a value is longer than what follows' });
    return this.#variables;
  }

  /** Reads whole pairs; gives where the first begins that is not whole. */
  #read(bytes: Uint8Array, from: number, to: number): number {
    const view = viewOf(bytes);
    let previous: KnownName = START;
    let at = from;
    for (;;) {
      const expected = previous.follower;
      const known = expected?.at(bytes, view, at, to);
      if (known === undefined) {
        const found = this.#readPair(bytes, at, to);
        if (found === undefined) return at;
        previous.lead(found);
        previous = found;
        at = this.#pairEnd;
      } else {
        this.#add(known);
        at += expected!.pairBytes;
        previous = expected!;
      }
    }
  }

  /** The name of the pair at `from`, where that is whole: then it is among the variables, and `#pairEnd` is behind it. */
  #readPair(bytes: Uint8Array, from: number, to: number): KnownName | undefined {
    let at = from;
    if (at >= to) return this.#wait(from, at);
    let nameLength = bytes[at]!;
    at += 1;
    if (nameLength >= LONG) {
      if (at + 3 > to) return this.#wait(from, at + 3);
      nameLength = longLength(bytes, at - 1);
      at += 3;
    }
    if (at >= to) return this.#wait(from, at + 1);
    let valueLength = bytes[at]!;
    at += 1;
    if (valueLength >= LONG) {
      if (at + 3 > to) return this.#wait(from, at + 3);
      valueLength = longLength(bytes, at - 1);
      at += 3;
    }
    const valueAt = at + nameLength;
    const end = valueAt + valueLength;
    if (end > to) return this.#wait(from, end);
    if (nameLength === 0) throw new Fault('PARAMS_INVALID', { why: 'a variable without a name' });
    const name = nameAt(bytes, at, valueAt);
    this.#add(name.variable(bytes, from, valueAt, end));
    this.#pairEnd = end;
    return name;
  }

  #add(variable: CgiVariable): void {
    const { paramsMax } = this.#limits;
    if (this.#variables.length >= paramsMax) throw new Fault('PARAMS_TOO_MANY', { limit: paramsMax });
    this.#variables.push(variable);
  }

  /** The pair at `from` needs what stands before `end`. Faults: PARAMS_TOO_LARGE, as soon as its lengths say so. */
  #wait(from: number, end: number): undefined {
    this.#wantedBytes = Math.max(2, end - from);
    const { paramsBytesMax } = this.#limits;
    if (this.#wantedBytes > paramsBytesMax) throw new Fault('PARAMS_TOO_LARGE', { limit: paramsBytesMax });
    return undefined;
  }
}

/** 31 bits. */
function longLength(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! & 0x7f) << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
