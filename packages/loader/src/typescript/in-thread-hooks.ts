// typescript/in-thread-hooks.ts: module.registerHooks, of Node 22.15 and later: in this thread. Both import and require
// resolve by it; import loads by it, and require-hooks.ts serves the loading of require.

import * as nodeModule from 'node:module';
import { isTypeScript } from './extension.ts';
import { addressOf, askerOf, loaded, meant, meantInstead, resolved, type Loaded, type Resolved } from './hooks.ts';

interface ResolveContext {
  readonly parentURL?: string | undefined;
  /** An array; of require() in 22.15 a set. */
  readonly conditions: Iterable<string>;
}

/** The types that this is built with are those of Node 20. */
interface Hooks {
  resolve<C extends ResolveContext, R>(
    specifier: string,
    context: C,
    nextResolve: (specifier: string, context: C) => R,
  ): R | Resolved;
  load<C, R>(url: string, context: C, nextLoad: (url: string, context: C) => R): R | Loaded;
}

const HOOKS: Hooks = {
  resolve(specifier, context, nextResolve) {
    const asker = askerOf(context.parentURL);
    const path = meant(specifier, asker);
    if (path !== undefined && isTypeScript(path)) return resolved(path, specifier);
    if (path !== undefined) return nextResolve(isRequire(context) ? path : addressOf(path, specifier), context);
    try {
      return nextResolve(specifier, context);
    } catch (error) {
      return resolved(meantInstead(specifier, asker, error), specifier);
    }
  },
  load(url, context, nextLoad) {
    return loaded(url) ?? nextLoad(url, context);
  },
};

function isRequire({ conditions }: ResolveContext): boolean {
  return Array.from(conditions).includes('require');
}

/** Whether this Node has them. */
export function hookInThread(): boolean {
  const { registerHooks } = nodeModule as { registerHooks?: (hooks: Hooks) => void };
  registerHooks?.(HOOKS);
  return registerHooks !== undefined;
}
