// workers/ticket-keys.ts: the keys of session tickets (RFC 5077, RFC 8446 §4.6.1), made in the main thread: a client takes up its session
// with whichever worker it meets.
//
// Law: a generation has keys of its own. A ticket says that a client was let in; after a reload other clients may be (ca_certs). And
// nobody keeps a key for long: it opens what was recorded of all sessions that were taken up with it.

/** For how long the same keys are given out. Sessions live for five minutes (node:tls, `sessionTimeout`), so few are lost by a change. */
export const TICKET_KEYS_MS = 12 * 3_600_000;

/** 16 bytes of name, 16 for HMAC, 16 for AES (node:tls, `ticketKeys`). */
const KEY_BYTES = 48;
/** A new one starts while the one before it serves. */
const GENERATIONS_AT_ONCE = 2;

export class TicketKeys {
  readonly #ofGenerations = new Map<number, Uint8Array>();

  of(generation: number): Uint8Array {
    const known = this.#ofGenerations.get(generation);
    if (known !== undefined) return known;
    const keys = freshKeys();
    this.#ofGenerations.set(generation, keys);
    for (const old of this.#ofGenerations.keys()) if (old < generation - GENERATIONS_AT_ONCE) this.#ofGenerations.delete(old);
    return keys;
  }

  /** Other ones for all, from now on. */
  renew(): void {
    for (const generation of this.#ofGenerations.keys()) this.#ofGenerations.set(generation, freshKeys());
  }
}

function freshKeys(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(KEY_BYTES));
}
