// peers.ts: programs that are only ever measured against: installed when a benchmark first asks for them, into a folder of their own.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../bench/peers', import.meta.url));

export function peerProgram(name: string): string {
  const program = `${FOLDER}/node_modules/.bin/${name}`;
  if (!existsSync(program)) {
    process.stderr.write('installing the peers (npm install in bench/peers) ...\n');
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: FOLDER, stdio: ['ignore', 2, 2] });
  }
  return program;
}
