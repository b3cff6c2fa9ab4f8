// http1/awaited-head.ts: a head that comes in pieces: what may stand before it, and when it is worth while to look at it again.
//
// Law: a head is scanned from its beginning each time, which would take quadratic time of one that comes byte by byte. So a long one is
// scanned again only when a line has ended, when it has become twice as long, or when it has reached a limit.

import { Fault } from '../faults.ts';
import { CR, LF } from '../message/grammar.ts';
import type { ReceiveBuffer } from '../receive-buffer.ts';
import { EMPTY_LINES_MAX, type Http1Limits } from './limits.ts';

/** Looking at so much again costs less than finding out whether it is worth while. */
const SHORT_HEAD_BYTES = 1_024;

export class AwaitedHead {
  readonly #limits: Http1Limits;
  #emptyLines = 0;
  /** So much of a head that is not complete has been looked at. */
  #scannedBytes = 0;
  /** And so much behind that has been searched for the end of a line. */
  #searchedBytes = 0;

  constructor(limits: Http1Limits) {
    this.#limits = limits;
  }

  /** Whether the head may be complete now. Faults: REQUEST_LINE_INVALID. */
  mayBeHere(buffer: ReceiveBuffer): boolean {
    return this.#skipEmptyLines(buffer) && this.#isWorthScanning(buffer);
  }

  /** It is not: all that has come was looked at. */
  isNotHere(buffer: ReceiveBuffer): void {
    this.#scannedBytes = buffer.length;
    this.#searchedBytes = buffer.length;
  }

  /** It is; what is awaited next is another one. */
  isHere(): void {
    this.#scannedBytes = 0;
    this.#emptyLines = 0;
  }

  /**
   * RFC 9112 §2.2: a few empty lines before a request line are passed over; old clients send one behind a body. False: what is here
   * is used up, or is a CR whose LF has not come yet.
   */
  #skipEmptyLines(buffer: ReceiveBuffer): boolean {
    while (buffer.length > 0 && buffer.bytes[buffer.at] === CR) {
      if (buffer.length === 1) return false;
      this.#emptyLines += 1;
      if (buffer.bytes[buffer.at + 1] !== LF || this.#emptyLines > EMPTY_LINES_MAX) {
        throw new Fault('REQUEST_LINE_INVALID', { why: 'empty lines instead of a request' });
      }
      buffer.at += 2;
    }
    return buffer.length > 0;
  }

  #isWorthScanning(buffer: ReceiveBuffer): boolean {
    const scanned = this.#scannedBytes;
    if (scanned < SHORT_HEAD_BYTES) return true;
    const { bytes, at, end, length } = buffer;
    const { requestLineBytesMax, headBytesMax } = this.#limits;
    if (length >= headBytesMax || length >= 2 * scanned) return true;
    if (scanned <= requestLineBytesMax + 2 && length > requestLineBytesMax + 1) return true;
    const from = at + this.#searchedBytes;
    this.#searchedBytes = length;
    for (let index = from; index < end; index += 1) if (bytes[index] === LF) return true;
    return false;
  }
}
