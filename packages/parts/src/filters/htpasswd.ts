// filters/htpasswd.ts: a file of names and hashes, as `htpasswd -B` writes it.

import { Fault, type Place } from '@appserve/core';

/** By name. `# ` begins a comment. Faults: HTPASSWD_INVALID, which says the line. */
export function readHtpasswd(text: string, file: string): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, name, hash] = /^([^:]+):(\S+)\s*$/.exec(line) ?? [];
    const at: Place = { file, line: index + 1, column: 1 };
    if (name === undefined) throw new Fault('HTPASSWD_INVALID', { why: 'it is no name:hash' }, { at });
    if (kindOf(hash!) === undefined) {
      const why = `the password of ${JSON.stringify(name)} is neither a bcrypt nor an argon2 hash`;
      throw new Fault('HTPASSWD_INVALID', { why }, { at });
    }
    if (users.has(name)) throw new Fault('HTPASSWD_INVALID', { why: `${JSON.stringify(name)} is there twice` }, { at });
    users.set(name, hash!);
  }
  return users;
}

const BCRYPT = /^\$2[aby]\$(?:0[4-9]|1[0-9]|2[0-4])\$[./A-Za-z0-9]{53}$/;
const ARGON2 = /^\$argon2(?:id|i|d)\$(?:v=[0-9]+\$)?m=[0-9]{1,7},t=[0-9]{1,3},p=[0-9]{1,2}\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/;

export type HashKind = 'bcrypt' | 'argon2';

export function kindOf(hash: string): HashKind | undefined {
  if (BCRYPT.test(hash)) return 'bcrypt';
  return ARGON2.test(hash) ? 'argon2' : undefined;
}
