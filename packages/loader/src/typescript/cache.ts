// typescript/cache.ts: on the disk: what modules were compiled to, by everything that has a say in how they come out.
//
// An entry holds its whole key, the source with it, and is taken only for exactly that; its name is a checksum, so two keys with one
// name are only compiled in turns. It is written aside and renamed, so that processes that write the same one do not meet. One that
// was cut short fails its checksum. (node:crypto would do for both, and costs a start 4 ms.)

import { closeSync, fstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import { cacheFolder, isOnlyOurs } from './cache-folder.ts';

/** Raised when the same key comes out differently, or an entry looks different. */
const EDITION = 1;

export class Cache {
  readonly #folder: string | undefined;
  #written = 0;

  constructor(compilerVersion: string) {
    this.#folder = cacheFolder(`${compilerVersion}-${EDITION}`);
  }

  /** Nothing where it cannot be used. */
  get folder(): string | undefined {
    return this.#folder;
  }

  /** How many entries were added here. */
  get written(): number {
    return this.#written;
  }

  /** Nothing where there is none, or one that cannot be trusted. */
  read(key: string): string | undefined {
    if (this.#folder === undefined) return undefined;
    const entry = readOwn(join(this.#folder, nameOf(key)));
    if (entry === undefined) return undefined;
    const end = entry.indexOf('\n');
    const rest = entry.subarray(end + 1);
    if (entry.toString('latin1', 0, end) !== String(crc32(rest))) return undefined;
    const text = rest.toString();
    return text.startsWith(`${key}\0`) ? text.slice(key.length + 1) : undefined;
  }

  /** Whether it comes to stand there or not: nobody is told. */
  write(key: string, value: string): void {
    if (this.#folder === undefined) return;
    const name = nameOf(key);
    const aside = join(this.#folder, `.${process.pid}-${threadId}-${name}`);
    const text = `${key}\0${value}`;
    try {
      writeFileSync(aside, `${crc32(text)}\n${text}`, { mode: 0o600 });
      renameSync(aside, join(this.#folder, name));
      this.#written += 1;
    } catch {
      discard(aside);
    }
  }
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It is for prune() then.
  }
}

function nameOf(key: string): string {
  return `${key.length.toString(16)}-${crc32(key).toString(16)}`;
}

function readOwn(file: string): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    // The folder was looked at when this thread began; who can rename it since cannot make files that are ours.
    return isOnlyOurs(fstatSync(descriptor)) ? readFileSync(descriptor) : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
