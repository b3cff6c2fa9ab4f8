// contestant.ts: a server under measurement: its process, and what CPU time and memory that uses.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { cpuUsOfAll } from './accounts.ts';
import { peerProgram } from './installed-peers.ts';
import { SERVER_CORE, spawnOn, type Child } from './pinned.ts';

/** What it prints first. */
async function addressOf(child: Child, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve);
    child.once('exit', (code, signal) => reject(new Error(`${name} did not start: it ended with ${signal ?? `code ${code}`}`)));
    child.once('error', reject);
  });
}

/** A program in `bench/servers`, which prints its port, or its unix socket, as its first line. */
export interface Contender {
  readonly name: string;
  readonly program: string;
  readonly args?: readonly string[];
  /** Which runtime: this Node, or a peer's own. */
  readonly runtime?: 'bun';
  /** A program that is no file of ours: it prints its port too. */
  readonly command?: string;
}

export class Contestant implements AsyncDisposable {
  readonly name: string;
  /** A port or the path of a unix socket. */
  readonly address: string;
  readonly #child: Child;

  private constructor(name: string, address: string, child: Child) {
    this.name = name;
    this.address = address;
    this.#child = child;
  }

  get port(): number {
    return Number(this.address);
  }

  static async start(
    { name, program, args = [], runtime, command: foreign }: Contender,
    flags: readonly string[] = [],
  ): Promise<Contestant> {
    if (foreign !== undefined) return Contestant.startProgram(name, foreign, args);
    const file = fileURLToPath(new URL(`servers/${program}.js`, import.meta.url));
    const command = runtime === undefined ? [process.execPath, ...flags] : [peerProgram(runtime)];
    return Contestant.startProgram(name, command[0]!, [...command.slice(1), file, ...args]);
  }

  /** Another program that does the same: it prints where it serves. */
  static async startProgram(name: string, program: string, args: readonly string[]): Promise<Contestant> {
    const child = spawnOn(SERVER_CORE, program, args);
    return new Contestant(name, await addressOf(child, name), child);
  }

  /** User and system time of all its threads, and of the processes that it has started, in microseconds (proc(5): ticks of 10 ms). */
  cpuUs(): number {
    return cpuUsOfAll(this.#child.pid!);
  }

  /** Resident memory, in bytes: now, and at its highest. */
  memory(): { now: number; peak: number } {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+([0-9]+) kB`, 'm').exec(status)?.[1]);
    return { now: kib('VmRSS') * 1_024, peak: kib('VmHWM') * 1_024 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}
