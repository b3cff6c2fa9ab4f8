// pinned.ts: programs on a core of their own, so that a server and its load do not take time from each other.

import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';

export type Child = ChildProcessByStdio<null, Readable, null>;

/** Server and load; on a machine with one core nothing is pinned. */
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

export function isInstalled(program: string): boolean {
  return spawnSync('which', [program], { stdio: 'ignore' }).status === 0;
}

const canPin = isInstalled('taskset') && spawnSync('taskset', ['-c', String(LOAD_CORE), 'true']).status === 0;

/** The command that runs another one on a core. */
export function onCore(core: number, command: string, args: readonly string[]): readonly [string, string[]] {
  return canPin ? ['taskset', ['-c', String(core), command, ...args]] : [command, [...args]];
}

export function spawnOn(core: number, command: string, args: readonly string[]): Child {
  const [program, all] = onCore(core, command, args);
  return spawn(program, all, { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** All that a program prints, when it has ended well. */
export async function outputOf(child: Child, withinMs?: number): Promise<string> {
  let output = '';
  const deadline = withinMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), withinMs);
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(deadline);
  if (code !== 0) throw new Error(`${child.spawnargs.join(' ')} ended with code ${code}`);
  return output;
}
