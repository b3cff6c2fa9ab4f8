// reload/watched.ts: what a configuration wants watched beside what is read and imported: `watch_files` and `ignore_files` of
// [appserve], and of [pserve], whose words mean what they mean to pserve.
//
// Source: pyramid.scripts.pserve: one path, glob or asset (pkg:path) a line, relative to the ini; ignore_files are for fnmatch, which
// sees whole paths, and whose * passes slashes.

import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { WatchPattern, Wishes } from '@appserve/core/app';
import { getSettings, parseUri } from '@appserve/loader';
import type { Subject } from '../subject.ts';

export const NOTHING_WISHED: Wishes = { include: [], ignore: [] };

/** Faults: CONFIG_*, INI_*, INTERPOLATION_*. */
export async function wishesOf({ uri, options }: NonNullable<Subject['config']>): Promise<Wishes> {
  const folder = folderOf(uri);
  if (folder === undefined) return NOTHING_WISHED;
  const [own, pserve] = await Promise.all([getSettings(uri, 'appserve', options), getSettings(uri, 'pserve', options)]);
  const inFolder = (glob: string): WatchPattern => ({ glob: assetPath(glob, folder), folder });
  return {
    include: [own, pserve].flatMap((settings) => linesOf(settings['watch_files'])).map(inFolder),
    ignore: [
      ...linesOf(own['ignore_files']).map(inFolder),
      ...linesOf(pserve['ignore_files']).map((glob) => ({ glob, folder, isFnmatch: true })),
    ],
  };
}

/** Nothing for `egg:shop#main`, which is no file. */
function folderOf(config: string): string | undefined {
  return /^(?:egg|pkg|call):/i.test(config) ? undefined : dirname(resolve(parseUri(config).path));
}

function linesOf(text = ''): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

const ASSET = /^((?:@[^/:]+\/)?[^/:]+):(.+)$/;

/** `shop:templates/*.html`: in the folder of the package, where there is one of that name. */
function assetPath(written: string, folder: string): string {
  const [, name, path] = ASSET.exec(written) ?? [];
  const found = name === undefined ? undefined : packageFolder(name, folder);
  return found === undefined ? written : join(found, path!);
}

/** The package that the folder belongs to, or one that is installed for it. */
function packageFolder(name: string, folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (nameIn(join(at, 'package.json')) === name) return at;
    const installed = join(at, 'node_modules', name);
    if (existsSync(installed)) return realpathSync(installed);
    if (at === dirname(at)) return undefined;
  }
}

function nameIn(manifest: string): unknown {
  try {
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly name?: unknown }).name;
  } catch {
    // None, or none that can be read: then it is not the one that is meant.
    return undefined;
  }
}
