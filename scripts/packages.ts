// packages.ts: what npm would publish, looked at by publint (does package.json say what is in the tarball?) and attw (do the types
// say what Node loads?). Nothing is published. The packages are ES modules alone, which attw is told.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

import { packed } from '../test/support/packed.ts';
import { inRepository } from '../test/support/repository.ts';

using packages = packed();
for (const [name, tarball] of packages.tarballs) {
  const found = [...(await publintOf(tarball)), ...attwOf(tarball)];
  for (const one of found) console.error(`${name}: ${one}`);
  if (found.length > 0) process.exitCode = 1;
  console.log(`${found.length === 0 ? 'ok' : 'NOT OK'}: ${name}`);
}

async function publintOf(tarball: string): Promise<string[]> {
  const { buffer } = Uint8Array.from(readFileSync(tarball));
  const { messages, pkg } = await publint({ pack: { tarball: buffer } });
  return messages.map((message) => `publint: ${message.code}: ${formatMessage(message, pkg, { color: false })}`);
}

/** Its command, since the profile is known to that alone. */
function attwOf(tarball: string): string[] {
  const args = [
    inRepository('node_modules/.bin/attw'),
    '--profile',
    'esm-only',
    '--format',
    'ascii',
    '--no-emoji',
    '--no-color',
    tarball,
  ];
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  return status === 0 ? [] : [`attw:\n${stdout}${stderr}`];
}
