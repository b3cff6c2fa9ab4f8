// Who may lean on whom. The compiler does not check it; readers rely on it.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { describe, it } from 'node:test';
import { inRepository } from '../support/repository.ts';
import { importsOf, PACKAGES, sourcesOf, targetOf, type Import, type Package, type SourcePath } from '../support/sources.ts';

/** A package may import itself by relative paths, these others by their names, and what NPM says. */
const LEANS_ON: Readonly<Record<Package, readonly Package[]>> = {
  core: [],
  server: ['core'],
  loader: ['core'],
  parts: ['core'],
  cli: ['core', 'loader', 'server'],
};

/** Each foreign package has one door. */
const NPM: Readonly<Record<string, SourcePath>> = {
  zod: 'core/src/options/kinds.ts',
  koffi: 'server/src/libc.ts',
  pino: 'server/src/logging/app-loggers.ts',
  ws: 'server/src/websocket/protocol.ts',
  picomatch: 'server/src/development/patterns.ts',
  ini: 'loader/src/ini/document.ts',
  'resolve.exports': 'loader/src/entry-points.ts',
  semver: 'loader/src/requirements.ts',
  cosmiconfig: 'loader/src/find.ts',
  yaml: 'loader/src/structured/parse.ts',
  diff: 'loader/src/generate/diff.ts',
  '@swc/core': 'loader/src/typescript/compiler.ts',
  'mime-types': 'parts/src/files/media-type.ts',
  undici: 'parts/src/apps/proxy.ts',
  '@node-rs/argon2': 'parts/src/filters/passwords.ts',
  '@node-rs/bcrypt': 'parts/src/filters/passwords.ts',
  'get-tsconfig': 'loader/src/typescript/tsconfig.ts',
};

/** The floors of core: a folder leans on itself and on these. `.` is what stands beside the folders. */
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  '.': [],
  log: ['.'],
  options: ['.'],
  message: ['.'],
  http1: ['.', 'message'],
  http2: ['.', 'message'],
  fastcgi: ['.', 'message'],
  peers: ['.', 'message'],
  'proxy-protocol': ['.', 'message'],
  websocket: ['.', 'message'],
  exchange: ['.', 'message', 'websocket'],
  app: ['.', 'log', 'message', 'exchange', 'websocket'],
};

/** core has no socket, file, timer, clock or process; Buffer is a kind of number. */
const CORE_BUILTINS = ['node:buffer'];

/** But for one room, where the objects of node:http are made, and which is loaded for an app that wants them. */
const NODE_ROOM = 'core/src/app/node/';
const NODE_ROOM_BUILTINS = ['node:buffer', 'node:http', 'node:process', 'node:stream'];

const all = PACKAGES.flatMap(sourcesOf).flatMap(importsOf);

function packageOf(path: SourcePath): Package {
  return path.split('/')[0] as Package;
}

/** The folder of a file of core; `.` for those that stand beside the folders. */
function floorOf(path: SourcePath): string {
  const [, , folder, ...file] = path.split('/');
  return file.length === 0 ? '.' : folder!;
}

function show({ from, specifier }: Import): string {
  return `${from} imports ${specifier}`;
}

describe('what a package imports', () => {
  it('is known: every import of ours leads to a file', () => {
    const lost = all.filter((one) => {
      const target = targetOf(one);
      return target !== undefined && !existsSync(inRepository(`packages/${target}`));
    });
    assert.deepEqual(lost.map(show), []);
    assert.ok(all.length > 200, 'the scanner sees them');
  });

  for (const name of PACKAGES) {
    it(`by ${name} is its own or of ${LEANS_ON[name].join(', ') || 'nobody'}`, () => {
      const strange = all.filter((one) => {
        const target = targetOf(one);
        if (packageOf(one.from) !== name || target === undefined) return false;
        return one.specifier.startsWith('.') ? packageOf(target) !== name : !LEANS_ON[name].includes(packageOf(target));
      });
      assert.deepEqual(strange.map(show), []);
    });
  }

  it('from npm comes through one door', () => {
    const strange = all.filter(
      (one) => targetOf(one) === undefined && !isBuiltin(one.specifier) && NPM[one.specifier] !== one.from,
    );
    assert.deepEqual(strange.map(show), []);
  });

  for (const [name, door] of Object.entries(NPM)) {
    it(`from npm: ${name} is imported by ${door}`, () => {
      assert.ok(importsOf(door).some(({ specifier }) => specifier === name));
    });
  }

  it('is no module of Node in core, but Buffer, and node:http in one room', () => {
    const strange = all.filter(({ from, specifier, isType }) => {
      if (packageOf(from) !== 'core' || isType || !isBuiltin(specifier)) return false;
      return !(from.startsWith(NODE_ROOM) ? NODE_ROOM_BUILTINS : CORE_BUILTINS).includes(specifier);
    });
    assert.deepEqual(strange.map(show), []);
  });

  it('brings that room to a worker only when its app asks for it', () => {
    const rooms = [...reachable('server/src/workers/worker.ts')].filter((path) => path.startsWith(NODE_ROOM));
    assert.deepEqual(rooms, []);
    assert.ok(
      all.some(
        ({ from, isDynamic, specifier }) => isDynamic && from === 'core/src/app/adapt.ts' && specifier === './node/handler.ts',
      ),
    );
  });

  it('of Node is called node:', () => {
    assert.deepEqual(all.filter(({ specifier }) => isBuiltin(specifier) && !specifier.startsWith('node:')).map(show), []);
  });

  it('goes down the floors of core', () => {
    const strange = all.filter((one) => {
      const target = targetOf(one);
      if (packageOf(one.from) !== 'core' || target === undefined) return false;
      const [from, to] = [floorOf(one.from), floorOf(target)];
      return from !== to && !FLOORS[from]!.includes(to);
    });
    assert.deepEqual(strange.map(show), []);
  });

  it('goes in no circle', () => {
    assert.deepEqual(circles(), []);
  });
});

/** Each circle once, as the way around it. */
function circles(): string[] {
  const targets = new Map<SourcePath, SourcePath[]>();
  for (const one of all) {
    const target = targetOf(one);
    if (target !== undefined && !one.isDynamic) targets.set(one.from, [...(targets.get(one.from) ?? []), target]);
  }
  const found: string[] = [];
  const done = new Set<SourcePath>();
  const walk = (path: SourcePath, way: readonly SourcePath[]): void => {
    if (way.includes(path)) {
      found.push([...way.slice(way.indexOf(path)), path].join(' -> '));
    } else if (!done.has(path)) {
      for (const target of targets.get(path) ?? []) walk(target, [...way, path]);
      done.add(path);
    }
  };
  for (const path of targets.keys()) walk(path, []);
  return found;
}

const DECLARATIONS = ['parts/src/part.ts', 'parts/src/catalogue.ts'];

describe('what runs in a worker', () => {
  /** Where workers come in. Apps are built by the loader's build.ts, or come from a script by capture.ts. */
  const DOORS = ['server/src/workers/thread-worker.ts', 'server/src/capture.ts', 'server/src/index.ts', 'loader/src/build.ts'];

  /** What is declared of a part is for the main thread. */
  const LIVING = sourcesOf('parts').filter((path) => !path.endsWith('-part.ts') && !DECLARATIONS.includes(path));

  for (const door of [...DOORS, ...LIVING]) {
    it(`from ${door} on reaches no zod and no koffi without being asked`, () => {
      assert.deepEqual(
        [...reachable(door)].filter((path) => path === NPM['zod'] || path === NPM['koffi']),
        [],
      );
    });
  }
});

/** What is loaded together with a file. */
function reachable(path: SourcePath, seen = new Set<SourcePath>()): ReadonlySet<SourcePath> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const one of importsOf(path)) {
    const target = targetOf(one);
    if (target !== undefined && !one.isType && !one.isDynamic) reachable(target, seen);
  }
  return seen;
}
