// websocket/chunks.ts: what has come of a frame that is not whole yet, as ws keeps it: an array with what each read brought. A machine.
//
// ws takes from the beginning of that array one by one, and each time all the others move up: above some 16,000 of them a frame costs
// the square of their number, and a frame of 262,000 bytes that came one by one cost two minutes. A limit of ws would cut those whose
// network is made of small packets. What has come is joined instead, each byte once.

import { Buffer } from 'node:buffer';

/** So many are taken one by one in no time. */
const LOOSE_MAX = 1_024;

export class Chunks {
  readonly #chunks: Buffer[];
  /** So many of them, from the first on, have been joined already. */
  #joined = 0;

  constructor(chunks: Buffer[]) {
    this.#chunks = chunks;
  }

  /** One more has come, or the frame was whole and all have gone. */
  look(): void {
    const chunks = this.#chunks;
    if (chunks.length < this.#joined) this.#joined = 0;
    if (chunks.length - this.#joined < LOOSE_MAX) return;
    chunks.push(Buffer.concat(chunks.splice(this.#joined)));
    this.#joined += 1;
  }
}
