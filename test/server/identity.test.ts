// Who a server should be, and the calls that get it there; what a pidfile says. Nobody becomes anybody here.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changeIdentity, whyPidfileInUse, type Identity, type Step } from '@appserve/server/machines';

type User = Parameters<typeof changeIdentity>[1];

const ROOT = { uid: 0, gid: 0 };
const WWW = { name: 'www-data', uid: 33, gid: 33 };
const NUMBER = { name: undefined, uid: 1_234, gid: undefined };

interface Case {
  readonly what: string;
  readonly from?: Identity;
  readonly user?: User;
  readonly gid?: number;
  readonly steps: readonly Step[];
}

const CASES: readonly Case[] = [
  { what: 'nobody else', steps: [] },
  {
    what: 'a user, with the groups of its account',
    user: WWW,
    steps: [
      { do: 'initgroups', user: 'www-data', gid: 33 },
      { do: 'setgid', gid: 33 },
      { do: 'setuid', uid: 33 },
    ],
  },
  {
    what: 'a user in another group',
    user: WWW,
    gid: 7,
    steps: [
      { do: 'initgroups', user: 'www-data', gid: 7 },
      { do: 'setgid', gid: 7 },
      { do: 'setuid', uid: 33 },
    ],
  },
  {
    what: 'a number without an account: in its group only',
    user: NUMBER,
    gid: 7,
    steps: [
      { do: 'setgroups', gids: [7] },
      { do: 'setgid', gid: 7 },
      { do: 'setuid', uid: 1_234 },
    ],
  },
  {
    what: 'a group alone: the user stays',
    gid: 7,
    steps: [
      { do: 'setgroups', gids: [7] },
      { do: 'setgid', gid: 7 },
    ],
  },
  { what: 'whom it is already', from: { uid: 33, gid: 33 }, user: WWW, steps: [] },
];

describe('a process that becomes', () => {
  for (const { what, from = ROOT, user, gid, steps } of CASES) {
    it(what, () => assert.deepEqual(changeIdentity(from, user, gid).steps, steps));
  }

  it('another user without being root is refused', () => {
    assert.throws(() => changeIdentity({ uid: 1_000, gid: 1_000 }, WWW, undefined), {
      code: 'PRIVILEGES_REFUSED',
      message: 'cannot become user 33 and group 33: only root can, and this process is run by user 1000 and group 1000',
    });
  });

  it('another group without being root is refused', () => {
    assert.throws(() => changeIdentity({ uid: 33, gid: 33 }, undefined, 7), { code: 'PRIVILEGES_REFUSED' });
  });

  it('a number without an account needs a group', () => {
    assert.throws(() => changeIdentity(ROOT, NUMBER, undefined), {
      code: 'PRIVILEGES_REFUSED',
      message: 'cannot become user 1234: the number has no account, so nobody knows its group',
      hint: 'say group = too',
    });
  });
});

const TEXTS: readonly (readonly [text: string, why: string | undefined])[] = [
  ['12\n', 'process 12 is alive'],
  ['12', 'process 12 is alive'],
  ['13\n', undefined],
  ['1\n', undefined],
  ['', undefined],
  ['\n', undefined],
  ['precious', 'it holds something that is no process id'],
  ['12 13', 'it holds something that is no process id'],
  ['-12', 'it holds something that is no process id'],
];

describe('a pidfile', () => {
  for (const [text, why] of TEXTS) {
    it(`with ${JSON.stringify(text)} is ${why === undefined ? 'stale' : `in use: ${why}`}, where 12 is alive and we are 1`, () => {
      const found = whyPidfileInUse(text, 1, (pid) => pid === 12);
      assert.equal(found, why);
    });
  }
});
