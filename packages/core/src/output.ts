// output.ts: what we want to say, as few pieces as possible.
//
// One write a response is worth more than any other trick (a second one costs 5 us of kernel time). Heads and small bodies
// run together as one latin1 text, which Node writes from the stack without a buffer; larger bytes stay pieces of their own.

import { latin1, type Piece } from './bytes.ts';

/** Bodies up to here are copied behind their head; beyond it a copy costs more than a second piece of one writev. */
const TEXT_BYTES_MAX = 8 * 1_024;

export class Output {
  #text = '';
  #pieces: Piece[] | undefined;

  get isEmpty(): boolean {
    return this.#text === '' && this.#pieces === undefined;
  }

  /** Latin1 text: every char one byte. */
  text(text: string): void {
    if (text.length <= TEXT_BYTES_MAX) this.#text += text;
    else this.#piece(text);
  }

  /** Bytes; who gives them leaves them alone from then on. */
  bytes(bytes: Uint8Array): void {
    if (bytes.length <= TEXT_BYTES_MAX) {
      this.#text += latin1(bytes);
      return;
    }
    this.#piece(bytes);
  }

  #piece(piece: Piece): void {
    this.#pieces ??= [];
    if (this.#text !== '') this.#pieces.push(this.#text);
    this.#text = '';
    this.#pieces.push(piece);
  }

  /** All of it, in order; then it is empty. One text where that is all there is. */
  take(): string | readonly Piece[] {
    const text = this.#text;
    const pieces = this.#pieces;
    this.#text = '';
    this.#pieces = undefined;
    if (pieces === undefined) return text;
    if (text !== '') pieces.push(text);
    return pieces;
  }
}
