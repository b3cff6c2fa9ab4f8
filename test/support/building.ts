// building.ts: a folder with a configuration, and builds of it: by the command, as its users have it, or within the test.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build, type BuildOptions, type Built } from '@appserve/loader/generate';
import { APPSERVE, Command, type CommandOptions } from './command.ts';
import { folderWith, type Tree } from './packages.ts';
import { linkPackages, type TemporaryFolder } from './temporary.ts';

/** An app that says a greeting, and what a site needs around it. */
const SITE: Tree = {
  'package.json': '{ "name": "site", "private": true, "type": "module" }',
  'app.js': 'export const main = (_globalConf, { greeting }) => () => new Response(`${greeting}\\n`);\n',
};

/** `cfg` is buildout.cfg. */
export function siteWith(cfg: readonly string[], tree: Tree = {}): TemporaryFolder {
  const folder = folderWith({ ...SITE, 'buildout.cfg': `${cfg.join('\n')}\n`, ...tree });
  linkPackages(folder);
  return folder;
}

type Options = Partial<Omit<BuildOptions, 'given'>> & { readonly given?: Readonly<Record<string, string>> };

export async function built({ path }: TemporaryFolder, { given = {}, ...options }: Options = {}): Promise<Built> {
  const site = { config: join(path, 'buildout.cfg'), executable: process.execPath, appserve: APPSERVE };
  return build({ ...site, given: Object.entries(given), ...options });
}

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export async function appserveBuild(
  { path }: TemporaryFolder,
  args: readonly string[] = [],
  options: CommandOptions = {},
): Promise<Ran> {
  await using command = Command.appserve(['build', ...args], { cwd: path, ...options });
  const { code, signal } = await command.ending();
  return { code, signal, stdout: command.stdout, stderr: command.stderr };
}

export function textIn({ path }: TemporaryFolder, file: string): string {
  return readFileSync(join(path, file), 'utf8');
}

/** Every file of a folder with its text, its permissions and when it was changed, and every folder. What is linked stands outside. */
export function everythingIn({ path }: TemporaryFolder): Readonly<Record<string, string>> {
  const all = readdirSync(path, { recursive: true, withFileTypes: true }).filter(
    (entry) => !entry.isSymbolicLink() && !entry.parentPath.includes('node_modules'),
  );
  const entries = all.map((entry): [string, string] => {
    const file = join(entry.parentPath, entry.name);
    const { mode, mtimeMs } = statSync(file);
    return [
      file.slice(path.length + 1),
      entry.isDirectory() ? 'folder' : `${mode.toString(8)} ${Math.round(mtimeMs)} ${readFileSync(file, 'utf8')}`,
    ];
  });
  return Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

export function isThere({ path }: TemporaryFolder, file: string): boolean {
  return existsSync(join(path, file));
}
