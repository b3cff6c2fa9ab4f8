// composites/host-map.ts: what stands at which host.

import { Fault } from '@appserve/core';

/** By host in lower case. Faults: OPTIONS_CONFLICT. */
export function hostMapOf<T>(pairs: Iterable<readonly [key: string, value: T]>): Map<string, T> {
  const hosts = new Map<string, T>();
  for (const [key, value] of pairs) {
    const host = key.toLowerCase();
    if (hosts.has(host)) throw new Fault('OPTIONS_CONFLICT', { keys: [key], why: 'another key names the same host' });
    hosts.set(host, value);
  }
  return hosts;
}
