// known-keys.ts: sections that make nothing, but are not everybody's: what they may say. What [DEFAULT] says is no key of theirs.

import { Fault, nearest, throwFaults } from '@appserve/core';
import { opened, type LoadOptions } from './open.ts';
import type { Scope } from './scope.ts';

/** By section. */
export type KnownKeys = Readonly<Record<string, readonly string[]>>;

/** OPTION_UNKNOWN, at the line of each key that nobody reads. */
export function unknownKeys(scope: Scope, known: KnownKeys): Fault[] {
  return Object.entries(known).flatMap(([name, keys]) => {
    const section = scope.document.sections.get(name);
    if (section === undefined) return [];
    const askedBy = [`[${name}] ${section.at.file}:${section.at.line}`];
    return [...section.values]
      .filter(([key]) => !keys.includes(key) && !isDirective(key))
      .map(([key, { at }]) => new Fault('OPTION_UNKNOWN', { key, nearest: nearest(key, keys), has: keys }, { at, askedBy }));
  });
}

/** `set http_port = 8081` and `get port = http_port` are of every section. */
function isDirective(key: string): boolean {
  return key.startsWith('set ') || key.startsWith('get ');
}

/** Faults: CONFIG_*, INI_*, OPTION_UNKNOWN. */
export async function checkKeys(uri: string, known: KnownKeys, options: LoadOptions = {}): Promise<void> {
  const scope = await opened(uri, options).scope();
  if (scope !== undefined) throwFaults(unknownKeys(scope, known));
}
