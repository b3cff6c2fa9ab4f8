// generate/disk.ts: single steps on the disk, whose errors say which path they are about.

import { rmdirSync, unlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Fault } from '@appserve/core';
import { isFolder } from '../files.ts';

/** Faults: WRITE_FAILED instead of any error of the system. */
export function at<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw writeFault(path, error);
  }
}

function writeFault(path: string, error: unknown): Fault {
  return error instanceof Fault ? error : new Fault('WRITE_FAILED', { path, why: reasonOf(error) }, { cause: error });
}

export function codeOf(error: unknown): string {
  return String(Object(error).code ?? '');
}

/** In words, where it is one of those that happen. */
export function reasonOf(error: unknown): string {
  return REASONS[codeOf(error)] ?? (error as Error).message;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left',
  ENOTDIR: 'a part of the path is no folder',
  EISDIR: 'it is a folder',
  ENOENT: 'there is no such folder',
  EEXIST: 'something else of that name stands there',
  ELOOP: 'its links lead in a circle',
};

/** What has become of names and texts is on the disk when this is over. All at once: the disk waits for all of them together. */
export async function synced(paths: readonly string[]): Promise<void> {
  const faults = await Promise.all(
    paths.map(async (path) => syncedOne(path).then(undefined, (error: unknown) => writeFault(path, error))),
  );
  const fault = faults.find((one) => one !== undefined);
  if (fault !== undefined) throw fault;
}

async function syncedOne(path: string): Promise<void> {
  await using file = await open(path, 'r');
  await file.sync();
}

/** A folder of that name is somebody else's: nothing of ours is in it. */
const NOT_THERE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

export function removeFile(path: string): void {
  if (isFolder(path)) return;
  try {
    unlinkSync(path);
  } catch (error) {
    if (!NOT_THERE.has(codeOf(error))) throw error;
  }
}

/** What is no folder, such as a link that leads nowhere, is none of ours. */
const NOT_OURS: ReadonlySet<string> = new Set(['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR']);

export function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (!NOT_OURS.has(codeOf(error))) throw error;
  }
}
