// filters/passwords.ts: whether a password is right.
//
// Law: it takes as long for a name that is not there as for one that is, whichever kind of hash that has. A hash is made off this
// thread, and few at a time: a flood of wrong passwords costs whoever sends it, not the rest. What is remembered is not the password.

import { createHmac, randomBytes } from 'node:crypto';
import { Fault } from '@appserve/core';
import { Decoys } from './decoys.ts';
import { kindOf, type HashKind } from './htpasswd.ts';

/** `busy`: so many wait, of this client or of all, that no more are asked. */
export type Verdict = 'right' | 'wrong' | 'busy';

const REMEMBERED_MAX = 1_000;
/** Of them libuv's pool makes four at a time. */
const WAITING_MAX = 64;
/** One client's share: whoever sends more of them at once is told to wait, and others get their turn. */
const CLIENT_WAITING_MAX = 16;

export class Passwords {
  readonly #users: ReadonlyMap<string, string>;
  readonly #rememberMs: number;
  readonly #decoys: Decoys;
  readonly #key = randomBytes(32);
  readonly #remembered = new Map<string, number>();
  readonly #verifiers: ReadonlyMap<HashKind, Verify>;
  /** By client; those who wait for nothing are not there. */
  readonly #waiting = new Map<string, number>();
  #allWaiting = 0;

  private constructor(users: ReadonlyMap<string, string>, rememberMs: number, verifiers: ReadonlyMap<HashKind, Verify>) {
    this.#users = users;
    this.#rememberMs = rememberMs;
    this.#verifiers = verifiers;
    this.#decoys = new Decoys(users.values());
  }

  /** `users`: hashes by name. Faults: HASHES_UNSUPPORTED. */
  static async of(users: ReadonlyMap<string, string>, rememberMs: number): Promise<Passwords> {
    const verifiers = new Map<HashKind, Verify>();
    for (const kind of new Set(Array.from(users.values(), (hash) => kindOf(hash)!))) verifiers.set(kind, await verifierOf(kind));
    return new Passwords(users, rememberMs, verifiers);
  }

  /** `client`: whose share of the hashes it is. */
  async check(name: string, password: string, client: string, nowMs: number): Promise<Verdict> {
    const hash = this.#users.get(name);
    const digest = this.#digest(name, password, hash);
    if ((this.#remembered.get(digest) ?? Number.NEGATIVE_INFINITY) > nowMs) return 'right';
    const ofClient = this.#waiting.get(client) ?? 0;
    if (this.#allWaiting >= WAITING_MAX || ofClient >= CLIENT_WAITING_MAX) return 'busy';
    this.#count(client, 1);
    try {
      const isRight = hash !== undefined && (await this.#verify(hash, password));
      if (!isRight) {
        for (const decoy of this.#decoys.beside(hash)) await this.#verify(decoy, password);
        return 'wrong';
      }
    } finally {
      this.#count(client, -1);
    }
    if (this.#rememberMs > 0) this.#remember(digest, nowMs + this.#rememberMs);
    return 'right';
  }

  #verify(hash: string, password: string): Promise<boolean> {
    return this.#verifiers.get(kindOf(hash)!)!(hash, password);
  }

  #count(client: string, change: 1 | -1): void {
    const waiting = (this.#waiting.get(client) ?? 0) + change;
    this.#allWaiting += change;
    if (waiting === 0) this.#waiting.delete(client);
    else this.#waiting.set(client, waiting);
  }

  /** Under a key that dies with the process. */
  #digest(name: string, password: string, hash: string | undefined): string {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify([name, password, hash]))
      .digest('base64');
  }

  #remember(digest: string, untilMs: number): void {
    this.#remembered.delete(digest);
    this.#remembered.set(digest, untilMs);
    if (this.#remembered.size > REMEMBERED_MAX) this.#remembered.delete(this.#remembered.keys().next().value!);
  }
}

type Verify = (hash: string, password: string) => Promise<boolean>;

/** Each is a binary for some machines (docs/decisions/0027-passwords.md), so it is loaded where there are hashes of its kind. */
const LIBRARIES: Readonly<Record<HashKind, () => Promise<Verify>>> = {
  argon2: async () => (await import('@node-rs/argon2')).verify,
  bcrypt: async () => {
    const { verify } = await import('@node-rs/bcrypt');
    return (hash, password) => verify(password, hash);
  },
};

async function verifierOf(kind: HashKind): Promise<Verify> {
  try {
    return await LIBRARIES[kind]();
  } catch (cause) {
    throw new Fault('HASHES_UNSUPPORTED', { kind, platform: `${process.platform} on ${process.arch}` }, { cause });
  }
}
