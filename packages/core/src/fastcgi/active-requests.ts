// fastcgi/active-requests.ts: the requests under way on a connection, by their ids: from FCGI_BEGIN_REQUEST to FCGI_END_REQUEST
// (FastCGI 1.0 §3.3, §5.1).
//
// Law: no more than the limits say; and the connection is over when none is under way and none is to follow.

import type { FastcgiLimits } from './limits.ts';
import { KEEP_CONN, ROLE, type ProtocolStatus } from './records.ts';
import { FastcgiRequest } from './request.ts';

/** `T`: what the driver attaches to a request. */
export class ActiveRequests<T> {
  readonly #limits: FastcgiLimits;
  readonly #byId = new Map<number, FastcgiRequest<T>>();
  #keepsConnection = true;
  #isLast = false;

  constructor(limits: FastcgiLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** They may end while one looks at them. */
  values(): Iterable<FastcgiRequest<T>> {
    return this.#byId.values();
  }

  get(id: number): FastcgiRequest<T> | undefined {
    return this.#byId.get(id);
  }

  /** A request begins, or is told why it may not (§5.5). */
  begin(id: number, role: number, flags: number): FastcgiRequest<T> | ProtocolStatus {
    if ((flags & KEEP_CONN) === 0) this.#keepsConnection = false;
    const refusal = this.#whyNot(role);
    if (refusal !== undefined) return refusal;
    const request = new FastcgiRequest<T>(id, this.#limits.role, this.#limits);
    this.#byId.set(id, request);
    return request;
  }

  #whyNot(role: number): ProtocolStatus | undefined {
    const { role: ours, isMultiplexed, requestsMax } = this.#limits;
    if (role !== ROLE[ours]) return 'unknownRole';
    if (this.size > 0 && !isMultiplexed) return 'cantMpxConn';
    return this.size >= requestsMax ? 'overloaded' : undefined;
  }

  end(request: FastcgiRequest<T>): void {
    request.close();
    this.#byId.delete(request.id);
    if (this.#isLast && this.size === 0) this.#keepsConnection = false;
  }

  /** The server drains: those under way are the last, or the next one is. */
  lastRequest(): void {
    this.#isLast = true;
  }

  get isLast(): boolean {
    return this.#isLast;
  }

  /** None is under way, and none is to follow. */
  get areOver(): boolean {
    return this.size === 0 && !this.#keepsConnection;
  }
}
