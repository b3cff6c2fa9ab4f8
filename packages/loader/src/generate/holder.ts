// generate/holder.ts: the process that builds, in words by which another one can tell whether it is still there.
//
// Its number alone says little: numbers are given anew, and each container counts for itself. Source: proc_pid_stat(5), starttime;
// proc_sys_kernel(5), random/boot_id; pid_namespaces(7).

import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface Holder {
  /** Of this one claim. */
  readonly token: string;
  readonly pid: number;
  /** When it began, in ticks since the machine did; empty where the system does not say it. So the rest. */
  readonly started: string;
  readonly host: string;
  readonly boot: string;
  /** In which its number counts. */
  readonly namespace: string;
}

export function self(token: string): Holder {
  const { pid } = process;
  return { token, pid, started: startOf(pid), host: hostname(), ...MACHINE };
}

const MACHINE = {
  boot: orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
  namespace: orEmpty(() => readlinkSync('/proc/self/ns/pid')),
};

/** `held`: the claims of this process. One of another container, or of another machine, may always be there. */
export function isGone(holder: Holder, held: ReadonlySet<string>): boolean {
  const { boot, host, namespace } = self('');
  if (holder.host === host && holder.boot !== boot) return true;
  if (holder.host !== host || holder.namespace !== namespace) return false;
  if (holder.pid === process.pid) return !held.has(holder.token);
  return !isRunning(holder.pid) || startOf(holder.pid) !== holder.started;
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Behind the name of the program, which may have blanks and brackets in it, it is the 20th field. */
const STARTED = 19;

function startOf(pid: number): string {
  const stat = orEmpty(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[STARTED] ?? '';
}

/** Not every system has /proc, and not every process may be looked at. */
function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
