// process/pidfile.ts: a file with the process id of the server, for those who want to signal it.
//
// Law: the file is there as a whole or not at all; one of a process that is alive, or that is no pidfile, is not touched; only a
// file that is still ours is removed.

import { closeSync, fchmodSync, linkSync, lstatSync, openSync, readFileSync, unlinkSync, writeSync, type Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Fault } from '@appserve/core';
import { isAlive } from './alive.ts';
import { fileAt, removeIfOurs, removeStale } from '../own-file.ts';

export interface Pidfile {
  readonly path: string;
  /** Does nothing when another process has the file by now, or when it cannot be removed. */
  remove(): void;
}

/** Everybody may read it; a file that others may write would have root kill what they like. */
const MODE = 0o644;
/** Somebody else may be about to do the same. */
const ATTEMPTS_MAX = 5;

/** `predecessor`: a process that is alive, and whose place this one takes. Faults: PIDFILE_IN_USE, PIDFILE_REFUSED. */
export function writePidfile(written: string, predecessor?: number, pid = process.pid): Pidfile {
  const path = resolve(written);
  try {
    const ours = put(path, pid, predecessor);
    return { path, remove: () => removeIfOurs(path, ours, () => isOf(path, pid)) };
  } catch (error) {
    const context = { about: { key: 'pidfile' }, cause: error };
    if (error instanceof Fault) throw new Fault(error.code, error.details, context);
    throw new Fault('PIDFILE_REFUSED', { path, why: whyOf(error as Error) }, context);
  }
}

/** Where an heir has replaced our file, and its own heir that one, the number of the inode may be ours once more: the system gives it again. */
function isOf(path: string, pid: number): boolean {
  return readFileSync(path, 'latin1') === textOf(pid);
}

function textOf(pid: number): string {
  return `${pid}\n`;
}

/** Without the name that the file has until it is linked into place. */
function whyOf({ message }: Error): string {
  return message.replace(/, \w+ '.*$/s, '');
}

/** Written under a name of its own, then linked into place, which fails where somebody else was faster. */
function put(path: string, pid: number, predecessor: number | undefined): Stats {
  const temporary = nameBeside(path);
  writeNew(temporary, textOf(pid));
  try {
    for (let attempt = 1; ; attempt += 1) {
      makeRoom(path, pid, predecessor);
      if (isLinked(temporary, path)) return lstatSync(path);
      if (attempt === ATTEMPTS_MAX) throw new Fault('PIDFILE_IN_USE', { path, why: 'another server writes it again and again' });
    }
  } finally {
    unlinkSync(temporary);
  }
}

function nameBeside(path: string): string {
  return join(dirname(path), `.${basename(path)}.${crypto.getRandomValues(Buffer.alloc(6)).toString('hex')}`);
}

/** By its descriptor: in a folder of somebody else the name may be a link to any file by now, and this may be root. */
function writeNew(path: string, text: string): void {
  const fd = openSync(path, 'wx');
  try {
    fchmodSync(fd, MODE); // whatever the umask is
    writeSync(fd, text);
  } catch (error) {
    unlinkSync(path);
    throw error;
  } finally {
    closeSync(fd);
  }
}

function isLinked(temporary: string, path: string): boolean {
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function makeRoom(path: string, pid: number, predecessor: number | undefined): void {
  const there = fileAt(path);
  if (there === undefined) return;
  if (!there.isFile()) throw new Fault('PIDFILE_IN_USE', { path, why: 'it is no file' });
  const why = whyPidfileInUse(readFileSync(path, 'latin1'), pid, (other) => other !== predecessor && isAlive(other));
  if (why !== undefined) throw new Fault('PIDFILE_IN_USE', { path, why });
  removeStale(path, there, nameBeside(path));
}

/** Why a file with that text is not to be replaced; nothing when it is stale. `pid`: ours. */
export function whyPidfileInUse(text: string, pid: number, isLiving: (pid: number) => boolean): string | undefined {
  const [, digits] = /^\s*([0-9]{1,10})\s*$/.exec(text) ?? [];
  // Its writer has crashed before it wrote anything.
  if (text.trim() === '') return undefined;
  if (digits === undefined) return 'it holds something that is no process id';
  const other = Number(digits);
  // In a container every life of a server has the same id.
  return other === pid || !isLiving(other) ? undefined : `process ${other} is alive`;
}
