// http2/answer-body.ts: the body of an answer against what its head has announced.
//
// Law: the length on the wire is the length of the body, in both directions. More is cut; less is told to the client by a reset.

import { Fault } from '../faults.ts';
import { hasContent } from '../message/cgi-response.ts';
import type { RequestHead } from '../message/request-head.ts';
import type { ResponseHead } from '../message/response-head.ts';

const NOTHING = new Uint8Array(0);

export class AnswerBody {
  /** Whether there is any: not to HEAD, nor with 204, 205 and 304. */
  readonly hasContent: boolean;
  /** -1: nobody knows. */
  readonly length: number;
  #remaining: number;
  #isTooLong = false;

  /** `bodyLength`: how long it will be, -1 when nobody knows. */
  constructor(request: RequestHead, head: ResponseHead, bodyLength: number) {
    this.hasContent = hasContent(request.method, head.status);
    this.length = head.contentLength === -1 ? bodyLength : head.contentLength;
    this.#remaining = this.length;
  }

  /** Whether further bytes of it would be sent. */
  get takesMore(): boolean {
    return this.hasContent && !this.#isTooLong;
  }

  /** What is to be sent of a piece. */
  take(bytes: Uint8Array): Uint8Array {
    if (!this.takesMore) return NOTHING;
    if (this.#remaining === -1) return bytes;
    if (bytes.length <= this.#remaining) {
      this.#remaining -= bytes.length;
      return bytes;
    }
    const fitting = bytes.subarray(0, this.#remaining);
    this.#remaining = 0;
    this.#isTooLong = true;
    return fitting;
  }

  /** Behind a piece: a fault when the app has given more than it said. */
  get excess(): Fault<'RESPONSE_TOO_LONG'> | undefined {
    return this.#isTooLong ? new Fault('RESPONSE_TOO_LONG', { length: this.length }) : undefined;
  }

  /** At the end: a fault when the app has given less. */
  get shortfall(): Fault<'RESPONSE_TOO_SHORT'> | undefined {
    if (!this.hasContent || this.#remaining <= 0) return undefined;
    return new Fault('RESPONSE_TOO_SHORT', { length: this.length, sent: this.length - this.#remaining });
  }
}
