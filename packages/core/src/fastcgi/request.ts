// fastcgi/request.ts: one request on a connection: how far the web server has come with it, and how far we have.
//
// Law: the streams come in their order, and are as long as was announced; or the request is refused.

import { Fault } from '../faults.ts';
import { CgiHead } from '../message/cgi-request.ts';
import type { FastcgiLimits } from './limits.ts';
import { ParamsReader } from './params.ts';
import type { Role } from './records.ts';
import { moveOurs, STREAMS, type OurEvent, type OurState, type PeerState } from './state.ts';

/** A stream that the web server sends after PARAMS. */
export type BodyStream = 'stdin' | 'data';

/** head: PARAMS are not complete. body: STDIN or DATA are not. answer: only ours is owed. */
export type RequestPhase = 'head' | 'body' | 'answer';

/** `T`: what the driver attaches to it. */
export class FastcgiRequest<T = unknown> {
  readonly id: number;
  readonly role: Role;
  /** There when PARAMS are complete. */
  head: CgiHead | undefined;
  attached: T | undefined;
  /** What the exit() of a CGI program would have said. */
  exitStatus = 0;
  /** Anything was written to STDERR, which then needs an end. */
  hasStderr = false;
  /** Our head, until it goes out with the first bytes of the body. */
  pendingHead = '';
  /** Whether the answer has content, and how much is still to come; -1 when nobody knows. */
  hasContent = true;
  contentLength = -1;
  remaining = -1;
  isTooLong = false;
  readonly #limits: FastcgiLimits;
  #params: ParamsReader | undefined;
  #peer: PeerState = 'params';
  #ours: OurState = 'owed';
  #received = 0;

  constructor(id: number, role: Role, limits: FastcgiLimits) {
    this.id = id;
    this.role = role;
    this.#limits = limits;
    this.#params = new ParamsReader(limits);
  }

  get phase(): RequestPhase {
    if (this.#peer === 'params') return 'head';
    return this.#peer === 'done' ? 'answer' : 'body';
  }

  get isOver(): boolean {
    return this.#ours === 'over';
  }

  /** No answer of ours has begun. */
  get isOwed(): boolean {
    return this.#ours === 'owed';
  }

  /** Whether further bytes of the answer would be sent: not to HEAD, nor with 204, 205 and 304, nor behind too many. */
  get takesMore(): boolean {
    return this.hasContent && !this.isTooLong;
  }

  move(event: OurEvent): void {
    this.#ours = moveOurs(this.#ours, event);
  }

  /** A part of PARAMS. */
  takeParams(bytes: Uint8Array, from: number, to: number): void {
    this.#params?.take(bytes, from, to);
  }

  /** PARAMS are complete. `isBodyEmpty`: so is STDIN. False: they were so before. */
  endParams(isBodyEmpty: boolean): boolean {
    if (this.#params === undefined) return false;
    const variables = this.#params.end();
    this.#params = undefined;
    const { mount, bodyBytesMax } = this.#limits;
    this.head = CgiHead.of(variables, { mount, bodyBytesMax, hasBody: this.role !== 'authorizer', isBodyEmpty });
    this.#peer = STREAMS[this.role].params;
    return true;
  }

  /**
   * Whether what comes on this stream now is to be heard: not behind its end, nor of a stream that the role has not. Faults:
   * STREAM_OUT_OF_TURN.
   */
  hears(stream: BodyStream): boolean {
    if (this.#peer === stream) return true;
    if (this.#peer === 'params') throw new Fault('STREAM_OUT_OF_TURN', { stream, before: 'params' });
    if (this.#peer === 'stdin' && this.role === 'filter') throw new Fault('STREAM_OUT_OF_TURN', { stream, before: 'stdin' });
    return false;
  }

  /** So many bytes of the stream that is heard. Faults: STREAM_LENGTH_WRONG, BODY_TOO_LARGE. */
  count(stream: BodyStream, bytes: number): void {
    this.#received += bytes;
    const wanted = this.#wanted(stream);
    if (wanted !== undefined && this.#received > wanted) throw new Fault('STREAM_LENGTH_WRONG', { stream, wanted });
    if (this.#received > this.#limits.bodyBytesMax) throw new Fault('BODY_TOO_LARGE', { limit: this.#limits.bodyBytesMax });
  }

  /** The stream that is heard is complete. Faults: STREAM_LENGTH_WRONG. */
  endStream(stream: BodyStream): void {
    const wanted = this.#wanted(stream);
    if (wanted !== undefined && this.#received !== wanted) throw new Fault('STREAM_LENGTH_WRONG', { stream, wanted });
    this.#peer = STREAMS[this.role][stream];
    this.#received = 0;
  }

  /** What was announced; nothing where nothing was. */
  #wanted(stream: BodyStream): number | undefined {
    const { framing } = this.head!;
    if (stream === 'stdin') return framing.type === 'length' ? framing.length : undefined;
    const length = this.head!.get('FCGI_DATA_LENGTH') ?? '';
    return /^[0-9]{1,15}$/.test(length) ? Number(length) : undefined;
  }

  /** Nothing more of it is heard. */
  close(): void {
    this.#params = undefined;
  }
}
