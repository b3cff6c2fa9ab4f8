// signals.ts: what an operator says by signal. Signals reach the main thread only, which is one reason why no app runs there, but for
// inline, where a busy app has them wait.

import type { Logger } from './log.ts';

/** What signals can do. */
export interface Controls {
  readonly log: Logger;
  /** Of several servers in one process the first one acts on what concerns all of them. */
  readonly leads: boolean;
  readonly isStopping: boolean;
  /** What stop() does now, in words: a further one is less patient. */
  readonly whatStopMeans: string;
  /** In words; nothing where it may begin. */
  readonly whyNotReload: string | undefined;
  /** It is developed on a terminal that was closed: what that sends is no wish for a reload. */
  readonly isForsaken: boolean;
  /** How many workers there shall be. */
  readonly size: number;
  /** What the last reload has left for a restart, in words, each. */
  readonly leftOut: readonly string[];
  /** Patient: requests that are on their way on idle connections are waited for. */
  stop(isPatient: boolean): void;
  stopNow(): void;
  reload(): Promise<void>;
  scale(size: number): void;
  /** How much a logger says. Faults: OPTION_INVALID. */
  setLevel(logger: string, level: string): void;
  /** Another process takes the place of this one. */
  succeed(): void;
  /** The log was moved away: a new file of its name. */
  reopenLog(): void;
}

interface Meaning {
  /** For the log and the guide. */
  readonly means: string;
  readonly act: (server: Controls) => void;
  /** It concerns the process, not each server. */
  readonly isOfProcess?: boolean;
}

/** As gunicorn and puma have them. */
export const SIGNALS = {
  SIGTERM: {
    means:
      'stop: answer what is under way, and what is on its way, then end; a second one: at once, or without the rest of `stop_delay`',
    act: (server) => server.stop(true),
  },
  SIGINT: {
    means: 'the same, from a terminal: idle connections are closed without waiting for what may be on its way',
    act: (server) => server.stop(false),
  },
  SIGQUIT: { means: 'stop at once: what is under way is cut', act: (server) => server.stopNow() },
  SIGHUP: { means: 'reload: fresh code and a configuration that is read again', act: reload },
  SIGTTIN: { means: 'one worker more', act: (server) => scale(server, 'SIGTTIN', 1) },
  SIGTTOU: { means: 'one worker less', act: (server) => scale(server, 'SIGTTOU', -1) },
  SIGUSR1: { means: 'open the log again: it was moved away', act: (server) => server.reopenLog() },
  SIGUSR2: {
    means: 'another process takes the place of this one, with its sockets: a newer Node or appserve',
    act: (server) => server.succeed(),
    isOfProcess: true,
  },
} as const satisfies Readonly<Record<string, Meaning>>;

export type SignalName = keyof typeof SIGNALS;

/** What goes wrong with it is logged where it does; that it was not even begun is said here. */
function reload(server: Controls): void {
  const { isForsaken, log, whyNotReload } = server;
  if (isForsaken) {
    log.info('SIGHUP: the terminal is gone: stopping');
    server.stop(false);
  } else if (whyNotReload !== undefined) {
    log.warn(`SIGHUP: ${whyNotReload}`);
  } else {
    log.info('SIGHUP: reloading');
    server.reload().catch(() => undefined);
  }
}

/** Says how many there are once that is so: some servers cannot be scaled. */
function scale(server: Controls, signal: string, more: 1 | -1): void {
  const size = server.size + more;
  if (size < 1) {
    server.log.warn(`${signal}: there is one worker left: it stays`);
    return;
  }
  try {
    server.scale(size);
    server.log.info(`${signal}: ${size} ${size === 1 ? 'worker' : 'workers'}`);
  } catch (error) {
    server.log.warn(`${signal}: ${(error as Error).message}`);
  }
}

const NAMES = Object.keys(SIGNALS) as SignalName[];
const ENDS: readonly SignalName[] = ['SIGTERM', 'SIGINT', 'SIGQUIT'];

/**
 * What is said by signal while a server starts waits until it can obey. Without listeners Node would open its debugger for one of them, others
 * would end the process and leave its files behind, and process 1 of a container would not hear them at all.
 */
export class HeardSignals {
  readonly #waiting: SignalName[] = [];
  #server: Controls | undefined;

  hear(): void {
    for (const name of NAMES) process.on(name, this.#onSignal);
  }

  obey(server: Controls): void {
    this.#server = server;
    for (const signal of this.#waiting.splice(0)) obey(signal, server);
  }

  forget(): void {
    for (const name of NAMES) process.off(name, this.#onSignal);
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    const name = signal as SignalName;
    if (this.#server !== undefined) {
      obey(name, this.#server);
    } else if (ENDS.includes(name) && this.#waiting.some((one) => ENDS.includes(one))) {
      // The start takes too long for whoever says it twice: the name of a host may be asked for.
      this.forget();
      process.kill(process.pid, name);
    } else {
      this.#waiting.push(name);
    }
  };
}

function obey(signal: SignalName, server: Controls): void {
  const { act, isOfProcess = false }: Meaning = SIGNALS[signal];
  if (isOfProcess && !server.leads) return;
  const words = wordsFor(signal, server);
  if (words !== undefined) server.log.info(`${signal}: ${words}`);
  act(server);
}

/** What is about to be done; nothing where that is said when it is done. */
function wordsFor(signal: SignalName, { whatStopMeans }: Controls): string | undefined {
  switch (signal) {
    case 'SIGTERM':
    case 'SIGINT':
      return whatStopMeans;
    case 'SIGQUIT':
      return 'stopping at once';
    case 'SIGHUP':
    case 'SIGTTIN':
    case 'SIGTTOU':
      return undefined;
    case 'SIGUSR1':
      return 'opening the log again';
    case 'SIGUSR2':
      return 'another process shall take the place of this one';
  }
}
