// development/news.ts: what workers tell in development, and what they are told of it.

import type { Failure } from './failure.ts';
import type { Read } from './reads.ts';
import type { FailedRequest } from './show.ts';

export type DevelopmentNews =
  | { readonly type: 'reads'; readonly reads: readonly Read[] }
  | { readonly type: 'request-failed'; readonly failed: FailedRequest };

/** Of a worker that is watched. */
export interface Role {
  /** What it shows instead of the app, which cannot be loaded. */
  readonly failure: Failure | undefined;
}

export interface WorkingRole extends Role {
  /** The same for the workers of one generation, and for no others. */
  readonly token: string;
}
