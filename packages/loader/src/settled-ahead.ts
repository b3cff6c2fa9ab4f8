// settled-ahead.ts: the settings of sections that a composite may ask for while a worker makes it: settled in the main thread, so that no
// worker imports their schemas, and the library that they are made with.
//
// Law: it is a matter of time and memory only. What is not here is settled where it is asked for, and what is wrong with a section is told to
// whoever asks for it; nobody may.

import { Fault, FaultList, type ExportRef } from '@appserve/core';
import type { FactoryContext } from './context.ts';
import type { Library } from './library.ts';
import { Planner } from './plan.ts';
import { factoriesOf, resolveTree } from './resolve.ts';
import type { Scope } from './scope.ts';
import { settledApart, settlementKey, type SettledAhead } from './typed-settings.ts';

/** Of all apps and filters of a file. Plain data. */
export async function settledAhead(library: Library, scope: Scope): Promise<SettledAhead> {
  const ahead = new Map<string, unknown>();
  for (const { role, name } of scope.named) {
    if (role === 'server') continue;
    try {
      const context = await library.whole(() => new Planner(library).plan(role, name, scope));
      for (const blueprint of factoriesOf(resolveTree(context, library.folder))) {
        const { settled } = await settledApart(blueprint);
        if (settled !== undefined) ahead.set(keyOf(blueprint), settled.values);
      }
    } catch (error) {
      if (!(error instanceof Fault || error instanceof FaultList)) throw error;
    }
  }
  return ahead;
}

function keyOf({
  factory,
  context,
}: {
  readonly factory: { readonly options?: ExportRef };
  readonly context: FactoryContext;
}): string {
  return settlementKey(factory.options!, context);
}
