// process/accounts.ts: users and groups by name or number, as the machine knows them: /etc/passwd, /etc/group and whatever
// nsswitch.conf(5) adds to them.

import { Fault } from '@appserve/core';
import { groupEntry, userEntry } from '../libc.ts';

export interface User {
  /** Nothing for a number without an account. */
  readonly name: string | undefined;
  readonly uid: number;
  /** The group of the account. */
  readonly gid: number | undefined;
}

/** The largest id is -1 in C, which means "leave it as it is". */
const ID_MAX = 2 ** 32 - 2;

/** `key`: the option that asks. Faults: ACCOUNT_UNKNOWN. */
export function userOf(key: string, text: string): User {
  const number = idOf(text);
  const found = userEntry(number ?? text);
  if (found !== undefined) return { name: found.name, uid: found.uid, gid: found.gid };
  if (number === undefined) throw new Fault('ACCOUNT_UNKNOWN', { key, value: text, kind: 'user' });
  return { name: undefined, uid: number, gid: undefined };
}

/** The number of a group. Faults: ACCOUNT_UNKNOWN. */
export function groupOf(key: string, text: string): number {
  const gid = idOf(text) ?? groupEntry(text)?.gid;
  if (gid === undefined) throw new Fault('ACCOUNT_UNKNOWN', { key, value: text, kind: 'group' });
  return gid;
}

/** Names do not begin with a digit, so what has digits only is a number. */
function idOf(text: string): number | undefined {
  return /^[0-9]{1,10}$/.test(text) && Number(text) <= ID_MAX ? Number(text) : undefined;
}
