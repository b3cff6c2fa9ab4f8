// typescript/project.ts: what there is to know about the TypeScript of an app: what a file is compiled to, which file an import means.
//
// Law: nothing of the app runs here. What was read of tsconfig.json and package.json files is kept as long as the object lives.

import { readFileSync, realpathSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault, tellRead } from '@appserve/core';
import { isFile } from '../files.ts';
import { Cache } from './cache.ts';
import { compile, COMPILER_VERSION, type Compiled } from './compiler.ts';
import { candidatesOf, isDeclaration, isTypeScript } from './extension.ts';
import { PackageTypes, type ModuleType } from './package-type.ts';
import { swcOptions } from './swc-options.ts';
import { Tsconfigs } from './tsconfig.ts';

export interface Module extends Compiled {
  readonly type: ModuleType;
}

export class Project {
  readonly cache = new Cache(COMPILER_VERSION);
  readonly #tsconfigs = new Tsconfigs(this.cache);
  readonly #types = new PackageTypes();

  /** What a file is compiled to. Faults: TYPESCRIPT_*, TSCONFIG_INVALID, MODULE_UNREADABLE. */
  module(path: string): Module {
    // A line for a line: V8 knows `#!` in the first place only, and something may be put before it.
    const source = textOf(path).replace(/^\uFEFF?(?:#!)?/, (lead) => (lead.endsWith('#!') ? '//' : ''));
    const type = this.#types.of(path);
    const options = swcOptions(path, type, this.#tsconfigs.above(path).options);
    const key = `${JSON.stringify(options)}\n${source}`;
    const cached = this.cache.read(key);
    if (cached !== undefined) return { type, ...parseEntry(cached) };
    const compiled = compile(path, source, options);
    this.cache.write(key, `${JSON.stringify(compiled.specifiers)}\n${compiled.code}`);
    return { type, ...compiled };
  }

  /** The file that a TypeScript file means by a path or by `paths` of its tsconfig; nothing where Node knows better. */
  resolve(specifier: string, parent: string): string | undefined {
    const path = pathOf(specifier, parent);
    if (path !== undefined) return existing(path);
    if (isBuiltin(specifier)) return undefined;
    for (const mapped of this.#tsconfigs.above(parent).mapped(specifier)) {
      const found = existing(mapped);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function textOf(path: string): string {
  tellRead(path);
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new Fault('MODULE_UNREADABLE', { path, why: code === 'EACCES' ? 'permission denied' : message }, { cause });
  }
}

function parseEntry(entry: string): Compiled {
  const end = entry.indexOf('\n');
  return { specifiers: JSON.parse(entry.slice(0, end)) as string[], code: entry.slice(end + 1) };
}

/** The TypeScript file that is meant where Node has found nothing: asked for by JavaScript, or by `imports` of a package.json. */
export function insteadOf(specifier: string, parent: string, error: unknown): string | undefined {
  const { url } = error as { readonly url?: unknown };
  const path = typeof url === 'string' && url.startsWith('file:') ? fileURLToPath(url) : pathOf(specifier, parent);
  const found = path === undefined ? undefined : existing(path);
  return found !== undefined && isTypeScript(found) ? found : undefined;
}

/** Of a specifier that is a path. */
function pathOf(specifier: string, parent: string): string | undefined {
  const plain = specifier.replace(/(?<=.)[?#].*$/s, '');
  if (plain.startsWith('file:')) return fileURLToPath(plain);
  return /^\.{0,2}\/|^\.{1,2}$/.test(plain) ? resolvePath(dirname(parent), plain) : undefined;
}

/** As Node names it: a link leads to the same module. */
function existing(path: string): string | undefined {
  const found = candidatesOf(path).find((candidate) => !isDeclaration(candidate) && isFile(candidate));
  return found === undefined ? undefined : realpathSync.native(found);
}
