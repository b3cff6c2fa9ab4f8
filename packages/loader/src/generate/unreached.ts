// generate/unreached.ts: sections that look like parts and are not built: a name may be missing from `parts`, or be misspelt there.

import { formatPlace } from '@appserve/core';
import { BUILDOUT } from '../buildout/merge.ts';
import type { Configuration } from '../buildout/substitute.ts';
import type { MadePart } from './parts.ts';

/**
 * Those with a recipe that no part has needed, as warnings. What stands in another file is there for those who extend it; and a section
 * that others take their options from is of use. `file`: the configuration, as messages call it.
 */
export function unreached({ merged }: Configuration, file: string, parts: readonly MadePart[]): string[] {
  const reached = new Set([...parts.map(({ part }) => part.name), ...merged.macros]);
  return merged.names.flatMap((name) => {
    if (name === BUILDOUT || reached.has(name)) return [];
    const { at, options } = merged.section(name);
    if (at?.file !== file || !options.has('recipe')) return [];
    return [`${formatPlace(at)}: [${name}] is not built: neither parts of [${BUILDOUT}] nor a part that is built names it`];
  });
}
