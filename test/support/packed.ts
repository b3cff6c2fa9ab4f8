// packed.ts: our packages as npm would publish them, unpacked into a project; what they need of others is linked. Nothing is fetched.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inRepository } from './repository.ts';
import { PACKAGES } from './sources.ts';
import { temporaryFolder, type TemporaryFolder } from './temporary.ts';

/** Tarballs by the names of the packages. */
export type Packed = TemporaryFolder & { readonly tarballs: ReadonlyMap<string, string> };

export function packed(): Packed {
  const folder = temporaryFolder();
  const workspaces = PACKAGES.flatMap((name) => ['-w', `packages/${name}`]);
  const args = ['pack', '--json', '--silent', '--pack-destination', folder.path, ...workspaces];
  const said = execFileSync('npm', args, { cwd: inRepository(''), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const made = Object.values(JSON.parse(said) as Record<string, { readonly name: string; readonly filename: string }>);
  const tarballs = new Map(made.map(({ name, filename }) => [name, join(folder.path, filename)]));
  return { ...folder, tarballs };
}

/** What `npm install` would do in that project. */
export function installPacked({ tarballs }: Packed, project: string): void {
  const home = join(project, 'node_modules');
  for (const [name, tarball] of tarballs) {
    const target = join(home, name);
    mkdirSync(target, { recursive: true });
    execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
    linkForeign(
      `packages/${name.replace('@appserve/', '').replace('appserve', 'cli')}/node_modules`,
      join(target, 'node_modules'),
    );
  }
  linkForeign('node_modules', home);
  link('../appserve/bin/appserve.js', join(home, '.bin/appserve'));
  link(inRepository('node_modules/.bin/tsc'), join(home, '.bin/tsc'));
}

/** What is installed there, and not ours. A package that needs another version than the others has it in its own folder. */
function linkForeign(from: string, to: string): void {
  const folder = inRepository(from);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of names) {
    if (name.startsWith('.') || name === 'appserve' || name === '@appserve') continue;
    const scoped = name.startsWith('@') ? readdirSync(join(folder, name)).map((one) => `${name}/${one}`) : [name];
    for (const one of scoped) link(join(folder, one), join(to, one));
  }
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}
