// workers/crew.ts: what one generation of workers is started with.

import type { AppSource } from '@appserve/core/app';
import type { LogPlan } from '../logging/log-plan.ts';
import type { ServiceSettings } from '../settings.ts';

export interface Crew {
  readonly source: AppSource;
  readonly settings: ServiceSettings;
  readonly size: number;
  /** What it logs where. */
  readonly plan: LogPlan;
}
