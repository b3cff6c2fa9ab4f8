// typescript/package-type.ts: whether a file is an ES module or CommonJS: its ending, else `type` of the package.json above it.
//
// As Node decides for JavaScript, but without its look at the syntax: TypeScript without `type` is full of imports and yet means
// CommonJS (module: nodenext, and every project that is older).

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tellRead } from '@appserve/core';

export type ModuleType = 'module' | 'commonjs';

export class PackageTypes {
  readonly #byFolder = new Map<string, ModuleType>();

  of(path: string): ModuleType {
    if (/\.m[^.]+$/.test(path)) return 'module';
    if (/\.c[^.]+$/.test(path)) return 'commonjs';
    return this.#ofFolder(dirname(path));
  }

  #ofFolder(folder: string): ModuleType {
    const known = this.#byFolder.get(folder);
    if (known !== undefined) return known;
    const above = dirname(folder);
    const type = typeIn(join(folder, 'package.json')) ?? (above === folder ? 'commonjs' : this.#ofFolder(above));
    this.#byFolder.set(folder, type);
    return type;
  }
}

/** Nothing where there is no such file. */
function typeIn(manifest: string): ModuleType | undefined {
  let text: string;
  try {
    text = readFileSync(manifest, 'utf8');
  } catch {
    return undefined;
  }
  tellRead(manifest);
  try {
    const { type } = JSON.parse(text) as { readonly type?: unknown };
    return type === 'module' ? 'module' : 'commonjs';
  } catch {
    // Whoever imports it will hear from Node what is wrong with it.
    return 'commonjs';
  }
}
