// installed-peers.ts: programs that are only ever measured against: installed when a benchmark first asks for them, into folders of
// their own.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const FOLDER = fileURLToPath(new URL('../../bench/peers', import.meta.url));
const WATT = `${FOLDER}/watt`;
const PYTHON = fileURLToPath(new URL('../../bench/.venv', import.meta.url));

/** Where the servers are written. */
export const SERVERS = `${FOLDER}/servers`;

export function peerProgram(name: string): string {
  const program = `${FOLDER}/node_modules/.bin/${name}`;
  if (!existsSync(program)) {
    process.stderr.write('installing the peers (npm install in bench/peers) ...\n');
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: FOLDER, stdio: ['ignore', 2, 2] });
  }
  return program;
}

/** Watt, and the Node that it needs. Undefined where they cannot be had; why was printed. */
export function wattFolder(): string | undefined {
  if (existsSync(`${WATT}/node_modules/.bin/wattpm`)) return WATT;
  process.stderr.write('installing Watt and its Node (npm ci in bench/peers/watt) ...\n');
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  return spawnSync('npm', args, { cwd: WATT, stdio: ['ignore', 2, 2] }).status === 0 ? WATT : undefined;
}

/** Undefined where Python or its packages cannot be had; why was printed. */
export function pythonFolder(): string | undefined {
  if (existsSync(`${PYTHON}/bin/granian`)) return PYTHON;
  process.stderr.write('installing the Python peers (pip install in bench/.venv) ...\n');
  const isMade = spawnSync('python3', ['-m', 'venv', PYTHON], { stdio: ['ignore', 2, 2] }).status === 0;
  const args = ['install', '--quiet', '-r', `${FOLDER}/requirements.txt`];
  return isMade && spawnSync(`${PYTHON}/bin/pip`, args, { stdio: ['ignore', 2, 2] }).status === 0 ? PYTHON : undefined;
}
