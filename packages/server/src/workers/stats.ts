// workers/stats.ts: what a caller is shown of a worker.

import type { MemberState } from './fleet.ts';
import type { Readings } from './scoreboard.ts';

export interface WorkerStats {
  /** `worker-1`; one that drains has the name of the one in its place. */
  readonly name: string;
  readonly state: MemberState;
  /** 1, and one more with each reload. */
  readonly generation: number;
  /** The columns of docs/reference/scoreboard.md; nothing when it is one too many to be watched. */
  readonly readings: Readings | undefined;
}
