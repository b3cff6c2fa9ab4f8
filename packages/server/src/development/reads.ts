// development/reads.ts: which files were read, and what they were at that moment.
//
// Law: what a file was is asked before it is read. If it is another one by the time somebody watches it, that is a change, and none is lost.

import { realpathSync, statSync } from 'node:fs';

/** `stamp`: what tells two states of a file apart without reading it; empty where there was no file. */
export interface Read {
  readonly path: string;
  readonly stamp: string;
}

export function stampOf(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return '';
  }
}

const INSTALLED = /[\\/]node_modules[\\/]/;

/** What was installed does not change while one works; a workspace is linked there, and lives elsewhere. */
export function isInstalled(path: string): boolean {
  return INSTALLED.test(path);
}

/** Where a link leads to is read as well. */
export function readsOf(path: string): Read[] {
  if (isInstalled(path)) return [];
  const real = realPathOf(path);
  return (real === path ? [path] : [path, real]).map((one) => ({ path: one, stamp: stampOf(one) }));
}

function realPathOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
