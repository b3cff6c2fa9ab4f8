// From lines in a file to what a factory is called with: `set`, `get`, [DEFAULT], the command line, what a caller lends, and files
// that use each other.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { appConfig, type AppConfig, type LoadOptions } from '@appserve/loader';
import type { FaultDetails } from '@appserve/core';
import { faultOf, faultsOf, pointed } from '../support/faults.ts';
import { APP_MODULE, confOf } from '../support/ini-file.ts';
import { appFactory, folderWith, installed, type Tree } from '../support/packages.ts';
import { shapeOf } from '../support/shapes.ts';

const MAIN = ['[app:main]', 'use = ./app.mjs'];
const BASE = ['[app:base]', 'use = ./app.mjs'];

/** Globals and settings of `[app:main]`, without what the loader itself says. */
async function flow(lines: readonly string[], options: LoadOptions = {}): Promise<readonly [object, object]> {
  return told(await confOf(lines, options));
}

function told({ globalConf, localConf }: AppConfig): readonly [object, object] {
  const { here: _here, __file__: _file, ...globals } = globalConf;
  return [globals, { ...localConf }];
}

describe('set', () => {
  it('makes a global of the section, and no setting', async () => {
    assert.deepEqual(await flow([...MAIN, 'set x = 1']), [{ x: '1' }, {}]);
  });

  it('wins over [DEFAULT]', async () => {
    assert.deepEqual(await flow(['[DEFAULT]', 'x = 0', 'y = 0', ...MAIN, 'set x = 1']), [{ x: '1', y: '0' }, {}]);
  });

  it('is no variable', async () => {
    assert.deepEqual(await flow(['[DEFAULT]', 'x = 0', ...MAIN, 'set x = 1', 'y = %(x)s']), [{ x: '1' }, { y: '0' }]);
    assert.equal(pointed(await faultOf(flow([...MAIN, 'set x = 1', 'y = %(x)s']))), 'INTERPOLATION_MISSING 4:5 %(x)s');
  });

  it('loses against the command line', async () => {
    assert.deepEqual(await flow([...MAIN, 'set x = 1'], { vars: { x: '2' } }), [{ x: '2' }, {}]);
  });

  it('reaches what the section uses, over what that one sets', async () => {
    const lines = ['[app:main]', 'use = base', 'set x = main', 'set y = main', ...BASE, 'set x = base', 'set z = base'];
    assert.deepEqual(await flow(lines), [{ x: 'main', y: 'main', z: 'base' }, {}]);
  });

  it('says nothing to the section that uses it', async () => {
    const { globalConf } = await shapeOf([
      '[pipeline:main]',
      'pipeline = f a',
      '[filter:f]',
      'use = shapes#filter',
      '[app:a]',
      'use = shapes#app',
      'set x = 1',
    ]);
    assert.equal(globalConf['x'], undefined);
  });

  it('in a pipeline reaches its parts, which may say otherwise', async () => {
    const parts = ['[filter:f]', 'use = shapes#filter', '[app:a]', 'use = shapes#app', 'set x = a'];
    const { globalConf, inner } = await shapeOf(['[pipeline:main]', 'set x = p', 'set y = p', 'pipeline = f a', ...parts]);
    assert.deepEqual([globalConf['x'], globalConf['y'], inner.globalConf['x'], inner.globalConf['y']], ['p', 'p', 'a', 'p']);
  });

  it('in an app reaches what it is filtered with', async () => {
    const { globalConf } = await shapeOf([
      '[app:main]',
      'use = shapes#app',
      'set x = 1',
      'filter-with = f',
      '[filter:f]',
      'use = shapes#filter',
    ]);
    assert.equal(globalConf['x'], '1');
  });

  it('in a filter-app reaches the app behind it', async () => {
    const { inner } = await shapeOf([
      '[filter-app:main]',
      'use = shapes#filter',
      'set x = 1',
      'next = a',
      '[app:a]',
      'use = shapes#app',
    ]);
    assert.equal(inner.globalConf['x'], '1');
  });

  it('is followed by exactly one blank, or it is a setting', async () => {
    assert.deepEqual(await flow([...MAIN, 'set\tx = 1', 'set = 2', 'setx = 3']), [{}, { 'set\tx': '1', set: '2', setx: '3' }]);
    assert.deepEqual(await flow([...MAIN, 'set   x = 1']), [{ x: '1' }, {}]);
  });

  it('may have a name that JavaScript has for something else', async () => {
    const { globalConf, localConf } = await confOf([...MAIN, 'set __proto__ = 1', 'get constructor = __proto__']);
    assert.equal(Object.getOwnPropertyDescriptor(globalConf, '__proto__')?.value, '1');
    assert.deepEqual(Object.entries(localConf), [['constructor', '1']]);
  });
});

describe('get', () => {
  it('makes a setting of a global', async () => {
    assert.deepEqual((await flow(['[DEFAULT]', 'x = 1', ...MAIN, 'get y = x']))[1], { y: '1' });
  });

  it('sees what is set below it, but no setting', async () => {
    assert.deepEqual((await flow([...MAIN, 'get y = x', 'set x = 1']))[1], { y: '1' });
    assert.equal(pointed(await faultOf(flow([...MAIN, 'get y = x', 'x = 1']))), 'GLOBAL_MISSING 3:9 x');
  });

  it('does not tell a secret that names no global', async () => {
    process.env['APPSERVE_TEST_SECRET'] = 'heree';
    try {
      const { message, hint } = await faultOf(flow([...MAIN, 'get y = %(env:APPSERVE_TEST_SECRET)s']));
      assert.equal(message, 'there is no global ********');
      assert.doesNotMatch(hint ?? '', /did you mean/);
    } finally {
      delete process.env['APPSERVE_TEST_SECRET'];
    }
  });

  it('sees what the sections above set, what the caller lends and what the command line says', async () => {
    const used = ['[app:main]', 'use = base', 'set x = main', ...BASE, 'get y = x'];
    assert.deepEqual((await flow(used))[1], { y: 'main' });
    assert.deepEqual((await flow([...MAIN, 'get y = x'], { globalConf: { x: 'lent' } }))[1], { y: 'lent' });
    assert.deepEqual((await flow([...MAIN, 'get y = x', 'set x = 1'], { vars: { x: '2' } }))[1], { y: '2' });
  });

  it('in the section that is used sees what that one sets: the outer word comes last', async () => {
    const lines = ['[app:main]', 'use = base', 'set x = main', ...BASE, 'set x = base', 'get y = x'];
    assert.deepEqual(await flow(lines), [{ x: 'main' }, { y: 'base' }]);
  });

  it('sees what the loader says', async () => {
    using folder = folderWith({ 'site.ini': [...MAIN, 'get folder = here'].join('\n'), ...APP_MODULE });
    const { localConf } = await appConfig('site.ini', { relativeTo: folder.path });
    assert.deepEqual(localConf, { folder: folder.path });
  });

  it('names a global that there is, or the one that was probably meant', async () => {
    const faults = await faultsOf(flow(['[DEFAULT]', 'database = 1', ...MAIN, 'get a = databas', 'get b =', '  %(here)s']));
    assert.deepEqual(faults.map(pointed), ['GLOBAL_MISSING 5:9 databas', 'GLOBAL_MISSING 6:8']);
    assert.equal((faults[0]!.details as FaultDetails<'GLOBAL_MISSING'>).nearest, 'database');
    assert.deepEqual(faults[0]!.askedBy, ['[app:main] site.ini:3']);
  });
});

describe('[DEFAULT]', () => {
  it('is global, and no setting', async () => {
    assert.deepEqual(await flow(['[DEFAULT]', 'x = 1', ...MAIN]), [{ x: '1' }, {}]);
  });

  it('loses against a setting of the same name, which stays one', async () => {
    assert.deepEqual(await flow(['[DEFAULT]', 'x = 1', ...MAIN, 'x = 2', 'y = %(x)s']), [{ x: '1' }, { x: '2', y: '2' }]);
  });

  it('may set for every section', async () => {
    const [globals] = await flow(['[DEFAULT]', 'set x = 1', ...MAIN]);
    assert.equal((globals as Record<string, string>)['x'], '1');
  });

  it('may get for every section', async () => {
    assert.deepEqual((await flow(['[DEFAULT]', 'x = 1', 'get y = x', ...MAIN]))[1], { y: '1' });
  });

  it('loses against the same words of the section', async () => {
    const [globals, settings] = await flow([
      '[DEFAULT]',
      'set x = 1',
      'get y = x',
      ...MAIN,
      'set x = 2',
      'get y = here',
      'set here = h',
    ]);
    assert.deepEqual([(globals as Record<string, string>)['x'], settings], ['2', { y: 'h' }]);
  });
});

describe('globals of the caller', () => {
  const LINES = ['[DEFAULT]', 'x = file', 'z = %(x)s', ...MAIN, 'y = %(x)s'];

  it('win over [DEFAULT] as globals, and not in variables', async () => {
    assert.deepEqual(await flow(LINES, { globalConf: { x: 'caller' } }), [{ x: 'caller', z: 'file' }, { y: 'file' }]);
  });

  it('are variables where the file has none', async () => {
    assert.deepEqual((await flow([...MAIN, 'y = %(x)s'], { globalConf: { x: 'caller' } }))[1], { y: 'caller' });
  });

  it('lose against settings and against set', async () => {
    const lines = [...MAIN, 'x = section', 'set z = section', 'y = %(x)s'];
    assert.deepEqual(await flow(lines, { globalConf: { x: 'caller', z: 'caller' } }), [
      { x: 'caller', z: 'section' },
      { x: 'section', y: 'section' },
    ]);
  });

  it('lose against the command line', async () => {
    const options = { globalConf: { x: 'caller' }, vars: { x: 'command line' } };
    assert.deepEqual(await flow(LINES, options), [{ x: 'command line', z: 'command line' }, { y: 'command line' }]);
  });

  it('are text: nothing in them is a variable', async () => {
    const globalConf = { x: '50% %(here)s %%' };
    assert.deepEqual(await flow([...MAIN, 'y = %(x)s!'], { globalConf }), [globalConf, { y: '50% %(here)s %%!' }]);
  });

  it('may stand in the address', async () => {
    using folder = folderWith({ 'site.ini': [...MAIN, 'y = %(port)s', 'z = %(name)s'].join('\n'), ...APP_MODULE });
    const conf = await appConfig('config:site.ini?port=80&name=a%20b#main', { relativeTo: folder.path });
    assert.deepEqual(told(conf), [
      { port: '80', name: 'a b' },
      { y: '80', z: 'a b' },
    ]);
  });

  it('in the address lose against those that are given beside it', async () => {
    using folder = folderWith({ 'site.ini': MAIN.join('\n'), ...APP_MODULE });
    const conf = await appConfig('site.ini?port=80', { relativeTo: folder.path, globalConf: { port: '81' } });
    assert.deepEqual(told(conf)[0], { port: '81' });
  });

  for (const uri of ['egg:shop#app', 'pkg:shop#app', 'call:./app.mjs:main']) {
    it(`reach the factory of ${uri}, and so does the command line`, async () => {
      const shop = installed('shop', { appserve: { app_factory: { app: './app.mjs#main' } } }, APP_MODULE);
      using folder = folderWith({ ...APP_MODULE, ...shop });
      const options = { globalConf: { x: 'caller', y: 'caller' }, vars: { y: 'line' } };
      const { globalConf, localConf } = await appConfig(uri, { relativeTo: folder.path, ...options });
      assert.deepEqual([globalConf, localConf], [{ x: 'caller', y: 'line' }, {}]);
    });
  }

  it('reach the entry point that the caller names beside the address', async () => {
    const entries = { main: './app.mjs#no', admin: './app.mjs#main' };
    using folder = folderWith(installed('shop', { appserve: { app_factory: entries } }, APP_MODULE));
    const { localConf } = await appConfig('egg:shop', { relativeTo: folder.path, name: 'admin' });
    assert.deepEqual(localConf, {});
    const fault = await faultOf(appConfig('egg:shop#admin', { relativeTo: folder.path, name: 'amdin' }));
    assert.equal((fault.details as FaultDetails<'ENTRY_POINT_MISSING'>).name, 'amdin');
  });
});

describe('the command line wins', () => {
  const vars = { x: '100% %(y)s' };

  for (const [where, lines, expected] of [
    ['over [DEFAULT]', ['[DEFAULT]', 'x = 1', ...MAIN], [vars, {}]],
    ['over a setting', [...MAIN, 'x = 1'], [vars, { x: vars.x }]],
    ['in a variable', [...MAIN, 'a = %(x)s'], [vars, { a: vars.x }]],
    [
      'in a variable of a variable',
      ['[DEFAULT]', 'a = %(x)s', 'x = 1', ...MAIN, 'b = %(a)s'],
      [{ a: vars.x, ...vars }, { b: vars.x }],
    ],
    ['over a section that is used', ['[app:main]', 'use = base', 'x = main', ...BASE, 'x = base'], [vars, { x: vars.x }]],
    ['over a value that cannot be read', [...MAIN, 'x = %'], [vars, { x: vars.x }]],
  ] as const) {
    it(where, async () => assert.deepEqual(await flow(lines, { vars }), expected));
  }

  it('but not over words of the language', async () => {
    const own = {
      use: './nowhere.mjs',
      'filter-with': 'nowhere',
      require: 'nowhere',
      'paste.app_factory': 'nowhere',
      'set a': '2',
    };
    assert.deepEqual(await flow([...MAIN, 'set a = 1'], { vars: own }), [{ ...own, a: '1' }, {}]);
  });

  it('in a file that is used, too', async () => {
    using folder = folderWith({
      'site.ini': '[app:main]\nuse = config:etc/other.ini',
      'etc/other.ini': ['[DEFAULT]', 'x = 1', ...MAIN, 'y = %(x)s'].join('\n'),
      'etc/app.mjs': appFactory('main'),
    });
    const conf = await appConfig('site.ini', { relativeTo: folder.path, vars });
    assert.deepEqual(told(conf), [vars, { y: vars.x }]);
  });
});

describe('what a section says beside use', () => {
  it('reaches the app behind its filter', async () => {
    const { inner, settings } = await shapeOf([
      '[app:main]',
      'use = base',
      'x = main',
      'set s = main',
      '[app:base]',
      'use = shapes#app',
      'x = base',
      'filter-with = f',
      '[filter:f]',
      'use = shapes#filter',
      'x = filter',
    ]);
    assert.deepEqual([settings, inner.settings, inner.globalConf['s']], [{ x: 'filter' }, { x: 'main' }, 'main']);
  });

  it('reaches the filter of a filter-app, and not what is behind it', async () => {
    const { inner, settings } = await shapeOf([
      '[app:main]',
      'use = base',
      'x = main',
      '[filter-app:base]',
      'use = f',
      'x = base',
      'next = a',
      '[app:a]',
      'use = shapes#app',
      'x = a',
      '[filter:f]',
      'use = shapes#filter',
      'x = filter',
    ]);
    assert.deepEqual([settings, inner.settings], [{ x: 'main' }, { x: 'a' }]);
  });

  it('reaches nobody in a pipeline, and is refused', async () => {
    const lines = [
      '[app:main]',
      'use = p',
      'x = 1',
      'set y = 2',
      'z = 3',
      '[pipeline:p]',
      'pipeline = a',
      '[app:a]',
      'use = shapes#app',
    ];
    const faults = await faultsOf(shapeOf(lines));
    assert.deepEqual(faults.map(pointed), ['PIPELINE_SETTINGS 3:1 x', 'PIPELINE_SETTINGS 5:1 z']);
    assert.deepEqual(faults[0]!.details, { section: 'pipeline:p', key: 'x' });
    assert.deepEqual(faults[0]!.askedBy, ['[app:main] site.ini:1']);
  });

  it('reaches nobody in a filtered pipeline either', async () => {
    const lines = [
      '[app:main]',
      'use = p',
      'x = 1',
      '[pipeline:p]',
      'pipeline = a',
      'filter-with = shapes#filter',
      '[app:a]',
      'use = shapes#app',
    ];
    assert.equal(pointed(await faultOf(shapeOf(lines))), 'PIPELINE_SETTINGS 3:1 x');
  });
});

/** `site.ini` beside these files. The folder is called /here in the answer. */
async function included(site: string, files: Tree, options: LoadOptions = {}): Promise<AppConfig> {
  using folder = folderWith({ 'site.ini': site, 'app.mjs': appFactory('main'), 'etc/app.mjs': appFactory('main'), ...files });
  const conf = await appConfig('site.ini', { relativeTo: folder.path, ...options });
  return JSON.parse(JSON.stringify(conf).replaceAll(folder.path, '/here')) as AppConfig;
}

function use(path: string): string {
  return `[app:main]\nuse = config:${path}\n`;
}

describe('config:', () => {
  const OTHER = [...MAIN, 'at = %(here)s', 'file = %(__file__)s'].join('\n');

  it('has its own folder and its own path in variables; as globals they are those of the outer file', async () => {
    const { globalConf, localConf } = await included(use('etc/other.ini'), {
      'etc/other.ini': [OTHER, 'get h = here'].join('\n'),
    });
    assert.deepEqual(localConf, { at: '/here/etc', file: '/here/etc/other.ini', h: '/here' });
    assert.deepEqual(globalConf, { here: '/here', __file__: '/here/site.ini' });
  });

  it('finds modules and packages from its own folder', async () => {
    const { from } = (await shapeOf(['[pipeline:main]', 'pipeline = config:etc/other.ini#a'], {
      'etc/other.ini': '[app:a]\nuse = b\n[app:b]\nuse = ./local.mjs\n',
      'etc/local.mjs': appFactory('main', 'module of etc'),
    })) as unknown as { from: string };
    assert.equal(from, 'module of etc');
    const near = installed(
      'near',
      { appserve: { app_factory: { main: './app.mjs#main' } } },
      { 'app.mjs': appFactory('main', 'near') },
      'etc',
    );
    const found = (await shapeOf(['[app:main]', 'use = config:etc/other.ini'], {
      'etc/other.ini': '[app:main]\nuse = near#main\n',
      ...near,
    })) as unknown as { from: string };
    assert.equal(found.from, 'near');
  });

  it('goes from folder to folder', async () => {
    const files = {
      'a/b/one.ini': '[DEFAULT]\nfolder = %(here)s\n[app:x]\nuse = config:../two.ini#y\none = %(folder)s\n',
      'a/two.ini': '[app:y]\nuse = config:c/three.ini\ntwo = %(here)s\n',
      'a/c/three.ini': `${OTHER}\nthree = %(here)s\n`,
      'a/c/app.mjs': '',
    };
    const { localConf } = await included('[app:main]\nuse = config:a/b/one.ini#x', files);
    assert.deepEqual(localConf, {
      at: '/here/a/c',
      file: '/here/a/c/three.ini',
      three: '/here/a/c',
      two: '/here/a',
      one: '/here/a/b',
    });
  });

  it('is told the globals of the outer file, and keeps its own variables', async () => {
    const files = { 'etc/other.ini': ['[DEFAULT]', 'x = inner', 'y = inner', ...MAIN, 'is = %(x)s %(z)s'].join('\n') };
    const conf = await included(`[DEFAULT]\nx = outer\nz = outer\n${use('etc/other.ini')}`, files);
    assert.deepEqual(told(conf), [{ x: 'outer', y: 'inner', z: 'outer' }, { is: 'inner outer' }]);
  });

  it('keeps a setting that [DEFAULT] of the outer file has too', async () => {
    const conf = await included(`[DEFAULT]\nx = outer\n${use('etc/other.ini')}`, {
      'etc/other.ini': [...MAIN, 'x = inner'].join('\n'),
    });
    assert.deepEqual(told(conf), [{ x: 'outer' }, { x: 'inner' }]);
  });

  it('is said over by the section that uses it', async () => {
    const files = { 'etc/other.ini': [...MAIN, 'x = inner', 'y = inner', 'set s = inner'].join('\n') };
    const conf = await included(`${use('etc/other.ini')}x = outer\nset s = outer\n`, files);
    assert.deepEqual(told(conf), [{ s: 'outer' }, { x: 'outer', y: 'inner' }]);
  });

  for (const [written, file] of [
    ['etc/my%%20site.ini', 'etc/my site.ini'],
    ['etc/100%%25.ini', 'etc/100%.ini'],
    ['etc\\other.ini', 'etc/other.ini'],
    ['etc/a?b.ini', 'etc/a?b.ini'],
    ['%(here)s/etc/other.ini', 'etc/other.ini'],
    ['//%(here)s/etc/other.ini', 'etc/other.ini'],
    ['./etc/../etc/other.ini', 'etc/other.ini'],
  ] as const) {
    it(`may be written ${written}`, async () => {
      assert.equal((await included(use(written), { [file]: OTHER })).localConf['file'], `/here/${file}`);
    });
  }

  it('is no valid path with half an escape', async () => {
    assert.equal(pointed(await faultOf(included(use('50%%2'), {}))), 'USE_INVALID 2:7 config:50%%2');
  });

  it('is an address in any case of letters', async () => {
    assert.equal(
      (await included('[app:main]\nuse = CONFIG:etc/other.ini', { 'etc/other.ini': OTHER })).localConf['at'],
      '/here/etc',
    );
  });

  describe('that cannot be read', () => {
    it('is shown where it is named, with all that led there', async () => {
      const files = { 'etc/other.ini': '[app:x]\nuse = y\n[app:y]\nuse = config:nowhere.ini#z\n' };
      const fault = await faultOf(included('[app:main]\nuse = config:etc/other.ini#x', files));
      assert.equal(pointed(fault), 'CONFIG_MISSING 4:7 config:nowhere.ini#z');
      assert.deepEqual(fault.details, { path: 'etc/nowhere.ini', nearest: undefined });
      assert.equal(fault.at?.file, 'etc/other.ini');
      assert.deepEqual(fault.askedBy, ['[app:y] etc/other.ini:3', '[app:x] etc/other.ini:1', '[app:main] site.ini:1']);
    });

    it('may be a folder', async () => {
      const fault = await faultOf(included(use('etc'), {}));
      assert.equal(pointed(fault), 'CONFIG_UNREADABLE 2:7 config:etc');
      assert.deepEqual(fault.details, { path: 'etc', why: 'it is a folder' });
    });

    it('may be no text', async () => {
      const fault = await faultOf(included(use('etc/other.ini'), { 'etc/other.ini': Buffer.from([0x23, 0xff]) }));
      assert.equal(`${fault.at?.file} ${pointed(fault)}`, 'etc/other.ini CONFIG_UNREADABLE 1:2');
      assert.ok(fault.askedBy.length > 0, 'who asks for it is told');
    });

    it('shows its own lines where they are broken', async () => {
      const faults = await faultsOf(included(use('etc/other.ini'), { 'etc/other.ini': '[app:main]\nnonsense\n= 1\n' }));
      assert.deepEqual(
        faults.map((fault) => `${fault.at?.file} ${pointed(fault)}`),
        ['etc/other.ini INI_SYNTAX 2:1 nonsense', 'etc/other.ini INI_SYNTAX 3:1 = 1'],
      );
    });

    it('is shown where it is named when it lacks the section', async () => {
      const fault = await faultOf(included(use('etc/other.ini#y'), { 'etc/other.ini': OTHER }));
      assert.equal(pointed(fault), 'SECTION_MISSING 2:7 config:etc/other.ini#y');
      assert.deepEqual((fault.details as FaultDetails<'SECTION_MISSING'>).found, ['app:main']);
    });

    it('shows its own [DEFAULT] where a value of it cannot be made', async () => {
      const fault = await faultOf(included(use('etc/other.ini'), { 'etc/other.ini': `[DEFAULT]\nx = %(nope)s\n${OTHER}` }));
      assert.equal(`${fault.at?.file} ${pointed(fault)}`, 'etc/other.ini INTERPOLATION_MISSING 2:5 %(nope)s');
    });
  });
});
