// own-file.ts: a file that this process has made: known by what it is, not by its name, under which another one may stand by now.

import { linkSync, lstatSync, renameSync, unlinkSync, type Stats } from 'node:fs';

/** Nobody else's for as long as the file is, or a socket is that was bound to it; then the system gives it again. */
export type FileIdentity = Pick<Stats, 'dev' | 'ino'>;

/** One that another process may go on with. */
export interface OwnFile extends FileIdentity {
  readonly path: string;
}

/** What stands under that name; a link is a link. */
export function fileAt(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

export function identityOf({ dev, ino }: FileIdentity): FileIdentity {
  return { dev, ino };
}

export function isSameFile(one: FileIdentity | undefined, other: FileIdentity): boolean {
  return one?.ino === other.ino && one.dev === other.dev;
}

/**
 * Takes a file away that somebody has left, unless another one stands there by now. Between a look and unlink(2) another process could do the
 * same and put its own there: so it is looked at under a name that only this process knows, and put back where it is not the one. `aside`:
 * that name. Throws errors of the system.
 */
export function removeStale(path: string, stale: FileIdentity, aside: string): void {
  if (!isSameFile(fileAt(path), stale)) return;
  try {
    renameSync(path, aside);
    try {
      if (!isSameFile(fileAt(aside), stale)) linkSync(aside, path);
    } finally {
      unlinkSync(aside);
    }
  } catch (error) {
    // Somebody else has been faster: with taking it away, or with a third one.
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ENOENT', 'EEXIST'].includes(code)) throw error;
  }
}

/**
 * Does nothing where another one stands there. One that cannot be removed, since this is another user now in a folder of root, is stale,
 * and replaced by the next server; that it will be so was said at the start. `holds`: also where its contents say so.
 */
export function removeIfOurs(path: string, ours: FileIdentity, holds = (): boolean => true): void {
  try {
    if (isSameFile(fileAt(path), ours) && holds()) unlinkSync(path);
  } catch {
    // As said above.
  }
}
