// said-by.ts: how a setting was said that no file wrote.

/** Who says it; those further down win. */
export const SAID_LAYERS = ['preset', 'environment', 'command line'] as const;

export type SaidLayer = (typeof SAID_LAYERS)[number];

export interface SaidBy {
  readonly layer: SaidLayer;
  /** As it was typed: `--workers`, `APPSERVE_WORKERS`, `--set app:main.debug`. */
  readonly by: string;
  /** Only for a server that has an option of that name: others are not told. */
  readonly isOffer?: true;
}
