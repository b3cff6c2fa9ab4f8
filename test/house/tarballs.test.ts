// What npm would publish: what is in the tarballs, and that they do in an empty project what they do here.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseSync } from 'oxc-parser';
import { Command } from '../support/command.ts';
import { installedProject } from '../support/installed.ts';
import { packed, type Packed } from '../support/packed.ts';
import { inRepository } from '../support/repository.ts';
import type { TemporaryFolder } from '../support/temporary.ts';

/** What may be in each of them, beside what only some have. */
const CONTENTS = [
  /^(?:LICENSE|README\.md|package\.json)$/,
  /^dist\/[a-z0-9/-]+\.(?:js|d\.ts)(?:\.map)?$/,
  /^dist\/chunks\/[\w-]+\.js(?:\.map)?$/,
  /^src\/[a-z0-9/-]+\.ts$/,
];
const OWN: Readonly<Record<string, readonly RegExp[]>> = {
  appserve: [/^bin\/(?:appserve|first-signals)\.js$/, /^templates\/[\w./-]+\.tmpl$/],
  '@appserve/server': [/^page\/(?:index\.html|page\.css|page\.js)$/],
};

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, unknown>>;
}

interface Tarball {
  readonly manifest: Manifest;
  /** Text by its path. */
  readonly files: ReadonlyMap<string, string>;
}

let packages: Packed;
let tarballs: readonly Tarball[];

before(() => {
  packages = packed();
  tarballs = [...packages.tarballs].map(([name, tarball]) => unpacked(tarball, join(packages.path, 'unpacked', name)));
});
after(() => packages[Symbol.dispose]());

function unpacked(tarball: string, folder: string): Tarball {
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const files = new Map(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
  return { manifest: JSON.parse(files.get('package.json')!) as Manifest, files };
}

/** What is found in any of them, with the name of the package in front. */
function inAll(find: (tarball: Tarball) => readonly string[]): string[] {
  return tarballs.flatMap((tarball) => find(tarball).map((found) => `${tarball.manifest.name}: ${found}`));
}

function pathsOf({ files }: Tarball, ending: string): string[] {
  return [...files.keys()].filter((path) => path.endsWith(ending));
}

describe('a tarball', { timeout: 300_000 }, () => {
  it('has what its package needs, and nothing else', () => {
    const strange = inAll(({ manifest, files }) => {
      const known = [...CONTENTS, ...(OWN[manifest.name] ?? [])];
      return [...files.keys()].filter((path) => !known.some((form) => form.test(path)));
    });
    assert.deepEqual(strange, []);
    const missing = inAll(({ manifest, files }) =>
      [...CONTENTS, ...(OWN[manifest.name] ?? [])]
        .filter((form) => ![...files.keys()].some((path) => form.test(path)))
        .map(String),
    );
    assert.deepEqual(missing, []);
  });

  it('has types for each source, and the other way about: nothing is stale', () => {
    const sources = inAll((tarball) => pathsOf(tarball, '.ts').filter((path) => path.startsWith('src/')));
    const typed = inAll((tarball) =>
      pathsOf(tarball, '.d.ts')
        .filter((path) => path.startsWith('dist/'))
        .map((path) => path.replace(/^dist\/(.*)\.d\.ts$/, 'src/$1.ts')),
    );
    assert.deepEqual(typed.toSorted(), sources.toSorted());
  });

  it('has a source for each file that others name, and no file that nobody imports', () => {
    const stale = inAll((tarball) => {
      const paths = pathsOf(tarball, '.js').filter((path) => path.startsWith('dist/'));
      const imported = new Set(paths.flatMap((path) => importsOf(path, tarball.files.get(path)!)));
      return paths.filter((path) => {
        if (path.startsWith('dist/chunks/')) return !imported.has(path);
        return !tarball.files.has(path.replace(/^dist\/(.*)\.js$/, 'src/$1.ts'));
      });
    });
    assert.deepEqual(stale, []);
  });

  it('has no files that import each other: what begins in one is there for the other', () => {
    const circular = inAll((tarball) => {
      const paths = pathsOf(tarball, '.js').filter((path) => path.startsWith('dist/'));
      const left = new Map(paths.map((path) => [path, importsOf(path, tarball.files.get(path)!, 'at once')]));
      assert.ok(left.size > 0);
      // Whoever imports nobody that is left is in no circle.
      for (let size = 0; size !== left.size;) {
        size = left.size;
        for (const [path, imports] of left) if (!imports.some((one) => left.has(one))) left.delete(path);
      }
      return [...left.keys()];
    });
    assert.deepEqual(circular, []);
  });

  it('has each of its modules in one file: its classes and its state are there once', () => {
    const twice = inAll((tarball) => {
      const sources = pathsOf(tarball, '.js.map').flatMap((path) => ownSources(tarball, path));
      assert.ok(sources.length > 0);
      return sources.filter((source, index) => sources.indexOf(source) !== index);
    });
    assert.deepEqual(twice, []);
  });

  it('has what its maps lead to', () => {
    const found = inAll((tarball) =>
      pathsOf(tarball, '.map').flatMap((path) => {
        const lost = ownSources(tarball, path).filter((source) => !tarball.files.has(source));
        return lost.map((source) => `${path} -> ${source}`);
      }),
    );
    assert.deepEqual(found, []);
  });

  it('has the licence of what was taken in', () => {
    const unsaid = inAll((tarball) =>
      pathsOf(tarball, '.js.map').flatMap((path) => {
        const { sources } = JSON.parse(tarball.files.get(path)!) as { readonly sources: readonly string[] };
        const text = tarball.files.get(path.replace(/\.map$/, ''))!;
        const isForeign = sources.some((source) => source.includes('/node_modules/'));
        return isForeign && !text.includes('Permission is hereby granted') ? [path] : [];
      }),
    );
    assert.deepEqual(unsaid, []);
  });

  it('knows nothing of the machine on which it was made', () => {
    const places = [inRepository(''), `${homedir()}/`];
    const found = inAll(({ files }) =>
      [...files].filter(([, text]) => places.some((place) => text.includes(place))).map(([path]) => path),
    );
    assert.deepEqual(found, []);
  });

  it('declares whatever it imports', () => {
    const undeclared = inAll((tarball) => {
      const known = new Set([tarball.manifest.name, ...Object.keys(tarball.manifest.dependencies ?? {})]);
      const modules = [...tarball.files].filter(([path]) => /^(?:bin|dist)\/.*(?:\.js|\.d\.ts)$/.test(path));
      const imported = new Set(modules.flatMap(foreignPackages));
      assert.ok(imported.size > 0);
      return [...imported].filter((name) => !known.has(name));
    });
    assert.deepEqual(undeclared, []);
  });

  it('has a package.json in which npm finds nothing to correct when it publishes', () => {
    for (const { manifest } of tarballs) {
      const folder = join(packages.path, 'unpacked', manifest.name);
      const written = readFileSync(join(folder, 'package.json'), 'utf8');
      execFileSync('npm', ['pkg', 'fix', '--prefix', folder], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
      assert.equal(readFileSync(join(folder, 'package.json'), 'utf8'), written);
    }
  });

  it('has a README that can stand alone: how to install it, each of its entry points, and links that lead somewhere from npm', () => {
    const lacking = inAll(({ manifest, files }) => {
      const readme = files.get('README.md')!;
      const wanted = [
        `npm install ${manifest.name === 'appserve' ? 'appserve' : ''}`.trim(),
        ...facesOf(manifest).map((face) => `\`${face}\``),
      ];
      const relative = Array.from(readme.matchAll(/\]\((?!https:\/\/|#)([^)]*)\)/g), ([, link]) => `links to ${link}`);
      return [...wanted.filter((words) => !readme.includes(words)).map((words) => `does not say ${words}`), ...relative];
    });
    assert.deepEqual(lacking, []);
  });
});

/** The one package of others that is taken in, as far as it is used. */
const TAKEN_IN = /\/node_modules\/zod\//;

/** What a map leads to, of the package itself. */
function ownSources({ files }: Tarball, path: string): string[] {
  const { sources } = JSON.parse(files.get(path)!) as { readonly sources: readonly string[] };
  return sources.filter((source) => !TAKEN_IN.test(source)).map((source) => normalize(join(dirname(path), source)));
}

const LITERAL = /^["'](.*)["']$/;

/** Files of the same package that a module imports. */
function importsOf(path: string, text: string, when: 'at once' | 'ever' = 'ever'): string[] {
  const { staticImports, staticExports, dynamicImports } = parseSync(path, text).module;
  const again = staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []));
  const later = dynamicImports.flatMap(({ moduleRequest: { start, end } }) => LITERAL.exec(text.slice(start, end))?.[1] ?? []);
  const all = [...staticImports.map(({ moduleRequest }) => moduleRequest.value), ...again, ...(when === 'ever' ? later : [])];
  return all.filter((name) => name.startsWith('.')).map((name) => normalize(join(dirname(path), name)));
}

/** The packages that a module imports, at once or later, or whose types it names. */
function foreignPackages([path, text]: readonly [string, string]): string[] {
  const { staticImports, staticExports, dynamicImports } = parseSync(path, text).module;
  const again = staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []));
  const later = dynamicImports.map(({ moduleRequest: { start, end } }) => LITERAL.exec(text.slice(start, end))?.[1] ?? '.');
  const types = path.endsWith('.d.ts') ? Array.from(text.matchAll(/\bimport\("([^"]*)"\)/g), ([, specifier]) => specifier!) : [];
  return [...staticImports.map(({ moduleRequest }) => moduleRequest.value), ...again, ...later, ...types]
    .filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier))
    .map((specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)![0]);
}

/** `@appserve/core`, `@appserve/core/app` and so on. */
function facesOf({ name, exports }: Manifest): string[] {
  return Object.keys(exports)
    .filter((path) => path !== './package.json')
    .map((path) => join(name, path));
}

const INI = `[pipeline:main]
pipeline = headers site

[filter:headers]
use = @appserve/parts#security_headers

[composite:site]
use = @appserve/parts#urlmap
/ = greeter
/up = health

[app:greeter]
use = ./app.ts#main
greeting = Hello

[app:health]
use = @appserve/parts#health

[server:main]
use = @appserve/server#main
socket = 127.0.0.1:0
workers = 1
`;

const APP = `import { utf8Of, type AppFactory, type GatewayApp } from '@appserve/core/app';

export const main: AppFactory<{ greeting: string }> = (_globalConf, { greeting }): GatewayApp => (environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [Buffer.from(\`\${greeting}, \${utf8Of(String(environ['PATH_INFO']))}\\n\`)];
};

// @ts-expect-error: a number is no app.
export const wrong: AppFactory = () => 1;
`;

const TSCONFIG = {
  compilerOptions: {
    target: 'ES2023',
    lib: ['ES2023', 'ESNext.Disposable'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    // Our own declarations, and those that they lead to, are compiled too.
    skipLibCheck: false,
    noEmit: true,
  },
  files: ['app.ts', 'faces.ts'],
};

describe('the tarballs in an empty project', { timeout: 600_000 }, () => {
  let project: TemporaryFolder;
  before(async () => {
    project = await installedProject(packages);
    writeFileSync(join(project.path, 'site.ini'), INI);
    writeFileSync(join(project.path, 'app.ts'), APP);
  });
  after(() => project?.[Symbol.dispose]());

  /** It ends well; what it has said. */
  async function run(program: string, args: readonly string[], cwd = project.path): Promise<string> {
    await using command = Command.program(program, args, { cwd, env: { NO_COLOR: '1' } });
    const ending = await command.ending();
    assert.deepEqual(ending, { code: 0, signal: null }, `${program} ${args.join(' ')}\n${command.stdout}${command.stderr}`);
    return command.stdout;
  }

  it('serve what an ini names, parts among it', async () => {
    await using server = Command.program('npx', ['--no-install', 'appserve', 'site.ini'], { cwd: project.path });
    const answer = await server.get('/Ada');
    assert.deepEqual([answer?.status, answer?.body], [200, 'Hello, /Ada\n']);
    assert.match(answer?.head ?? '', /^X-Content-Type-Options: nosniff\r$/im);
    assert.equal((await server.get('/up'))?.status, 200);
  });

  it('serve what the README of appserve shows', async () => {
    const readme = tarballs.find(({ manifest }) => manifest.name === 'appserve')!.files.get('README.md')!;
    const [ini, app] = ['ini', 'js'].map((kind) => new RegExp(`^\`\`\`${kind}\\n([^]*?)^\`\`\`$`, 'm').exec(readme)![1]!);
    // A port that nobody has.
    writeFileSync(join(project.path, 'development.ini'), ini!.replace(':8080', ':0'));
    writeFileSync(join(project.path, 'app.js'), app!);
    await using server = Command.program('npx', ['--no-install', 'appserve', 'development.ini'], { cwd: project.path });
    assert.equal((await server.get('/'))?.body, 'Hello, 127.0.0.1\n');
    const [, shown] = /^  (2 workers, .*?); ready/m.exec(readme)!;
    assert.ok(server.stderr.includes(shown!), server.stderr);
  });

  it('have entry points that can be imported, and required', async () => {
    const faces = tarballs.flatMap(({ manifest }) => facesOf(manifest));
    assert.ok(faces.length > 20);
    const list = JSON.stringify(faces);
    const script = `for (const face of ${list}) if (Object.keys(await import(face)).length === 0) throw new Error(face);`;
    await run(process.execPath, ['--input-type=module', '--eval', script]);
    const required = `for (const face of ${list}) if (Object.keys(require(face)).length === 0) throw new Error(face);`;
    await run(process.execPath, ['--input-type=commonjs', '--eval', required]);
  });

  for (const [module, moduleResolution] of [
    ['NodeNext', 'NodeNext'],
    ['ESNext', 'Bundler'],
  ]) {
    it(`have types for a strict project that resolves as ${moduleResolution}`, async () => {
      const faces = tarballs.flatMap(({ manifest }) => facesOf(manifest));
      const lines = faces.flatMap((face, index) => [`import * as face${index} from '${face}';`, `export { face${index} };`]);
      writeFileSync(join(project.path, 'faces.ts'), `${lines.join('\n')}\n`);
      const compilerOptions = { ...TSCONFIG.compilerOptions, module, moduleResolution };
      writeFileSync(join(project.path, 'tsconfig.json'), JSON.stringify({ ...TSCONFIG, compilerOptions }));
      await run(process.execPath, [inRepository('node_modules/typescript/bin/tsc'), '-p', '.']);
    });
  }

  it('make a project, and build its inis', async () => {
    await run('npx', ['--no-install', 'appserve', 'init', 'buildout', 'shop']);
    const shop = join(project.path, 'shop');
    const said = await run('npx', ['--no-install', 'appserve', 'build'], shop);
    assert.match(said, /parts\/instance\/etc\/wsgi\.ini/);
    const ini = join(shop, 'parts/instance/etc/wsgi.ini');
    assert.match(readFileSync(ini, 'utf8'), /^greeting = Hello$/m);
    assert.equal(await run('npx', ['--no-install', 'appserve', 'request', ini, '/Ada'], shop), 'Hello, Ada!\n');
  });
});
