// process/become.ts: what the whole process is from here on: its umask, its user and groups, its working directory. The ids and
// the umask are those of every thread, and only the main thread may change them.
//
// Law: called when the sockets are open and before any app is loaded.

import { accessSync, constants, lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from '@appserve/core';
import { groupOf, userOf } from './accounts.ts';
import { changeIdentity, type Identity, type Step } from './identity.ts';

export interface BecomeSettings {
  readonly user: string | undefined;
  readonly group: string | undefined;
  readonly umask: number | undefined;
  readonly chdir: string | undefined;
}

let startFolder: string | undefined;

/** Where relative paths of options begin: the working directory before `chdir`. */
export function whereStarted(): string {
  return startFolder ?? process.cwd();
}

/** Faults: ACCOUNT_UNKNOWN, PRIVILEGES_REFUSED, FOLDER_REFUSED. */
export function become({ user, group, umask, chdir }: BecomeSettings): void {
  if (umask !== undefined) process.umask(umask);
  if (user !== undefined || group !== undefined) {
    const gid = group === undefined ? undefined : groupOf('group', group);
    const change = changeIdentity(identity(), user === undefined ? undefined : userOf('user', user), gid);
    for (const step of change.steps) take(step);
    if (change.steps.length > 0) verify(change.to);
  }
  // As that user: a folder that it may not enter is of no use to the app.
  if (chdir !== undefined) {
    startFolder ??= process.cwd();
    enter(chdir);
  }
}

/** Windows has none of these, and no unix sockets' modes either: there nobody can become anybody. */
function identity(): Identity {
  if (process.geteuid === undefined || process.getegid === undefined)
    throw new Fault('PRIVILEGES_REFUSED', { what: 'user and group', why: 'this system has neither', hint: 'leave them out' });
  return { uid: process.geteuid(), gid: process.getegid() };
}

/** Of Node 20 as well, but not of its types. */
const withInitgroups = process as unknown as { initgroups(user: string, gid: number): void };

function take(step: Step): void {
  try {
    switch (step.do) {
      case 'initgroups':
        withInitgroups.initgroups(step.user, step.gid);
        return;
      case 'setgroups':
        process.setgroups!(step.gids);
        return;
      case 'setgid':
        process.setgid!(step.gid);
        return;
      case 'setuid':
        process.setuid!(step.uid);
    }
  } catch (cause) {
    const hint = 'root needs CAP_SETUID and CAP_SETGID for it, which containers may take away';
    throw new Fault('PRIVILEGES_REFUSED', { what: step.do, why: (cause as Error).message, hint }, { cause });
  }
}

/** By asking, not by believing: a process that keeps capabilities over setuid() could still do what root can. */
function verify({ uid, gid }: Identity): void {
  const is = [process.getuid!(), process.geteuid!(), process.getgid!(), process.getegid!()];
  const hint = 'start the server without securebits and ambient capabilities, or leave user and group out';
  const what = `becoming user ${uid} and group ${gid}`;
  if (is.some((id, index) => id !== (index < 2 ? uid : gid)))
    throw new Fault('PRIVILEGES_REFUSED', { what, why: `the process is ${is.join(', ')} instead`, hint });
  if (uid !== 0 && canBeRoot()) throw new Fault('PRIVILEGES_REFUSED', { what, why: 'root could be regained', hint });
}

function canBeRoot(): boolean {
  try {
    process.setuid!(0);
    return true;
  } catch {
    return false;
  }
}

function enter(path: string): void {
  try {
    process.chdir(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new Fault('FOLDER_REFUSED', { path, why: WHY_NOT[code ?? ''] ?? message }, { about: { key: 'chdir' }, cause });
  }
}

const WHY_NOT: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it is no folder',
  EACCES: 'permission denied to the user that the server runs as',
};

/** Whether this process, as it is now, may remove that file: the folder must be its to write; in one like /tmp, the file as well. */
export function mayRemove(file: string): boolean {
  const folder = dirname(file);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    const { mode, uid } = statSync(folder);
    const ours = process.geteuid?.();
    const isSticky = (mode & 0o1000) !== 0;
    return !isSticky || ours === 0 || uid === ours || lstatSync(file).uid === ours;
  } catch {
    return false;
  }
}
