// connection/patient-end.ts: when a connection ends of a server that stops with patience, or will soon, where the client cannot be told ahead
// of it. A machine: it is told the time.
//
// Law: in a moment of quiet, since the next request may be on its way; where there is none, behind an answer. FastCGI has no word for it.
// GOAWAY ahead of the end (RFC 9113 §6.8) is not to be had: once it is sent, node:http2 hears of no further stream.

/** For so long a moment of quiet is waited for, and then for an answer that leaves nothing under way. */
const PATIENCE_MS = 2_000;
/** How often it is looked whether it is quiet. */
export const LOOK_MS = 200;

export class PatientEnd {
  readonly #quietMs: number;
  readonly #sinceMs: number;

  /** `quietMs`: how long a moment of quiet is. */
  constructor(quietMs: number, nowMs: number) {
    this.#quietMs = quietMs;
    this.#sinceMs = nowMs;
  }

  /** Of a connection on which nothing has been under way since `idleSinceMs`. */
  isQuiet(idleSinceMs: number, nowMs: number): boolean {
    return nowMs >= idleSinceMs + this.#quietMs;
  }

  /** The next answer should be the last. */
  isLate(nowMs: number): boolean {
    return nowMs >= this.#sinceMs + PATIENCE_MS;
  }

  /** And there was none that left nothing under way. */
  isOver(nowMs: number): boolean {
    return nowMs >= this.#sinceMs + 2 * PATIENCE_MS;
  }
}
