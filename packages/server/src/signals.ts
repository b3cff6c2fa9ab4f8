// signals.ts: what an operator says by signal. Signals reach the main thread only, which is why no app code runs there.

import { Fault } from '@appserve/core';
import type { Logger } from './log.ts';

/** What signals can do. */
export interface Controls {
  readonly log: Logger;
  readonly isStopping: boolean;
  /** How many workers there shall be. */
  readonly size: number;
  stop(): void;
  stopNow(): void;
  reload(): Promise<void>;
  scale(size: number): void;
  /** Another process takes the place of this one. */
  succeed(): void;
  /** The log was moved away: a new file of its name. */
  reopenLog(): void;
}

interface Meaning {
  /** For the log and the guide. */
  readonly means: string;
  readonly act: (server: Controls) => void;
}

/** As gunicorn and puma have them. */
export const SIGNALS = {
  SIGTERM: { means: 'stop: answer what is under way, then end; a second one: at once', act: stop },
  SIGINT: { means: 'the same, from a terminal', act: stop },
  SIGQUIT: { means: 'stop at once: what is under way is cut', act: (server) => server.stopNow() },
  SIGHUP: { means: 'reload: fresh code and a configuration that is read again', act: reload },
  SIGTTIN: { means: 'one worker more', act: (server) => scale(server, 1) },
  SIGTTOU: { means: 'one worker less', act: (server) => scale(server, -1) },
  SIGUSR1: { means: 'open the log again: it was moved away', act: (server) => server.reopenLog() },
  SIGUSR2: {
    means: 'another process takes the place of this one, with its sockets: a newer Node or appserve',
    act: (server) => server.succeed(),
  },
} as const satisfies Readonly<Record<string, Meaning>>;

export type SignalName = keyof typeof SIGNALS;

function stop(server: Controls): void {
  server.stop();
}

/** What goes wrong with it is logged where it does; that it was not even begun is said here. */
function reload(server: Controls): void {
  server.reload().catch((error: unknown) => {
    const isEarly = error instanceof Fault && error.code === 'NOT_SERVING' && !server.isStopping;
    if (isEarly) server.log.warn('there is nothing to reload before all workers are ready');
  });
}

function scale(server: Controls, more: 1 | -1): void {
  const size = server.size + more;
  if (size < 1) {
    server.log.warn('there is one worker left: it stays');
    return;
  }
  try {
    server.scale(size);
  } catch (error) {
    server.log.warn((error as Error).message);
  }
}

/** Gives a function that listens no more. */
export function obeySignals(server: Controls): () => void {
  const names = Object.keys(SIGNALS) as SignalName[];
  const onSignal = (signal: NodeJS.Signals): void => {
    const { act } = SIGNALS[signal as SignalName];
    server.log.info(`${signal}: ${wordsFor(signal as SignalName, server)}`);
    act(server);
  };
  for (const name of names) process.on(name, onSignal);
  return () => {
    for (const name of names) process.off(name, onSignal);
  };
}

function wordsFor(signal: SignalName, { isStopping, size }: Controls): string {
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
    case 'SIGUSR1':
      return 'opening the log again';
    case 'SIGUSR2':
      return 'another process shall take the place of this one';
  }
}
