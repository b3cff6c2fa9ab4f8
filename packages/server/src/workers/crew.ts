// workers/crew.ts: what one generation of workers is started with.

import type { AppSource } from '@appserve/core/app';
import type { HttpSettings, ServerSettings } from '../settings.ts';

export interface Crew {
  readonly source: AppSource;
  readonly settings: ServerSettings & HttpSettings;
  readonly size: number;
}
