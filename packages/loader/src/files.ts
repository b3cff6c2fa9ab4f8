// files.ts: what stands on the disk, asked without an exception for what does not.

import { readdirSync, statSync, type Stats } from 'node:fs';

export function isFile(path: string): boolean {
  return found(path)?.isFile() ?? false;
}

export function isFolder(path: string): boolean {
  return found(path)?.isDirectory() ?? false;
}

/** Below a file there is nothing either. */
function found(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** The names in a folder; none of one that is not there or cannot be read. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
