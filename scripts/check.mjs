// check.mjs: everything that must be right before a change lands, in the order of how quickly it says no.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const STEPS = [
  { name: 'format', command: 'npx', args: ['oxfmt', '--check'] },
  {
    name: 'lint',
    command: 'npx',
    args: ['oxlint', '--type-aware', '--deny-warnings', 'packages', 'test', 'bench', 'scripts', 'examples'],
  },
  { name: 'dead code', command: 'npx', args: ['knip'] },
  { name: 'tests and coverage', command: 'npx', args: ['c8', 'npm', 'test', '--silent'] },
];

for (const { name, command, args } of STEPS) {
  const sinceMs = performance.now();
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  const seconds = ((performance.now() - sinceMs) / 1_000).toFixed(1);
  console.log(`${status === 0 ? 'ok' : 'NOT OK'}: ${name} (${seconds} s)`);
  if (status !== 0) process.exit(1);
}
