// process/kill-unless.ts: the last resort of who wants the process to end.
//
// A thread that is in a call of the system, or of native code, ends when it comes back from it, and process.exit() waits for all
// threads (Node: Environment::stop_sub_worker_contexts). Only a signal that nobody can catch does not wait.
//
// Process 1 of a container gets no signal from within that it has no handler for, SIGKILL included (pid_namespaces(7)): it leaves by a
// call of the system, with the code that a shell gives to who was killed.

import { libc } from '../libc.ts';
import type { Logger } from '../log.ts';

/** Threads that can be ended have ended by then. */
const LIMIT_MS = 5_000;

const INIT_PID = 1;
const KILLED_CODE = 137;

/** `ended`: settles when there is nothing to kill. `flush`: sees to it that what was logged is written. */
export function killUnless(ended: Promise<void>, log: Logger, flush: () => void): void {
  const kill = (): void => {
    log.error('not all workers can be ended: the process kills itself');
    flush();
    if (process.pid === INIT_PID) libc.exit(KILLED_CODE);
    process.kill(process.pid, 'SIGKILL');
  };
  const timer = setTimeout(kill, LIMIT_MS);
  const keep = (): void => clearTimeout(timer);
  ended.then(keep, keep);
}
