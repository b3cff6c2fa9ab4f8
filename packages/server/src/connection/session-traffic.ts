// connection/session-traffic.ts: what goes over a socket that node:http2 reads and writes by itself: how many bytes, and whether the client
// takes what waits for it.
//
// Law: nobody tells us of it, so it is looked at. That the client reads at all is seen here; that it opens its windows, stream by stream
// (`StreamOutput`).

import type { Socket } from 'node:net';
import type { Counters } from './counters.ts';
import { unsentBytes } from './socket-output.ts';

export class SessionTraffic {
  readonly #socket: Socket;
  readonly #counters: Counters;
  #receivedBytes = 0;
  #sentBytes = 0;
  /** At the last look: what the kernel had not taken, and what had been written by then. */
  #unsentBytes = 0;
  #writtenBytes = 0;
  /** Since when the client has taken nothing of what waits for it; `undefined` when nothing waits. */
  unsentSinceMs: number | undefined;

  constructor(socket: Socket, counters: Counters) {
    this.#socket = socket;
    this.#counters = counters;
  }

  /** Bytes of frames, since it was called last. */
  count(): void {
    const { bytesRead, bytesWritten } = this.#socket;
    if (bytesRead > this.#receivedBytes) this.#counters.received(bytesRead - this.#receivedBytes);
    if (bytesWritten > this.#sentBytes) this.#counters.sent(bytesWritten - this.#sentBytes);
    this.#receivedBytes = Math.max(this.#receivedBytes, bytesRead);
    this.#sentBytes = Math.max(this.#sentBytes, bytesWritten);
  }

  /** Looks whether the client has taken anything since the last look. */
  look(nowMs: number): void {
    const before = this.#unsentBytes;
    const { bytesWritten } = this.#socket;
    // node:http2 writes when its last write is gone.
    const hasMoved = bytesWritten > this.#writtenBytes;
    this.#writtenBytes = bytesWritten;
    this.#unsentBytes = unsentBytes(this.#socket);
    if (this.#unsentBytes === 0) this.unsentSinceMs = undefined;
    else if (this.unsentSinceMs === undefined || hasMoved || this.#unsentBytes < before) this.unsentSinceMs = nowMs;
  }
}
