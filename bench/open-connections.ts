// open-connections.ts: many clients that have connected and say nothing, until they are told to.

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onCore, LOAD_CORE } from './pinned.ts';

/** Files of Node's own, beside the connections of a process. */
const OTHER_DESCRIPTORS = 200;

/** As many as this machine lets a process have, up to `wanted`. */
export function possibleConnections(wanted: number): number {
  const said = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
  return said === 'unlimited' ? wanted : Math.min(wanted, Number(said) - OTHER_DESCRIPTORS);
}

type Kind = 'http' | 'websocket';

export class OpenConnections implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  readonly #count: number;

  private constructor(port: number, count: number, kind: Kind) {
    this.#count = count;
    const program = fileURLToPath(new URL('load/open.js', import.meta.url));
    const [command, args] = onCore(LOAD_CORE, process.execPath, [program, String(port), String(count), kind]);
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#reader = createInterface(this.#child.stdout);
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  static async to(port: number, count: number, kind: Kind = 'http'): Promise<OpenConnections> {
    const connections = new OpenConnections(port, count, kind);
    await connections.#line();
    return connections;
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('the clients have ended: their connections were refused or closed');
    return value;
  }

  /** Asks on all of them at once; gives when the last answer was there, in milliseconds. */
  async wake(): Promise<number> {
    this.#child.stdin.write('wake\n');
    return Number(await this.#line());
  }

  /** Throws when the server has closed one of them: what was measured was measured with fewer. */
  async assertOpen(): Promise<void> {
    this.#child.stdin.write('count\n');
    const open = Number(await this.#line());
    if (open !== this.#count) throw new Error(`${this.#count - open} of ${this.#count} idle connections were closed meanwhile`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#reader.close();
    this.#child.stdin.end();
    this.#child.kill('SIGKILL');
    await ended;
  }
}
