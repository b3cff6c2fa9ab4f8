// process/identity.ts: which user and group a process should be, and the calls that get it there: a machine, which calls nothing.
// become.ts does.
//
// Law: groups first, the user last, since with the user the right to change any of them is gone.

import { Fault } from '@appserve/core';
import type { User } from './accounts.ts';

export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

export type Step =
  /** The groups that an account is a member of, and `gid`. */
  | { readonly do: 'initgroups'; readonly user: string; readonly gid: number }
  | { readonly do: 'setgroups'; readonly gids: readonly number[] }
  | { readonly do: 'setgid'; readonly gid: number }
  | { readonly do: 'setuid'; readonly uid: number };

export interface Change {
  readonly to: Identity;
  readonly steps: readonly Step[];
}

const ROOT = 0;

/** `user` and `gid`: what the options say. No steps: it is that already. Faults: PRIVILEGES_REFUSED. */
export function changeIdentity(from: Identity, user: User | undefined, gid: number | undefined): Change {
  const to = { uid: user?.uid ?? from.uid, gid: wantedGroup(from, user, gid) };
  if (from.uid !== ROOT) {
    if (to.uid === from.uid && to.gid === from.gid) return { to, steps: [] };
    throw new Fault('PRIVILEGES_REFUSED', {
      what: `cannot become user ${to.uid} and group ${to.gid}`,
      why: `only root can, and this process is run by user ${from.uid} and group ${from.gid}`,
      hint: 'start the server as root, or leave user and group to whoever starts it (User= and Group= of a systemd unit)',
    });
  }
  if (user === undefined && gid === undefined) return { to, steps: [] };
  const groups: Step =
    user?.name === undefined ? { do: 'setgroups', gids: [to.gid] } : { do: 'initgroups', user: user.name, gid: to.gid };
  const steps: Step[] = [groups, { do: 'setgid', gid: to.gid }];
  return { to, steps: user === undefined ? steps : [...steps, { do: 'setuid', uid: to.uid }] };
}

function wantedGroup(from: Identity, user: User | undefined, gid: number | undefined): number {
  const group = gid ?? (user === undefined ? from.gid : user.gid);
  if (group !== undefined) return group;
  throw new Fault('PRIVILEGES_REFUSED', {
    what: `cannot become user ${user!.uid}`,
    why: 'the number has no account, so nobody knows its group',
    hint: 'say group = too',
  });
}
