// Collections are folders, items are files. A file is there as a whole or not at all: it is written beside its place and then renamed.

import { randomUUID } from 'node:crypto';
import { cp, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { HttpError } from './http-error.js';

/** What a collection is and is called; hidden, as all names with a dot are. */
const PROPERTIES = '.properties.json';
const CHUNK_BYTES = 256 * 1_024;

export class Storage {
  #root;

  constructor(root) {
    this.#root = root;
  }

  async prepare() {
    await mkdir(this.#root, { recursive: true });
  }

  /** Of `/jane/work/lunch.ics`. Names that could lead elsewhere, or are hidden, are there for nobody. */
  #fileOf(path) {
    const names = path.split('/').filter((name) => name !== '');
    if (names.some((name) => name.startsWith('.') || /[\0\\]/.test(name))) throw new HttpError('403 Forbidden');
    return join(this.#root, ...names);
  }

  /** Nothing when it is not there. */
  async find(path) {
    const file = this.#fileOf(path);
    const found = await stat(file, { bigint: true }).catch(missing);
    if (found === undefined) return undefined;
    const isCollection = found.isDirectory();
    const properties = isCollection ? await readFile(join(file, PROPERTIES), 'utf8').then(JSON.parse, missing) : undefined;
    return {
      path: `/${path.split('/').filter(Boolean).join('/')}${isCollection && path !== '/' ? '/' : ''}`,
      name: basename(file),
      isCollection,
      isCalendar: properties?.isCalendar === true,
      displayName: properties?.displayName,
      bytes: Number(found.size),
      modified: found.mtime,
      etag: `"${found.mtimeNs.toString(36)}-${found.size.toString(36)}"`,
    };
  }

  /** What is in a collection. */
  async list({ path }) {
    const names = (await readdir(this.#fileOf(path))).filter((name) => !name.startsWith('.')).toSorted();
    const found = await Promise.all(names.map((name) => this.find(path + name)));
    return found.filter((item) => item !== undefined);
  }

  open({ path }) {
    return open(this.#fileOf(path));
  }

  text({ path }) {
    return readFile(this.#fileOf(path), 'utf8');
  }

  /** The bytes of an input become an item, in chunks. `check` is called with the first one. */
  async put(path, input, check) {
    const file = this.#fileOf(path);
    const beside = join(dirname(file), `.${randomUUID()}`);
    try {
      const handle = await open(beside, 'wx');
      try {
        let isFirst = true;
        for (let chunk = await input.read(CHUNK_BYTES); isFirst || chunk.length > 0; chunk = await input.read(CHUNK_BYTES)) {
          if (isFirst) check(chunk);
          isFirst = false;
          await handle.writeFile(chunk);
        }
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(beside, file);
    } finally {
      await rm(beside, { force: true });
    }
  }

  async makeCollection(path, properties) {
    await mkdir(this.#fileOf(path));
    await this.describe(path, properties);
  }

  async describe(path, properties) {
    await writeFile(join(this.#fileOf(path), PROPERTIES), JSON.stringify(properties));
  }

  async remove(path) {
    await rm(this.#fileOf(path), { recursive: true });
  }

  async copy(from, to) {
    await cp(this.#fileOf(from), this.#fileOf(to), { recursive: true });
  }

  async move(from, to) {
    await rename(this.#fileOf(from), this.#fileOf(to));
  }
}

function missing(error) {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}
