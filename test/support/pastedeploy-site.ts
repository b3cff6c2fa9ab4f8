// pastedeploy-site.ts: what the oracle installs for PasteDeploy, installed for us: packages with entry points, and a module of
// functions. All of them note how they are called.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installed, type Tree } from './packages.ts';
import { DISTRIBUTIONS, FUNCTIONS, type Call, type Case, type Group } from './pastedeploy.ts';

/** The folder above those of all cases. */
export function siteTree(): Tree {
  const packages = Object.entries(DISTRIBUTIONS).map(([name, groups]) => {
    const entries = (Object.entries(groups) as [Group, readonly string[]][]).flatMap(([group, names]) =>
      names.map((entry) => ({ group, entry, variable: `${group}_${entry}` })),
    );
    const appserve = Object.fromEntries(
      Object.entries(groups).map(([group, names]) => [
        group,
        Object.fromEntries(names.map((entry) => [entry, `./entries.mjs#${group}_${entry}`])),
      ]),
    );
    const module = entries.map(
      ({ group, entry, variable }) => `export const ${variable} = factory(${JSON.stringify(`${name}#${entry}`)}, '${group}');\n`,
    );
    return installed(
      name,
      { appserve },
      { 'entries.mjs': [`import { factory } from '../../factories.mjs';\n`, ...module].join('') },
    );
  });
  return Object.assign({ 'factories.mjs': FACTORIES, 'fake.mjs': fakeModule() }, ...packages) as Tree;
}

/** What the oracle's Factory does. */
const FACTORIES = `export const trace = [];
const shown = (app) => app.text ?? '<app>';
// What a server gives must be a handle, which Python's is not; an app is none the worse for it.
const handle = { url: '', ready: Promise.resolve(), closed: Promise.resolve() };
const app = (text) => Object.assign(() => new Response(text), { text, ...handle });
export function factory(label, group) {
  return async (...given) => {
    const settings = given.at(-1);
    const call = { factory: label, global_conf: { ...given.at(-2) }, local_conf: Object.entries(settings) };
    const first = given.length === 3 ? given[0] : undefined;
    const isLoader = typeof first?.getApp === 'function';
    if (first !== undefined && !isLoader) call.app = shown(first);
    // Python ends what never ends by itself.
    if (trace.push(call) > 100) throw new Error('this never ends');
    if (group === 'filter_factory' || group === 'server_factory') return (inner) => app(label + '(' + shown(inner) + ')');
    if (group === 'filter_app_factory' || group === 'server_runner') return app(label + '(' + shown(first) + ')');
    if (group !== 'composite_factory' || !isLoader) return app(label);
    const passed = label.endsWith('#alone') ? undefined : given.at(-2);
    const apps = [];
    for (const [key, value] of Object.entries(settings)) if (key.startsWith('app')) apps.push(await first.getApp(value, passed));
    return app(label + '[' + apps.map(shown).join(', ') + ']');
  };
}
`;

function fakeModule(): string {
  const functions = Object.entries(FUNCTIONS).map(([name, group], index) => {
    const [parent, method] = name.split('.');
    const made = `factory('fake:${name}', '${group}')`;
    if (method === undefined) return `export const ${name} = ${made};\n`;
    return `const parent${index} = { ${method}: ${made} };\nexport { parent${index} as ${parent} };\n`;
  });
  return `import { factory } from './factories.mjs';\n${functions.join('')}`;
}

/** The files of a case, in a folder below that of siteTree. */
export function writeCase({ files }: Case, folder: string): void {
  const root = pathToFileURL(join(dirname(folder), 'fake.mjs')).href;
  const written = {
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [path, ours(text)])),
    'fake.mjs': `export * from '${root}';\n`,
  };
  for (const [path, text] of Object.entries(written)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** What is a module for Python is a file for us. */
export function ours(text: string): string {
  return text.replaceAll(/\bfake:/g, './fake.mjs:');
}

/** The calls of factories; whoever looks at them empties the list before. */
export async function traceOf(folder: string): Promise<Call[]> {
  const { trace } = (await import(pathToFileURL(join(dirname(folder), 'factories.mjs')).href)) as { trace: Call[] };
  return trace;
}
