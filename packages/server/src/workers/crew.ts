// workers/crew.ts: what one generation of workers is started with.

import type { AppSource } from '@appserve/core/app';
import type { Role } from '../development/news.ts';
import type { LogPlan } from '../logging/log-plan.ts';
import type { ServiceSettings } from '../settings.ts';

export interface Crew {
  readonly source: AppSource;
  readonly settings: ServiceSettings;
  readonly size: number;
  /** What its configuration says, and only a restart brings: in words, each. */
  readonly leftOut?: readonly string[];
  /** Where development is going on. */
  readonly development?: Role;
  /** What it logs where. */
  readonly plan: LogPlan;
}
