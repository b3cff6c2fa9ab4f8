// filters/passwords.ts: whether a password is right.
//
// Law: it takes as long for a name that is not there as for one that is. A hash is made off this thread, and few at a time: a flood of
// wrong passwords costs whoever sends it, not the rest. What is remembered is not the password.

import { createHmac, randomBytes } from 'node:crypto';
import { Fault } from '@appserve/core';
import { kindOf, type HashKind } from './htpasswd.ts';

/** `busy`: so many wait that nobody is asked any more. */
export type Verdict = 'right' | 'wrong' | 'busy';

const REMEMBERED_MAX = 1_000;
/** Of them libuv's pool makes four at a time. */
const WAITING_MAX = 64;

export class Passwords {
  readonly #users: ReadonlyMap<string, string>;
  readonly #rememberMs: number;
  /** For whoever is not there: the hash of nobody, of the kind that the others have. */
  readonly #nobody: string | undefined;
  readonly #key = randomBytes(32);
  readonly #remembered = new Map<string, number>();
  readonly #verifiers: ReadonlyMap<HashKind, Verify>;
  #waiting = 0;

  private constructor(users: ReadonlyMap<string, string>, rememberMs: number, verifiers: ReadonlyMap<HashKind, Verify>) {
    this.#users = users;
    this.#rememberMs = rememberMs;
    this.#verifiers = verifiers;
    this.#nobody = users.values().next().value;
  }

  /** `users`: hashes by name. Faults: HASHES_UNSUPPORTED. */
  static async of(users: ReadonlyMap<string, string>, rememberMs: number): Promise<Passwords> {
    const verifiers = new Map<HashKind, Verify>();
    for (const kind of new Set(Array.from(users.values(), (hash) => kindOf(hash)!))) verifiers.set(kind, await verifierOf(kind));
    return new Passwords(users, rememberMs, verifiers);
  }

  async check(name: string, password: string, nowMs: number): Promise<Verdict> {
    const hash = this.#users.get(name);
    const digest = this.#digest(name, password, hash);
    if ((this.#remembered.get(digest) ?? Number.NEGATIVE_INFINITY) > nowMs) return 'right';
    const against = hash ?? this.#nobody;
    if (against === undefined) return 'wrong';
    if (this.#waiting >= WAITING_MAX) return 'busy';
    this.#waiting += 1;
    try {
      const isRight = await this.#verifiers.get(kindOf(against)!)!(against, password);
      if (!isRight || hash === undefined) return 'wrong';
    } finally {
      this.#waiting -= 1;
    }
    if (this.#rememberMs > 0) this.#remember(digest, nowMs + this.#rememberMs);
    return 'right';
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
