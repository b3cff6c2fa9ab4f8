// workers/tally.ts: how often something has befallen the fleet since the process began.

import type { SpawnReason } from './fleet.ts';

export interface Tally {
  readonly starts: Record<SpawnReason, number>;
  readonly reloads: { done: number; failed: number };
}

export function newTally(): Tally {
  return { starts: { first: 0, death: 0, recycle: 0, hung: 0, reload: 0, scale: 0 }, reloads: { done: 0, failed: 0 } };
}
