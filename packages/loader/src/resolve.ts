// resolve.ts: a tree of contexts gets its factories: found, and nothing imported. What results is sent to workers.

import { dirname } from 'node:path';
import { Faults, gather } from '@appserve/core';
import type { Context, FactoryContext, WrappedContext } from './context.ts';
import { resolveFactory, type FactoryRef } from './entry-points.ts';
import { checkRequirements } from './requirements.ts';

/** A context whose factories have been found. Plain data. */
export type Blueprint = FactoryBlueprint | WrappedBlueprint;

export interface FactoryBlueprint {
  readonly type: 'factory';
  readonly context: FactoryContext;
  readonly factory: FactoryRef;
  /** Settings that a schema apart from the factory has settled already. */
  readonly settled?: { readonly values: unknown };
}

export interface WrappedBlueprint {
  readonly type: 'wrapped';
  readonly context: WrappedContext;
  readonly filters: readonly Blueprint[];
  readonly inner: Blueprint;
}

/** `folder`: for what no file names. Faults: REQUIREMENT_*, and those of resolveFactory; all of the tree at once. */
export function resolveTree(context: Context, folder: string): Blueprint {
  if (context.type === 'factory') return resolveLeaf(context, folderOf(context, folder));
  const [inner, ...filters] = gather([context.inner, ...context.filters].map((part) => () => resolveTree(part, folder)));
  return { type: 'wrapped', context, inner: inner!, filters };
}

/** Where modules and packages are looked up: from the file that names the factory. */
export function folderOf({ scope }: FactoryContext, folder: string): string {
  return scope.file === undefined ? folder : dirname(scope.file);
}

function resolveLeaf(context: FactoryContext, folder: string): FactoryBlueprint {
  const faults = new Faults();
  faults.catch(() => checkRequirements(context.requires, context.askedBy));
  const factory = faults.catch(() => resolveFactory(context, folder));
  faults.end();
  return { type: 'factory', context, factory: factory! };
}

/** Every factory of a tree, the innermost first. */
export function factoriesOf(blueprint: Blueprint): FactoryBlueprint[] {
  if (blueprint.type === 'factory') return [blueprint];
  return [blueprint.inner, ...blueprint.filters].flatMap(factoriesOf);
}

/** The same tree with other leaves. */
export async function mapFactories(
  blueprint: Blueprint,
  change: (factory: FactoryBlueprint) => Promise<FactoryBlueprint>,
): Promise<Blueprint> {
  if (blueprint.type === 'factory') return change(blueprint);
  const inner = await mapFactories(blueprint.inner, change);
  const filters = await Promise.all(blueprint.filters.map((filter) => mapFactories(filter, change)));
  return { ...blueprint, inner, filters };
}
