// filters/decoys.ts: which hashes are made beside that of a name, so that each wrong password takes as long as any other: a machine.
//
// Law: for whoever is in the file and for whoever is not, one hash of each kind and cost that the file has is made. A file of one kind,
// which most are, has no others to make.

/** Of hashes that `readHtpasswd` has let pass. */
export class Decoys {
  readonly #byWork = new Map<string, string>();

  constructor(hashes: Iterable<string>) {
    for (const hash of hashes) if (!this.#byWork.has(workOf(hash))) this.#byWork.set(workOf(hash), hash);
  }

  /** `hash`: that of the name; nothing where nobody has it. */
  beside(hash: string | undefined): string[] {
    const own = hash === undefined ? undefined : workOf(hash);
    return [...this.#byWork].filter(([work]) => work !== own).map(([, decoy]) => decoy);
  }
}

/** Hashes for which this is the same take as long: `$2b$10$`, `$argon2id$v=19$m=19456,t=2,p=1$`. */
function workOf(hash: string): string {
  const bcrypt = /^\$2[aby]\$([0-9]{2})\$/.exec(hash)?.[1];
  return bcrypt === undefined ? hash.split('$', hash.includes('$v=') ? 4 : 3).join('$') : `bcrypt ${bcrypt}`;
}
