// development/patterns.ts: what is watched by name: globs, and what is ignored whatever reads it. The one room that knows picomatch.

import { readdirSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { WatchPattern } from '@appserve/core/app';
import picomatch from 'picomatch';

type Test = (path: string) => boolean;

interface Included {
  readonly test: Test;
  readonly base: string;
  readonly isGlob: boolean;
}

/** `isAnywhere`: one without a slash is a name, wherever it stands: `*.log`. */
function testOf({ glob, folder, isFnmatch = false }: WatchPattern, isAnywhere: boolean): Test {
  const anywhere = isAnywhere && !glob.includes('/') ? `**/${glob}` : undefined;
  const isWhole = isAbsolute(glob) || (isAnywhere && glob.startsWith(isFnmatch ? '*' : '**/'));
  const whole = anywhere ?? (isWhole ? glob : resolvedGlob(folder, glob));
  const test = picomatch([whole, `${whole}/**`], { dot: true, bash: isFnmatch });
  return (path) => test(path);
}

/** `..` of a glob is a folder above; picomatch takes it for a name. */
function resolvedGlob(folder: string, glob: string): string {
  const { base, glob: rest } = picomatch.scan(glob);
  const path = escaped(resolve(folder, base));
  return rest === '' ? path : `${path}/${rest}`;
}

/** The folder in which one works may have brackets in its name. */
function escaped(path: string): string {
  return path.replaceAll(/[\\()[\]{}!*?+@|$^]/g, String.raw`\$&`);
}

/** What nobody means: it is large, or changes of itself. */
const NEVER = new Set(['node_modules', '.git', '.hg', '.svn']);

export class Patterns {
  readonly #included: readonly Included[];
  readonly #ignored: readonly Test[];

  constructor(include: readonly WatchPattern[], ignore: readonly WatchPattern[]) {
    this.#included = include.map((pattern) => ({ test: testOf(pattern, false), ...baseOf(pattern) }));
    this.#ignored = ignore.map((pattern) => testOf(pattern, true));
  }

  ignores(path: string): boolean {
    return this.#ignored.some((test) => test(path));
  }

  matches(path: string): boolean {
    return this.#included.some(({ test }) => test(path)) && !this.ignores(path);
  }

  /** Files that match now, and the folders in which others could come. */
  find(): { readonly files: ReadonlySet<string>; readonly folders: ReadonlySet<string> } {
    const files = new Set<string>();
    const folders = new Set<string>();
    for (const { base, isGlob } of this.#included) {
      if (isGlob || isFolder(base)) this.#walk(base, files, folders);
      else {
        // A file that is named: it is found when it comes, too.
        folders.add(dirname(base));
        if (isFile(base) && !this.ignores(base)) files.add(base);
      }
    }
    return { files, folders };
  }

  #walk(path: string, files: Set<string>, folders: Set<string>): void {
    if (this.ignores(path)) return;
    folders.add(path);
    for (const entry of entriesOf(path)) {
      const inner = join(path, entry.name);
      if (entry.isDirectory()) {
        if (!NEVER.has(entry.name)) this.#walk(inner, files, folders);
      } else if (this.matches(inner)) files.add(inner);
    }
  }
}

/** None of what is no folder, or not there. */
function entriesOf(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Where to look. */
function baseOf({ glob, folder }: WatchPattern): Pick<Included, 'base' | 'isGlob'> {
  const { base, isGlob } = picomatch.scan(glob);
  return { base: resolve(folder, base), isGlob };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
