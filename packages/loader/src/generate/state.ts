// generate/state.ts: what a build has made, so that the next one knows what is its own, what was changed since, and what must go.
// Kept in .appserve-installed.json beside the configuration. Paths in it are relative to it: a site may be moved.

import { Fault } from '@appserve/core';
import { isObject } from '../json-object.ts';

export const STATE_FILE = '.appserve-installed.json';

export interface InstalledFile {
  readonly path: string;
  readonly sha256: string;
  /** Its text has a value of the environment in it. */
  readonly isSecret?: boolean;
  /** The permissions that it was given, in octal digits: those of the disk may have been changed by a person. */
  readonly mode?: string;
}

export interface InstalledPart {
  readonly recipe: string;
  readonly files: readonly InstalledFile[];
  /** Those that the build has made, the outermost first. */
  readonly folders: readonly string[];
}

/** By the name of the part. */
export type Installed = ReadonlyMap<string, InstalledPart>;

/** `path` is for messages. Faults: STATE_INVALID. */
export function parseState(text: string, path: string): Installed {
  const refuse = (why: string): never => {
    throw new Fault('STATE_INVALID', { path, why });
  };
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch (error) {
    return refuse((error as Error).message);
  }
  if (!isObject(state) || state['version'] !== 1 || !isObject(state['parts'])) return refuse('it is none of this version');
  const parts = Object.entries(state['parts']);
  const broken = parts.find(([, part]) => !isPart(part));
  if (broken !== undefined) return refuse(`what it says of ${broken[0]} cannot be understood`);
  return new Map(parts as [string, InstalledPart][]);
}

function isInstalledFile(file: unknown): boolean {
  return (
    isObject(file) &&
    typeof file['path'] === 'string' &&
    typeof file['sha256'] === 'string' &&
    ['undefined', 'boolean'].includes(typeof file['isSecret']) &&
    (file['mode'] === undefined || (typeof file['mode'] === 'string' && /^[0-7]{1,4}$/.test(file['mode'])))
  );
}

function isPart(part: unknown): boolean {
  if (!isObject(part) || typeof part['recipe'] !== 'string') return false;
  const { files, folders } = part as Readonly<Record<string, unknown>>;
  return (
    Array.isArray(files) &&
    files.every(isInstalledFile) &&
    Array.isArray(folders) &&
    folders.every((folder) => typeof folder === 'string')
  );
}

export function stateText(installed: Installed): string {
  const parts = Object.fromEntries([...installed].toSorted(([one], [other]) => (one < other ? -1 : 1)));
  return `${JSON.stringify({ version: 1, parts }, undefined, 1)}\n`;
}

/** Sums of secrets are not for everybody: a short one could be found by trying. */
export function stateMode(installed: Installed): number {
  return [...installed.values()].some(({ files }) => files.some(({ isSecret }) => isSecret === true)) ? 0o600 : 0o644;
}
