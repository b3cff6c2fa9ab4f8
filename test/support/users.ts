// users.ts: users of this machine, for tests that become another one. `.ci/run` is run by root; elsewhere they say that they were not.

import { execFileSync, spawnSync } from 'node:child_process';
import { inRepository } from './repository.ts';

/** For the `skip` of a test. */
export function unlessRoot(): false | string {
  return process.getuid?.() === 0 ? false : 'only root can become another user';
}

/** For the `skip` of a test that runs our packages as another user, who must be able to read them. */
export function unlessReadable(user: string): false | string {
  if (unlessRoot() !== false) return unlessRoot();
  const { status } = spawnSync(process.execPath, ['-e', `fs.accessSync(${JSON.stringify(inRepository('package.json'))})`], {
    uid: idOf(user),
    stdio: 'ignore',
  });
  return status === 0 ? false : `${user} may not read this repository`;
}

export function idOf(user: string): number {
  return Number(execFileSync('id', ['-u', user], { encoding: 'utf8' }));
}

export function groupOf(user: string): number {
  return Number(execFileSync('id', ['-g', user], { encoding: 'utf8' }));
}
