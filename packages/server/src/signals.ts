// signals.ts: what an operator says by signal. Signals reach the main thread only, which is why no app code runs there.

import type { Supervisor } from './workers/supervisor.ts';

interface Meaning {
  /** For the log and the guide. */
  readonly means: string;
  readonly act: (supervisor: Supervisor) => void;
}

/** As gunicorn and puma have them. */
export const SIGNALS = {
  SIGTERM: { means: 'stop: answer what is under way, then end; a second one: at once', act: stop },
  SIGINT: { means: 'the same, from a terminal', act: stop },
  SIGQUIT: { means: 'stop at once: what is under way is cut', act: (supervisor) => supervisor.stopNow() },
  SIGHUP: { means: 'reload: fresh code and a configuration that is read again', act: reload },
  SIGTTIN: { means: 'one worker more', act: (supervisor) => scale(supervisor, 1) },
  SIGTTOU: { means: 'one worker less', act: (supervisor) => scale(supervisor, -1) },
} as const satisfies Readonly<Record<string, Meaning>>;

export type SignalName = keyof typeof SIGNALS;

function stop(supervisor: Supervisor): void {
  supervisor.stop();
}

/** What goes wrong is logged by the supervisor. */
function reload(supervisor: Supervisor): void {
  supervisor.reload().catch(() => undefined);
}

function scale(supervisor: Supervisor, more: 1 | -1): void {
  const size = supervisor.size + more;
  if (size < 1) {
    supervisor.log.warn('there is one worker left: it stays');
    return;
  }
  try {
    supervisor.scale(size);
  } catch (error) {
    supervisor.log.warn((error as Error).message);
  }
}

/** Gives a function that listens no more. */
export function obeySignals(supervisor: Supervisor): () => void {
  const names = Object.keys(SIGNALS) as SignalName[];
  const onSignal = (signal: NodeJS.Signals): void => {
    const { act } = SIGNALS[signal as SignalName];
    supervisor.log.info(`${signal}: ${wordsFor(signal as SignalName, supervisor)}`);
    act(supervisor);
  };
  for (const name of names) process.on(name, onSignal);
  return () => {
    for (const name of names) process.off(name, onSignal);
  };
}

function wordsFor(signal: SignalName, { isStopping, size }: Supervisor): string {
  switch (signal) {
    case 'SIGTERM':
    case 'SIGINT':
      return isStopping ? 'again: what is under way is cut' : 'stopping';
    case 'SIGQUIT':
      return 'stopping at once';
    case 'SIGHUP':
      return 'reloading';
    case 'SIGTTIN':
      return `${size + 1} workers`;
    case 'SIGTTOU':
      return size === 1 ? 'one worker less' : `${size - 1} ${size === 2 ? 'worker' : 'workers'}`;
  }
}
