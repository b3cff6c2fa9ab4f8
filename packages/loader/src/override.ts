// override.ts: what a section says beside `use = other` reaches what `other` itself would say it to.

import { Fault, throwFaults, type FaultContext } from '@appserve/core';
import { WRAPPINGS, type Context, type FactoryContext, type WrappedContext } from './context.ts';
import { merged, settingsOf, type Setting, type Settings } from './setting.ts';

export interface Overrides {
  readonly locals: Settings;
  /** What the section has `set`: said again, over what the used one says. */
  readonly additions: Settings;
  /** `__file__` of the section: that of a file used by it does not replace it (PasteDeploy). */
  readonly file: Setting | undefined;
  readonly requires: readonly Setting[];
  readonly asked: FaultContext;
}

/** Faults: PIPELINE_SETTINGS. */
export function overridden(context: Context, overrides: Overrides): Context {
  return context.type === 'factory' ? ofFactory(context, overrides) : ofWrapped(context, overrides);
}

function ofFactory(context: FactoryContext, { locals, additions, file, requires }: Overrides): FactoryContext {
  const globals = merged(settingsOf(context.globals), additions, file === undefined ? new Map() : settingsOf([file]));
  return {
    ...context,
    globals: [...globals.values()],
    settings: [...merged(settingsOf(context.settings), locals).values()],
    requires: [...context.requires, ...requires],
  };
}

function ofWrapped(context: WrappedContext, overrides: Overrides): WrappedContext {
  switch (WRAPPINGS[context.by].settings) {
    case 'inner':
      return { ...context, inner: overridden(context.inner, overrides) };
    case 'filter':
      return { ...context, filters: context.filters.map((filter) => overridden(filter, overrides)) };
    case 'nobody':
      throwFaults(refused(context, overrides));
      return { ...context, inner: requiring(context.inner, overrides.requires) };
  }
}

/** Whatever asks for an app that needs packages, it is the app that needs them. */
export function requiring<C extends Context>(context: C, requires: readonly Setting[]): C {
  if (requires.length === 0) return context;
  if (context.type === 'factory') return { ...context, requires: [...context.requires, ...requires] };
  return { ...context, inner: requiring(context.inner, requires) };
}

function refused({ section }: WrappedContext, { locals, asked }: Overrides): Fault[] {
  return [...locals.values()].map(
    ({ key, at }) =>
      new Fault('PIPELINE_SETTINGS', { section: section!, key }, { at: at ?? asked.at, askedBy: asked.askedBy ?? [] }),
  );
}
