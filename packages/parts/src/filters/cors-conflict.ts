// filters/cors-conflict.ts: what the Fetch standard does not let go together (https://fetch.spec.whatwg.org/#cors-protocol-and-credentials).

import { Fault } from '@appserve/core';

/** Faults: OPTIONS_CONFLICT. */
export function refuseAllWithCredentials(settings: { readonly origins: readonly string[]; readonly credentials: boolean }): void {
  if (!settings.origins.includes('*') || !settings.credentials) return;
  const why = 'with credentials every origin must be named: * would let any page act for whoever is logged in';
  throw new Fault('OPTIONS_CONFLICT', { keys: ['origins', 'credentials'], why });
}
