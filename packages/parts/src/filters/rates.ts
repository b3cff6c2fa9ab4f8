// filters/rates.ts: how often somebody may ask: a machine. A bucket for each client, which fills evenly.
//
// Law: what is remembered is bounded. A client that is forgotten had the oldest bucket, which is the fullest of them or nearly so.

interface Bucket {
  readonly requests: number;
  readonly atMs: number;
}

export class Rates {
  readonly #requests: number;
  readonly #perMs: number;
  readonly #clientsMax: number;
  /** Whoever has asked last stands last. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(requests: number, perMs: number, clientsMax: number) {
    this.#requests = requests;
    this.#perMs = perMs;
    this.#clientsMax = clientsMax;
  }

  /** 0 when it may; else in how many milliseconds. */
  take(client: string, nowMs: number): number {
    const before = this.#buckets.get(client);
    const had = before === undefined ? this.#requests : this.#filled(before, nowMs);
    const isAllowed = had >= 1;
    this.#buckets.delete(client);
    this.#buckets.set(client, { requests: isAllowed ? had - 1 : had, atMs: nowMs });
    if (this.#buckets.size > this.#clientsMax) this.#buckets.delete(this.#buckets.keys().next().value!);
    return isAllowed ? 0 : Math.ceil(((1 - had) * this.#perMs) / this.#requests);
  }

  #filled({ requests, atMs }: Bucket, nowMs: number): number {
    return Math.min(this.#requests, requests + ((nowMs - atMs) * this.#requests) / this.#perMs);
  }

  get size(): number {
    return this.#buckets.size;
  }
}
