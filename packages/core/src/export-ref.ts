// export-ref.ts: an export of a module, known without importing anything. Plain data, so that it crosses thread walls.

import type { Place } from './place.ts';

export interface ExportRef {
  /** The URL of the module. */
  readonly module: string;
  /** May have dots: `Shop.make` is the function `make` of the export `Shop`. */
  readonly export: string;
  /** Where it is asked for. */
  readonly at?: Place | undefined;
}
