// typescript/thread-hooks.ts: the hooks where Node has no module.registerHooks (20, 22.14): this module runs in a thread of its own,
// which module.register() starts for each thread that calls it. It serves import, and require-hooks.ts serves require.

import type { LoadHook, ResolveHook } from 'node:module';
import { isTypeScript } from './extension.ts';
import { addressOf, askerOf, loaded, meant, meantInstead, resolved } from './hooks.ts';

export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const asker = askerOf(context.parentURL);
  const path = meant(specifier, asker);
  if (path !== undefined && isTypeScript(path)) return resolved(path, specifier);
  if (path !== undefined) return nextResolve(addressOf(path, specifier), context);
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    return resolved(meantInstead(specifier, asker, error), specifier);
  }
};

export const load: LoadHook = async (url, context, nextLoad) => loaded(url) ?? nextLoad(url, context);
