// typescript/extension.ts: which files are compiled, and which file an import means. Endings only: no file is looked at here.
//
// Law: a package in node_modules has been built by its author. What is TypeScript there stays alone, and Node refuses it: that is
// Node's own rule too (ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING). A workspace is linked there and lives elsewhere, so it is ours.

/** JSX needs the compiler as well, and is set up in the same tsconfig. */
const COMPILED = /\.(?:[cm]?ts|[jt]sx)$/;
const DECLARATION = /\.d\.[cm]?ts$/;
const INSTALLED = /[\\/]node_modules[\\/]/;

/** Whether a file, by its path or its URL, is one that this room compiles. */
export function isTypeScript(address: string): boolean {
  const path = address.startsWith('file:') ? address.replace(/[?#].*$/s, '') : address;
  return COMPILED.test(path) && !DECLARATION.test(path) && !INSTALLED.test(path);
}

export function isDeclaration(path: string): boolean {
  return DECLARATION.test(path);
}

export function isInstalled(path: string): boolean {
  return INSTALLED.test(path);
}

/** What tsc would make a file of that ending from (moduleResolution: nodenext). */
const MADE_FROM: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx'],
  '.jsx': ['.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
};

/** What may be left out (moduleResolution: bundler, node10). */
const OMITTED = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json'];

/** The files that an import of `path` may mean; the first one that exists is it. */
export function candidatesOf(path: string): readonly string[] {
  const [ending = ''] = /\.[cm]?jsx?$/.exec(path) ?? [];
  const stem = path.slice(0, path.length - ending.length);
  return [
    ...(MADE_FROM[ending] ?? []).map((other) => stem + other),
    path,
    ...OMITTED.map((other) => path + other),
    ...OMITTED.map((other) => `${path}/index${other}`),
  ];
}
