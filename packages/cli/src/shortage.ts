// shortage.ts: the one error that keeps the rest from being read which would tell of it: no descriptor is left. So this room imports
// nothing of ours, and is there from the beginning.
//
// Law: one line, and no stack: where it ran out is a matter of chance.

import { readFileSync } from 'node:fs';

const WHY: Readonly<Record<string, string>> = {
  EMFILE: 'this process may not have as many files open as it needs to start; allow it more, such as ulimit -n 1024',
  ENFILE: 'the machine has as many files open as it can have (fs.file-max)',
};

/** With fewer, starts have failed. Node then says of some files that they are not there, so it is asked for ahead. */
const DESCRIPTORS_MIN = 64;

/** What there is to say where a start cannot be tried; nothing where it can, or the system does not tell. */
export function shortageAhead(): string | undefined {
  let limits: string;
  try {
    limits = readFileSync('/proc/self/limits', 'utf8');
  } catch (error) {
    return shortageOf(error);
  }
  // proc_pid_limits(5): the soft limit stands first; `unlimited` is no number.
  const [, soft] = /^Max open files +([0-9]+)/m.exec(limits) ?? [];
  return soft !== undefined && Number(soft) < DESCRIPTORS_MIN ? lineOf('EMFILE') : undefined;
}

/** Nothing for another error. What a factory ran out of is told as its own: the app may be the one that opens files without end. */
export function shortageOf(error: unknown): string | undefined {
  const { code, message, cause } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === 'WORKER_FAILED') return shortageOf(cause);
  // An error that comes from a thread has kept its message, and no code; of a thread that did not begin, Node says so in front.
  const [, errno = ''] = /^(?:Worker initialization failure: )?(E[A-Z]+)(?:: |$)/.exec(message ?? '') ?? [];
  return Object.hasOwn(WHY, errno) ? lineOf(errno) : undefined;
}

function lineOf(errno: string): string {
  return `appserve: ${WHY[errno]} (${errno})\n`;
}
