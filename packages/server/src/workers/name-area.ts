// workers/name-area.ts: where the name of one request stands: its method, 0 behind a short one, and its target in UTF-8.

import type { RequestName } from '../connection/counters.ts';
import type { SharedMemory } from './shared-memory.ts';

const METHOD_BYTES = 16;
const TARGET_BYTES = 112;
export const TEXT_BYTES = METHOD_BYTES + TARGET_BYTES;

/** Up to here a target is written char by char, 3 ns each; a longer one by an encoder, 45 ns whatever it is. */
const SHORT = 12;
const ASCII_MAX = 0x7f;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class NameArea {
  readonly #method: Uint8Array;
  readonly #target: Uint8Array;

  constructor(buffer: SharedMemory, offset: number) {
    this.#method = new Uint8Array(buffer, offset, METHOD_BYTES);
    this.#target = new Uint8Array(buffer, offset + METHOD_BYTES, TARGET_BYTES);
  }

  /** Gives the bytes of the target, negative when it is cut. */
  write({ method, target }: RequestName): number {
    const { length } = method;
    for (let index = 0; index < length; index += 1) this.#method[index] = method.charCodeAt(index); // beyond the end: dropped
    if (length < METHOD_BYTES) this.#method[length] = 0;
    return target.length > SHORT ? this.#encode(target) : this.#writeShort(target);
  }

  #writeShort(target: string): number {
    for (let index = 0; index < target.length; index += 1) {
      const code = target.charCodeAt(index);
      if (code > ASCII_MAX) return this.#encode(target);
      this.#target[index] = code;
    }
    return target.length;
  }

  /** Never cuts within a character. */
  #encode(target: string): number {
    const { read, written } = encoder.encodeInto(target, this.#target);
    return read < target.length ? -written : written;
  }

  /** `bytes`: what `write` gave. */
  read(bytes: number): string {
    return `${this.readMethod()} ${this.readTarget(bytes)}`;
  }

  readMethod(): string {
    // A copy: a decoder refuses shared memory.
    const method = this.#method.slice();
    const end = method.indexOf(0);
    return decoder.decode(end === -1 ? method : method.subarray(0, end));
  }

  readTarget(bytes: number): string {
    return `${decoder.decode(this.#target.slice(0, Math.abs(bytes)))}${bytes < 0 ? '…' : ''}`;
  }
}
