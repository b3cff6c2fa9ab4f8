// test.mjs: runs the tests: all of them, or the files that are named (test/core/http1/framing.test.ts).
//
// Node 20's --test takes no globs, and would run helpers too; so the list is made here, from the sources: what was deleted
// there is not run even when its output is still around.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

// Who has compiled the tests alone runs them on what is there now.
await bundle();

const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
// Who asks for a file wants to see each of its tests; of all 14,000, what failed.
if (named.length === 0) flags.unshift('--test-reporter=./scripts/brief.mjs', '--test-reporter-destination=stdout');
const sources = named.length > 0 ? named : allTests('test');
const files = sources.map((source) => `build/${source.replace(/\.ts$/, '.js')}`);

function allTests(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => `${folder}/${path}`)
    .toSorted();
}

const { status } = spawnSync(
  process.execPath,
  ['--enable-source-maps', '--test', `--test-concurrency=${availableParallelism()}`, ...flags, ...files],
  { stdio: 'inherit' },
);
process.exit(status ?? 1);
