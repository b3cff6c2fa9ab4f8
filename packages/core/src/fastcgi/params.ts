// fastcgi/params.ts: name-value pairs (FastCGI 1.0 §3.4) out of a stream that may be cut at any byte.
//
// Law: a length is believed only as far as the limit goes: nothing is ever allocated because a peer said a number.

import { Fault } from '../faults.ts';
import type { CgiVariable } from '../message/cgi-variable.ts';
import { ReceiveBuffer } from '../receive-buffer.ts';
import { variableOf } from './known-variables.ts';

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
    const variables = this.#variables;
    const { paramsMax } = this.#limits;
    let at = from;
    for (;;) {
      // Written out: a pair costs two lengths, and a request has thirty pairs.
      let next = at;
      if (next >= to) return this.#wait(at, 2, at);
      let nameLength = bytes[next]!;
      next += 1;
      if (nameLength >= LONG) {
        if (next + 3 > to) return this.#wait(at, 5, next + 3);
        nameLength = longLength(bytes, next - 1);
        next += 3;
      }
      if (next >= to) return this.#wait(at, 2, next + 1);
      let valueLength = bytes[next]!;
      next += 1;
      if (valueLength >= LONG) {
        if (next + 3 > to) return this.#wait(at, 5, next + 3);
        valueLength = longLength(bytes, next - 1);
        next += 3;
      }
      const end = next + nameLength + valueLength;
      if (end > to) return this.#wait(at, 2, end);
      if (nameLength === 0) throw new Fault('PARAMS_INVALID', { why: 'a variable without a name' });
      if (variables.length >= paramsMax) throw new Fault('PARAMS_TOO_MANY', { limit: paramsMax });
      variables.push(variableOf(bytes, next, next + nameLength, end));
      at = end;
    }
  }

  /** The pair at `at` needs what stands before `end`. Faults: PARAMS_TOO_LARGE, as soon as its lengths say so. */
  #wait(at: number, least: number, end: number): number {
    this.#wantedBytes = Math.max(least, end - at);
    const { paramsBytesMax } = this.#limits;
    if (this.#wantedBytes > paramsBytesMax) throw new Fault('PARAMS_TOO_LARGE', { limit: paramsBytesMax });
    return at;
  }
}

/** 31 bits. */
function longLength(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! & 0x7f) << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
