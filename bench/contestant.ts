// contestant.ts: a server under measurement: its process, and what CPU time that has used.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SERVER_CORE, spawnOn, type Child } from './pinned.ts';

export class Contestant implements AsyncDisposable {
  readonly name: string;
  readonly port: number;
  readonly #child: Child;

  private constructor(name: string, port: number, child: Child) {
    this.name = name;
    this.port = port;
    this.#child = child;
  }

  /** Starts `bench/servers/NAME`, which prints its port as its first line. */
  static async start(name: string): Promise<Contestant> {
    const child = spawnOn(SERVER_CORE, process.execPath, [fileURLToPath(new URL(`servers/${name}.js`, import.meta.url))]);
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    return new Contestant(name, Number(line), child);
  }

  /** User and system time of all its threads, in microseconds (proc(5): ticks of 10 ms). */
  cpuUs(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8');
    // Behind the name in brackets, which may hold anything: utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}
