// command.ts: a process of ours, as an operator sees it: what it says, what it answers to, and how it ends.

import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PATIENCE_MS } from './patience.ts';
import { RawClient, type RawResponse } from './raw-client.ts';
import { inRepository } from './repository.ts';
import type { TemporaryFolder } from './temporary.ts';

/** The command as it is installed. */
export const APPSERVE = inRepository('packages/cli/bin/appserve.js');

/** On a machine that is busy with others, too. */
const LIFETIME_MS = 230_000;

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** For Node itself, before the script. */
  readonly nodeArgs?: readonly string[];
  /** What it inherits as standard input; nothing when left out. */
  readonly stdin?: number;
  /** What it inherits as descriptors 3 and following. */
  readonly descriptors?: readonly number[];
  /** How many it may have open: `ulimit -n`. */
  readonly descriptorsMax?: number;
  /** Its stack: `ulimit -s`. */
  readonly stackKib?: number;
  /** Where it writes to, both of its streams; then nothing is heard of it. */
  readonly output?: number;
  /** None of ours has much to do: one that lives longer hangs, and is ended so that its test fails and does not wait. */
  readonly lifetimeMs?: number;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class Command implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiters = new Set<() => void>();
  readonly #ending: Promise<Ending>;
  #stdout = '';
  #stderr = '';
  #isOver = false;

  private constructor(program: string, args: readonly string[], options: CommandOptions) {
    const { cwd = process.cwd(), env = {}, nodeArgs = [], descriptors = [], lifetimeMs = LIFETIME_MS } = options;
    const { descriptorsMax, stackKib, stdin = 'ignore', output = 'pipe' } = options;
    const whole = [program, ...nodeArgs, ...args];
    // The shell becomes the program: no process stands between it and us.
    const limits = [
      ...(descriptorsMax === undefined ? [] : [`ulimit -n ${descriptorsMax} && `]),
      ...(stackKib === undefined ? [] : [`ulimit -s ${stackKib} && `]),
    ];
    const limited = limits.length === 0 ? whole : ['sh', '-c', `${limits.join('')}exec "$@"`, 'sh', ...whole];
    // What the test runner says to its own processes is not for ours.
    const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...inherited } = process.env;
    this.#child = spawn(limited[0]!, limited.slice(1), {
      cwd,
      env: { ...inherited, ...env },
      stdio: [stdin, output, output, ...descriptors],
      // A group of its own, so that workers which hang can be ended with it.
      detached: true,
    });
    this.#child.stdout?.on('data', (bytes: Buffer) => {
      this.#stdout += bytes.toString();
    });
    this.#child.stderr?.on('data', (bytes: Buffer) => {
      this.#stderr += bytes.toString();
      this.#wake();
    });
    const deadline = setTimeout(() => this.#killAll(), lifetimeMs);
    this.#ending = new Promise((resolve) => {
      // 'close', not 'exit': by then all that it said is here.
      this.#child.once('close', (code, signal) => {
        clearTimeout(deadline);
        this.#isOver = true;
        this.#wake();
        resolve({ code, signal });
      });
    });
  }

  /** `appserve ARGS`. */
  static appserve(args: readonly string[], options: CommandOptions = {}): Command {
    return new Command(process.execPath, [APPSERVE, ...args], options);
  }

  /** `node SCRIPT ARGS`. */
  static node(args: readonly string[], options: CommandOptions = {}): Command {
    return new Command(process.execPath, args, options);
  }

  /** `PROGRAM ARGS`, where the program is not ours. */
  static program(program: string, args: readonly string[], options: CommandOptions = {}): Command {
    return new Command(program, args, options);
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Waits until it has said so on stderr, so many times. Fails when it ends before. */
  async says(what: RegExp, times = 1): Promise<RegExpExecArray> {
    const all = new RegExp(what, `${what.flags.replace('g', '')}g`);
    for (;;) {
      const found = Array.from(this.#stderr.matchAll(all));
      if (found.length >= times) return found[times - 1]!;
      if (this.#isOver) throw new Error(`it ended without having said ${String(what)}:\n${this.#stderr}`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiters.delete(wake);
          resolve();
        };
        this.#waiters.add(wake);
      });
    }
  }

  /** The first address of its banner: it serves when that is there. */
  async url(): Promise<string> {
    const [, url] = await this.says(/^ {2}((?:https?|fastcgi):\/\/\S+|unix:\S+)(?: \(.*\))?$/m);
    await this.says(/; ready in \d+ ms$/m);
    return url!;
  }

  async client(): Promise<RawClient> {
    return connectTo(await this.url());
  }

  /** The answer to a GET on a connection of its own; nothing when it is closed without one. */
  async get(path: string): Promise<RawResponse | undefined> {
    await using client = await this.client();
    await client.send(`GET ${path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n`);
    return await client.response();
  }

  /**
   * Asks until that is the answer: after a reload, or when another one has crashed, a worker may take one more connection before it hears
   * that it should not.
   */
  async answers(path: string, body: string | RegExp): Promise<RawResponse> {
    const deadlineMs = performance.now() + PATIENCE_MS;
    const isMeant = (text: string): boolean => (typeof body === 'string' ? text === body : body.test(text));
    for (;;) {
      const response = await this.get(path);
      if (response !== undefined && isMeant(response.body)) return response;
      if (performance.now() > deadlineMs) throw new Error(`answers ${JSON.stringify(response?.body)}, not ${String(body)}`);
    }
  }

  /** Listens no more: what it writes from here on, nobody reads. */
  hangUp(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** How it ends, of itself. */
  async ending(): Promise<Ending> {
    return this.#ending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#killAll();
    await this.#ending;
  }

  #killAll(): void {
    const { pid } = this.#child;
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch (error) {
      // All of them have ended.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** A client of the address that a banner shows. */
export async function connectTo(url: string): Promise<RawClient> {
  if (url.startsWith('https:')) return RawClient.secure(Number(new URL(url).port));
  return RawClient.connect(url.startsWith('unix:') ? url.slice('unix:'.length) : Number(new URL(url).port));
}

/** Files of a folder, by name. */
export function write(folder: TemporaryFolder, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder.path, name), content);
}
