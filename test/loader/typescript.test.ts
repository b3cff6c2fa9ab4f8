// Apps in TypeScript: what of the language runs, in which thread, from which cache, and what is said when it does not.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { FaultDetails } from '@appserve/core';
import { loadApp, loadAppSource } from '@appserve/loader';
import { Command } from '../support/command.ts';
import { faultOf, faultsOf, pointed } from '../support/faults.ts';
import { asNobody } from '../support/nobody.ts';
import { folderWith, installed, type Tree } from '../support/packages.ts';
import { absent } from '../support/programs.ts';
import { inRepository } from '../support/repository.ts';
import { linkPackages, temporaryFolder, type TemporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 240_000, concurrency: 2 };

// Of this process; commands get one of their own.
const cache = temporaryFolder();
process.env['APPSERVE_CACHE'] = cache.path;
after(() => cache[Symbol.dispose]());

type FetchApp = (request: Request) => Response | Promise<Response>;

/** What the app of a folder says when it is loaded in this thread. */
async function said(files: Tree, module = 'app.ts'): Promise<string> {
  using folder = folderWith({ 'site.ini': `[app:main]\nuse = ./${module}#main\n`, ...files });
  return await saidIn(folder);
}

async function saidIn(folder: TemporaryFolder): Promise<string> {
  const app = (await loadApp('site.ini', { relativeTo: folder.path })) as FetchApp;
  return (await app(new Request('http://test/'))).text();
}

/** A module whose app says the value of an expression. */
function saying(expression: string, before = ''): string {
  return `${before}
export function main(): () => Response {
  return () => new Response(JSON.stringify(${expression}));
}
`;
}

function tsconfig(compilerOptions: object): Tree {
  return { 'tsconfig.json': { compilerOptions } };
}

/** Enough of reflect-metadata to see what the compiler has written. */
const REFLECT = `
const known = new Map<string, unknown>();
Object.assign(Reflect, {
  metadata: (key: string, value: unknown) => (_target: object, name?: string) => {
    known.set(\`\${key} \${name ?? 'new'}\`, value);
  },
});
export const names = (key: string): string[] => (known.get(key) as { name: string }[]).map(({ name }) => name);
`;

interface Feature {
  readonly files: Tree;
  readonly says: unknown;
}

/** What runs alike as an ES module and as CommonJS. */
const FEATURES: Readonly<Record<string, Feature>> = {
  'types, satisfies and as': {
    files: { 'app.ts': saying('n', 'interface N { readonly n: number }\nconst n = { n: 1 as number } satisfies N;') },
    says: { n: 1 },
  },
  'enums, constant ones too': {
    files: {
      'app.ts': saying('[Colour.Red, Colour[1], Size.Big]', 'enum Colour { Red, Blue }\nconst enum Size { Big = "big" }'),
    },
    says: [0, 'Blue', 'big'],
  },
  'parameter properties': {
    files: { 'app.ts': saying('new A(3)', 'class A { constructor(private readonly a: number, public b = 2) { void this.a; } }') },
    says: { a: 3, b: 2 },
  },
  namespaces: { files: { 'app.ts': saying('N.a', 'namespace N { export const a = 1; }') }, says: 1 },
  'imports of .js, of .ts, of nothing and of a folder': {
    files: {
      'app.ts': saying(
        '[a, b, c, d]',
        "import { a } from './a.js';\nimport { b } from './b.ts';\nimport { c } from './c.part';\nimport { d } from './d';",
      ),
      'a.ts': 'export const a: string = "a";',
      'b.ts': 'export const b: string = "b";',
      'c.part.ts': 'export const c: string = "c";',
      'd/index.ts': 'export const d: string = "d";',
    },
    says: ['a', 'b', 'c', 'd'],
  },
  'imports of types, without running what they come from': {
    files: {
      'app.ts': saying(
        '[1 as Id, typeof One]',
        "import { type Id, One } from './ids';\nimport { Other } from './other';\nlet o: Other;",
      ),
      'ids.ts': 'export type Id = number;\nexport class One {}',
      'other.ts': 'throw new Error("run");\nexport interface Other {}',
    },
    says: [1, 'function'],
  },
  'paths, baseUrl and extends of tsconfig.json, with comments': {
    files: {
      'tsconfig.json':
        '// the app\n{ "extends": "./base", /* more */ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] }, }, }',
      'base.json': { compilerOptions: { baseUrl: './src' } },
      'app.ts': saying('[x, y]', "import { x } from '@lib/x';\nimport { y } from 'deep/y.js';"),
      'src/lib/x.ts': 'export const x: number = 1;',
      'src/deep/y.ts': 'export const y: number = 2;',
    },
    says: [1, 2],
  },
  'paths without baseUrl, and packages beside them': {
    files: {
      ...tsconfig({ paths: { '#/*': ['./lib/*'] } }),
      'app.ts': saying('[x, p]', "import { x } from '#/x';\nimport { p } from 'plain';"),
      'lib/x.ts': 'export const x: number = 1;',
      ...installed('plain', { main: 'p.js' }, { 'p.js': 'exports.p = 2;' }),
    },
    says: [1, 2],
  },
  'decorators of experimentalDecorators, with the types of emitDecoratorMetadata': {
    files: {
      ...tsconfig({ experimentalDecorators: true, emitDecoratorMetadata: true }),
      'reflect.ts': REFLECT,
      'mailer.ts': 'export class Mailer {}',
      'app.ts': saying(
        '[seen, names("design:paramtypes new")]',
        `import { names } from './reflect';
import { Mailer } from './mailer';
const seen: unknown[] = [];
const inject = (_target: object, _key: unknown, index: number): void => void seen.push(index);
const service = (target: { name: string }): void => void seen.push(target.name);
@service
export class Shop { constructor(@inject readonly mailer: Mailer, @inject readonly limit: number) {} }`,
      ),
    },
    says: [
      [1, 0, 'Shop'],
      ['Mailer', 'Number'],
    ],
  },
  'decorators of ECMAScript, where experimentalDecorators is off': {
    files: {
      'app.ts': saying(
        '[seen, new Shop().a]',
        `const seen: unknown[] = [];
function log(_value: unknown, context: { kind: string; name: string | symbol | undefined }): void { seen.push(context.kind + ' ' + String(context.name)); }
@log class Shop { @log a = 1; @log sell(): void {} }`,
      ),
    },
    says: [['method sell', 'field a', 'class Shop'], 1],
  },
  'JSX, by the factory of tsconfig.json': {
    files: {
      ...tsconfig({ jsx: 'react', jsxFactory: 'h' }),
      'app.ts': saying('view', "import { view } from './view.js';"),
      'view.tsx': 'const h = (...given: unknown[]) => given;\nexport const view: unknown = <p class="x">{1 as number}</p>;',
    },
    says: ['p', { class: 'x' }, 1],
  },
  'JSX, by the runtime of a package': {
    files: {
      ...tsconfig({ jsx: 'react-jsx', jsxImportSource: 'tiny' }),
      ...installed(
        'tiny',
        { exports: { './jsx-runtime': './j.js' } },
        { 'j.js': 'exports.jsx = (...given) => given.slice(0, 2);' },
      ),
      'app.ts': saying('view', "import { view } from './view.jsx';"),
      'view.tsx': 'export const view: unknown = <p>text</p>;',
    },
    says: ['p', { children: 'text' }],
  },
  'fields that are assigned, as useDefineForClassFields says': {
    files: {
      ...tsconfig({ useDefineForClassFields: false }),
      'app.ts': saying(
        'seen',
        'const seen: number[] = [];\nclass A { set a(n: number) { seen.push(n); } }\nclass B extends A { a = 1 }\nnew B();',
      ),
    },
    says: [1],
  },
  'fields that are defined, where nothing is said': {
    files: {
      'app.ts': saying(
        'seen',
        'const seen: number[] = [];\nclass A { set a(n: number) { seen.push(n); } }\nclass B extends A { a = 1 }\nnew B();',
      ),
    },
    says: [],
  },
  'a byte order mark, and #!': {
    files: {
      'app.ts': `\uFEFF${saying('n', "import { n } from './n';")}`,
      'n.ts': '#!/usr/bin/env node\nexport const n: number = 1;',
    },
    says: 1,
  },
  'import(), also of a module that is an ES module by its ending': {
    files: {
      'app.ts': saying(
        'later',
        "let later: unknown;\nconst loading = import('./later.mjs').then((m: { n: number }) => { later = m.n; });",
      ).replace('return () => ', 'return async () => (await loading) ?? '),
      'later.mts': 'export const n: number = await Promise.resolve(5);',
    },
    says: 5,
  },
};

describe('TypeScript runs', () => {
  for (const type of ['module', 'commonjs']) {
    for (const [name, { files, says }] of Object.entries(FEATURES)) {
      it(`${name} (${type})`, async () => {
        assert.deepEqual(JSON.parse(await said({ 'package.json': { type }, ...files })), says);
      });
    }
  }

  it('as CommonJS where package.json says nothing, with what belongs to it', async () => {
    const app = saying(
      '[typeof require, __filename.endsWith("app.ts"), lib.a, typeof require.cache]',
      "import lib = require('./lib');",
    );
    assert.equal(await said({ 'app.ts': app, 'lib.ts': 'export = { a: 1 };' }), '["function",true,1,"object"]');
  });

  it('as an ES module where its ending says so', async () => {
    const app = saying(
      '[import.meta.url.endsWith("app.mts"), n, j]',
      "const n: number = await 1;\nimport j from './j.json' with { type: 'json' };",
    );
    assert.equal(await said({ 'app.mts': app, 'j.json': '[2]' }, 'app.mts'), '[true,1,[2]]');
  });

  it('as an ES module that imports names of CommonJS, passed on by others too', async () => {
    const files = {
      'package.json': { type: 'module' },
      'app.ts': saying('[one, two, three, q]', "import { one, two, three, q } from './all.cjs';"),
      'all.cts': "export * from './one.cjs';\nexport * from './two.cjs';\nexport * from 'plain';\nexport const q: number = 4;",
      'one.cts': 'export const one: number = 1;',
      'two.cts': 'export const two: number = 2, other: number = 0;',
      ...installed('plain', { main: 'p.js' }, { 'p.js': 'exports.three = 3;' }),
    };
    assert.equal(await said(files), '[1,2,3,4]');
  });

  it('as CommonJS that requires an ES module', async () => {
    const files = {
      'app.cts': saying('m.n', "const m = require('./m.mjs') as { n: number };"),
      'm.mts': 'export const n: number = 1;',
    };
    assert.equal(await said(files, 'app.cts'), '1');
  });

  // Node 20 asks no hooks for what such a module imports itself.
  const skip = 'registerHooks' in nodeModule ? false : `Node ${process.version} has no module.registerHooks`;
  it('as CommonJS that requires an ES module, which imports more', { skip }, async () => {
    const files = {
      'app.cts': saying('m.n', "const m = require('./m.mjs') as { n: number };"),
      'm.mts': "export { n } from './n.mjs';",
      'n.mts': 'export const n: number = 1;',
    };
    assert.equal(await said(files, 'app.cts'), '1');
  });

  it('once, however it is asked for', async () => {
    const files = {
      'package.json': { type: 'module' },
      'app.ts': saying(
        '[a.counter === c, counted.count]',
        "import { createRequire } from 'node:module';\nimport * as a from './counter.cjs';\nconst c = (createRequire(import.meta.url)('./counter.cts') as typeof a).counter;\nconst counted = globalThis as unknown as { count: number };",
      ),
      'counter.cts':
        'Object.assign(globalThis, { count: ((globalThis as { count?: number }).count ?? 0) + 1 });\nexport const counter = {};',
    };
    assert.equal(await said(files), '[true,1]');
  });

  it('that is imported by JavaScript', async () => {
    const files = {
      'package.json': { type: 'module' },
      'app.ts': saying('n', "import { n } from './between.mjs';"),
      'between.mjs': "export { n } from './n.mts';\nimport './m.mjs';",
      'n.mts': 'export const n: number = 1;',
      'm.mts': 'export {};',
    };
    assert.equal(await said(files), '1');
  });

  it('that a package.json names by the file that it is built to', async () => {
    const files = {
      'package.json': { type: 'module', imports: { '#db': './db.js' } },
      'app.ts': saying('n', "import { n } from '#db';"),
      'db.ts': 'export const n: number = 1;',
    };
    assert.equal(await said(files), '1');
  });

  it('of a linked package: a workspace', async () => {
    using folder = folderWith({
      'site.ini': '[app:main]\nuse = ./app/app.mts#main\n',
      'app/app.mts': saying('n', "import { n } from 'lib';"),
      'lib/package.json': { name: 'lib', type: 'module', exports: './lib.ts' },
      'lib/lib.ts': "export { n } from './n.js';",
      'lib/n.ts': 'export const n: number = 1;',
    });
    mkdirSync(join(folder.path, 'node_modules'));
    symlinkSync('../lib', join(folder.path, 'node_modules/lib'));
    assert.equal(await saidIn(folder), '1');
  });

  it('not in an installed package: it stays alone', async () => {
    using folder = folderWith({
      'site.ini': '[app:main]\nuse = ./app.mts#main\n',
      'app.mts': saying('1', "import 'lib';"),
      ...installed('lib', { exports: './lib.ts' }, { 'lib.ts': 'enum A { a }' }),
    });
    assert.equal((await faultOf(loadApp('site.ini', { relativeTo: folder.path }))).code, 'MODULE_FAILED');
  });

  it('not under a name that it will have when it is built: the right one is offered', async () => {
    using folder = folderWith({ 'site.ini': '[app:main]\nuse = ./app.js#main\n', 'app.ts': saying('1') });
    const { hint } = await faultOf(loadApp('site.ini', { relativeTo: folder.path }));
    assert.equal(hint, 'did you mean app.ts?');
  });
});

const SERVER = '[server:main]\nuse = @appserve/server#main\nsocket = 127.0.0.1:0\nworkers = 1\nmax_reuse_count = unlimited\n';
const SITE = `[app:main]\nuse = ./src/app.ts#main\n${SERVER}`;

/** An app that says whether its process has loaded the compiler. */
const APP = `import { greeting } from './greeting.js';

enum Path { Boom = '/boom' }

export function main() {
  return (request: Request): Response => {
    if (new URL(request.url).pathname === Path.Boom) {
      throw new Error('boom');
    }
    const { sharedObjects } = process.report!.getReport() as unknown as { sharedObjects: string[] };
    return new Response(greeting + (sharedObjects.some((file) => /swc[^/]*[.]node$/.test(file)) ? ', compiled' : ''));
  };
}
`;

function site(files: Tree = {}): TemporaryFolder {
  const folder = folderWith({
    'site.ini': SITE,
    'package.json': { type: 'module' },
    'src/app.ts': APP,
    'src/greeting.ts': "export const greeting: string = 'hello';\n",
    ...files,
  });
  linkPackages(folder);
  return folder;
}

function serve(folder: TemporaryFolder, env: Readonly<Record<string, string>> = {}, nodeArgs: readonly string[] = []): Command {
  const own = { APPSERVE_CACHE: join(folder.path, 'cache') };
  return Command.appserve(['site.ini'], { cwd: folder.path, env: { ...own, ...env }, nodeArgs });
}

/** What a start of its own says to GET /. */
async function answer(folder: TemporaryFolder, env: Readonly<Record<string, string>> = {}): Promise<string | undefined> {
  await using command = serve(folder, env);
  const { body } = (await command.get('/')) ?? {};
  return body;
}

function withFactory(jsxFactory: string): Tree {
  return tsconfig({ jsx: 'react', jsxFactory });
}

function entriesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile());
}

describe('an app in TypeScript', TIMEOUT, () => {
  for (const type of ['module', 'commonjs']) {
    it(`is compiled at its first start only (${type})`, async () => {
      using folder = site({ 'package.json': { type } });
      assert.equal(await answer(folder), 'hello, compiled');
      assert.equal(await answer(folder), 'hello');
    });

    it(`shows its own lines in a stack (${type})`, async () => {
      using folder = site({ 'package.json': { type } });
      await using command = serve(folder);
      await command.get('/boom');
      await command.says(/Error: boom\n[^\n]*app\.ts:8:/);
    });
  }

  it('runs what its files say now', async () => {
    using folder = site();
    assert.equal(await answer(folder), 'hello, compiled');
    writeFileSync(join(folder.path, 'src/greeting.ts'), "export const greeting: string = 'HELLO';\n");
    assert.equal(await answer(folder), 'HELLO, compiled');
    writeFileSync(join(folder.path, 'src/greeting.ts'), "export const greeting: string = 'hello';\n");
    assert.match((await answer(folder))!, /^hello/);
  });

  it('is compiled again when its tsconfig.json changes', async () => {
    const greeting = 'const one = () => "one", two = () => "two";\nexport const greeting: unknown = <p>{[one, two].length}</p>;';
    using folder = site({ ...withFactory('one'), 'src/greeting.tsx': greeting });
    writeFileSync(join(folder.path, 'src/greeting.ts'), "export { greeting } from './greeting.jsx';");
    assert.equal(await answer(folder), 'one, compiled');
    writeFileSync(join(folder.path, 'tsconfig.json'), JSON.stringify(withFactory('two')['tsconfig.json']));
    assert.equal(await answer(folder), 'two, compiled');
  });

  it('is started by several processes at once', async () => {
    using folder = site();
    const answers = await Promise.all([answer(folder), answer(folder), answer(folder)]);
    for (const one of answers) assert.match(one!, /^hello/);
    assert.equal(await answer(folder), 'hello');
    assert.deepEqual(
      entriesOf(join(folder.path, 'cache')).filter((file) => /\/\.[^/]*$/.test(file)),
      [],
    );
  });

  it('is compiled ahead also where only CommonJS or import() asks for a part of it', async () => {
    using folder = site({
      'src/greeting.ts':
        "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\nconst lazy = (): Promise<unknown> => import('./lazy.js');\nexport const greeting: string = (require('./part.cjs') as { part: string }).part + typeof lazy;\n",
      'src/part.cts': "export const part: string = 'part ';",
      'src/lazy.ts': "export const lazy: string = 'lazy';",
    });
    const { APPSERVE_CACHE } = process.env;
    process.env['APPSERVE_CACHE'] = join(folder.path, 'cache');
    await loadAppSource('site.ini', { relativeTo: folder.path });
    process.env['APPSERVE_CACHE'] = APPSERVE_CACHE;
    const compiled = entriesOf(join(folder.path, 'cache')).map((file) => readFileSync(file, 'utf8'));
    assert.deepEqual(
      ['app.ts', 'greeting.ts', 'part.cts', 'lazy.ts'].filter(
        (name) => !compiled.some((text) => text.includes(`"filename":"${folder.path}/src/${name}"`)),
      ),
      [],
    );
    assert.equal(await answer(folder), 'part function');
  });

  it('is not run by the main thread, which compiles it', async () => {
    using folder = site({
      'src/greeting.ts': 'globalThis.ran = true;\nexport const greeting: string = "x";\ndeclare global { var ran: boolean }',
    });
    await loadAppSource('site.ini', { relativeTo: folder.path });
    assert.equal('ran' in globalThis, false);
  });
});

describe('the cache of TypeScript', TIMEOUT, () => {
  it('belongs to its user alone', async () => {
    using folder = site();
    await answer(folder);
    const home = join(folder.path, 'cache/typescript');
    const [version] = readdirSync(home);
    const { dependencies } = JSON.parse(readFileSync(inRepository('packages/loader/package.json'), 'utf8')) as {
      dependencies: Readonly<Record<string, string>>;
    };
    assert.ok(version!.startsWith(`${dependencies['@swc/core']}-`), 'what the package pins is what the cache is for');
    assert.equal(statSync(join(home, version!)).mode & 0o777, 0o700);
    for (const file of entriesOf(home)) assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  for (const [variable, path] of [
    ['XDG_CACHE_HOME', 'caches/appserve/typescript'],
    ['HOME', 'caches/.cache/appserve/typescript'],
  ] as const) {
    it(`is where ${variable} says`, async () => {
      using folder = site();
      const caches = join(folder.path, 'caches');
      await answer(folder, { APPSERVE_CACHE: '', XDG_CACHE_HOME: '', [variable]: caches });
      assert.ok(entriesOf(join(folder.path, path)).length >= 2);
    });
  }

  it('may be impossible: the app is compiled every time', async () => {
    using folder = site();
    for (let start = 0; start < 2; start += 1) {
      assert.equal(await answer(folder, { APPSERVE_CACHE: '/dev/null/nowhere' }), 'hello, compiled');
    }
  });

  it('is bounded: what is older goes, and folders of versions that nobody uses', async () => {
    using folder = site();
    await answer(folder);
    const home = join(folder.path, 'cache/typescript');
    const own = join(home, readdirSync(home)[0]!);
    const [long, recent] = [join(home, '1.0.0-1'), join(home, '1.0.1-1')];
    for (const other of [long, recent]) mkdirSync(other);
    utimesSync(long, 0, 0);
    for (let file = 0; file < 10_000; file += 1) {
      writeFileSync(join(own, `old-${file}`), '');
      utimesSync(join(own, `old-${file}`), 1, 1);
    }
    writeFileSync(join(folder.path, 'src/greeting.ts'), "export const greeting: string = 'new';\n");
    assert.equal(await answer(folder), 'new, compiled');
    assert.ok(readdirSync(own).length < 6_000);
    assert.deepEqual(readdirSync(home).toSorted(), ['1.0.1-1', own.slice(home.length + 1)]);
    assert.equal(await answer(folder), 'new');
  });

  const strangers: readonly (readonly [string, (folder: string) => void])[] = [
    ['that others can write to', (folder) => chmodSync(folder, 0o777)],
    ['of another user', (folder) => chownSync(folder, 12_345, 12_345)],
  ];
  for (const [what, give] of strangers) {
    const skip = what.endsWith('user') && process.getuid?.() !== 0 ? 'only root can give files away' : false;
    it(`is not used where its folder is one ${what}`, { skip }, async () => {
      using folder = site();
      await answer(folder);
      give(dirname(entriesOf(join(folder.path, 'cache'))[0]!));
      assert.equal(await answer(folder), 'hello, compiled');
    });
  }

  it(
    'is not used where an entry is of another user',
    { skip: process.getuid?.() === 0 ? false : 'only root can give files away' },
    async () => {
      using folder = site();
      await answer(folder);
      for (const file of entriesOf(join(folder.path, 'cache'))) chownSync(file, 12_345, 12_345);
      assert.equal(await answer(folder), 'hello, compiled');
      assert.equal(await answer(folder), 'hello');
    },
  );

  const damages: readonly (readonly [string, (file: string) => void])[] = [
    ['was cut short', (file) => truncateSync(file, statSync(file).size >> 1)],
    ['is empty', (file) => truncateSync(file, 0)],
    ['was changed', (file) => writeFileSync(file, readFileSync(file, 'utf8').replaceAll('hello', 'HELLO'))],
    ['is of other files', (file) => writeFileSync(file, readFileSync(join(dirname(file), readdirSync(dirname(file))[0]!)))],
  ];
  for (const [what, damage] of damages) {
    it(`is not used where an entry ${what}`, async () => {
      using folder = site();
      await answer(folder);
      for (const file of entriesOf(join(folder.path, 'cache'))) damage(file);
      assert.equal(await answer(folder), 'hello, compiled');
      assert.equal(await answer(folder), 'hello');
    });
  }
});

describe('a mistake in TypeScript', TIMEOUT, () => {
  it('is shown where it is, with all others, before anything is started', async () => {
    using folder = site({
      'src/greeting.ts': 'export const greeting: = 1;\n',
      'src/app.ts': `${APP}\n\tlet é = "😀"; let x = ;\n`,
    });
    await using command = serve(folder);
    assert.deepEqual(await command.ending(), { code: 1, signal: null });
    assert.equal(
      command.stderr.replaceAll(`${folder.path}/`, '').replaceAll(/(Unexpected token `=`)[^\n]*/g, '$1'),
      `src/app.ts:15:24: this is not TypeScript: Expression expected
  15 | \tlet é = "😀"; let x = ;
     | \t                      ^
  in [app:main] site.ini:1

src/greeting.ts:1:24: this is not TypeScript: Unexpected token \`=\`
  1 | export const greeting: = 1;
    |                        ^
  in [app:main] site.ini:1
`,
    );
  });

  it('is shown without the colours and boxes that the compiler draws in a terminal', { skip: absent('script') }, () => {
    using folder = site({ 'src/greeting.ts': '\tlet a\t= ;\n' });
    const command = `${process.execPath} ${inRepository('packages/cli/bin/appserve.js')} site.ini`;
    const env = { ...process.env, APPSERVE_CACHE: join(folder.path, 'cache'), LANG: 'C.UTF-8', TERM: 'xterm' };
    const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { cwd: folder.path, env, encoding: 'utf8' });
    assert.match(
      stdout.replaceAll('\r', ''),
      /^\S+:1:10: this is not TypeScript: Expression expected\n {2}1 \| \tlet a\t= ;\n {4}\| \t {5}\t {2}\^\n/,
    );
  });

  it('is shown as well where the import of it is computed', async () => {
    using folder = site({
      'src/greeting.ts': "export const { greeting } = await import('./br' + 'oken.ts');",
      'src/broken.ts': '\nlet a: ;',
    });
    await using command = serve(folder);
    assert.deepEqual(await command.ending(), { code: 1, signal: null });
    assert.match(command.stderr, /^\S+src\/broken\.ts:2:8: this is not TypeScript: .*\n {2}2 \| let a: ;\n {4}\| {8}\^\n/);
  });

  it('is a fault with a place, also in the thread that loads the app', async () => {
    using folder = folderWith({ 'site.ini': '[app:main]\nuse = ./app.ts#main\n', 'app.ts': 'const "x";' });
    for (const load of [loadApp, loadAppSource]) {
      const fault = await faultOf(load('site.ini', { relativeTo: folder.path }));
      assert.equal(pointed(fault), 'TYPESCRIPT_SYNTAX 1:7 "x"');
      assert.deepEqual([fault.at?.file, fault.askedBy], [join(folder.path, 'app.ts'), ['[app:main] site.ini:1']]);
    }
  });

  it('may be one of several in a file', async () => {
    using folder = folderWith({
      'site.ini': '[app:main]\nuse = ./app.ts#main\n',
      'app.ts': 'const a;\nfunction f() {\n  break;\n}\nexport {};\n',
    });
    const faults = await faultsOf(loadAppSource('site.ini', { relativeTo: folder.path }));
    assert.deepEqual(faults.map(pointed), ['TYPESCRIPT_SYNTAX 1:7 a', 'TYPESCRIPT_SYNTAX 3:3 break;']);
  });

  const beyond: Readonly<Record<string, readonly [source: string, pointed: string, why: RegExp]>> = {
    'is a decorator of a parameter': [
      'interface Name {}\nclass Shop {\n\n  constructor(@Inject() name: Name) {}\n}\nexport {};\n',
      '4:15 @',
      /^this is not TypeScript: a parameter has a decorator$/,
    ],
    'is what no module may do': [
      'interface Name {}\n\nlet name = 1;\n  delete name;\nexport {};\n',
      '4:10 name',
      /^this is not TypeScript: .*strict mode$/,
    ],
  };
  for (const [what, [source, where, message]] of Object.entries(beyond)) {
    it(`is shown where it stands in the file, not in what it is compiled to, where it ${what}`, async () => {
      using folder = folderWith({ 'site.ini': '[app:main]\nuse = ./app.ts#main\n', 'app.ts': source });
      for (const load of [loadApp, loadAppSource]) {
        const fault = await faultOf(load('site.ini', { relativeTo: folder.path }));
        assert.equal(pointed(fault), `TYPESCRIPT_SYNTAX ${where}`);
        assert.match(fault.message, message);
        assert.equal(fault.hint?.includes('experimentalDecorators') ?? false, source.includes('@'));
      }
    });
  }

  it('may be that a file cannot be read, also one that is imported', async () => {
    for (const unreadable of ['app.ts', 'other.ts']) {
      using folder = folderWith({
        'site.ini': '[app:main]\nuse = ./app.ts#main\n',
        'app.ts': saying('1', "import './other.ts';"),
        'other.ts': '',
      });
      chmodSync(folder.path, 0o755);
      chmodSync(join(folder.path, unreadable), 0);
      for (const load of [loadApp, loadAppSource]) {
        const fault = await asNobody(() => faultOf(load('site.ini', { relativeTo: folder.path })));
        assert.equal(pointed(fault), 'MODULE_UNREADABLE 2:7 ./app.ts#main');
        assert.equal(fault.message, `cannot read ${join(folder.path, unreadable)}: permission denied`);
      }
    }
  });

  const broken: Readonly<Record<string, readonly [files: Tree, file: string, why: RegExp]>> = {
    'is no JSON': [{ 'tsconfig.json': '{ "compilerOptions": { "target": es2022 } }' }, 'tsconfig.json', /JSON/],
    'extends one that is none': [{ 'tsconfig.json': { extends: './base.json' }, 'base.json': '{' }, 'base.json', /JSON/],
    'extends what is not there': [{ 'tsconfig.json': { extends: './nothing.json' } }, 'tsconfig.json', /nothing\.json/],
    'is a list': [{ 'tsconfig.json': '[]' }, 'tsconfig.json', /no object/],
    'has options that are none': [{ 'tsconfig.json': { compilerOptions: 1 } }, 'tsconfig.json', /no object/],
    'has paths that lead nowhere': [tsconfig({ paths: { a: ['b'] } }), 'tsconfig.json', /baseUrl/],
  };
  for (const [what, [files, file, why]] of Object.entries(broken)) {
    it(`may be that tsconfig.json ${what}`, async () => {
      using folder = folderWith({ 'site.ini': '[app:main]\nuse = ./app.ts#main\n', 'app.ts': saying('1'), ...files });
      for (const load of [loadApp, loadAppSource]) {
        const fault = await faultOf(load('site.ini', { relativeTo: folder.path }));
        assert.deepEqual([fault.code, fault.blame, fault.at?.file], ['TSCONFIG_INVALID', 'config', join(folder.path, file)]);
        assert.match((fault.details as FaultDetails<'TSCONFIG_INVALID'>).why, why);
      }
    });
  }

  it('is none where there is no compiler: what to do is said', async () => {
    const without = `const Module = require('node:module');
      const load = Module._load;
      Module._load = (name, ...rest) => {
        if (name === '@swc/core') throw new Error('Failed to load native binding');
        return load(name, ...rest);
      };`;
    using folder = site({ 'without.cjs': without });
    await using command = serve(folder, {}, ['--require', join(folder.path, 'without.cjs')]);
    assert.deepEqual(await command.ending(), { code: 1, signal: null });
    assert.match(
      command.stderr,
      /^site\.ini:2:7: the compiler of TypeScript cannot be loaded: Failed to load native binding\n[^]*npm install/,
    );
  });
});
