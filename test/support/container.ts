// container.ts: a program as containers run it: process 1 of its own, not root, on a file system that it cannot write to. It needs
// root, and util-linux; no engine and no image.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Command, type CommandOptions, type Ending } from './command.ts';
import { PATIENCE_MS } from './patience.ts';

export interface Image {
  /** What stands in `workdir`, in the place of what an image has there. */
  readonly folder: string;
  readonly workdir: string;
  readonly user: number;
  readonly env: Readonly<Record<string, string>>;
  /** Folders below /run, empty and in memory: nothing else can be written to. */
  readonly writable: readonly string[];
}

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** For the `skip` of a test. */
export function noContainers(): false | string {
  const { status } = spawnSync('unshare', ['--pid', '--fork', '--mount', '--mount-proc', 'true'], { stdio: 'ignore' });
  return status === 0 ? false : 'namespaces of processes and mounts can be made by root only, with util-linux';
}

/** What an engine does before it starts process 1; `$0` is the folder, `$@` the program. Nothing of it is seen outside. */
function script({ workdir, user, writable }: Image): string {
  return [
    'set -e',
    'mount -t proc proc /proc',
    'mount -t tmpfs tmpfs /srv',
    `mkdir -p ${workdir}`,
    `mount --bind "$0" ${workdir}`,
    'mount -t tmpfs tmpfs /run',
    ...writable.map((path) => `install -d ${path} && mount -t tmpfs -o uid=${user},gid=${user},mode=0700 tmpfs ${path}`),
    ...['/', '/srv', workdir, '/run'].map((path) => `mount -o remount,ro,bind ${path}`),
    // The folder as it is there now.
    `cd ${workdir}`,
    `exec ${asUser(user).join(' ')} "$@"`,
  ].join('\n');
}

function asUser(user: number): readonly string[] {
  return ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--no-new-privs', '--bounding-set=-all'];
}

export class Container implements AsyncDisposable {
  readonly command: Command;
  readonly #image: Image;

  private constructor(image: Image, command: Command) {
    this.#image = image;
    this.command = command;
  }

  /** `env`: beside that of the image. */
  static run(image: Image, program: readonly string[], { env = {}, ...options }: CommandOptions = {}): Container {
    const unshare = ['--pid', '--fork', '--kill-child', '--mount', 'sh', '-c', script(image), image.folder, ...program];
    return new Container(image, Command.program('unshare', unshare, { ...options, env: { ...image.env, ...env } }));
  }

  /** Process 1, as it is called outside. */
  get pid(): number {
    const { pid } = this.command;
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    // To kill(2), 0 would be all that runs the test.
    if (!child) throw new Error('process 1 has not begun, or has ended');
    return Number(child);
  }

  /** As `docker stop` and `docker kill` do it. */
  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }

  /** As `docker exec` does it, and a health check. */
  async exec(program: readonly string[]): Promise<Said> {
    const { env, user, workdir } = this.#image;
    const enter = [`--target=${this.pid}`, '--pid', '--mount', '--', 'sh', '-c', `cd ${workdir} && exec "$@"`, 'sh'];
    const child = spawn('nsenter', [...enter, ...asUser(user), ...program], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE_MS,
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout, stderr };
  }

  /** That of process 1. */
  async ending(): Promise<Ending> {
    return this.command.ending();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.command[Symbol.asyncDispose]();
  }
}
