// own-file.ts: a file that this process has made: known by what it is, not by its name, under which another one may stand by now.

import { lstatSync, unlinkSync, type Stats } from 'node:fs';

/** What stands under that name; a link is a link. */
export function fileAt(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

export function isSameFile(one: Stats | undefined, other: Stats): boolean {
  return one?.ino === other.ino && one.dev === other.dev;
}

/**
 * Does nothing where another one stands there. One that cannot be removed, since this is another user now in a folder of root, is stale,
 * and replaced by the next server; that it will be so was said at the start.
 */
export function removeIfOurs(path: string, ours: Stats): void {
  try {
    if (isSameFile(fileAt(path), ours)) unlinkSync(path);
  } catch {
    // As said above.
  }
}
