// process/followable.ts: whether another process may take the place of this one, by who has started it: a machine.
//
// Law: whoever waits for the end of the process that it has started must not be shown one. That is known of process 1 alone: which of the
// other processes wait, the system does not tell.

export interface Origin {
  readonly pid: number;
  /** Its parent when it began. Later ones have only adopted it. */
  readonly startedBy: number;
  /** What process 1 is called (/proc/1/comm); nothing where the system does not tell. */
  readonly init: string | undefined;
  /** It takes the place of another one, whose end nobody took for the end of all. */
  readonly isHeir: boolean;
  /** Whoever has started it can be told of another main process (NOTIFY_SOCKET). */
  readonly isNotifying: boolean;
}

/** The inits of whole machines, which go on whoever ends: also for what a script of theirs has left in the background. */
const OF_MACHINES = /^(systemd|launchd|openrc-init|init)\b/;

/** Nothing where it may. */
export function whyNoHeir({ pid, startedBy, init, isHeir, isNotifying }: Origin): string | undefined {
  if (pid === 1) return 'process 1 cannot be followed by another one: a container ends with it; start a new container instead';
  if (startedBy !== 1 || isHeir || isNotifying || init === undefined || OF_MACHINES.test(init)) return undefined;
  return `process 1 (${init}) has started this one, and a container ends with what its init has started: start a new container instead`;
}
