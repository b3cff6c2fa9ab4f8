// What a check says of parts whose options are right each by itself, and not together: before anything is made of them.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkConfig } from '@appserve/loader';
import { folderWith, type Tree } from '../support/packages.ts';

const TIMEOUT = { timeout: 120_000 };

const APP = ['[app:a]', 'use = @appserve/parts#test'];
const MAIN = ['[app:main]', 'use = @appserve/parts#test'];
const SERVER = ['[server:main]', 'use = @appserve/server#main', 'socket = 127.0.0.1:0', 'workers = 1'];

/** The first is the one that is checked. */
function nameOf(index: number): string {
  return index === 0 ? 'site.ini' : `f${index}.ini`;
}

function urlmapOf(name: string, next: string): string {
  return `[composite:${name}]\nuse = @appserve/parts#urlmap\n/ = ${next}\n`;
}

/** What is wrong with `site.ini`, and where. */
async function places(files: Tree): Promise<(readonly [code: string, place: string | undefined])[]> {
  using folder = folderWith(files);
  const { faults } = await checkConfig('site.ini', { relativeTo: folder.path });
  return faults.map(({ code, at }) => [code, at && `${at.file}:${at.line}`] as const);
}

describe('a check', TIMEOUT, () => {
  for (const [what, section, lines, code, line] of [
    ['one path twice', 'composite:main', ['use = #urlmap', '/x = a', '/x/ = a'], 'OPTIONS_CONFLICT', 4],
    ['one host twice', 'composite:main', ['use = #hosts', 'a.test = a', 'A.test = a'], 'OPTIONS_CONFLICT', 4],
    ['no weight', 'composite:main', ['use = #canary', 'a = 0'], 'OPTION_REQUIRED', 1],
    ['no app', 'composite:main', ['use = #cascade', 'catch = 404'], 'OPTION_REQUIRED', 1],
    ['all origins', 'filter:f', ['use = #cors', 'credentials = true', 'origins = *'], 'OPTIONS_CONFLICT', 4],
    [
      'a cookie that browsers refuse',
      'filter:f',
      ['use = #session_cookie', `secrets = ${'x'.repeat(32)}`, 'same_site = None', 'secure = false'],
      'OPTIONS_CONFLICT',
      4,
    ],
  ] as const)
    it(`refuses ${what}, where it stands`, async () => {
      const main = section === 'composite:main' ? [] : MAIN;
      const ini = [`[${section}]`, ...lines, ...APP, ...main, ...SERVER].join('\n').replace('use = #', 'use = @appserve/parts#');
      using folder = folderWith({ 'site.ini': ini });
      const { faults } = await checkConfig('site.ini', { relativeTo: folder.path });
      assert.deepEqual(
        faults.map((fault) => [fault.code, fault.at?.line]),
        [[code, line]],
      );
    });

  const OTHER =
    '[app:main]\nuse = @appserve/parts#test\n[app:broken]\nuse = @appserve/parts#tst\n[app:typo]\nuse = @appserve/parts#test\ntxt = a\n';

  for (const [what, lines, code, place] of [
    ['a section that is not there', ['use = #urlmap', '/ = a', '/x = nowhere'], 'SECTION_MISSING', 'site.ini:4'],
    ['the app for all the rest that is not there', ['use = #urlmap', 'not_found_app = nowhere'], 'SECTION_MISSING', 'site.ini:3'],
    ['a section that is not there, of a cascade', ['use = #cascade', 'app1 = a', 'app2 = b'], 'SECTION_MISSING', 'site.ini:4'],
    ['a section that is not there, of a host', ['use = #hosts', '* = b'], 'SECTION_MISSING', 'site.ini:3'],
    ['a section that is not there, of a canary', ['use = #canary', 'a = 1', 'b = 1'], 'SECTION_MISSING', 'site.ini:2'],
    ['a file that is not there', ['use = #urlmap', '/x = config:nowhere.ini'], 'CONFIG_MISSING', 'site.ini:3'],
    [
      'a section of another file that is not there',
      ['use = #urlmap', '/x = config:other.ini#b'],
      'SECTION_MISSING',
      'site.ini:3',
    ],
    ['a mistake in another file', ['use = #urlmap', '/x = config:other.ini#broken'], 'ENTRY_POINT_MISSING', 'other.ini:4'],
    ['an option in another file', ['use = #urlmap', '/x = config:other.ini#typo'], 'OPTION_UNKNOWN', 'other.ini:7'],
    ['a module that is not there', ['use = #urlmap', '/x = ./nowhere.mjs#app'], 'MODULE_MISSING', 'site.ini:3'],
  ] as const)
    it(`sees ${what} behind a composite`, async () => {
      const ini = ['[composite:main]', ...lines, ...APP, ...SERVER].join('\n').replace('use = #', 'use = @appserve/parts#');
      using folder = folderWith({ 'site.ini': ini, 'other.ini': OTHER });
      const { faults } = await checkConfig('site.ini', { relativeTo: folder.path });
      assert.deepEqual(
        faults.map((fault) => [fault.code, fault.at && `${fault.at.file}:${fault.at.line}`]),
        [[code, place]],
      );
    });

  it('tells what is wrong with an app once, whoever names it', async () => {
    const ini = [
      '[composite:main]',
      'use = @appserve/parts#urlmap',
      '/ = a',
      '/b = a',
      '[app:a]',
      'use = @appserve/parts#tst',
      ...SERVER,
    ];
    using folder = folderWith({ 'site.ini': ini.join('\n') });
    const { faults } = await checkConfig('site.ini', { relativeTo: folder.path });
    assert.deepEqual(
      faults.map((fault) => [fault.code, fault.at?.line]),
      [['ENTRY_POINT_MISSING', 6]],
    );
  });

  it('looks once at what a file names, however many ways lead there', async () => {
    const FILES = 8;
    const threeWays = (index: number): string => {
      const next = nameOf(index + 1);
      const mounts = [`/a = config:${next}`, `/b = config:./${next}`, `/c = config:${next}#main`];
      return ['[composite:main]', 'use = @appserve/parts#urlmap', ...mounts, ...(index === 0 ? SERVER : [])].join('\n');
    };
    const counts = globalThis as { settledInCheck?: number };
    counts.settledInCheck = 0;
    const found = await places({
      ...Object.fromEntries(Array.from({ length: FILES }, (_, index) => [nameOf(index), threeWays(index)])),
      [nameOf(FILES)]: '[app:main]\nuse = ./leaf.mjs#main\n',
      'leaf.mjs': `
        const validate = (value) => ((globalThis.settledInCheck += 1), { value });
        export const main = Object.assign(() => () => new Response(), { options: { '~standard': { version: 1, vendor: 'test', validate } } });
      `,
    });
    assert.deepEqual(found, []);
    assert.equal(counts.settledInCheck, 3, 'once for each of the three names in the file before it');
  });

  it('looks again at what is named with other values', async () => {
    const mount = ['use = @appserve/parts#urlmap', '/ = config:other.ini'];
    const found = await places({
      'site.ini': ['[composite:main]', 'set place = here', ...mount, '[composite:bare]', ...mount, ...SERVER].join('\n'),
      'other.ini': '[app:main]\nuse = @appserve/parts#test\ntext = %(place)s\n',
    });
    assert.deepEqual(found, [['INTERPOLATION_MISSING', 'other.ini:3']]);
  });

  it('sees a circle of composites in another file', async () => {
    const found = await places({
      'site.ini': [...MAIN, '[composite:a]', 'use = @appserve/parts#urlmap', '/ = config:other.ini#x', ...SERVER].join('\n'),
      'other.ini': urlmapOf('x', 'y') + urlmapOf('y', 'x'),
    });
    assert.deepEqual(found, [['USE_CYCLE', 'other.ini:6']]);
  });
});
