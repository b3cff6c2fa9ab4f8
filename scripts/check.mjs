// check.mjs: everything that must be right before a change lands, in the order of how quickly it says no.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

for (const step of ['check:format', 'check:lint', 'check:dead', 'check:packages', 'check:tests']) {
  const sinceMs = performance.now();
  const { status } = spawnSync('npm', ['run', '--silent', step], { stdio: 'inherit' });
  const seconds = ((performance.now() - sinceMs) / 1_000).toFixed(1);
  console.log(`${status === 0 ? 'ok' : 'NOT OK'}: ${step} (${seconds} s)`);
  if (status !== 0) process.exit(1);
}
