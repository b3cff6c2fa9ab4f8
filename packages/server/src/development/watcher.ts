// development/watcher.ts: watches what was read, and what is named by patterns, and tells what has changed, each change once.

import { dirname, join } from 'node:path';
import { Contents } from './contents.ts';
import { Folders } from './folders.ts';
import { Patterns } from './patterns.ts';
import { stampOf, type Read } from './reads.ts';

export interface WatcherEvents {
  /** A file is another one than what was read of it. At once: more may follow. */
  changed(path: string): void;
  polls(why: string): void;
}

/** An editor that removes a file and writes it anew is back by then. */
const GONE_MS = 60;

export class Watcher {
  readonly #events: WatcherEvents;
  readonly #contents = new Contents();
  readonly #folders: Folders;
  #patterns = new Patterns([], []);
  /** Of patterns: they are watched whoever reads them. */
  #named: ReadonlySet<string> = new Set();
  #namedFolders: ReadonlySet<string> = new Set();
  /** When each was read last. */
  readonly #rounds = new Map<string, number>();
  #round = 0;
  readonly #gone = new Map<string, NodeJS.Timeout>();

  constructor(events: WatcherEvents) {
    this.#events = events;
    this.#folders = new Folders({
      stirred: (folder, name) => this.#stirred(folder, name),
      polls: (why) => events.polls(why),
    });
  }

  /** How many files are watched. */
  get size(): number {
    return this.#rounds.size;
  }

  follow(reads: Iterable<Read>): void {
    for (const read of reads) {
      const { path } = read;
      if (this.#patterns.ignores(path)) continue;
      this.#rounds.set(path, this.#round);
      this.#folders.add(dirname(path));
      if (this.#contents.learn(read) === 'changed') this.#events.changed(path);
    }
  }

  /** What is read from here on counts; what was read before is watched until `settle`. */
  begin(): void {
    this.#round += 1;
  }

  /** What nobody has read since `begin` is watched no more. */
  settle(): void {
    for (const [path, round] of this.#rounds) {
      if (round >= this.#round || this.#named.has(path)) continue;
      this.#forget(path);
    }
    this.#refold();
  }

  #forget(path: string): void {
    this.#rounds.delete(path);
    this.#contents.forget(path);
  }

  /** Instead of those before. */
  name(patterns: Patterns): void {
    this.#patterns = patterns;
    for (const path of this.#rounds.keys()) if (patterns.ignores(path)) this.#forget(path);
    this.#find(false);
  }

  close(): void {
    this.#folders.close();
    for (const timer of this.#gone.values()) clearTimeout(timer);
  }

  /** `isNews`: files that were not there before are changes. */
  #find(isNews: boolean): void {
    const { files, folders } = this.#patterns.find();
    const before = this.#named;
    this.#named = files;
    this.#namedFolders = folders;
    for (const path of files) {
      const isNew = !this.#contents.has(path) && !before.has(path);
      this.#rounds.set(path, this.#rounds.get(path) ?? this.#round);
      const verdict = this.#contents.learn({ path, stamp: stampOf(path) });
      if (verdict === 'changed' || (isNews && isNew)) this.#events.changed(path);
    }
    this.#refold();
  }

  #refold(): void {
    this.#folders.set(new Set([...this.#namedFolders, ...Array.from(this.#rounds.keys(), (path) => dirname(path))]));
  }

  #stirred(folder: string, name: string | undefined): void {
    if (this.#namedFolders.has(folder)) this.#lookAround(name === undefined ? undefined : join(folder, name));
    const paths = name === undefined ? [...this.#rounds.keys()].filter((path) => dirname(path) === folder) : [join(folder, name)];
    for (const path of paths) this.#judge(path);
  }

  /** Something may have come that a pattern names, or a folder in which it will. */
  #lookAround(path: string | undefined): void {
    if (path !== undefined && (this.#contents.has(path) || this.#patterns.ignores(path))) return;
    this.#find(true);
  }

  #judge(path: string, isPatient = true): void {
    clearTimeout(this.#gone.get(path));
    this.#gone.delete(path);
    if (!this.#rounds.has(path)) return;
    const verdict = this.#contents.judge(path, isPatient);
    if (verdict === 'changed') this.#events.changed(path);
    if (verdict === 'gone') this.#gone.set(path, setTimeout(() => this.#judge(path, false), GONE_MS).unref());
  }
}
