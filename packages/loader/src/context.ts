// context.ts: what will be made, as data: it crosses thread walls, and can be printed, checked and drawn before anything is made.

import type { FaultContext, Place } from '@appserve/core';
import type { FactorySettings, GlobalConf } from '@appserve/core/app';
import type { Group, Role } from './kinds.ts';
import { textOf, type ScopeRef, type Setting } from './setting.ts';
import type { FactoryTarget } from './uri.ts';

/** A section on the way to a context. */
export interface Visit {
  readonly file: string;
  readonly section: string;
  readonly shown: string;
}

/** A factory will be called. */
export interface FactoryContext {
  readonly type: 'factory';
  readonly role: Role;
  /** The section that names the factory; nothing when a list or a caller names it itself. */
  readonly section: string | undefined;
  readonly at: Place | undefined;
  /** Where the factory is named. */
  readonly useAt: Place | undefined;
  readonly target: FactoryTarget;
  /** Its signature, when the ini says it (`paste.app_factory = ...`). */
  readonly group: Group | undefined;
  /** Its signature, when neither the ini nor a package says it. */
  readonly inferred: Group;
  /** The file that names it: relative paths and packages are looked up from its folder, names in it. */
  readonly scope: ScopeRef;
  readonly globals: readonly Setting[];
  readonly settings: readonly Setting[];
  /** Packages that must be installed: the words of `require`. */
  readonly requires: readonly Setting[];
  /** Which sections led here, the outermost first. */
  readonly path: readonly Visit[];
  /** The same as messages say it, innermost first. */
  readonly askedBy: readonly string[];
}

/** What composes: a pipeline, a filter-app, a `filter-with`. */
export interface WrappedContext {
  readonly type: 'wrapped';
  readonly by: Wrapping;
  readonly role: 'app' | 'filter';
  readonly section: string | undefined;
  readonly at: Place | undefined;
  readonly globals: readonly Setting[];
  /** The outermost first. */
  readonly filters: readonly Context[];
  readonly inner: Context;
  readonly askedBy: readonly string[];
}

export type Context = FactoryContext | WrappedContext;

/** By what it is written. `first`: what is made first (PasteDeploy). `settings`: to whom the section's own settings belong. */
export const WRAPPINGS = {
  pipeline: { first: 'inner', settings: 'nobody' },
  'filter-app': { first: 'inner', settings: 'filter' },
  'filter-with': { first: 'filters', settings: 'inner' },
} as const;

export type Wrapping = keyof typeof WRAPPINGS;

/** Who gets the settings of the section that the context was made from; nothing when nobody does. */
export function receiverOf(context: Context): FactoryContext | undefined {
  if (context.type === 'factory') return context;
  switch (WRAPPINGS[context.by].settings) {
    case 'nobody':
      return undefined;
    case 'filter':
      return receiverOf(context.filters[0]!);
    case 'inner':
      return receiverOf(context.inner);
  }
}

export function globalConfOf(context: Context): GlobalConf {
  return Object.freeze(textOf(context.globals));
}

export function localConfOf(context: FactoryContext): FactorySettings {
  return textOf(context.settings);
}

/** For faults about the factory. */
export function faultContext({ useAt, askedBy }: FactoryContext): FaultContext {
  return { at: useAt, askedBy };
}
