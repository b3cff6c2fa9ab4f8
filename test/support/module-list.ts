// module-list.ts: which modules the threads of a process load, as they load them.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandOptions } from './command.ts';
import { inRepository } from './repository.ts';
import type { TemporaryFolder } from './temporary.ts';

const NAME = 'modules';

/** What makes a command note its modules in that folder. */
export function listingModules(folder: TemporaryFolder): CommandOptions {
  return {
    nodeArgs: ['--import', inRepository('test/fixtures/module-list/register.mjs')],
    env: { MODULE_LIST: join(folder.path, NAME) },
  };
}

function threadOf(name: string): number {
  return Number(name.slice(NAME.length + 1));
}

/** The URLs that each thread has loaded, the main thread first. */
export function loadedModules(folder: TemporaryFolder): string[][] {
  const lists = readdirSync(folder.path).filter((name) => name.startsWith(`${NAME}.`));
  return lists
    .toSorted((one, other) => threadOf(one) - threadOf(other))
    .map((name) => readFileSync(join(folder.path, name), 'utf8').trimEnd().split('\n'));
}
