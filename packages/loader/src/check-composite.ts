// check-composite.ts: which apps a composite will ask for, as far as its table of options says so: looked for before anything is made.
//
// A composite without a table may ask for whatever it likes: what it names is known when it is made.

import type { Option, Options } from '@appserve/core/options';
import { composingBuilder } from './composing.ts';
import { CompositeLoader } from './composite-loader.ts';
import { faultContext, globalConfOf } from './context.ts';
import type { Library } from './library.ts';
import { importExport } from './modules.ts';
import type { Blueprint, FactoryBlueprint } from './resolve.ts';
import type { Scope } from './scope.ts';
import { textOf } from './setting.ts';

/** As @appserve/core/options has it, which brings zod: no worker shall come to it by way of the face of this package. */
const OTHERS = '*';

/** An app that a composite names. */
export interface NamedApp {
  /** Equal for what comes to the same: one name in one file, seen with the same values. */
  readonly key: string;
  /** Faults: those of plan and resolve. */
  resolved(): Promise<Blueprint>;
}

/** None for sections of `checked`, which are looked at in any case. */
export async function namedBy(
  { context, factory }: FactoryBlueprint,
  library: Library,
  checked: Scope | undefined,
): Promise<NamedApp[]> {
  if (!/^composite?_factory$/.test(factory.group) || factory.options === undefined) return [];
  const table = (await importExport(factory.options, faultContext(context))) as Options;
  // A schema of somebody's own says nothing of apps.
  if ('~standard' in table) return [];
  const loader = new CompositeLoader(context, library, composingBuilder(library));
  const names = new Set(context.settings.flatMap(({ key, value }) => nameIn(table, key, value)));
  const isChecked = (name: string): boolean =>
    checked !== undefined && loader.scopeOf(name).file === checked.ref.file && checked.has('app', name);
  const globalConf = globalConfOf(context);
  const keyOf = (name: string): string => {
    const { file, injected } = loader.scopeOf(name);
    return JSON.stringify([file, name, textOf(injected), globalConf]);
  };
  return [...names]
    .filter((name) => !isChecked(name))
    .map((name) => ({ key: keyOf(name), resolved: () => loader.resolvedApp(name, globalConf) }));
}

function nameIn(table: Options, key: string, value: string): string[] {
  const others = table[OTHERS];
  const row: Option | undefined = Object.hasOwn(table, key) ? table[key] : others?.isKey?.(key) === false ? undefined : others;
  if (row?.app === undefined || value === '') return [];
  return [row.app === 'key' ? key : value];
}
