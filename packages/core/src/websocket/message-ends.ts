// websocket/message-ends.ts: where, in what a server writes on a connection that becomes a WebSocket, a message ends (RFC 6455 §5.2). A
// machine.
//
// Law: nobody's word stands where it would be read as something else: not in a head or a message, not behind a goodbye, and nowhere in an
// answer that is no 101 to WebSocket.

import { latin1 } from '../bytes.ts';

const FINAL = 0x80;
const MASKED = 0x80;
const MASK_BYTES = 4;
/** Opcodes from here on are of control frames, which may stand between the parts of a message (RFC 6455 §5.4). */
const CONTROL = 0x08;
const CLOSE = 0x08;

/** An answer that begins in another way is none to wait for. */
const INTERIM = /^HTTP\/1\.1 1[0-9]{2}[ \r]/;
const INTERIM_CHARS = 'HTTP/1.1 101 '.length;
const SWITCHING = /^HTTP\/1\.1 101[ \r]/;
const WEBSOCKET = /\nupgrade:[ \t]*websocket[ \t]*\r/i;
/** More than clients take. */
const HEAD_CHARS_MAX = 64 * 1_024;
const HEAD_END = '\r\n\r\n';

export class MessageEnds {
  #phase: 'answer' | 'frames' | 'over' = 'answer';
  /** The head of the answer so far. */
  #answer = '';
  /** Of the head of a frame: bytes that have come, and bytes of a long length that have not. */
  #headBytes = 0;
  #lengthBytes = 0;
  /** What is still to come of a frame behind its head: a mask, and the payload. */
  #left = 0;
  #maskBytes = 0;
  /** A message has begun whose final frame has not. */
  #isContinued = false;

  /** Here. */
  get isAtEnd(): boolean {
    return this.#phase === 'frames' && this.#headBytes === 0 && !this.#isContinued;
  }

  /** There is no further place. */
  get isOver(): boolean {
    return this.#phase === 'over';
  }

  /** Reads `bytes` from `at` on, up to the next place, and gives where that is; their length, where there is none. */
  next(bytes: Uint8Array, at: number): number {
    let next = at;
    while (this.#phase === 'answer' && next < bytes.length) {
      next = this.#readAnswer(bytes, next);
      if (this.isAtEnd) return next;
    }
    return this.#readFrames(bytes, next);
  }

  #readAnswer(bytes: Uint8Array, at: number): number {
    const known = this.#answer.length;
    const answer = this.#answer + latin1(bytes, at);
    const end = answer.indexOf(HEAD_END, Math.max(0, known - HEAD_END.length + 1));
    const isOther = answer.length >= INTERIM_CHARS && !INTERIM.test(answer);
    if (isOther || (end === -1 && answer.length > HEAD_CHARS_MAX)) this.#phase = 'over';
    else if (end !== -1 && SWITCHING.test(answer)) this.#phase = WEBSOCKET.test(answer.slice(0, end + 2)) ? 'frames' : 'over';
    this.#answer = end === -1 && !this.isOver ? answer : '';
    return end === -1 ? bytes.length : at + end + HEAD_END.length - known;
  }

  #readFrames(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length && !this.isOver) {
      if (this.#isInHead) {
        this.#readHead(bytes[at]!);
        at += 1;
      } else {
        const read = Math.min(this.#left, bytes.length - at);
        this.#left -= read;
        at += read;
      }
      if (!this.#isInHead && this.#left === 0) this.#headBytes = 0;
      if (this.isAtEnd) return at;
    }
    return bytes.length;
  }

  get #isInHead(): boolean {
    return this.#headBytes < 2 || this.#lengthBytes > 0;
  }

  #readHead(byte: number): void {
    this.#headBytes += 1;
    if (this.#headBytes === 1) {
      const opcode = byte & 0x0f;
      if (opcode === CLOSE) this.#phase = 'over';
      if (opcode < CONTROL) this.#isContinued = (byte & FINAL) === 0;
    } else if (this.#headBytes === 2) {
      const length = byte & 0x7f;
      this.#maskBytes = (byte & MASKED) === 0 ? 0 : MASK_BYTES;
      this.#lengthBytes = length === 127 ? 8 : length === 126 ? 2 : 0;
      this.#left = this.#lengthBytes > 0 ? 0 : length + this.#maskBytes;
    } else {
      this.#lengthBytes -= 1;
      this.#left = this.#left * 256 + byte;
      if (this.#lengthBytes === 0) this.#left += this.#maskBytes;
    }
  }
}
