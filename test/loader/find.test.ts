// What `appserve` serves where nothing is named: which file of which folder, and what is said of the others.

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Fault } from '@appserve/core';
import { appConfig, findConfig, type FoundConfig } from '@appserve/loader';
import { faultOf, pointed } from '../support/faults.ts';
import { APP_MODULE } from '../support/ini-file.ts';
import { asNobody } from '../support/nobody.ts';
import { folderWith, installed, type Tree } from '../support/packages.ts';

const APP = '[app:main]\nuse = ./app.mjs\n';
const SECTIONS = { 'app:main': { use: './app.mjs' } };

interface Options {
  /** Where the search begins, in the folder of the files. */
  readonly from?: string;
  readonly named?: string;
  readonly chdir?: boolean;
}

/** What is found among files. The folder of the files is called /site in the answer, and is a project. */
async function found(tree: Tree, { from = '.', named, chdir = false }: Options = {}): Promise<FoundConfig> {
  using folder = folderWith({ 'package.json': {}, ...tree });
  const environment = named === undefined ? {} : { APPSERVE_CONFIG: named.replace('HERE', folder.path) };
  const before = process.cwd();
  // cosmiconfig reads what a project says to it from the working directory.
  if (chdir) process.chdir(join(folder.path, from));
  try {
    const { path, name, why, passedOver } = await findConfig(join(folder.path, from), environment);
    const shown = (text: string): string => text.replaceAll(folder.path, '/site');
    return { path: shown(path), name: shown(name), why: shown(why), passedOver };
  } finally {
    process.chdir(before);
  }
}

async function nameOf(tree: Tree, options?: Options): Promise<string> {
  return (await found(tree, options)).name;
}

/** All places, in their order. */
const ORDER: readonly (readonly [name: string, content: string])[] = [
  ['development.ini', APP],
  ['appserve.ini', APP],
  ['production.ini', APP],
  ['package.json', JSON.stringify({ appserve: { config: SECTIONS } })],
  ['.appserverc', 'app:main: { use: ./app.mjs }'],
  ['.appserverc.json', JSON.stringify(SECTIONS)],
  ['.appserverc.yaml', 'app:main: { use: ./app.mjs }'],
  ['.appserverc.yml', 'app:main: { use: ./app.mjs }'],
  ['appserve.config.ts', 'throw new Error("nothing is run")'],
  ['appserve.config.mts', 'throw new Error("nothing is run")'],
  ['appserve.config.js', 'throw new Error("nothing is run")'],
  ['appserve.config.mjs', 'throw new Error("nothing is run")'],
  ['appserve.config.cjs', 'throw new Error("nothing is run")'],
  ['appserve.config.json', JSON.stringify(SECTIONS)],
  ['appserve.config.yaml', 'app:main: { use: ./app.mjs }'],
  ['appserve.config.yml', 'app:main: { use: ./app.mjs }'],
];

describe('a configuration that is not named', () => {
  it('is found in the working directory', async () => {
    assert.deepEqual(await found({ 'development.ini': APP }), {
      path: '/site/development.ini',
      name: 'development.ini',
      why: 'development.ini (found in /site)',
      passedOver: [],
    });
  });

  for (const [index, [first]] of ORDER.entries()) {
    it(`is ${first} before everything that comes later`, async () => {
      const { name, passedOver } = await found(Object.fromEntries(ORDER.slice(index)));
      assert.equal(name, first);
      assert.deepEqual(
        passedOver,
        ORDER.slice(index + 1).map(([path]) => ({ path, why: `${first} comes first` })),
      );
    });
  }

  it('may begin with a byte order mark', async () => {
    assert.equal(await nameOf({ 'development.ini': `\ufeff${APP}` }), 'development.ini');
  });

  it('is found upward, and shown as one would type it', async () => {
    assert.deepEqual(await found({ 'development.ini': APP, 'src/app/x': '' }, { from: 'src/app' }), {
      path: '/site/development.ini',
      name: '../../development.ini',
      why: '../../development.ini (found in /site)',
      passedOver: [],
    });
  });

  it('is that of the nearest folder, whatever its name', async () => {
    const tree = { 'development.ini': APP, 'shop/appserve.config.yaml': 'app:main: {}' };
    const { name, passedOver } = await found(tree, { from: 'shop' });
    assert.equal(name, 'appserve.config.yaml');
    assert.deepEqual(passedOver, []);
  });

  it('is not looked for above the project', async () => {
    const { code } = await faultOf(found({ 'development.ini': APP, 'shop/package.json': {} }, { from: 'shop' }));
    assert.equal(code, 'CONFIG_NOT_FOUND');
  });

  it('is not looked for upward outside of a project', async () => {
    using folder = folderWith({ 'development.ini': APP, 'src/x': '' });
    const fault = (await faultOf(findConfig(`${folder.path}/src`, {}))) as Fault<'CONFIG_NOT_FOUND'>;
    assert.deepEqual([fault.code, fault.details.folders], ['CONFIG_NOT_FOUND', [`${folder.path}/src`]]);
  });

  it('may be what package.json names', async () => {
    const tree = { 'package.json': { appserve: { config: './etc/site.ini#admin' } }, 'etc/site.ini': APP, 'src/x': '' };
    assert.deepEqual(await found(tree, { from: 'src' }), {
      path: '/site/etc/site.ini',
      name: '../etc/site.ini#admin',
      why: '../etc/site.ini#admin (named in /site/package.json)',
      passedOver: [],
    });
  });

  it('may not be missing where package.json names it', async () => {
    const fault = await faultOf(found({ 'package.json': { appserve: { config: 'etc/site.ini' } } }));
    assert.deepEqual(
      [fault.code, fault.details, fault.askedBy],
      ['CONFIG_MISSING', { path: 'etc/site.ini' }, ['"appserve.config" of package.json']],
    );
  });

  it('stands beside entry points in package.json', async () => {
    const appserve = { config: SECTIONS, app_factory: { main: './app.mjs#main' } };
    using folder = folderWith({ 'package.json': { name: 'shop', appserve }, ...APP_MODULE });
    const { name } = await findConfig(folder.path, {});
    const { localConf } = await appConfig(name, { relativeTo: folder.path });
    assert.deepEqual([name, localConf], ['package.json', {}]);
  });

  it('does not make a package one that offers entry points', async () => {
    const main = { 'index.mjs': 'export const main = () => {};' };
    const shop = installed('shop', { main: 'index.mjs', appserve: { config: 'development.ini' } }, main);
    using folder = folderWith({ 'site.ini': '[app:main]\nuse = shop#main\n', ...shop });
    assert.deepEqual((await appConfig('site.ini', { relativeTo: folder.path })).localConf, {});
  });

  it('is nothing of a package.json that only has entry points', async () => {
    assert.equal(await nameOf({ 'package.json': { appserve: { app_factory: {} } }, '.appserverc': 'x: {}' }), '.appserverc');
  });
});

describe('APPSERVE_CONFIG', () => {
  it('names the configuration before any other', async () => {
    const tree = { 'development.ini': APP, 'etc/site.ini': APP };
    assert.deepEqual(await found(tree, { named: 'etc/site.ini#admin' }), {
      path: '/site/etc/site.ini',
      name: 'etc/site.ini#admin',
      why: 'etc/site.ini#admin (named by APPSERVE_CONFIG)',
      passedOver: [],
    });
  });

  for (const [named, name] of [
    ['config:my%20site.ini#admin', 'my site.ini#admin'],
    ['config:my%20site.ini?a=%20#admin', 'my site.ini?a=%20#admin'],
    ['config:a%23%3f.ini#admin', 'config:a%23%3F.ini#admin'],
  ] as const)
    it(`may be written with percent signs: ${named}`, async () =>
      assert.equal(await nameOf({ 'my site.ini': APP, 'a#?.ini': APP }, { named }), name));

  it('may be absolute', async () => assert.equal(await nameOf({ 'site.ini': APP }, { named: 'HERE/site.ini' }), 'site.ini'));
  it('is as good as not there when it is empty', async () => {
    assert.equal(await nameOf({ 'development.ini': APP }, { named: '' }), 'development.ini');
  });

  it('may not name what is not there', async () => {
    const fault = await faultOf(found({ 'development.ini': APP }, { named: 'no.ini' }));
    assert.deepEqual([fault.code, fault.details, fault.askedBy], ['CONFIG_MISSING', { path: 'no.ini' }, ['APPSERVE_CONFIG']]);
  });

  it('is that of the environment where none is given', async () => {
    using folder = folderWith({ 'site.ini': APP });
    process.env['APPSERVE_CONFIG'] = `${folder.path}/site.ini`;
    try {
      assert.equal((await findConfig(folder.path)).name, 'site.ini');
    } finally {
      delete process.env['APPSERVE_CONFIG'];
    }
  });
});

describe('a file of the right name', () => {
  const passed: readonly (readonly [what: string, tree: Tree, why: string])[] = [
    [
      'an ini for something else',
      { 'development.ini': '[alembic]\nscript = x\n# [app:main]\n' },
      'it has no section such as [app:main]',
    ],
    [
      'an ini that has no app but a filter',
      { 'development.ini': '[filter:a]\n[server:main]\n' },
      'it has no section such as [app:main]',
    ],
    ['empty', { 'development.ini': ' \n' }, 'it is empty'],
    ['a folder', { 'development.ini/x': '' }, 'it is a folder'],
  ];
  for (const [what, tree, why] of passed) {
    it(`is passed over, with a word, when it is ${what}`, async () => {
      const { name, passedOver } = await found({ ...tree, 'production.ini': APP });
      assert.deepEqual([name, passedOver], ['production.ini', [{ path: 'development.ini', why }]]);
    });
  }

  for (const section of ['app', 'app:x', 'application:x', 'composite:x', 'composit:x', 'pipeline:x', 'filter-app:x']) {
    it(`is one of ours with [${section}]`, async () => {
      assert.equal(await nameOf({ 'development.ini': `[x]\n[${section}]\n`, 'production.ini': APP }), 'development.ini');
    });
  }

  it('is named when it was passed over in a folder below', async () => {
    const tree = { 'appserve.ini': APP, 'db/development.ini': '[alembic]\n', 'db/x': '' };
    const { name, passedOver } = await found(tree, { from: 'db' });
    assert.equal(name, '../appserve.ini');
    assert.deepEqual(passedOver, [{ path: 'development.ini', why: 'it has no section such as [app:main]' }]);
  });

  it('is taken when it cannot be read, so that nobody is served the next one', async () => {
    using folder = folderWith({ 'package.json': {}, 'development.ini': APP, 'production.ini': APP });
    chmodSync(folder.path, 0o755);
    chmodSync(`${folder.path}/development.ini`, 0);
    const { name } = await asNobody(() => findConfig(folder.path, {}));
    assert.equal(name, 'development.ini');
  });

  it('above may be a broken package.json: what is nearer is found', async () => {
    assert.equal(await nameOf({ 'package.json': '{', 'shop/development.ini': APP }, { from: 'shop' }), 'development.ini');
  });
});

describe('nothing to be found', () => {
  it('is a fault that says what was looked for, where, and what there is', async () => {
    using folder = folderWith({
      'package.json': {},
      'src/development.ini': '[x]\n',
      'src/shop.ini': APP,
      'src/tox.ini': '[tox]\n',
    });
    mkdirSync(`${folder.path}/src/folder.ini`);
    const fault = (await faultOf(findConfig(`${folder.path}/src`, {}))) as Fault<'CONFIG_NOT_FOUND'>;
    assert.equal(
      fault.message.replaceAll(folder.path, '/site'),
      'there is no configuration: looked for development.ini, appserve.ini, production.ini, "appserve": {"config": ...} in ' +
        'package.json, .appserverc or appserve.config.* in /site/src, /site; ' +
        'passed over development.ini (it has no section such as [app:main])',
    );
    assert.equal(fault.hint, 'there is shop.ini: appserve shop.ini');
  });

  it('has a next step where there is nothing at all', async () => {
    assert.equal((await faultOf(found({}))).hint, 'name one: appserve path/to.ini');
  });
});

describe('what a project says to cosmiconfig', () => {
  const META: readonly (readonly [what: string, settings: Readonly<Record<string, unknown>>])[] = [
    ['more places', { searchPlaces: ['site.ini', 'etc/development.ini', 'app.mjs'] }],
    ['our places in another order', { searchPlaces: ['production.ini', 'development.ini'] }],
    ['other places instead of ours', { searchPlaces: ['site.ini'], mergeSearchPlaces: false }],
    ['another field of package.json', { packageProp: 'shop' }],
    ['that empty files count', { ignoreEmptySearchPlaces: false }],
  ];
  for (const [what, cosmiconfig] of META) {
    it(`changes nothing: ${what}`, async () => {
      const tree = {
        'package.json': { appserve: { config: SECTIONS }, shop: { config: 'site.ini' } },
        '.config/config.json': { cosmiconfig },
        'site.ini': APP,
        'etc/development.ini': APP,
        'app.mjs': 'throw new Error("nothing is run")',
        '.appserverc': '',
        'production.ini': APP,
        'appserve.ini': APP,
      };
      const { name, passedOver } = await found(tree, { chdir: true });
      assert.equal(name, 'appserve.ini');
      assert.deepEqual(
        passedOver.map(({ path }) => path),
        ['.appserverc', 'production.ini', 'package.json'],
      );
    });
  }

  it('is a fault when it cannot be read', async () => {
    const broken: readonly (readonly [tree: Tree, message: string])[] = [
      [{ '.config/config.json': '{' }, 'the text ends too early'],
      [{ '.config/config.yaml': 'cosmiconfig: { loaders: {} }' }, 'can not specify loaders in meta config file'],
    ];
    for (const [tree, message] of broken) {
      const fault = await faultOf(found({ ...tree, 'development.ini': APP }, { chdir: true }));
      assert.deepEqual([fault.code, fault.message], ['CONFIG_SEARCH_FAILED', `cannot look for a configuration: ${message}`]);
      assert.ok(fault.cause instanceof Error);
    }
  });

  it('is passed over where a file comes before it, and else a fault with its place', async () => {
    const { name, passedOver } = await found({ 'package.json': '{', 'development.ini': APP }, { chdir: true });
    assert.deepEqual([name, passedOver], ['development.ini', [{ path: 'package.json', why: 'it is not JSON' }]]);
    const fault = await faultOf(found({ 'package.json': '{\n  "name": x\n}', 'appserve.config.json': '{}' }, { chdir: true }));
    assert.deepEqual(
      [fault.code, fault.at?.file, fault.at?.line, fault.at?.column],
      ['CONFIG_SEARCH_FAILED', 'package.json', 2, 11],
    );
  });
});

describe('$import', () => {
  it('imports nothing: it is a key like others', async () => {
    const tree = { '.appserverc.json': { $import: './other.json', ...SECTIONS }, 'other.json': { x: {} } };
    assert.equal(await nameOf(tree), '.appserverc.json');
    using folder = folderWith(tree);
    const fault = await faultOf(appConfig('.appserverc.json', { relativeTo: folder.path }));
    assert.equal(pointed(fault), 'CONFIG_SHAPE 1:12 "./other.json"');
  });
});
