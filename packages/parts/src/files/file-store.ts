// files/file-store.ts: the files of a folder, and what is known of them: a driver, which owns the folder.
//
// Law: a file is opened by its real path, which has been looked at, and never through a link. What is kept is bounded, in files and in
// bytes, and only files that exist are kept: a client cannot fill it with names.

import { constants } from 'node:fs';
import { open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { performance } from 'node:perf_hooks';
import { mediaTypeOf } from './media-type.ts';
import { hasDotfile } from './safe-path.ts';

/** Content codings by the ending of files that have them, in the order of our liking. */
export const CODINGS = { br: '.br', zstd: '.zst', gzip: '.gz' } as const;
export type Coding = keyof typeof CODINGS;

export interface StoredFile {
  readonly path: string;
  readonly size: number;
  /** Seconds since 1970. */
  readonly modified: number;
  readonly etag: string;
  readonly lastModified: string;
  readonly type: string;
  /** Tells two versions of a file apart. */
  readonly version: string;
  /** Its content, where it is small. */
  readonly bytes: Uint8Array | undefined;
  readonly variants: ReadonlyMap<Coding, StoredFile>;
}

/** `forbidden`: the process may not read it. */
export type Found = StoredFile | 'folder' | 'forbidden' | undefined;

export interface StoreSettings {
  readonly symlinks: 'inside' | 'allow' | 'deny';
  readonly dotfiles: 'ignore' | 'deny' | 'allow';
  readonly precompressed: boolean;
  readonly recheckMs: number;
}

interface Kept {
  readonly file: StoredFile;
  checkedAt: number;
}

const SMALL_BYTES = 64 * 1_024;
const KEPT_MAX = 4_096;
const KEPT_BYTES_MAX = 32 * 1_024 ** 2;
/** Not through a link that has come there since, and without waiting for the other end of a pipe. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const MISSING = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EINVAL']);

export class FileStore {
  readonly #root: string;
  readonly #settings: StoreSettings;
  readonly #kept = new Map<string, Kept>();
  readonly #underWay = new Map<string, Promise<Found>>();
  #keptBytes = 0;

  /** `root`: a real path. */
  constructor(root: string, settings: StoreSettings) {
    this.#root = root;
    this.#settings = settings;
  }

  /** By names that `safePath` has let pass. At once where it is known well enough. */
  find(segments: readonly string[]): Found | Promise<Found> {
    const name = segments.join('/');
    const kept = this.#kept.get(name);
    if (kept !== undefined && performance.now() - kept.checkedAt < this.#settings.recheckMs) return kept.file;
    const already = this.#underWay.get(name);
    if (already !== undefined) return already;
    const looking = this.#look(name, segments, kept).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, looking);
    return looking;
  }

  /** The content from `start` on. The caller closes it. Nothing where the file is another one by now: then it is forgotten. */
  async open(file: StoredFile, segments: readonly string[]): Promise<FileHandle | undefined> {
    const handle = await opened(file.path);
    if (handle === undefined || versionOf(await handle.stat()) !== file.version) {
      await handle?.close();
      this.#forget(segments.join('/'));
      return undefined;
    }
    return handle;
  }

  async #look(name: string, segments: readonly string[], kept: Kept | undefined): Promise<Found> {
    const path = join(this.#root, ...segments);
    const found = await this.#read(path, kept?.file);
    if (typeof found !== 'object') {
      this.#forget(name);
      return found;
    }
    const variants = this.#settings.precompressed ? await this.#variantsOf(path, found, kept?.file) : found.variants;
    const file = { ...found, variants };
    this.#keep(name, file);
    return file;
  }

  /** `before`: what was known of it; its content is not read again when it has not changed. */
  async #read(path: string, before: StoredFile | undefined): Promise<Found> {
    try {
      const real = await realpath(path);
      const target = path === real ? 'sent' : this.#linkTo(real);
      if (target !== 'sent') return target === 'forbidden' ? target : undefined;
      const stats = await stat(real);
      if (stats.isDirectory()) return 'folder';
      if (!stats.isFile()) return undefined;
      const version = versionOf(stats);
      if (before !== undefined && before.version === version && before.path === real) return before;
      return await fileAt(real, basename(path));
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (MISSING.has(code)) return undefined;
      if (code === 'EACCES' || code === 'EPERM') return 'forbidden';
      throw error;
    }
  }

  /** Where it leads counts, not what it is called: a link to a name with a dot is one. */
  #linkTo(real: string): 'sent' | 'missing' | 'forbidden' {
    const { symlinks, dotfiles } = this.#settings;
    if (symlinks === 'allow') return 'sent';
    const isInside = real === this.#root || real.startsWith(this.#root + sep);
    if (symlinks === 'deny' || !isInside) return 'missing';
    if (dotfiles === 'allow' || !hasDotfile(relative(this.#root, real).split(sep))) return 'sent';
    return dotfiles === 'deny' ? 'forbidden' : 'missing';
  }

  /** Those that are not older than what they are made of. */
  async #variantsOf(path: string, file: StoredFile, before: StoredFile | undefined): Promise<StoredFile['variants']> {
    const variants = new Map<Coding, StoredFile>();
    for (const [coding, ending] of Object.entries(CODINGS) as [Coding, string][]) {
      const found = await this.#read(path + ending, before?.variants.get(coding));
      if (typeof found === 'object' && found.modified >= file.modified) variants.set(coding, { ...found, type: file.type });
    }
    return variants;
  }

  #keep(name: string, file: StoredFile): void {
    this.#forget(name);
    this.#kept.set(name, { file, checkedAt: performance.now() });
    this.#keptBytes += bytesOf(file);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_MAX && this.#keptBytes <= KEPT_BYTES_MAX) break;
      this.#forget(oldest);
    }
  }

  #forget(name: string): void {
    const kept = this.#kept.get(name);
    if (kept === undefined) return;
    this.#kept.delete(name);
    this.#keptBytes -= bytesOf(kept.file);
  }
}

function bytesOf({ bytes, variants }: StoredFile): number {
  let sum = bytes?.length ?? 0;
  for (const variant of variants.values()) sum += bytesOf(variant);
  return sum;
}

interface Stats {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
}

function versionOf({ size, mtimeMs, ino }: Stats): string {
  return `${size} ${mtimeMs} ${ino}`;
}

async function opened(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, READ);
  } catch (error) {
    if (MISSING.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** As it is when it is open; nothing where it has gone since, or is no file any more. `name`: as it was asked for, of a link its own. */
async function fileAt(path: string, name: string): Promise<StoredFile | undefined> {
  await using handle = await opened(path);
  const stats = await handle?.stat();
  if (handle === undefined || stats?.isFile() !== true) return undefined;
  const { size, mtimeMs } = stats;
  const bytes = size <= SMALL_BYTES ? await handle.readFile() : undefined;
  return {
    path,
    size: bytes?.length ?? size,
    modified: Math.floor(mtimeMs / 1_000),
    // Microseconds and size, as nginx has it: equal files on several hosts have equal tags.
    etag: `"${Math.round(mtimeMs * 1_000).toString(36)}-${size.toString(36)}"`,
    lastModified: new Date(mtimeMs).toUTCString(),
    type: mediaTypeOf(name),
    version: versionOf(stats),
    bytes,
    variants: new Map(),
  };
}
