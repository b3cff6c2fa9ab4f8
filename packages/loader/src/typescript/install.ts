// typescript/install.ts: from here on import() and require() of TypeScript work in this thread.
//
// Law: hooks are a thread's own; each thread that imports TypeScript installs them. They win over Node's own type stripping, which
// some versions do, others do not, and none does for enums and decorators: an app is the same on all of them.

import * as nodeModule from 'node:module';
import { hookInThread } from './in-thread-hooks.ts';
import { hookExtensions, hookResolveFilename } from './require-hooks.ts';

let isInstalled = false;

export function installHooks(): void {
  if (isInstalled) return;
  isInstalled = true;
  hookExtensions();
  // register() is deprecated (DEP0205) where there is the other.
  if (!hookInThread()) {
    nodeModule.register('./thread-hooks.js', import.meta.url);
    hookResolveFilename();
  }
  showSources();
}

interface SourceMaps {
  readonly setSourceMapsSupport?: (this: void, enabled: boolean, options: { readonly nodeModules: boolean }) => void;
}

/** Stacks name the lines of the TypeScript files. */
function showSources(): void {
  const { setSourceMapsSupport } = nodeModule as SourceMaps;
  // Newer: it leaves the source maps of packages alone, which cost time and show nothing of the app.
  if (setSourceMapsSupport === undefined) process.setSourceMapsEnabled(true);
  else setSourceMapsSupport(true, { nodeModules: false });
}
