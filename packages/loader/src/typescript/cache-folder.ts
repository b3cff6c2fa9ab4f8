// typescript/cache-folder.ts: the folder of this user for compiled modules: where it is, whether it can be trusted, how it stays small.
//
// Law: what is in it is run as the app. So a folder that somebody else owns or can write to is not used.

import { readdirSync, rmSync, statSync, type Stats } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolders } from '../make-folders.ts';

/** Beyond it the older half goes; a file that is missed is compiled again. */
const ENTRIES_MAX = 10_000;
/** Folders of other versions in which nothing was written for so long belong to nobody any more. */
const ABANDONED_MS = 30 * 24 * 3_600_000;

/** `$APPSERVE_CACHE`, `$XDG_CACHE_HOME/appserve` or `~/.cache/appserve`, by version; nothing where none can be used. */
export function cacheFolder(version: string): string | undefined {
  try {
    const folder = join(baseFolder(), 'typescript', version);
    makeFolders(folder, 0o700);
    return isOnlyOurs(statSync(folder)) ? folder : undefined;
  } catch {
    // Read-only, no home, a file in its place: it goes without.
    return undefined;
  }
}

function baseFolder(): string {
  const { APPSERVE_CACHE: own, XDG_CACHE_HOME: caches } = process.env;
  if (own !== undefined && own !== '') return own;
  // "All paths set in these environment variables must be absolute" (XDG Base Directory Specification).
  return join(caches?.startsWith('/') === true ? caches : join(homedir(), '.cache'), 'appserve');
}

/** Neither of another user nor writable by one. Windows keeps others out of a home, and has no such owners. */
export function isOnlyOurs({ uid, mode }: Stats): boolean {
  return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
}

/** Keeps the cache bounded. Called by who has just written to it. */
export function prune(folder: string): void {
  try {
    const names = readdirSync(folder);
    if (names.length > ENTRIES_MAX) removeOlderHalf(folder, names);
    const all = dirname(folder);
    for (const version of readdirSync(all)) {
      const other = join(all, version);
      if (other !== folder && Date.now() - statSync(other).mtimeMs > ABANDONED_MS)
        rmSync(other, { recursive: true, force: true });
    }
  } catch {
    // Another process prunes as well, or it is not ours to write: nothing is lost.
  }
}

function removeOlderHalf(folder: string, names: readonly string[]): void {
  const files = names.map((name) => join(folder, name));
  const aged = files.map((file) => ({ file, mtimeMs: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 }));
  aged.sort((one, other) => one.mtimeMs - other.mtimeMs);
  for (const { file } of aged.slice(0, aged.length >> 1)) rmSync(file, { force: true });
}
