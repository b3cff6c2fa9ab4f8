// metrics/is-watched.ts: whether somebody may ask how long requests take. Where nobody can, no worker looks at the clock for it.

import type { SharedSettings } from '../settings.ts';

export function isWatched({ metrics, controlSocket }: Pick<SharedSettings, 'metrics' | 'controlSocket'>): boolean {
  return metrics !== undefined || controlSocket !== undefined;
}
