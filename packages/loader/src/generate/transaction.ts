// generate/transaction.ts: all files of a build are replaced, or none is: what stood there is kept aside until the last one is in
// its place, and a journal says how to put it back.
//
// Law: each step can be the last one that this process makes. A file is always whole, the old one or the new one; while the journal
// is there, the build has not happened, and whoever builds next puts back what stood there. It counts from the moment when the
// journal is removed.

import {
  chmodSync,
  closeSync,
  copyFileSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Fault } from '@appserve/core';
import { isFile, isFolder } from '../files.ts';
import type { Change, Changes } from './changes.ts';

const WORK = '.appserve-build';
const JOURNAL = 'journal.json';
const PID = 'pid';

/** How to put everything back. Plain data, as JSON. */
interface Journal {
  readonly files: readonly { readonly path: string; readonly kept?: string; readonly modifiedMs?: number }[];
  readonly newFolders: readonly string[];
  readonly oldFolders: readonly string[];
}

/** Another file, written beside the rest: the state. */
export interface Remembered {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** One build at a time; and what a build before this one has left undone is undone. Faults: BUILD_RUNNING, WRITE_FAILED. */
export class Workplace implements Disposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static enter(directory: string): Workplace {
    const folder = join(directory, WORK);
    try {
      mkdirSync(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw writeFault(folder, error);
      const owner = ownerOf(folder);
      if (owner !== undefined) throw new Fault('BUILD_RUNNING', { pid: owner, path: folder });
    }
    const workplace = new Workplace(folder);
    at(join(folder, PID), () => writeFileSync(join(folder, PID), `${process.pid}\n`));
    workplace.#recover();
    return workplace;
  }

  /** All or nothing. Faults: WRITE_FAILED; then everything is as it was. */
  commit(changes: Changes, remembered: Remembered): void {
    const all: readonly Change[] = [...changes.files, stateChange(remembered)];
    const journal = this.#journal(all, changes);
    try {
      for (const path of changes.newFolders) at(path, () => mkdirSync(path));
      for (const change of all) at(change.path, () => apply(change));
      for (const path of changes.oldFolders) at(path, () => removeIfEmpty(path));
    } catch (error) {
      undo(journal, this.#folder);
      throw error;
    }
    // From here on it has happened.
    unlinkSync(join(this.#folder, JOURNAL));
  }

  /** What stands there is kept before anything is said or done. */
  #journal(all: readonly Change[], { newFolders, oldFolders }: Changes): Journal {
    const files = all.map((change, index) => {
      const { path } = change;
      if (!isFile(path)) return { path };
      const kept = `old-${index}`;
      at(path, () => copyFileSync(path, join(this.#folder, kept)));
      const { mode, mtimeMs } = statSync(path);
      chmodSync(join(this.#folder, kept), mode & 0o7777);
      return { path, kept, modifiedMs: mtimeMs };
    });
    const journal = { files, newFolders, oldFolders };
    const path = join(this.#folder, JOURNAL);
    at(path, () => {
      const descriptor = openSync(`${path}.new`, 'w');
      writeFileSync(descriptor, JSON.stringify(journal));
      fsyncSync(descriptor);
      closeSync(descriptor);
      renameSync(`${path}.new`, path);
    });
    return journal;
  }

  #recover(): void {
    const path = join(this.#folder, JOURNAL);
    if (!isFile(path)) return;
    undo(JSON.parse(readFileSync(path, 'utf8')) as Journal, this.#folder);
  }

  [Symbol.dispose](): void {
    // A journal that is still there could not be undone: it is left for the next one.
    if (!isFile(join(this.#folder, JOURNAL))) rmSync(this.#folder, { recursive: true, force: true });
  }
}

function stateChange({ path, text, mode }: Remembered): Change {
  return { type: 'replace', path, text, mode, before: '', modeBefore: undefined, isSecret: false };
}

/** The process that builds; nothing where it is gone. */
function ownerOf(folder: string): number | undefined {
  const path = join(folder, PID);
  const pid = isFile(path) ? Number(readFileSync(path, 'utf8')) : 0;
  if (!(pid > 0) || pid === process.pid) return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? pid : undefined;
  }
}

/** Beside its place until it is whole. */
function stagedPathOf(path: string): string {
  return `${path}.appserve-new`;
}

function apply(change: Change): void {
  if (change.type === 'remove') return removeFile(change.path);
  const staged = stagedPathOf(change.path);
  // Never readable to more people than the file will be.
  const write = (): void => writeFileSync(staged, change.text, { mode: change.mode & 0o600, flag: 'wx' });
  try {
    write();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    removeFile(staged);
    write();
  }
  chmodSync(staged, change.mode);
  renameSync(staged, change.path);
}

/** Also half of it, and again. */
function undo({ files, newFolders, oldFolders }: Journal, folder: string): void {
  for (const path of oldFolders.toReversed()) mkdirSync(path, { recursive: true });
  for (const { path, kept, modifiedMs } of files.toReversed()) {
    const staged = stagedPathOf(path);
    removeFile(staged);
    if (kept === undefined) {
      removeFile(path);
    } else if (!isFile(path) || statSync(path).mtimeMs !== modifiedMs) {
      copyFileSync(join(folder, kept), staged);
      chmodSync(staged, statSync(join(folder, kept)).mode & 0o7777);
      utimesSync(staged, modifiedMs! / 1_000, modifiedMs! / 1_000);
      renameSync(staged, path);
    }
  }
  for (const path of newFolders.toReversed()) removeIfEmpty(path);
  rmSync(join(folder, JOURNAL), { force: true });
}

/** A folder of that name is somebody else's: nothing of ours is in it. */
const NOT_THERE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

function removeFile(path: string): void {
  if (isFolder(path)) return;
  try {
    unlinkSync(path);
  } catch (error) {
    if (!NOT_THERE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

const NOT_EMPTY: ReadonlySet<string> = new Set(['ENOTEMPTY', 'EEXIST', 'ENOENT']);

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (!NOT_EMPTY.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

function at(path: string, step: () => void): void {
  try {
    step();
  } catch (error) {
    throw writeFault(path, error);
  }
}

function writeFault(path: string, error: unknown): Fault {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new Fault('WRITE_FAILED', { path, why: REASONS[code] ?? message }, { cause: error });
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left',
  ENOTDIR: 'a part of the path is no folder',
  ENOENT: 'there is no such folder',
};
