// bundle.mjs: what Node loads of a package: its sources in a few files, since to find and to link a module costs more than what stands
// in it (docs/decisions/0033-few-files.md). Types are made by tsc; both go to `dist`.
//
// Law: a module is in one file of the output, so that its classes and its state are there once. Other packages stay outside; of those
// from npm zod alone is taken in, without what nobody uses of it. `import.meta.url` is what it would be if each source had its own file.

import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * By package. `begun` are files that a thread or a process is started with: they do something when they are loaded, so they share with
 * nobody. `named` are imported by their URL, beside what package.json names. `starts` are occasions, and what is needed at once on each of
 * them: modules that are needed on the same occasions are one file, called by these. `within`: an occasion that comes on one of others, where
 * all that these need is there. What is imported later, for whoever wants it, has files of its own.
 */
const PACKAGES = {
  core: {
    starts: {
      // All that the log thread needs.
      log: ['index', 'log/index'],
      core: ['message/index', 'exchange/index', 'websocket/index', 'app/index'],
      http1: ['http1/index'],
      http2: ['http2/index'],
      fastcgi: ['fastcgi/index'],
      options: ['options/index'],
    },
    within: { core: ['log'], http1: ['core', 'log'], http2: ['core', 'log'], fastcgi: ['core', 'log'], options: ['core', 'log'] },
  },
  server: {
    begun: [
      'development/observing-hooks',
      'logging/log-thread',
      'workers/process-worker',
      'workers/spare-worker',
      'workers/thread-worker',
    ],
    named: ['capture'],
    starts: {
      main: ['entry-point', 'start-script'],
      script: ['index'],
      worker: ['workers/thread-begin', 'workers/worker', 'thread-server'],
      http: ['http-server'],
      fastcgi: ['fastcgi-server'],
      log: ['logging/log-thread'],
    },
    within: { http: ['worker'], fastcgi: ['worker'], script: ['worker', 'http', 'fastcgi'] },
  },
  loader: {
    begun: ['typescript/thread-hooks'],
    named: ['exported-app', 'thread'],
    starts: { config: ['index'], worker: ['exported-app', 'thread'] },
    within: { config: ['worker'] },
  },
  // Each is loaded by itself, where an ini names it.
  parts: { starts: {} },
  cli: {
    named: ['main'],
    starts: { main: ['main', 'version', 'output'], words: ['args', 'report'], serve: ['commands/serve', 'server-flags'] },
    within: { words: ['main'], serve: ['main'] },
  },
};

/** Of npm, what is taken in: beside zod what stands for syntax that Node 20 lacks (`using`). */
const TAKEN_IN = /^(?:zod|@oxc-project\/runtime)(?:\/|$)/;

/** As tsconfig.base.json says it for types. */
const TARGET = 'es2023';

/** Makes what is older than its sources. */
export async function bundle() {
  const stale = Object.keys(PACKAGES).filter(isStale);
  if (stale.length === 0) return;
  // Only here: they cost more than to see that there is nothing to do.
  const [{ rolldown }, { parseSync }] = await Promise.all([import('rolldown'), import('oxc-parser')]);
  for (const name of stale) await bundlePackage(name, rolldown, (path, code) => parseSync(path, code).module);
}

/** A folder is newer than what was in it when it was made: what was deleted is seen too. */
function isStale(name) {
  const made = outputsOf(name).map(modifiedMs);
  if (made.length === 0) return true;
  const folder = join(ROOT, 'packages', name);
  const sources = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' }).map((path) =>
    join(folder, 'src', path),
  );
  const others = [join(folder, 'package.json'), join(ROOT, 'package-lock.json'), fileURLToPath(import.meta.url)];
  return Math.max(...[...sources, ...others].map(modifiedMs)) > Math.min(...made);
}

function outputsOf(name) {
  const dist = join(ROOT, 'packages', name, 'dist');
  if (!existsSync(dist)) return [];
  const paths = readdirSync(dist, { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => /\.js(?:\.map)?$/.test(path)).map((path) => join(dist, path));
}

function modifiedMs(path) {
  return statSync(path).mtimeMs;
}

async function bundlePackage(name, rolldown, parse) {
  const folder = join(ROOT, 'packages', name);
  const source = (path) => join(folder, 'src', `${path}.ts`);
  const { begun = [], named = [], starts, within = {} } = PACKAGES[name];
  const bundled = await rolldown({
    cwd: folder,
    input: Object.fromEntries([...new Set([...begun, ...named, ...publicEntries(folder)])].map((path) => [path, source(path)])),
    platform: 'node',
    external: (id) => !id.startsWith('.') && !id.startsWith('/') && !TAKEN_IN.test(id),
    plugins: [ownPlace(folder, parse)],
    transform: { target: TARGET },
    // What is imported later for one may be there already for another.
    checks: { ineffectiveDynamicImport: false },
    tsconfig: join(folder, 'tsconfig.json'),
    onLog: (level, log) => {
      if (level === 'warn') throw new Error(`${name}: ${log.message}`);
    },
  });
  for (const path of outputsOf(name)) rmSync(path);
  await bundled.write({
    dir: join(folder, 'dist'),
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    codeSplitting: { groups: filesOf(starts, within, begun.map(source), source, parse) },
    banner: ({ moduleIds }) => (moduleIds.some((id) => id.includes('/node_modules/zod/')) ? licenceOf('zod') : ''),
    comments: { jsdoc: false },
    // Of what has the name of something else in its file, and is called otherwise: `name` of a function is told to workers.
    keepNames: true,
    minifyInternalExports: false,
    sourcemap: true,
    sourcemapExcludeSources: true,
  });
  await bundled.close();
}

/** What package.json says that others import: its faces, and what inis name. */
function publicEntries(folder) {
  const { exports, appserve = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return leavesOf([exports, appserve]).flatMap((path) => /^\.\/dist\/(.*)\.js(?:#.*)?$/.exec(path)?.[1] ?? []);
}

function leavesOf(value) {
  return typeof value === 'string' ? [value] : Object.values(value).flatMap(leavesOf);
}

/** It asks for that of whoever passes it on. */
function licenceOf(name) {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8'));
  const text = readFileSync(join(ROOT, 'node_modules', name, 'LICENSE'), 'utf8').trim();
  return `/*! Contains ${name} ${version}:\n\n${text}\n*/`;
}

/**
 * By the occasions on which modules are needed. What a module imports is needed whenever it is; so a file imports those alone that are
 * needed more often, which stand before it, and no two import each other.
 */
function filesOf(starts, within, begun, source, parse) {
  const occasions = new Map();
  for (const [occasion, roots] of Object.entries(starts))
    for (const path of neededBy(roots.map(source), parse)) occasions.set(path, (occasions.get(path) ?? new Set()).add(occasion));
  for (const path of begun) occasions.delete(path);
  const names = new Map(
    [...occasions].map(([path, on]) => [path, [...on].filter((occasion) => !within[occasion]?.some((outer) => on.has(outer)))]),
  );
  // Those first that are needed on more occasions, counting those that come on one: a group takes what it imports with it.
  const inner = (outer) => Object.keys(within).filter((occasion) => within[occasion].includes(outer));
  const reach = (on) => new Set(on.flatMap((occasion) => [occasion, ...inner(occasion)])).size;
  const byUse = [...names.values()].toSorted((one, other) => reach(other) - reach(one)).map((on) => on.join('-'));
  return [...new Set(byUse)].map((name) => ({ name, test: (id) => names.get(id)?.join('-') === name }));
}

/** The modules, and all that they import at once. */
function neededBy(roots, parse) {
  const found = new Set();
  const visit = (path) => {
    if (found.has(path)) return;
    found.add(path);
    const { staticImports, staticExports } = parse(path, readFileSync(path, 'utf8'));
    const imports = staticImports.filter(({ entries }) => entries.length === 0 || entries.some(({ isType }) => !isType));
    const again = staticExports.flatMap(({ entries }) => entries.filter(({ isType }) => !isType));
    for (const { moduleRequest } of [...imports, ...again])
      if (moduleRequest?.value.startsWith('.')) visit(join(dirname(path), moduleRequest.value));
  };
  roots.forEach(visit);
  return found;
}

/** `import.meta.url` of a module that shares its file with others. */
function ownPlace(folder, parse) {
  return {
    name: 'own-place',
    transform: {
      filter: { code: 'import.meta.url' },
      handler(code, id) {
        const path = id.slice(join(folder, 'src/').length).replace(/\.ts$/, '.js');
        const place = `new URL('@place:${path}', import.meta.url).href`;
        // From behind, so that the places of the others stay right.
        const found = parse(id, code)
          .importMetas.toReversed()
          .filter(({ end }) => code.startsWith('.url', end));
        const placed = found.reduce((now, { start, end }) => now.slice(0, start) + place + now.slice(end + '.url'.length), code);
        // No line has moved.
        return { code: placed, map: null };
      },
    },
    renderChunk(code, { fileName }) {
      const placed = code.replaceAll(/(["'])@place:([^"']*)\1/g, (_all, quote, path) => {
        const relative = posix.relative(posix.dirname(fileName), path);
        return `${quote}${relative.startsWith('.') ? relative : `./${relative}`}${quote}`;
      });
      return placed === code ? undefined : { code: placed, map: null };
    },
  };
}
