// packages.ts: folders with an ini, modules and installed packages in them, written for one test and gone after it.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder, type TemporaryFolder } from './temporary.ts';

/** What a file holds: text, bytes, or an object that becomes JSON. */
export type Content = string | Uint8Array | Readonly<Record<string, unknown>>;
/** Files by their path inside a folder. */
export type Tree = Readonly<Record<string, Content>>;

/** Modules are `.mjs`, so that they need no package.json beside them to be modules. */
export function folderWith(tree: Tree): TemporaryFolder {
  const folder = temporaryFolder();
  for (const [path, content] of Object.entries(tree)) {
    const file = join(folder.path, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content));
  }
  return folder;
}

/** A package as npm leaves it: `shop` in `node_modules/shop`, of the given folder. */
export function installed(name: string, manifest: Content, files: Tree = {}, folder = ''): Tree {
  const home = join(folder, 'node_modules', name);
  const isObject = typeof manifest === 'object' && !(manifest instanceof Uint8Array);
  return {
    [join(home, 'package.json')]: isObject ? { name, version: '1.0.0', ...manifest } : manifest,
    ...Object.fromEntries(Object.entries(files).map(([path, content]) => [join(home, path), content])),
  };
}

/** A factory whose app shows what it was called with, and `from`, which says which of several it is. */
export function appFactory(name: string, from = name): string {
  return `export function ${name}(globalConf, settings) {
    const app = () => new Response(${JSON.stringify(from)});
    return Object.assign(app, { from: ${JSON.stringify(from)}, globalConf, settings });
  }
`;
}
