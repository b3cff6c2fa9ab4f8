// workers/process-worker-data.ts: what a worker that is a process is told first, and where its descriptors stand.

import type { WorkerBirth } from './messages.ts';

/**
 * Behind the standard streams and the channel (child_process: stdio): the scoreboard, the claims where there are any, the rings of
 * the log, then the listening sockets.
 */
export const FIRST_INHERITED = 4;

export interface ProcessData {
  readonly birth: WorkerBirth;
  readonly scoreboardBytes: number;
  readonly claimsBytes: number | undefined;
  readonly recordsBytes: number;
  readonly linesBytes: number | undefined;
}
