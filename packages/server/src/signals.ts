// signals.ts: what an operator says by signal. Signals reach the main thread only, which is why no app code runs there.

import type { Supervisor } from './workers/supervisor.ts';

const STOPPING = ['SIGINT', 'SIGTERM'] as const;

/** Graceful at the first signal, at once at the second. Gives a function that listens no more. */
export function stopOnSignals(supervisor: Supervisor, stop: () => void): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    supervisor.log.info(`${signal}: ${supervisor.isStopping ? 'again: what is under way is cut' : 'stopping'}`);
    stop();
  };
  for (const signal of STOPPING) process.on(signal, onSignal);
  return () => {
    for (const signal of STOPPING) process.off(signal, onSignal);
  };
}
