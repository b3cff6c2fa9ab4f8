// make-folders.ts: a folder and those above it.
//
// Law: one after the other. `mkdirSync(path, { recursive: true })` never returns where a file system has the parent and says ENOENT to the
// child, as /proc does (libuv's EEXIST and ENOENT take turns in node::fs::MKDirpSync).

import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Errors: those of mkdir(2). */
export function makeFolders(path: string, mode?: number): void {
  if (isThere(path)) return;
  makeFolders(dirname(path), mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Somebody else has made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !isThere(path)) throw error;
  }
}

/** Below a file nothing can be made: mkdir says so. */
function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}
