// generate/lock.ts: one build at a time in a folder, also where several containers share it.
//
// Law: a claim is a folder that is made elsewhere, with the name of its holder in it, and renamed into its place: it is there whole or
// not at all, and of two that rename only one succeeds. The claim of a holder that is gone is not taken away, since somebody else may
// just be doing that: its heir claims `heir-of-` and its token, and again only one can.
//
//   .appserve-build/owner/holder.json            made with the folder
//   .appserve-build/heir-of-1f.../holder.json    of whoever came after the process that had 1f... was killed

import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Fault } from '@appserve/core';
import { isFolder, namesIn } from '../files.ts';
import { makeFolders } from '../make-folders.ts';
import { at, codeOf } from './disk.ts';
import { isGone, isRunning, self, type Holder } from './holder.ts';

const HOLDER = 'holder.json';
const FIRST = 'owner';

/** Those of this process: a number of a process is no proof that it is this one. */
const held = new Set<string>();

/** Others can come in between, each time; not for ever. */
const ATTEMPTS_MAX = 100;

export class Lock implements Disposable {
  readonly #folder: string;
  readonly #holder: Holder;
  readonly #claim: string;
  /** Something in the folder is still needed: then only the claim goes. */
  keepsFolder = false;

  private constructor(folder: string, holder: Holder, claim: string) {
    this.#folder = folder;
    this.#holder = holder;
    this.#claim = claim;
  }

  /** Makes the folder, or takes it over. Faults: BUILD_RUNNING, WRITE_FAILED. */
  static take(folder: string): Lock {
    const holder = self(randomBytes(8).toString('hex'));
    held.add(holder.token);
    try {
      for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
        const claim = refuseRunning(folder);
        if (!claimed(folder, claim, holder)) continue;
        // The folder may have been another one by then, with another owner: his heir is not who this one has claimed to be.
        if (latest(folder)?.holder.token !== holder.token) continue;
        sweep(folder);
        return new Lock(folder, holder, claim);
      }
      throw new Fault('WRITE_FAILED', { path: folder, why: 'other builds come and go too fast' });
    } catch (error) {
      held.delete(holder.token);
      throw error;
    }
  }

  [Symbol.dispose](): void {
    const gone = temporary(this.#folder, this.#holder);
    at(this.#folder, () => {
      renameSync(this.keepsFolder ? this.#claim : this.#folder, gone);
      rmSync(gone, { recursive: true, force: true });
    });
    held.delete(this.#holder.token);
  }
}

/** Where the next one has to claim. Faults: BUILD_RUNNING. */
export function refuseRunning(folder: string): string {
  const last = latest(folder);
  if (last === undefined) return join(folder, FIRST);
  const { holder, claim } = last;
  const isOver = holder.pid === 0 || isGone(holder, held);
  if (!isOver)
    throw new Fault('BUILD_RUNNING', {
      pid: holder.pid,
      host: holder.host === self('').host ? undefined : holder.host,
      path: claim,
    });
  return join(folder, `heir-of-${holder.token}`);
}

interface Claim {
  readonly claim: string;
  readonly holder: Holder;
}

/** Who holds the folder, or has held it last: the owner, his heir, the heir of that one. */
function latest(folder: string): Claim | undefined {
  let found: Claim | undefined;
  for (let claim = join(folder, FIRST); ; claim = join(folder, `heir-of-${found.holder.token}`)) {
    const holder = holderIn(claim);
    if (holder === undefined) return found;
    found = { claim, holder };
  }
}

/** What is renamed into its place is whole: only a machine that lost its power leaves this. */
const NOBODY: Holder = { token: '', pid: 0, started: '', host: '', boot: '', namespace: '' };

function holderIn(claim: string): Holder | undefined {
  // Its heir needs a name that no other one has.
  const unreadable = { ...NOBODY, token: basename(claim) };
  let text: string;
  try {
    text = readFileSync(join(claim, HOLDER), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    return typeof holder?.token === 'string' && typeof holder.pid === 'number' ? { ...NOBODY, ...holder } : unreadable;
  } catch {
    return unreadable;
  }
}

/** Somebody else was first, or the folder has gone with its owner. */
const LOST: ReadonlySet<string> = new Set(['ENOTEMPTY', 'EEXIST', 'ENOENT']);

/** Faults: WRITE_FAILED. */
function claimed(folder: string, claim: string, holder: Holder): boolean {
  const made = temporary(folder, holder);
  const isFirst = !isFolder(folder);
  const inner = isFirst ? join(made, FIRST) : made;
  at(folder, () => {
    makeFolders(inner);
    writeFileSync(join(inner, HOLDER), `${JSON.stringify(holder)}\n`);
  });
  try {
    renameSync(made, isFirst ? folder : claim);
    return true;
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    if (LOST.has(codeOf(error))) return false;
    return at(folder, () => {
      throw error;
    });
  }
}

/** Beside the folder: whose it is stands in its name. */
function temporary(folder: string, holder: Holder): string {
  return `${folder}.${placeOf(holder)}-${holder.pid}-${holder.token}`;
}

/** Where the number of its process counts. */
function placeOf({ boot, namespace }: Holder): string {
  return `${boot.slice(0, 8)}.${namespace.replaceAll(/\D/g, '')}`;
}

/** What others have left who were killed between two steps. */
function sweep(folder: string): void {
  const prefix = `${basename(folder)}.`;
  for (const name of namesIn(dirname(folder))) {
    if (!name.startsWith(prefix)) continue;
    const [place, pid, token = ''] = name.slice(prefix.length).split('-');
    const isOurs = place === placeOf(self('')) && /^[1-9]\d*$/.test(pid ?? '');
    const isUsed = Number(pid) === process.pid ? held.has(token) : isRunning(Number(pid));
    if (isOurs && !isUsed) rmSync(join(dirname(folder), name), { recursive: true, force: true });
  }
}
