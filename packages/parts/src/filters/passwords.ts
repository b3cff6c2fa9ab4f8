// filters/passwords.ts: whether a password is right.
//
// Law: it takes as long for a name that is not there as for one that is, whichever kind of hash that has. A hash is made off this
// thread, and few at a time: a flood of wrong passwords costs whoever sends it, not the rest. What is remembered is not the password.

import { createHmac, randomBytes } from 'node:crypto';
import { verify as verifyArgon2 } from '@node-rs/argon2';
import { verify as verifyBcrypt } from '@node-rs/bcrypt';
import { Decoys } from './decoys.ts';
import { kindOf } from './htpasswd.ts';

/** `busy`: so many wait that nobody is asked any more. */
export type Verdict = 'right' | 'wrong' | 'busy';

const REMEMBERED_MAX = 1_000;
/** Of them libuv's pool makes four at a time. */
const WAITING_MAX = 64;

export class Passwords {
  readonly #users: ReadonlyMap<string, string>;
  readonly #rememberMs: number;
  readonly #decoys: Decoys;
  readonly #key = randomBytes(32);
  readonly #remembered = new Map<string, number>();
  #waiting = 0;

  constructor(users: ReadonlyMap<string, string>, rememberMs: number) {
    this.#users = users;
    this.#rememberMs = rememberMs;
    this.#decoys = new Decoys(users.values());
  }

  async check(name: string, password: string, nowMs: number): Promise<Verdict> {
    const hash = this.#users.get(name);
    const digest = this.#digest(name, password, hash);
    if ((this.#remembered.get(digest) ?? Number.NEGATIVE_INFINITY) > nowMs) return 'right';
    if (this.#waiting >= WAITING_MAX) return 'busy';
    this.#waiting += 1;
    try {
      const isRight = hash !== undefined && (await verify(hash, password));
      if (!isRight) {
        for (const decoy of this.#decoys.beside(hash)) await verify(decoy, password);
        return 'wrong';
      }
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

function verify(hash: string, password: string): Promise<boolean> {
  return kindOf(hash) === 'argon2' ? verifyArgon2(hash, password) : verifyBcrypt(password, hash);
}
