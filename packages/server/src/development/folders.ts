// development/folders.ts: watches folders, not files: an editor that saves by putting a new file in the place of the old one, as a
// checkout does, leaves whoever watches the file with the old one.
//
// Not recursively: on Linux that is Node's own walk through everything below, node_modules included. A folder that is not there is waited
// for in the nearest one above it that is; one that was replaced is watched anew. Where the system has no watch left to give, or none at
// all, that folder alone is looked at from time to time.

import { statSync, watch, type FSWatcher } from 'node:fs';
import { dirname, join } from 'node:path';

export interface FolderEvents {
  /** Something has happened to that name in the folder; to any of them, where none is given. */
  stirred(folder: string, name: string | undefined): void;
  /** Told once: some folders are looked at instead of watched. */
  polls(why: string): void;
}

interface Watched {
  readonly watcher: FSWatcher | undefined;
  readonly timer: NodeJS.Timeout | undefined;
  readonly inode: number;
}

const POLL_MS = 500;

export class Folders {
  readonly #events: FolderEvents;
  readonly #wanted = new Set<string>();
  readonly #watched = new Map<string, Watched>();
  #polls = false;

  constructor(events: FolderEvents) {
    this.#events = events;
  }

  /** Exactly these, from here on. */
  set(folders: ReadonlySet<string>): void {
    this.#wanted.clear();
    for (const folder of folders) this.#wanted.add(folder);
    this.#arm();
  }

  add(folder: string): void {
    if (this.#wanted.has(folder)) return;
    this.#wanted.add(folder);
    this.#watch(nearest(folder));
  }

  close(): void {
    this.#wanted.clear();
    for (const folder of this.#watched.keys()) this.#leave(folder);
  }

  /** What is watched is what is wanted and there, or nearest to it. */
  #arm(): void {
    const there = new Set([...this.#wanted].map(nearest));
    for (const [folder, { inode }] of this.#watched) if (!there.has(folder) || inodeOf(folder) !== inode) this.#leave(folder);
    for (const folder of there) this.#watch(folder);
  }

  #leave(folder: string): void {
    const watched = this.#watched.get(folder);
    watched?.watcher?.close();
    clearInterval(watched?.timer);
    this.#watched.delete(folder);
  }

  #watch(folder: string): void {
    if (this.#watched.has(folder)) return;
    const inode = inodeOf(folder);
    if (inode === undefined) return;
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => this.#stirred(folder, name ?? undefined));
      watcher.on('error', (error) => this.#poll(folder, error));
      this.#watched.set(folder, { watcher, timer: undefined, inode });
    } catch (error) {
      this.#poll(folder, error as Error);
    }
  }

  #poll(folder: string, error: Error): void {
    this.#leave(folder);
    const inode = inodeOf(folder);
    if (inode === undefined) return;
    const timer = setInterval(() => this.#stirred(folder, undefined), POLL_MS).unref();
    this.#watched.set(folder, { watcher: undefined, timer, inode });
    if (!this.#polls) this.#events.polls(error.message);
    this.#polls = true;
  }

  #stirred(folder: string, name: string | undefined): void {
    if (this.#isMoved(folder) || (name !== undefined && this.#isAwaited(join(folder, name)))) this.#rearm();
    if (this.#wanted.has(folder)) this.#events.stirred(folder, name);
  }

  #isMoved(folder: string): boolean {
    return this.#watched.has(folder) && inodeOf(folder) !== this.#watched.get(folder)!.inode;
  }

  #isAwaited(path: string): boolean {
    return [...this.#wanted].some((wanted) => wanted === path || wanted.startsWith(`${path}/`));
  }

  /** What is in folders that have come meanwhile was not seen to come. */
  #rearm(): void {
    const before = new Map(this.#watched);
    this.#arm();
    for (const [folder, watched] of this.#watched)
      if (this.#wanted.has(folder) && before.get(folder) !== watched) this.#events.stirred(folder, undefined);
  }
}

/** Nothing where there is none, or where it cannot be looked at. */
function inodeOf(folder: string): number | undefined {
  try {
    const found = statSync(folder);
    return found.isDirectory() ? found.ino : undefined;
  } catch {
    return undefined;
  }
}

function nearest(folder: string): string {
  let at = folder;
  while (inodeOf(at) === undefined && at !== dirname(at)) at = dirname(at);
  return at;
}
