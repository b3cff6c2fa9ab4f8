// workers/process-worker.ts: where a worker that is a process begins.
//
// Law: what an operator says by signal, or a terminal or a service manager says to all processes, is not for it, from its first moment on.
// So nothing of ours is imported before that is so.

import type { SignalName } from '../signals.ts';

/** All of them: the compiler counts. */
const SIGNALS: Readonly<Record<SignalName, true>> = {
  SIGTERM: true,
  SIGINT: true,
  SIGQUIT: true,
  SIGHUP: true,
  SIGTTIN: true,
  SIGTTOU: true,
  SIGUSR1: true,
  SIGUSR2: true,
};

function nothing(): void {
  // It is the supervisor's to obey.
}

for (const signal of Object.keys(SIGNALS)) process.on(signal, nothing);
await import('./process-begin.ts');
