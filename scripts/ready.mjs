// ready.mjs: makes a fresh clone ready: installs what is missing or stale, builds what has changed. Plain JavaScript, since it
// runs before anything is there.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const STAMP = `${ROOT}node_modules/.appserve-installed`;

process.chdir(ROOT);
install();
await build();

/** npm ci, when the lock file is not the one that was installed. */
function install() {
  const wanted = createHash('sha256').update(readFileSync('package-lock.json')).update(process.platform).digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  process.stderr.write('installing (npm ci) ...\n');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  mkdirSync('node_modules', { recursive: true });
  writeFileSync(STAMP, wanted);
}

/** `tsc -b` and `bundle` look for themselves at what has changed; where nothing has, they take a fifth of a second. */
async function build() {
  // A config that moved leaves outputs behind that nobody would overwrite.
  if (existsSync('build') && !existsSync('build/test/.tsbuildinfo')) rmSync('build', { recursive: true });
  if (!existsSync('packages/core/dist')) process.stderr.write('building ...\n');
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-b']);
  // Not above: what it needs may have been installed just now.
  const { bundle } = await import('./bundle.mjs');
  await bundle();
  for (const name of readdirSync('packages')) sweep(`packages/${name}`);
}

/** tsc leaves what it has made of a source that is no more; npm would publish it. */
function sweep(folder) {
  for (const path of readdirSync(`${folder}/dist`, { recursive: true, encoding: 'utf8' })) {
    const [, name] = /^(.*)\.d\.ts(?:\.map)?$/.exec(path) ?? [];
    if (name !== undefined && !existsSync(`${folder}/src/${name}.ts`)) rmSync(`${folder}/dist/${path}`);
  }
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
