// find.ts: which configuration is meant when none is named.
//
// Law: a file is found by its name and its place, and nothing in it is run. Nobody's settings for cosmiconfig can add a place, take
// one away or change the order: cosmiconfig goes through the folders and reads, the choice is made here.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { Fault, type FaultContext } from '@appserve/core';
import type { LoaderSync } from 'cosmiconfig';
import { namesIn } from './files.ts';
import { lowerFirst } from './foreign-message.ts';
import { prefixesOf } from './kinds.ts';
import { jsonMistakeIn } from './structured/json-place.ts';
import { parseUri } from './uri.ts';

export interface FoundConfig {
  /** Absolute. */
  readonly path: string;
  /** What one would type to name it: relative to where the search began; with `#NAME` where that was asked for. */
  readonly name: string;
  /** `development.ini (found in /srv/site)`. */
  readonly why: string;
  /** What might have been meant too: in the folder of what was found, and in those below it. */
  readonly passedOver: readonly PassedOver[];
}

export interface PassedOver {
  /** Relative to where the search began. */
  readonly path: string;
  readonly why: string;
}

const ENDINGS = ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'yaml', 'yml'];

/** In each folder, the first of these. */
const PLACES: readonly string[] = [
  'development.ini',
  'appserve.ini',
  'production.ini',
  'package.json',
  '.appserverc',
  ...['json', 'yaml', 'yml'].map((ending) => `.appserverc.${ending}`),
  ...ENDINGS.map((ending) => `appserve.config.${ending}`),
];
/** The same as people read it. */
const LOOKED_FOR = [...PLACES.slice(0, 3), '"appserve": {"config": ...} in package.json', '.appserverc', 'appserve.config.*'];

const VARIABLE = 'APPSERVE_CONFIG';

/**
 * Looks in `from`, then upward as far as the project: the first folder with a package.json. Outside of a project it looks in `from`
 * only. The nearest folder wins; in a folder, the order of PLACES. What the variable APPSERVE_CONFIG names is taken before any of them.
 *
 * Faults: CONFIG_NOT_FOUND; CONFIG_MISSING, URI_INVALID for what the variable or a package.json names; CONFIG_SEARCH_FAILED.
 */
export async function findConfig(from: string, environment: NodeJS.ProcessEnv = process.env): Promise<FoundConfig> {
  const named = environment[VARIABLE];
  if (named !== undefined && named !== '') {
    const { path, name } = namedBy(named, from, from, { askedBy: [VARIABLE] });
    return { path, name, why: `${name} (named by ${VARIABLE})`, passedOver: [] };
  }
  const search = new Search(resolve(from));
  await search.run();
  return search.choose();
}

/** A file that somebody names. */
function namedBy(uri: string, folder: string, from: string, context: FaultContext): { path: string; name: string } {
  const { path } = parseUri(uri);
  const file = resolve(folder, path);
  const shown = relative(from, file) || file;
  if (!existsSync(file)) throw new Fault('CONFIG_MISSING', { path: shown }, context);
  // The path may be written otherwise than it is read: `config:my%20site.ini`.
  const [rest = ''] = /[?#].*$/s.exec(uri) ?? [];
  return { path: file, name: addressOf(shown) + rest };
}

/** In a bare path a ? and a # begin what is no path. */
function addressOf(path: string): string {
  return /[?#]/.test(path) ? `config:${path.split('/').map(encodeURIComponent).join('/')}` : path;
}

/** What a file with the right name is. */
type Verdict =
  /** `uri`: what it names instead of being one itself. */
  | { readonly isConfig: true; readonly uri?: string }
  /** Without a reason it is not worth a word: a package.json that says nothing of this. */
  | { readonly isConfig: false; readonly why?: string };

class Search {
  readonly #from: string;
  readonly #folders: readonly string[];
  /** By path. */
  readonly #verdicts = new Map<string, Verdict>();

  constructor(from: string) {
    this.#from = from;
    this.#folders = foldersOf(from);
  }

  async run(): Promise<void> {
    // `null` is "not mine": the search goes on, and every place is seen. Of a package.json it takes a property first.
    const note: LoaderSync = (path, text) => {
      if (this.#isPlace(path)) this.#verdicts.set(path, judge(path, text));
      return basename(path, extname(path)) === 'package' ? {} : null;
    };
    // Imported here: who names a configuration need not wait for it.
    const { cosmiconfig, defaultLoaders } = await import('cosmiconfig');
    // For every ending that cosmiconfig has a loader for: its own ones would run modules, and follow `$import`.
    const loaders = Object.fromEntries([...Object.keys(defaultLoaders), 'default', '.ini'].map((ending) => [ending, note]));
    try {
      const explorer = cosmiconfig('appserve', { searchPlaces: [...PLACES], searchStrategy: 'project', cache: false, loaders });
      await explorer.search(this.#from);
      for (const path of this.#unseen()) await explorer.load(path).catch((error: unknown) => this.#cannotRead(path, error));
    } catch (cause) {
      // What a project says to cosmiconfig itself, in package.json or .config/config.*, is read before anything else.
      const { filepath, message } = cause as Error & { readonly filepath?: string };
      if (filepath !== undefined && this.#isAheadOf(filepath)) return;
      const mistake = filepath === undefined ? undefined : jsonMistakeOf(filepath, this.#shown(filepath));
      const unsaid = filepath === undefined ? lowerFirst(message) : `${this.#shown(filepath)}: it cannot be read`;
      throw new Fault('CONFIG_SEARCH_FAILED', { why: mistake?.why ?? unsaid }, { at: mistake?.at, cause });
    }
    for (const path of this.#unseen()) this.#verdicts.set(path, { isConfig: false, why: 'it is empty' });
  }

  /** Whether there is a file that comes before a package.json, which then need not be asked; all that do are judged here. */
  #isAheadOf(manifest: string): boolean {
    if (basename(manifest) !== MANIFEST || !this.#folders.includes(dirname(manifest))) return false;
    const isAhead = (path: string): boolean =>
      dirname(path) !== dirname(manifest) || PLACES.indexOf(basename(path)) < PLACES.indexOf(MANIFEST);
    const ahead = this.#unseen().filter(isAhead);
    for (const path of ahead) this.#judge(path);
    this.#verdicts.set(manifest, { isConfig: false, why: NOT_JSON });
    return ahead.some((path) => this.#verdicts.get(path)?.isConfig === true);
  }

  #judge(path: string): void {
    try {
      const text = readFileSync(path, 'utf8');
      this.#verdicts.set(path, text.trim() === '' ? { isConfig: false, why: 'it is empty' } : judge(path, text));
    } catch (error) {
      this.#cannotRead(path, error);
    }
  }

  #isPlace(path: string): boolean {
    return PLACES.includes(basename(path)) && this.#folders.includes(dirname(path));
  }

  /** cosmiconfig goes past what is empty, and past what it cannot read, without a word; people should hear of it. */
  #unseen(): string[] {
    return this.#folders.flatMap((folder) =>
      namesIn(folder)
        .filter((name) => PLACES.includes(name))
        .map((name) => join(folder, name))
        .filter((path) => !this.#verdicts.has(path)),
    );
  }

  /** Who cannot read the file that comes first shall not be served the next one: reading it will fail, and say why. */
  #cannotRead(path: string, error: unknown): void {
    if (this.#verdicts.has(path)) return;
    const isFolder = (error as NodeJS.ErrnoException).code === 'EISDIR';
    this.#verdicts.set(path, isFolder ? { isConfig: false, why: 'it is a folder' } : { isConfig: true });
  }

  /** Faults: CONFIG_NOT_FOUND, and those of a file that is named by another one. */
  choose(): FoundConfig {
    const passedOver: PassedOver[] = [];
    for (const folder of this.#folders) {
      const found: { readonly path: string; readonly uri: string | undefined }[] = [];
      for (const path of PLACES.map((name) => join(folder, name))) {
        const verdict = this.#verdicts.get(path);
        if (verdict?.isConfig === true) found.push({ path, uri: verdict.uri });
        else if (verdict?.why !== undefined) passedOver.push({ path: this.#shown(path), why: verdict.why });
      }
      const [first, ...others] = found;
      if (first === undefined) continue;
      const why = `${basename(first.path)} comes first`;
      passedOver.push(...others.map(({ path }) => ({ path: this.#shown(path), why })));
      return { ...this.#found(first.path, first.uri), passedOver };
    }
    throw new Fault('CONFIG_NOT_FOUND', {
      lookedFor: LOOKED_FOR,
      folders: this.#folders,
      passedOver: passedOver.map(({ path, why }) => `${path} (${why})`),
      others: namesIn(this.#from).filter((name) => isOtherConfig(join(this.#from, name))),
    });
  }

  #found(path: string, uri: string | undefined): Omit<FoundConfig, 'passedOver'> {
    const folder = dirname(path);
    const shown = this.#shown(path);
    if (uri === undefined) return { path, name: shown, why: `${shown} (found in ${folder})` };
    const target = namedBy(uri, folder, this.#from, { askedBy: [`"appserve.config" of ${shown}`] });
    return { ...target, why: `${target.name} (named in ${path})` };
  }

  #shown(path: string): string {
    return relative(this.#from, path);
  }
}

/**
 * From the folder up to the first that has a package.json, as `searchStrategy: 'project'` goes. Where none has, cosmiconfig goes up to
 * the root: what somebody has put into /tmp would be served, so then it is the folder alone.
 */
function foldersOf(from: string): string[] {
  const folders: string[] = [];
  for (let folder = from; ; folder = dirname(folder)) {
    folders.push(folder);
    if (['package.json', 'package.yaml'].some((name) => existsSync(join(folder, name)))) return folders;
    if (dirname(folder) === folder) return [from];
  }
}

/** Of a file that is there, and is no YAML or module. */
function jsonMistakeOf(path: string, shown: string): ReturnType<typeof jsonMistakeIn> {
  try {
    return extname(path) === '.json' ? jsonMistakeIn(readFileSync(path, 'utf8'), shown) : undefined;
  } catch {
    return undefined;
  }
}

const MANIFEST = 'package.json';
const NOT_JSON = 'it is not JSON';

function judge(path: string, text: string): Verdict {
  if (basename(path) === 'package.json') return judgeManifest(text);
  if (extname(path) !== '.ini' || hasApp(text)) return { isConfig: true };
  return { isConfig: false, why: 'it has no section such as [app:main]' };
}

function judgeManifest(text: string): Verdict {
  let manifest: unknown;
  try {
    manifest = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return { isConfig: false, why: NOT_JSON };
  }
  const config = own(own(manifest, 'appserve'), 'config');
  if (config === undefined) return { isConfig: false };
  return typeof config === 'string' ? { isConfig: true, uri: config } : { isConfig: true };
}

function own(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

/** There are many inis in the world (tox.ini, alembic.ini); this one has something to serve. */
function hasApp(text: string): boolean {
  return HEADER_OF_APP.test(text);
}

const HEADER_OF_APP = new RegExp(`^\\ufeff?[ \\t]*\\[(?:${prefixesOf('app').join('|')})(?::.*)?\\]`, 'm');

/** What lies beside the places and could be named. */
function isOtherConfig(path: string): boolean {
  if (!/\.(?:ini|cfg|conf)$/.test(path) || PLACES.includes(basename(path))) return false;
  try {
    return statSync(path).isFile() && hasApp(readFileSync(path, 'utf8'));
  } catch {
    return false;
  }
}
