// check-config.ts: all that can be known to be wrong with a configuration before anything is made of it: every section is planned and
// resolved, and its settings are settled; those of logging are read; modules are imported, and no factory is called.

import { fileURLToPath } from 'node:url';
import { Fault, FaultList, Faults, type Place, type Warning } from '@appserve/core';
import { settingsOf } from './build.ts';
import { warningsOf } from './config-warnings.ts';
import { faultContext } from './context.ts';
import { namedBy } from './check-composite.ts';
import type { Role } from './kinds.ts';
import { unknownKeys, type KnownKeys } from './known-keys.ts';
import type { Library } from './library.ts';
import { readLogging } from './logging/read-logging.ts';
import { opened, type LoadOptions } from './open.ts';
import { Planner } from './plan.ts';
import { factoriesOf, resolveTree, type Blueprint, type FactoryBlueprint } from './resolve.ts';
import type { Scope } from './scope.ts';
import type { Tell } from './typed-settings.ts';
import { isTypeScript, prepareTypeScript } from './typescript/index.ts';

export interface CheckOptions extends LoadOptions {
  /** Without imports, what is inside of modules is not known: their exports, and the options of factories. */
  readonly imports?: boolean;
  /** What sections take that make nothing, where somebody knows. */
  readonly known?: KnownKeys;
  /** How options of the server are said on the command line, by their keys: one may be meant where a variable is written. */
  readonly flags?: Readonly<Record<string, string>>;
}

export interface CheckedConfig {
  /** The sections that make something: apps, filters, servers. */
  readonly sections: readonly string[];
  readonly faults: readonly Fault[];
  /** Of factories whose settings are right, and which say what is to be said of them. */
  readonly warnings: readonly Warning[];
}

/** What is no fault of the configuration is thrown. */
export async function checkConfig(
  uri: string,
  { imports = true, known = {}, flags = {}, ...options }: CheckOptions = {},
): Promise<CheckedConfig> {
  const faults = new Faults();
  const warnings = new Map<string, Warning>();
  const sections: string[] = [];
  try {
    const from = opened(uri, options);
    const scope = await from.scope();
    const named = scope?.named ?? [];
    sections.push(...named.map(({ section }) => section.name));
    if (scope !== undefined) await found(faults, () => readLogging(scope));
    const planner = new Planner(from.library);
    const checking = { faults, warnings, library: from.library, scope, known: new Set<string>() };
    if (scope !== undefined) for (const fault of unknownKeys(scope, known)) faults.add(fault);
    for (const { role, name } of [...named, ...(scope === undefined ? [] : missing(scope, from.name, options.server))]) {
      await found(faults, async () => {
        const context = await from.library.whole(() => planner.plan(role, name, scope!));
        const blueprint = resolveTree(context, from.library.folder);
        if (imports) await checkTree(blueprint, checking);
      });
    }
    for (const warning of warningsOf(from.library, scope, flags)) warnings.set(keyOf(warning), warning);
  } catch (error) {
    faults.add(error);
  }
  return { sections, faults: faults.found.toSorted(byPlace), warnings: [...warnings.values()].toSorted(byPlace) };
}

/** Who would serve the file asks for these two, whether they are there or not. */
function missing(scope: Scope, app: string, server = 'main'): { readonly role: Role; readonly name: string }[] {
  const asked = [
    { role: 'app', name: app },
    { role: 'server', name: server },
  ] as const;
  return asked.filter(({ role, name }) => !scope.has(role, name));
}

interface Placed {
  readonly at?: Place | undefined;
}

/** As they stand in the files; what has no place comes first. */
function byPlace({ at: one }: Placed, { at: other }: Placed): number {
  const files = (one?.file ?? '').localeCompare(other?.file ?? '');
  return files || (one?.line ?? 0) - (other?.line ?? 0) || (one?.column ?? 0) - (other?.column ?? 0);
}

interface Checking {
  readonly faults: Faults;
  /** By what they say and where: several sections may have one line. */
  readonly warnings: Map<string, Warning>;
  readonly library: Library;
  readonly scope: Scope | undefined;
  /** Apps that composites name and that have been looked at, by their key: there may be very many ways to each. */
  readonly known: Set<string>;
}

/** Its factories, and the apps that composites among them name; a circle of these is refused by the planner. */
async function checkTree(blueprint: Blueprint, checking: Checking): Promise<void> {
  const { faults, warnings, library, scope, known } = checking;
  for (const factory of factoriesOf(blueprint)) {
    await found(faults, () => checkFactory(factory, (warning) => warnings.set(keyOf(warning), warning)));
    await found(faults, async () => {
      for (const app of await namedBy(factory, library, scope)) {
        if (known.has(app.key)) continue;
        await found(faults, async () => checkTree(await app.resolved(), checking));
        // Not before: who comes to it again on the way has gone in a circle, which the planner tells.
        known.add(app.key);
      }
    });
  }
}

function keyOf({ code, message, at }: Warning): string {
  return JSON.stringify([code, message, at?.file, at?.line, at?.column]);
}

async function found(faults: Faults, step: () => unknown): Promise<void> {
  try {
    await step();
  } catch (error) {
    faults.add(error);
  }
}

/** Faults: those of imports, of TypeScript and of settings. */
async function checkFactory(blueprint: FactoryBlueprint, tell: Tell): Promise<void> {
  const { context, factory } = blueprint;
  if (isTypeScript(factory.module)) await prepareTypeScript(factory.module, faultContext(context));
  try {
    await settingsOf(blueprint, tell);
  } catch (error) {
    if (error instanceof Fault || error instanceof FaultList) throw error;
    // A factory's own schema may throw anything.
    const message = error instanceof Error ? error.message : String(error);
    const details = { module: fileURLToPath(factory.module), name: factory.export, message };
    throw new Fault('FACTORY_FAILED', details, { ...faultContext(context), cause: error });
  }
}
