// workers/idle.ts: how long nobody has been connected (idle_exit). A machine; the monitor gives it what the scoreboard says.

export interface Idle {
  /** Connections that all workers have accepted, at the last look. */
  readonly accepted: number;
  readonly sinceMs: number;
}

export interface Seen {
  readonly accepted: number;
  readonly connections: number;
  /** Somebody serves: a server that is only starting is not idle. */
  readonly isWhole: boolean;
}

/** Who came and left between two looks was there too: the count of all that were accepted tells. */
export function idleFor(before: Idle, { accepted, connections, isWhole }: Seen, nowMs: number): readonly [Idle, number] {
  const isIdle = isWhole && connections === 0 && accepted === before.accepted;
  const idle = isIdle ? before : { accepted, sinceMs: nowMs };
  return [idle, nowMs - idle.sinceMs];
}
