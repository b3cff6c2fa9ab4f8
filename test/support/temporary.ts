// temporary.ts: a folder that is gone when its scope ends.

import { mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRepository } from './repository.ts';

export interface TemporaryFolder extends Disposable {
  readonly path: string;
}

/** What was killed may still be at its last write: its folder is not empty then (ENOTEMPTY), and a moment later it is. */
const RETRIES_MAX = 5;

/** Short, since a unix socket's path has 107 bytes at most. */
export function temporaryFolder(): TemporaryFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'as-')));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: RETRIES_MAX }) };
}

/** Lets what is in the folder import our packages, as if they were installed there. */
export function linkPackages({ path }: TemporaryFolder): void {
  symlinkSync(inRepository('node_modules'), join(path, 'node_modules'));
}
