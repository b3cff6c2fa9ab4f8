// workers/resource-limits.ts: what a worker thread may have of memory, as node:worker_threads takes it. One that needs more ends with
// ERR_WORKER_OUT_OF_MEMORY, and is replaced as one that crashed.
//
// The heap only: buffers lie outside of it, and no thread can be limited in those.

import type { ResourceLimits } from 'node:worker_threads';
import type { ServerSettings } from '../settings.ts';

const MIB = 2 ** 20;

export function resourceLimits({
  heapLimitBytes,
  stackLimitBytes,
}: Pick<ServerSettings, 'heapLimitBytes' | 'stackLimitBytes'>): ResourceLimits {
  return {
    ...(heapLimitBytes === undefined ? {} : { maxOldGenerationSizeMb: heapLimitBytes / MIB }),
    ...(stackLimitBytes === undefined ? {} : { stackSizeMb: stackLimitBytes / MIB }),
  };
}
