// generate/journal.ts: how to put everything back, and putting it back.
//
// Law: only what the build has written is put back: a file that a person has changed since is left as it is, and told.

import { chmodSync, copyFileSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, Faults } from '@appserve/core';
import { isFile, isFolder } from '../files.ts';
import { makeFolders } from '../make-folders.ts';
import { isObject } from '../json-object.ts';
import { codeOf, reasonOf, removeFile, removeIfEmpty } from './disk.ts';
import { sha256 } from './origin.ts';

export const JOURNAL = 'journal.json';

/** Plain data, as JSON. */
export interface Journal {
  readonly files: readonly JournalFile[];
  readonly newFolders: readonly string[];
  readonly oldFolders: readonly string[];
}

export interface JournalFile {
  readonly path: string;
  /** The sum of what is written there; nothing for a file that goes. */
  readonly written?: string;
  /** The name under which that is kept which stood there, and when it was changed; nothing for a new file. */
  readonly kept?: string;
  readonly modifiedMs?: number;
}

/** Beside its place until it is whole. */
export function stagedPathOf(path: string): string {
  return `${path}.appserve-new`;
}

/** Of a build that was broken off; nothing where there was none. Faults: JOURNAL_INVALID. */
export function journalIn(folder: string): Journal | undefined {
  const path = join(folder, JOURNAL);
  if (!isFile(path)) return undefined;
  try {
    const journal: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (isObject(journal) && ['files', 'newFolders', 'oldFolders'].every((key) => Array.isArray(journal[key])))
      return journal as unknown as Journal;
    throw new Error('it is no journal of a build');
  } catch (error) {
    throw new Fault('JOURNAL_INVALID', { path, why: (error as Error).message, folder }, { cause: error });
  }
}

/**
 * Also half of it, and again. Gives the files that somebody has changed since.
 *
 * Faults: UNDO_FAILED for each path that cannot be put back; all others are, and the journal stays.
 */
export function undo({ files, newFolders, oldFolders }: Journal, folder: string): readonly string[] {
  const faults = new Faults();
  const step = <T>(path: string, act: () => T): T | undefined =>
    faults.catch(() => {
      try {
        return act();
      } catch (error) {
        throw new Fault('UNDO_FAILED', { path, why: reasonOf(error), folder }, { cause: error });
      }
    });
  for (const path of oldFolders.toReversed()) step(path, () => makeFolders(path));
  const changed = files.toReversed().filter((file) => step(file.path, () => putBack(file, folder)) === 'changed');
  for (const path of newFolders.toReversed()) step(path, () => removeIfEmpty(path));
  faults.end();
  rmSync(join(folder, JOURNAL), { force: true });
  return changed.map(({ path }) => path);
}

function putBack({ path, written, kept, modifiedMs }: JournalFile, folder: string): 'done' | 'changed' {
  removeFile(stagedPathOf(path));
  const found = textOf(path);
  const isWritten = found !== undefined && written === sha256(found);
  if (kept === undefined) {
    if (found === undefined) return 'done';
    if (!isWritten) return 'changed';
    removeFile(path);
    return 'done';
  }
  const source = join(folder, kept);
  if (!isFile(source)) throw new Error(`what stood there was kept as ${source}, which is gone`);
  // Where only the permissions were to change, what is written is what stood there.
  const isOld = found === textOf(source) && statSync(path).mtimeMs === modifiedMs;
  const isAsLeft = isWritten || (found === undefined && written === undefined);
  if (isOld) return 'done';
  if (!isAsLeft) return found === textOf(source) ? 'done' : 'changed';
  const staged = stagedPathOf(path);
  copyFileSync(source, staged);
  chmodSync(staged, statSync(source).mode & 0o7777);
  utimesSync(staged, modifiedMs! / 1_000, modifiedMs! / 1_000);
  renameSync(staged, path);
  return 'done';
}

/** As it is compared; nothing where there is none. */
function textOf(path: string): string | undefined {
  if (isFolder(path)) return '';
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
