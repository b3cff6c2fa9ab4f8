// licences.ts: what npm installs beside our packages, by package-lock.json, and under which licence each of them may be used.

import { readFileSync } from 'node:fs';
import { inRepository } from './repository.ts';
import { PACKAGES } from './sources.ts';

/** Those that ask of whoever passes them on to keep their text, and nothing else. Another one is for people to read and decide. */
const KNOWN: ReadonlySet<string> = new Set(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'Python-2.0', '0BSD']);

/** A row of the lock file. */
interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly optional?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Licensed {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Compiled for one kind of machine: npm installs it there alone. */
  readonly isBinary: boolean;
  /** Ours that lead to it. */
  readonly usedBy: readonly string[];
}

/** Of production alone, with what they need themselves, by name. */
export function licensed(): readonly Licensed[] {
  const lock = JSON.parse(readFileSync(inRepository('package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, Locked>>;
  };
  const users = new Map<string, Set<string>>();
  for (const folder of PACKAGES) {
    for (const path of neededBy(`packages/${folder}`, lock.packages)) users.set(path, (users.get(path) ?? new Set()).add(folder));
  }
  return [...users]
    .map(([path, usedBy]) => {
      const { version, license = 'none said', optional = false } = lock.packages[path]!;
      return { name: nameOf(path), version, licence: license, isBinary: optional, usedBy: [...usedBy] };
    })
    .toSorted((one, other) => (one.name < other.name ? -1 : Number(one.name > other.name)));
}

/** `A AND B` is both, `A OR B` one of them. */
export function isKnown(licence: string): boolean {
  const words = licence.replaceAll(/[()]/g, '');
  return words.split(' OR ').some((choice) => choice.split(' AND ').every((one) => KNOWN.has(one.trim())));
}

/** Paths in the lock file. What is ours is another row's business. */
function neededBy(from: string, packages: Readonly<Record<string, Locked>>): ReadonlySet<string> {
  const found = new Set<string>();
  const follow = (path: string): void => {
    const { dependencies = {}, optionalDependencies = {} } = packages[path]!;
    for (const name of Object.keys(dependencies)) {
      const target = locate(path, name, packages);
      // npm lists what is optional among both; a machine for which the lock file has no binary does without.
      if (target === undefined && !(name in optionalDependencies)) throw new Error(`package-lock.json: ${path} lacks ${name}`);
      visit(target);
    }
    for (const name of Object.keys(optionalDependencies)) visit(locate(path, name, packages));
  };
  const visit = (path: string | undefined): void => {
    if (path === undefined || isOurs(path) || found.has(path)) return;
    found.add(path);
    follow(path);
  };
  follow(from);
  return found;
}

/** As Node looks for it: in the node_modules of each folder above. */
function locate(from: string, name: string, packages: Readonly<Record<string, Locked>>): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = `${folder}${folder === '' ? '' : '/'}node_modules/${name}`;
    if (path in packages) return path;
    if (folder === '') return undefined;
  }
}

function isOurs(path: string): boolean {
  return path === 'node_modules/appserve' || path.startsWith('node_modules/@appserve/');
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
