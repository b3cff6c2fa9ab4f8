// composites/numbered.ts: the order in which a cascade asks its apps.

import { Fault } from '@appserve/core';

/** By number: `app10` behind `app2`, where Paste has it before. */
const BY_NUMBER = new Intl.Collator('en', { numeric: true });

/** Names of apps; at least one. Faults: OPTION_REQUIRED. */
export function numbered(pairs: readonly (readonly [key: string, name: string])[]): string[] {
  if (pairs.length === 0) throw new Fault('OPTION_REQUIRED', { key: 'app1', allowed: 'the name of an app' });
  return pairs.toSorted(([one], [other]) => BY_NUMBER.compare(one, other)).map(([, name]) => name);
}
