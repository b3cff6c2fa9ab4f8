// environ-copy.ts: an environ for an app that may not be the last one to get it.

import type { Environ } from '@appserve/core/app';

/** Its keys and values, of the same class; what its methods give is said of the copy. */
export function copyOf(environ: Environ): Environ {
  return Object.assign(Object.create(Object.getPrototypeOf(environ) as object | null) as Environ, environ);
}
