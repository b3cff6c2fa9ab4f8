// check-config.ts: all that can be known to be wrong with a configuration before anything is made of it: every section is planned,
// resolved, and its settings are settled; those of logging
// are read; modules are imported, and no factory is called.

import { fileURLToPath } from 'node:url';
import { Fault, FaultList, Faults } from '@appserve/core';
import { settingsOf } from './build.ts';
import { faultContext } from './context.ts';
import type { Role } from './kinds.ts';
import { unknownKeys, type KnownKeys } from './known-keys.ts';
import { readLogging } from './logging/read-logging.ts';
import { opened, type LoadOptions } from './open.ts';
import { Planner } from './plan.ts';
import { factoriesOf, resolveTree, type FactoryBlueprint } from './resolve.ts';
import type { Scope } from './scope.ts';
import { isTypeScript, prepareTypeScript } from './typescript/index.ts';

export interface CheckOptions extends LoadOptions {
  /** Without imports, what is inside of modules is not known: their exports, and the options of factories. */
  readonly imports?: boolean;
  /** What sections take that make nothing, where somebody knows. */
  readonly known?: KnownKeys;
}

export interface CheckedConfig {
  /** The sections that make something: apps, filters, servers. */
  readonly sections: readonly string[];
  readonly faults: readonly Fault[];
}

/** What is no fault of the configuration is thrown. */
export async function checkConfig(
  uri: string,
  { imports = true, known = {}, ...options }: CheckOptions = {},
): Promise<CheckedConfig> {
  const faults = new Faults();
  const sections: string[] = [];
  try {
    const from = opened(uri, options);
    const scope = await from.scope();
    const named = scope?.named ?? [];
    sections.push(...named.map(({ section }) => section.name));
    if (scope !== undefined) await found(faults, () => readLogging(scope));
    const planner = new Planner(from.library);
    if (scope !== undefined) for (const fault of unknownKeys(scope, known)) faults.add(fault);
    for (const { role, name } of [...named, ...(scope === undefined ? [] : missing(scope, from.name, options.server))]) {
      await found(faults, async () => {
        const context = await from.library.whole(() => planner.plan(role, name, scope!));
        const blueprint = resolveTree(context, from.library.folder);
        if (imports) for (const factory of factoriesOf(blueprint)) await found(faults, () => checkFactory(factory));
      });
    }
  } catch (error) {
    faults.add(error);
  }
  return { sections, faults: faults.found.toSorted(byPlace) };
}

/** Who would serve the file asks for these two, whether they are there or not. */
function missing(scope: Scope, app: string, server = 'main'): { readonly role: Role; readonly name: string }[] {
  const asked = [
    { role: 'app', name: app },
    { role: 'server', name: server },
  ] as const;
  return asked.filter(({ role, name }) => !scope.has(role, name));
}

/** As they stand in the files; what has no place comes first. */
function byPlace({ at: one }: Fault, { at: other }: Fault): number {
  const files = (one?.file ?? '').localeCompare(other?.file ?? '');
  return files || (one?.line ?? 0) - (other?.line ?? 0) || (one?.column ?? 0) - (other?.column ?? 0);
}

async function found(faults: Faults, step: () => unknown): Promise<void> {
  try {
    await step();
  } catch (error) {
    faults.add(error);
  }
}

/** Faults: those of imports, of TypeScript and of settings. */
async function checkFactory(blueprint: FactoryBlueprint): Promise<void> {
  const { context, factory } = blueprint;
  if (isTypeScript(factory.module)) await prepareTypeScript(factory.module, faultContext(context));
  try {
    await settingsOf(blueprint);
  } catch (error) {
    if (error instanceof Fault || error instanceof FaultList) throw error;
    // A factory's own schema may throw anything.
    const message = error instanceof Error ? error.message : String(error);
    const details = { module: fileURLToPath(factory.module), name: factory.export, message };
    throw new Fault('FACTORY_FAILED', details, { ...faultContext(context), cause: error });
  }
}
