// process/heir.ts: the process that is started to take the place of this one, until it serves or ends.
//
// Law: one news of it, never two: it serves, or it never will. One that is told to end is heard no more.

import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { VARIABLE, type ByHand, type Heirloom, type Testament } from '../listen/heirlooms.ts';
import type { OwnFile } from '../own-file.ts';
import { programOf } from './program.ts';

/** The sockets of one address, as they are here. */
export interface Left {
  readonly written: string;
  readonly fds: readonly number[];
  readonly file: OwnFile | undefined;
}

/** What the heir is left. */
export interface Estate {
  readonly servers: number;
  readonly sockets: readonly Left[];
  readonly byHand: readonly ByHand[];
  /** What it needs of the environment that this process has taken away. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface HeirNews {
  serves(): void;
  /** `why` completes "process 7 ...". */
  ended(why: string): void;
  /** There is none. `why`: what the system says. */
  failed(why: string): void;
}

/** Where the process was started: a configuration may have been named from there. `chdir` comes later. */
const startedIn = process.cwd();
/** Behind the standard streams: the pipe, then the sockets. */
const READY_FD = 3;

export class Heir {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #sinceMs = performance.now();
  #isHeard = true;
  #isToReload = false;

  private constructor(child: ChildProcess, pid: number, news: HeirNews) {
    this.#child = child;
    this.pid = pid;
    const once = (tell: () => void): void => {
      if (!this.#isHeard) return;
      this.#isHeard = false;
      tell();
    };
    const pipe = child.stdio[READY_FD] as Readable;
    pipe.once('data', () => {
      once(() => news.serves());
      if (this.#isToReload) this.#child.kill('SIGHUP');
      this.letGo();
    });
    // That it is closed says nothing: the end of the process does.
    pipe.on('error', () => undefined);
    child.once('exit', (code, signal) => once(() => news.ended(`ended with ${signal ?? `code ${code}`}`)));
    // One that may not be signalled.
    child.on('error', (error) => once(() => news.ended(`is beyond reach: ${error.message}`)));
  }

  /** As this process was started, with the sockets under numbers of their own. Nothing, when it cannot be: then `failed` is told. */
  static start(estate: Estate, news: HeirNews): Heir | undefined {
    const program = program0();
    try {
      const child = spawnHeir(program, estate);
      if (child.pid !== undefined) return new Heir(child, child.pid, news);
      // Such a child has not even streams: its error follows.
      child.once('error', (error) => news.failed(whyNot(error, program)));
    } catch (error) {
      news.failed(whyNot(error as Error, program));
    }
    return undefined;
  }

  /** How long it has been starting. */
  get ageMs(): number {
    return performance.now() - this.#sinceMs;
  }

  /** What it has read may have changed since then: it is told to reload as soon as it serves, not before, when nobody would hear it. */
  reloadLater(): void {
    this.#isToReload = true;
  }

  /** It shall not take over any more; nothing is heard of it. */
  end(): void {
    this.#isHeard = false;
    this.#child.kill('SIGTERM');
  }

  /** This process does not wait for it, or for word of it. */
  letGo(): void {
    this.#child.unref();
    (this.#child.stdio[READY_FD] as Readable & { unref(): void }).unref();
  }
}

function program0(): string {
  const { argv0, execPath, env } = process;
  return programOf({ argv0, execPath, folder: startedIn, path: env['PATH'] }, isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function spawnHeir(program: string, { servers, sockets: left, byHand, environment }: Estate): ChildProcess {
  let next = READY_FD + 1;
  const sockets = left.map(({ written, fds, file }): Heirloom => {
    return { written, descriptors: fds.map(() => next++), ...(file && { file }) };
  });
  const will: Testament = { pid: process.pid, readyFd: READY_FD, servers, sockets, byHand };
  const stdio: StdioOptions = ['inherit', 'inherit', 'inherit', 'pipe', ...left.flatMap(({ fds }) => fds)];
  return spawn(program, [...process.execArgv, ...process.argv.slice(1)], {
    argv0: process.argv0,
    cwd: startedIn,
    env: { ...process.env, ...environment, [VARIABLE]: JSON.stringify(will) },
    stdio,
  });
}

function whyNot(error: NodeJS.ErrnoException, program: string): string {
  // The system does not say which of the two is missing.
  if (error.code === 'ENOENT' && !existsSync(startedIn)) return `its folder ${startedIn} is gone`;
  return WHY_NOT[error.code ?? '']?.(program) ?? error.message;
}

const WHY_NOT: Readonly<Record<string, (program: string) => string>> = {
  ENOENT: (program) => `there is no ${program} any more`,
  EACCES: (program) => `${program} may not be run by this user`,
  EMFILE: () => 'this process has all the descriptors that it may have (EMFILE; ulimit -n)',
  ENFILE: () => 'the machine has all the open files that it may have (ENFILE)',
  EAGAIN: () => 'there may be no more processes (EAGAIN; ulimit -u)',
};
