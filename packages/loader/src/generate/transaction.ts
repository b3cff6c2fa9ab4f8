// generate/transaction.ts: all files of a build are replaced, or none is: what stood there is kept aside until the last one is in
// its place, and a journal says how to put it back.
//
// Law: each step can be the last one that this process makes, or this machine: what a step stands on is on the disk before it. A file
// is always whole, the old one or the new one; while the journal is there, the build has not happened, and whoever builds next puts
// back what stood there. It counts from the moment when the journal is removed.

import {
  chmodSync,
  closeSync,
  copyFileSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Fault, Faults } from '@appserve/core';
import { isFile, isFolder } from '../files.ts';
import type { Change, Changes } from './changes.ts';
import { at, codeOf, removeFile, removeIfEmpty, synced } from './disk.ts';
import { JOURNAL, journalIn, stagedPathOf, undo, type Journal, type JournalFile } from './journal.ts';
import { Lock, refuseRunning } from './lock.ts';
import { sha256 } from './origin.ts';

const WORK = '.appserve-build';

/** Another file, written beside the rest: the state. */
export interface Remembered {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** One build at a time; and what a build before this one has left undone is undone. */
export class Workplace implements Disposable {
  readonly #folder: string;
  /** Nothing where the folder cannot be written: then there may be nothing to do. */
  readonly #lock: Lock | Fault;
  /** Files that were changed after a build had been broken off: they are left as they are. */
  readonly changedSince: readonly string[];

  private constructor(folder: string, lock: Lock | Fault) {
    this.#folder = folder;
    this.#lock = lock;
    const journal = journalIn(folder);
    this.changedSince = journal === undefined ? [] : undo(journal, folder);
  }

  /** Faults: BUILD_RUNNING, WRITE_FAILED, JOURNAL_INVALID, UNDO_FAILED. */
  static enter(directory: string): Workplace {
    const folder = join(directory, WORK);
    const lock = lockOf(folder);
    try {
      return new Workplace(folder, lock);
    } catch (error) {
      if (lock instanceof Lock) release(lock, folder);
      throw error;
    }
  }

  /** For whoever only looks: what is there counts. Faults: BUILD_RUNNING, BUILD_BROKEN_OFF, JOURNAL_INVALID. */
  static look(directory: string): void {
    const folder = join(directory, WORK);
    refuseRunning(folder);
    if (journalIn(folder) !== undefined) throw new Fault('BUILD_BROKEN_OFF', { path: folder });
  }

  /** All or nothing. Faults: WRITE_FAILED; then everything is as it was, or UNDO_FAILED says what is not. */
  async commit(changes: Changes, remembered: Remembered): Promise<void> {
    if (this.#lock instanceof Fault) throw this.#lock;
    const all: readonly Change[] = [...changes.files, stateChange(remembered)];
    const journal = await this.#journal(all, changes);
    try {
      for (const path of changes.newFolders) at(path, () => mkdirSync(path));
      const written = all.filter((change) => change.type !== 'remove');
      for (const change of written) at(change.path, () => stage(change));
      await synced(written.map(({ path }) => stagedPathOf(path)));
      for (const change of all) at(change.path, () => apply(change));
      for (const path of changes.oldFolders) at(path, () => removeIfEmpty(path));
      await synced(
        [...new Set([...all, ...changes.newFolders.map((path) => ({ path }))].map(({ path }) => dirname(path)))].filter(isFolder),
      );
    } catch (error) {
      const faults = new Faults();
      faults.add(error);
      faults.catch(() => undo(journal, this.#folder));
      faults.end();
    }
    // From here on it has happened.
    unlinkSync(join(this.#folder, JOURNAL));
  }

  /** What stands there is kept before anything is said or done. */
  async #journal(all: readonly Change[], { newFolders, oldFolders }: Changes): Promise<Journal> {
    const files = all.map((change, index) => this.#keep(change, `old-${index}`));
    await synced(files.flatMap(({ kept }) => (kept === undefined ? [] : [join(this.#folder, kept)])));
    const journal = { files, newFolders, oldFolders };
    const path = join(this.#folder, JOURNAL);
    at(path, () => {
      const descriptor = openSync(`${path}.new`, 'w');
      writeFileSync(descriptor, JSON.stringify(journal));
      fsyncSync(descriptor);
      closeSync(descriptor);
      renameSync(`${path}.new`, path);
    });
    await synced([this.#folder]);
    return journal;
  }

  #keep(change: Change, kept: string): JournalFile {
    const { path } = change;
    const written = change.type === 'remove' ? {} : { written: sha256(change.text) };
    if (!isFile(path)) return { path, ...written };
    return at(path, () => {
      copyFileSync(path, join(this.#folder, kept));
      const { mode, mtimeMs } = statSync(path);
      chmodSync(join(this.#folder, kept), mode & 0o7777);
      return { path, ...written, kept, modifiedMs: mtimeMs };
    });
  }

  [Symbol.dispose](): void {
    if (this.#lock instanceof Lock) release(this.#lock, this.#folder);
  }
}

const READ_ONLY: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);

/** Faults: BUILD_RUNNING, WRITE_FAILED. */
function lockOf(folder: string): Lock | Fault {
  try {
    return Lock.take(folder);
  } catch (error) {
    if (error instanceof Fault && READ_ONLY.has(codeOf(error.cause)) && !isFolder(folder)) return error;
    throw error;
  }
}

/** A journal that is still there could not be undone: it is left for the next one. */
function release(lock: Lock, folder: string): void {
  lock.keepsFolder = isFile(join(folder, JOURNAL));
  lock[Symbol.dispose]();
}

function stateChange({ path, text, mode }: Remembered): Change {
  return { type: 'replace', path, text, mode, before: '', modeBefore: undefined, isSecret: false };
}

type Written = Exclude<Change, { readonly type: 'remove' }>;

function stage(change: Written): void {
  const staged = stagedPathOf(change.path);
  // Never readable to more people than the file will be.
  const write = (): void => writeFileSync(staged, change.text, { mode: change.mode & 0o600, flag: 'wx' });
  try {
    write();
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    removeFile(staged);
    write();
  }
  chmodSync(staged, change.mode);
}

function apply({ type, path }: Change): void {
  if (type === 'remove') removeFile(path);
  else renameSync(stagedPathOf(path), path);
}
