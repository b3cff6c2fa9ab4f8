// installed.ts: a project into which npm has installed our tarballs, with what they need from the registry. It takes what its cache has
// and asks for the rest.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from './command.ts';
import type { Packed } from './packed.ts';
import { inRepository } from './repository.ts';
import { temporaryFolder, type TemporaryFolder } from './temporary.ts';

const LIFETIME_MS = 400_000;
/** What npm says where nobody answers. */
const UNREACHABLE = /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT)\b/;

/** Beside our packages it has the types of Node that we compile with. */
export async function installedProject({ tarballs }: Packed): Promise<TemporaryFolder> {
  const folder = temporaryFolder();
  const { devDependencies } = JSON.parse(readFileSync(inRepository('package.json'), 'utf8')) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  const dependencies = {
    ...Object.fromEntries([...tarballs].map(([name, tarball]) => [name, `file:${tarball}`])),
    '@types/node': devDependencies['@types/node'],
  };
  writeFileSync(join(folder.path, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
  try {
    await npmInstall(folder.path);
  } catch (error) {
    folder[Symbol.dispose]();
    throw error;
  }
  return folder;
}

async function npmInstall(cwd: string): Promise<void> {
  const args = ['install', '--prefix', cwd, '--prefer-offline', '--no-audit', '--no-fund', '--no-update-notifier'];
  await using npm = Command.program('npm', args, { cwd, lifetimeMs: LIFETIME_MS });
  const { code, signal } = await npm.ending();
  if (code === 0) return;
  const [unreachable] = UNREACHABLE.exec(npm.stderr) ?? [];
  const reason =
    unreachable === undefined
      ? `npm install ended with ${code ?? signal}`
      : `the npm registry cannot be reached (${unreachable})`;
  throw new Error(`${reason}:\n${npm.stderr}`);
}
