// typescript/require-hooks.ts: require() of TypeScript.
//
// require.extensions is documented: deprecated, and never to be removed. It wins over Node's type stripping, which would be done to
// what is compiled already. Module._resolveFilename and _compile are not documented, and are what every compiler that hooks into
// require uses.

import Module from 'node:module';
import { isInstalled, isTypeScript } from './extension.ts';
import { meant, meantInstead, moduleAt } from './hooks.ts';

interface CommonJsModule {
  readonly filename: string | null;
  _compile(code: string, filename: string, format: 'module' | 'commonjs'): void;
}
type Extension = (module: CommonJsModule, filename: string) => void;

/** What Node's types leave out. */
interface Internals {
  _resolveFilename: (this: void, request: string, parent: CommonJsModule | undefined | null, ...rest: unknown[]) => string;
  readonly _extensions: Record<string, Extension | undefined>;
}

const internals = Module as unknown as Internals;
const ENDINGS = ['.ts', '.cts', '.mts', '.tsx', '.jsx'];

/** How files of these endings are loaded. */
export function hookExtensions(): void {
  for (const ending of ENDINGS) {
    // A file of that ending which is none of ours is loaded as before.
    const before = internals._extensions[ending] ?? internals._extensions['.js']!;
    internals._extensions[ending] = (module, filename) => {
      if (!isTypeScript(filename)) {
        before(module, filename);
        return;
      }
      const { code, type } = moduleAt(filename);
      module._compile(code, filename, type);
    };
  }
}

/** Which file is meant, where Node has no module.registerHooks. */
export function hookResolveFilename(): void {
  const resolve = internals._resolveFilename;
  internals._resolveFilename = (request, parent, ...rest) => {
    const filename = parent?.filename ?? undefined;
    const asker = filename === undefined || isInstalled(filename) ? undefined : filename;
    const path = meant(request, asker);
    if (path !== undefined) return resolve(path, parent, ...rest);
    try {
      return resolve(request, parent, ...rest);
    } catch (error) {
      return resolve(meantInstead(request, asker, error), parent, ...rest);
    }
  };
}
