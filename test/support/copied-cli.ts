// copied-cli.ts: the command in a folder as npm installs it: outside of the repository, where it knows nothing of the other packages' sources.

import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { inRepository } from './repository.ts';
import type { TemporaryFolder } from './temporary.ts';

/** Gives the script. */
export function copiedCli({ path }: TemporaryFolder): string {
  const home = join(path, 'node_modules');
  const source = inRepository('packages/cli');
  cpSync(source, join(home, 'appserve'), {
    recursive: true,
    filter: (from) => !/^\/(?:src|node_modules)$/.test(from.slice(source.length)),
  });
  symlinkSync(inRepository('node_modules/@appserve'), join(home, '@appserve'));
  return join(home, 'appserve/bin/appserve.js');
}
