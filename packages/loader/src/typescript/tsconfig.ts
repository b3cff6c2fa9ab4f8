// typescript/tsconfig.ts: what the tsconfig.json above a file says: compiler options, and where its `paths` lead.
//
// What comes out is kept in the cache with the texts that it came from, so that get-tsconfig is not loaded for what is known.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Fault, tellRead } from '@appserve/core';
import type * as getTsconfig from 'get-tsconfig';
import type { Cache } from './cache.ts';
import { checkTsconfigText } from './tsconfig-text.ts';

type GetTsconfig = Pick<typeof getTsconfig, 'createPathsMatcher' | 'parseTsconfig'>;

/** Those that change how a file runs. */
const USED = [
  'emitDecoratorMetadata',
  'experimentalDecorators',
  'jsx',
  'jsxFactory',
  'jsxFragmentFactory',
  'jsxImportSource',
  'target',
  'useDefineForClassFields',
  'verbatimModuleSyntax',
] as const;

export type CompilerOptions = Readonly<
  Pick<NonNullable<getTsconfig.TsConfigJsonResolved['compilerOptions']>, (typeof USED)[number]>
>;

export interface Tsconfig {
  readonly options: CompilerOptions;
  /** The paths that `paths` and `baseUrl` give a bare specifier. */
  readonly mapped: (specifier: string) => readonly string[];
}

/** A project without a tsconfig. */
const NONE: Tsconfig = { options: {}, mapped: () => [] };

interface Settled {
  /** All files that were read, by their paths. */
  readonly texts: Readonly<Record<string, string>>;
  readonly options: CompilerOptions;
  readonly hasPaths: boolean;
}

export class Tsconfigs {
  readonly #cache: Cache;
  readonly #byFolder = new Map<string, Tsconfig>();

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  /** Faults: TSCONFIG_INVALID. */
  above(path: string): Tsconfig {
    return this.#of(dirname(path));
  }

  #of(folder: string): Tsconfig {
    const known = this.#byFolder.get(folder);
    if (known !== undefined) return known;
    const file = join(folder, 'tsconfig.json');
    const above = dirname(folder);
    const found = existsSync(file) ? this.#at(file) : above === folder ? NONE : this.#of(above);
    this.#byFolder.set(folder, found);
    return found;
  }

  #at(path: string): Tsconfig {
    const key = `tsconfig\n${path}`;
    const entry = this.#cache.read(key);
    const known = entry === undefined ? undefined : (JSON.parse(entry) as Settled);
    if (known !== undefined && Object.entries(known.texts).every(([file, text]) => textOf(file) === text))
      return asWritten(path, known);
    const settled = settle(path);
    this.#cache.write(key, JSON.stringify(settled));
    return asWritten(path, settled);
  }
}

function textOf(file: string): string | undefined {
  tellRead(file);
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function asWritten(path: string, { options, hasPaths }: Settled): Tsconfig {
  let match: Tsconfig['mapped'] | undefined;
  const matcher = (): Tsconfig['mapped'] => (match ??= read(path, new Map(), (parsed) => library().createPathsMatcher(parsed)!));
  return { options, mapped: hasPaths ? (specifier) => matcher()(specifier) : NONE.mapped };
}

/** Faults: TSCONFIG_INVALID. */
function settle(path: string): Settled {
  tellRead(path);
  const files = new Map<string, string>();
  const all = read(path, files, ({ config }) => config.compilerOptions ?? {});
  for (const [file] of textsIn(files)) tellRead(file);
  return {
    texts: Object.fromEntries(textsIn(files)),
    options: Object.fromEntries(USED.filter((name) => all[name] !== undefined).map((name) => [name, all[name]])),
    hasPaths: all.paths !== undefined || all.baseUrl !== undefined,
  };
}

type Parsed = Parameters<GetTsconfig['createPathsMatcher']>[0];

function read<T>(path: string, files: Map<string, string>, then: (parsed: Parsed) => T): T {
  let error: unknown;
  try {
    const parsed = { path, config: library().parseTsconfig(path, files) };
    // What is wrong with `paths` shows when they are made ready.
    library().createPathsMatcher(parsed);
    checkTexts(files);
    return then(parsed);
  } catch (cause) {
    error = cause;
  }
  if (error instanceof Fault) throw error;
  checkTexts(files);
  // Such as a file that is extended and does not exist.
  const { message } = error as Error;
  throw new Fault('TSCONFIG_INVALID', { why: message }, { at: { file: path, line: 1, column: 1 }, cause: error });
}

function checkTexts(files: ReadonlyMap<string, string>): void {
  for (const [file, text] of textsIn(files)) if (!file.endsWith('package.json')) checkTsconfigText(file, text);
}

/** The files that get-tsconfig has read; what else it remembers is its own. */
function* textsIn(files: ReadonlyMap<string, string>): Iterable<readonly [file: string, text: string]> {
  for (const [key, text] of files) {
    const [, file] = /^readFileSync:(.+):utf8$/s.exec(key) ?? [];
    if (file !== undefined) yield [file, text];
  }
}

function library(): GetTsconfig {
  return createRequire(import.meta.url)('get-tsconfig') as GetTsconfig;
}
