// peer.ts: servers that are compared as people run them: how each is started, and what it is.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as later } from 'node:timers/promises';
import { cpuUsOfAll, processesOf, proportionalBytes } from './accounts.ts';
import { freePort } from './free-port.ts';
import { onCore, SERVER_CORE } from './pinned.ts';

export interface Peer {
  readonly name: string;
  /** What it runs on. */
  readonly on: 'Node' | 'Node 24' | 'Bun' | 'Deno' | 'Python' | 'C';
  readonly workers: number;
  readonly version: () => string;
  readonly command: (port: number) => readonly string[];
  /** What it needs before it is started. */
  readonly prepare?: (port: number) => void;
}

const READY_WITHIN_MS = 40_000;
const ASK_EVERY_MS = 2;

/** A peer that runs. */
export class RunningPeer implements AsyncDisposable {
  readonly port: number;
  /** From exec to the first answer. */
  readonly startMs: number;
  readonly #child: ChildProcess;

  private constructor(port: number, startMs: number, child: ChildProcess) {
    this.port = port;
    this.startMs = startMs;
    this.#child = child;
  }

  /** One worker has a core, several have all. Throws when it does not answer. */
  static async start(peer: Peer, cwd: string): Promise<RunningPeer> {
    const port = await freePort();
    peer.prepare?.(port);
    const [program, ...args] = peer.command(port) as [string, ...string[]];
    const [command, all] = peer.workers > 1 ? [program, args] : onCore(SERVER_CORE, program, args);
    const sinceMs = performance.now();
    // In a group of its own, so that all that it starts ends with it.
    const child = spawn(command, all, { cwd, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2_000)));
    const ended = once(child, 'close').then(() => true);
    while (!(await isAnswering(port))) {
      const isOver = performance.now() - sinceMs > READY_WITHIN_MS;
      if (isOver) killAll(child);
      if (await Promise.race([ended, later(ASK_EVERY_MS, false)])) throw new Error(`${peer.name} does not answer:\n${said}`);
    }
    return new RunningPeer(port, performance.now() - sinceMs, child);
  }

  cpuUs(): number {
    return cpuUsOfAll(this.#child.pid!);
  }

  /** Of all its processes. A page that several share counts in parts, also those that other servers have. */
  memoryBytes(): number {
    return processesOf(this.#child.pid!).reduce((sum, pid) => sum + proportionalBytes(pid), 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'close');
    killAll(this.#child);
    await ended;
  }
}

function killAll({ pid }: ChildProcess): void {
  process.kill(-pid!, 'SIGKILL');
}

async function isAnswering(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`, { headers: { Connection: 'close' } }).then(
    async (answer) => (await answer.text()) === 'Hello, world!',
    () => false,
  );
}

/** Of a package that is installed in a folder. */
export function packageVersion(folder: string, name: string): string {
  return (JSON.parse(readFileSync(`${folder}/node_modules/${name}/package.json`, 'utf8')) as { version: string }).version;
}

/** The first thing that looks like a version in what a program says. */
export function saidVersion(program: string, ...args: readonly string[]): string {
  const said = execFileSync('sh', ['-c', '"$0" "$@" 2>&1', program, ...args], { encoding: 'utf8' });
  return /[0-9]+\.[0-9]+(?:\.[0-9]+)*/.exec(said)?.[0] ?? said.trim();
}
