// config-warnings.ts: what is to be said of a configuration that is right by itself, before anything is made of it: a check and the start
// of a server say the same.

import { Fault, FaultList, type Warning } from '@appserve/core';
import type { Library } from './library.ts';
import { unknownLoggingKeys } from './logging/unknown-keys.ts';
import { opened, type LoadOptions } from './open.ts';
import { Planner } from './plan.ts';
import type { Scope } from './scope.ts';
import { strayVariables, type Flags } from './stray-variables.ts';

/** Of files that have been read and planned. */
export function warningsOf(library: Library, scope: Scope | undefined, flags: Flags): Warning[] {
  return scope === undefined ? [] : [...unknownLoggingKeys(scope), ...strayVariables(library, flags)];
}

/** Nothing where there is more to say: who loads the configuration is told the mistakes. */
export async function configWarnings(uri: string, options: LoadOptions, flags: Flags): Promise<Warning[]> {
  try {
    const from = opened(uri, options);
    const { library } = from;
    const scope = await from.scope();
    // Only who has variables needs the other files, too.
    if (scope !== undefined && Object.keys(options.vars ?? {}).length > 0)
      await library.whole(() => new Planner(library).planAll(scope));
    return warningsOf(library, scope, flags);
  } catch (error) {
    if (error instanceof Fault || error instanceof FaultList) return [];
    throw error;
  }
}
