// What `use = package#name` and `use = ./file.js#name` find, and what is said when they do not find it. Nothing is imported until
// it is found: loading in test/loader/load.test.ts.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FaultDetails } from '@appserve/core';
import { appConfig, loadApp, loadServer } from '@appserve/loader';
import { faultOf, pointed } from '../support/faults.ts';
import { appFactory, folderWith, installed, type Tree } from '../support/packages.ts';

/** Which of several factories `use` finds, in an ini among other files. */
async function found(use: string, files: Tree, site = 'site.ini'): Promise<unknown> {
  using folder = folderWith({ [site]: `[app:main]\nuse = ${use}\n`, ...files });
  const app = await loadApp(site, { relativeTo: folder.path });
  return (app as { from?: unknown }).from;
}

/** The fault of looking for it. Its texts have `/here` for the folder. */
async function refused(use: string, files: Tree, kind: 'app' | 'server' = 'app'): Promise<Refused> {
  using folder = folderWith({ 'site.ini': `[${kind}:main]\nuse = ${use}\n`, ...files });
  const load = kind === 'app' ? loadApp : loadServer;
  const fault = await faultOf(load('site.ini', { relativeTo: folder.path }));
  assert.deepEqual(fault.askedBy, [`[${kind}:main] site.ini:1`]);
  const details = JSON.parse(JSON.stringify(fault.details).replaceAll(folder.path, '/here')) as object;
  return { fault: pointed(fault), details, hint: fault.hint ?? '', cause: fault.cause, blame: fault.blame };
}

interface Refused {
  readonly fault: string;
  readonly details: object;
  readonly hint: string;
  readonly cause: unknown;
  readonly blame: string;
}

function offers(app_factory: Readonly<Record<string, unknown>>): { appserve: object } {
  return { appserve: { app_factory } };
}

/** A factory that says its name by throwing it. */
function throwing(name: string): string {
  return `export function ${name}() { throw new RangeError('${name}'); }\n`;
}

describe('an entry point of a package', () => {
  it('is found by its name in the package.json', async () => {
    const files = { 'lib/apps.mjs': appFactory('makeShop') + appFactory('makeAdmin') };
    const shop = installed('shop', offers({ main: './lib/apps.mjs#makeShop', admin: './lib/apps.mjs#makeAdmin' }), files);
    assert.equal(await found('shop#main', shop), 'makeShop');
    assert.equal(await found('shop#admin', shop), 'makeAdmin');
  });

  it('is found in a package with a scope', async () => {
    const shop = installed('@acme/shop', offers({ main: './app.mjs#make' }), { 'app.mjs': appFactory('make') });
    assert.equal(await found('@acme/shop#main', shop), 'make');
  });

  it('may be a default export', async () => {
    const shop = installed('shop', offers({ main: './app.mjs#default' }), {
      'app.mjs': `${appFactory('make')} export { make as default };`,
    });
    assert.equal(await found('shop#main', shop), 'make');
  });

  it('may be in a module that the package does not export', async () => {
    const manifest = { ...offers({ main: './private/app.mjs#make' }), exports: { './public.mjs': './public.mjs' } };
    assert.equal(await found('shop#main', installed('shop', manifest, { 'private/app.mjs': appFactory('make') })), 'make');
  });

  it('may be in a CommonJS module', async () => {
    const shop = installed('shop', offers({ main: './app.cjs#make' }), {
      'app.cjs': 'exports.make = () => Object.assign(() => new Response(), { from: "cjs" });',
    });
    assert.equal(await found('shop#main', shop), 'cjs');
  });

  it('may have a name that JavaScript has for something else', async () => {
    const shop = installed('shop', `{"name":"shop","appserve":{"app_factory":{"__proto__":"./app.mjs#make"}}}`, {
      'app.mjs': appFactory('make'),
    });
    assert.equal(await found('shop#__proto__', shop), 'make');
  });

  it('that is missing is said with what there is', async () => {
    const shop = installed('shop', offers({ main: './app.mjs#make', admin: './app.mjs#make' }));
    const { fault, details, hint } = await refused('shop#something', shop);
    assert.equal(fault, 'ENTRY_POINT_MISSING 2:7 shop#something');
    assert.deepEqual(details, {
      name: 'something',
      package: 'shop',
      groups: ['app_factory', 'composite_factory'],
      has: ['main', 'admin'],
    });
    assert.match(hint, /main, admin/);
  });

  it('that is missing is said with the one that was probably meant', async () => {
    const { details, hint } = await refused('shop#amdin2', installed('shop', offers({ main: '', admin2: '' })));
    assert.equal((details as FaultDetails<'ENTRY_POINT_MISSING'>).nearest, 'admin2');
    assert.match(hint, /shop#admin2/);
  });

  it('is missing where it is one of another kind', async () => {
    const shop = installed('shop', { appserve: { server_runner: { main: './app.mjs#make' }, app_factory: {} } });
    const { fault, details } = await refused('shop#main', shop);
    assert.equal(fault, 'ENTRY_POINT_MISSING 2:7 shop#main');
    assert.deepEqual((details as FaultDetails<'ENTRY_POINT_MISSING'>).has, []);
  });

  it('is missing where only JavaScript has the name', async () => {
    assert.equal(
      (await refused('shop#constructor', installed('shop', offers({})))).fault,
      'ENTRY_POINT_MISSING 2:7 shop#constructor',
    );
  });

  it('is missing where the package has the field, but nothing in it', async () => {
    const manifest = { appserve: {}, main: './app.mjs' };
    const { fault } = await refused('shop#make', installed('shop', manifest, { 'app.mjs': appFactory('make') }));
    assert.equal(fault, 'ENTRY_POINT_MISSING 2:7 shop#make');
  });

  it('of a server is looked for as a factory first, then as a runner', async () => {
    const manifest = {
      appserve: { server_runner: { main: './s.mjs#run', alone: './s.mjs#run' }, server_factory: { main: './s.mjs#make' } },
    };
    using folder = folderWith({
      'site.ini': '[server:main]\nuse = s#main\n[server:alone]\nuse = s#alone\n',
      ...installed('s', manifest, { 's.mjs': throwing('run') + throwing('make') }),
    });
    const fault = await faultOf(loadServer('site.ini', { relativeTo: folder.path }));
    assert.deepEqual([fault.code, (fault.cause as Error).message], ['FACTORY_FAILED', 'make']);
    const start = await loadServer('site.ini', { relativeTo: folder.path, name: 'alone' });
    const failed = await faultOf(Promise.resolve(start({ module: '', export: '', args: undefined })));
    assert.deepEqual([pointed(failed), (failed.cause as Error).message], ['FACTORY_FAILED 4:7 s#alone', 'run']);
  });

  it('of a server that is missing is looked for in both groups', async () => {
    const manifest = { appserve: { server_runner: { run: '' }, server_factory: { make: '' } } };
    const { details } = await refused('s#other', installed('s', manifest), 'server');
    const { groups, has } = details as FaultDetails<'ENTRY_POINT_MISSING'>;
    assert.deepEqual({ groups, has }, { groups: ['server_factory', 'server_runner'], has: ['make', 'run'] });
  });
});

describe('a reference in a package.json', () => {
  for (const value of [
    'app.mjs#make',
    './app.mjs',
    './app.mjs#',
    './#make',
    '#make',
    '',
    '/app.mjs#make',
    '../app.mjs#make',
    './a#b#c',
  ]) {
    it(`may not be ${JSON.stringify(value)}`, async () => {
      const { fault, details } = await refused(
        'shop#main',
        installed('shop', offers({ main: value }), { 'app.mjs': appFactory('make') }),
      );
      assert.equal(fault, 'ENTRY_POINT_INVALID 2:7 shop#main');
      assert.deepEqual(details, { value: JSON.stringify(value), path: '/here/node_modules/shop/package.json' });
    });
  }

  for (const value of [null, 5, true, {}, [], ['./app.mjs#make']]) {
    it(`may not be ${JSON.stringify(value)}, which is no text`, async () => {
      const { fault } = await refused('shop#main', installed('shop', offers({ main: value })));
      assert.equal(fault, 'ENTRY_POINT_INVALID 2:7 shop#main');
    });
  }

  it('is an error only where it is asked for', async () => {
    const shop = installed('shop', offers({ main: './app.mjs#make', other: 5 }), { 'app.mjs': appFactory('make') });
    assert.equal(await found('shop#main', shop), 'make');
  });

  it('names a module that is there', async () => {
    const { fault, details } = await refused('shop#main', installed('shop', offers({ main: './dist/app.mjs#make' })));
    assert.equal(fault, 'MODULE_MISSING 2:7 shop#main');
    assert.deepEqual(details, { module: '/here/node_modules/shop/dist/app.mjs' });
  });
});

describe('an export of a package without entry points', () => {
  it('is found where the package exports for imports only', async () => {
    const shop = installed('shop', { exports: { '.': { import: './app.mjs' } } }, { 'app.mjs': appFactory('make') });
    assert.equal(await found('shop#make', shop), 'make');
  });

  it('is found by the conditions that Node has for an import', async () => {
    const exports = { browser: './b.mjs', require: './r.cjs', node: { import: './n.mjs' }, default: './d.mjs' };
    const files = { 'n.mjs': appFactory('make', 'node'), 'd.mjs': appFactory('make', 'default') };
    assert.equal(await found('shop#make', installed('shop', { exports }, files)), 'node');
  });

  it('is found by main', async () => {
    assert.equal(
      await found('shop#make', installed('shop', { main: './lib/app.mjs' }, { 'lib/app.mjs': appFactory('make') })),
      'make',
    );
  });

  it('is found in CommonJS, by main and by its default, index.js', async () => {
    const commonJs = 'exports.make = () => Object.assign(() => new Response(), { from: "cjs" });';
    assert.equal(await found('shop#make', installed('shop', { main: 'app' }, { 'app.js': commonJs })), 'cjs');
    assert.equal(await found('shop#make', installed('shop', {}, { 'index.js': commonJs })), 'cjs');
  });

  it('may be all that a CommonJS module is', async () => {
    const shop = installed(
      'shop',
      {},
      { 'index.js': 'module.exports = () => Object.assign(() => new Response(), { from: "all" });' },
    );
    assert.equal(await found('shop#default', shop), 'all');
  });

  it('is found in a package with a scope', async () => {
    assert.equal(
      await found('@acme/shop#make', installed('@acme/shop', { exports: './app.mjs' }, { 'app.mjs': appFactory('make') })),
      'make',
    );
  });

  it('is in a module that is there, or the module is missing', async () => {
    const { fault, details, blame } = await refused('shop#make', installed('shop', { exports: './dist/app.mjs' }));
    assert.equal(fault, 'MODULE_MISSING 2:7 shop#make');
    assert.deepEqual(details, { module: '/here/node_modules/shop/dist/app.mjs' });
    assert.equal(blame, 'config');
  });

  it('that has no main export is a broken package', async () => {
    const { fault, details } = await refused('shop#make', installed('shop', { exports: { './app': './app.mjs' } }));
    assert.equal(fault, 'PACKAGE_BROKEN 2:7 shop#make');
    assert.equal((details as FaultDetails<'PACKAGE_BROKEN'>).path, '/here/node_modules/shop/package.json');
  });

  it('that has no module at all is a broken package', async () => {
    assert.equal((await refused('shop#make', installed('shop', {}))).fault, 'PACKAGE_BROKEN 2:7 shop#make');
  });
});

describe('a package', () => {
  const offered = offers({ main: './app.mjs#make' });
  const shop = (from: string, folder = ''): Tree => installed('shop', offered, { 'app.mjs': appFactory('make', from) }, folder);

  it('is looked for in the folder of the ini and above', async () => {
    assert.equal(await found('shop#main', shop('top'), 'a/b/site.ini'), 'top');
    assert.equal(await found('shop#main', { ...shop('top'), ...shop('near', 'a') }, 'a/b/site.ini'), 'near');
    assert.equal(await found('shop#main', { ...shop('near', 'a'), ...shop('nearest', 'a/b') }, 'a/b/site.ini'), 'nearest');
  });

  it('is not looked for beside the ini of somebody else', async () => {
    const site = { 'a/site.ini': '[app:main]\nuse = shop#main\n' };
    using folder = folderWith({ ...site, ...shop('other', 'b') });
    assert.equal((await faultOf(appConfig('a/site.ini', { relativeTo: folder.path }))).code, 'PACKAGE_MISSING');
  });

  it('may be the one that the ini belongs to', async () => {
    const own = { 'package.json': { name: 'shop', ...offered }, 'app.mjs': appFactory('make', 'own') };
    assert.equal(await found('shop#main', own), 'own');
    assert.equal(await found('shop#main', own, 'etc/live/site.ini'), 'own');
  });

  it('may be the one that the ini belongs to, by its exports', async () => {
    const own = { 'package.json': { name: '@acme/shop', exports: './app.mjs' }, 'app.mjs': appFactory('make', 'own') };
    assert.equal(await found('@acme/shop#make', own), 'own');
  });

  it('that the ini belongs to wins over one that is installed there, as it does for Node', async () => {
    const own = { 'package.json': { name: 'shop', ...offered }, 'app.mjs': appFactory('make', 'own') };
    assert.equal(await found('shop#main', { ...own, ...shop('installed') }), 'own');
  });

  it('that stands further up is not the own one', async () => {
    const files = {
      'package.json': { name: 'shop', ...offered },
      'app.mjs': appFactory('make', 'outer'),
      'site/package.json': { name: 'site' },
      'site/site.ini': '[app:main]\nuse = shop#main\n',
    };
    using folder = folderWith(files);
    assert.equal((await faultOf(appConfig('site/site.ini', { relativeTo: folder.path }))).code, 'PACKAGE_MISSING');
  });

  it('is looked for beside appserve last', async () => {
    using folder = folderWith({ 'site.ini': '[app:main]\nuse = @appserve/parts#redirect\nto = https://example.com\n' });
    assert.equal(typeof (await loadApp('site.ini', { relativeTo: folder.path })), 'function');
  });

  it('beside appserve is not taken where the folder of the ini has one', async () => {
    const own = installed('@appserve/parts', offers({ redirect: './app.mjs#make' }), {
      'app.mjs': appFactory('make', 'beside the ini'),
    });
    assert.equal(await found('@appserve/parts#redirect', own), 'beside the ini');
  });

  it('that is missing is shown with where it was looked for', async () => {
    const { fault, details, blame } = await refused('no-such-package#main', {});
    assert.equal(fault, 'PACKAGE_MISSING 2:7 no-such-package#main');
    const asked = { isFile: false, isEgg: false, isServer: false, known: [] };
    assert.deepEqual(details, { name: 'no-such-package', entry: 'main', from: '/here', ...asked });
    assert.equal(blame, 'config');
  });

  it('is missing where Node has a module of that name', async () => {
    assert.equal((await refused('fs#readFile', {})).fault, 'PACKAGE_MISSING 2:7 fs#readFile');
  });

  for (const [what, text] of [
    ['no JSON', '{ "name": "shop", }'],
    ['empty', ''],
    ['no object', '[]'],
    ['null', 'null'],
    ['with entry points that are no object', '{"appserve": "./app.mjs#make"}'],
    ['with entry points that are null', '{"appserve": null}'],
    ['with a group that is no object', '{"appserve": {"app_factory": "./app.mjs#make"}}'],
    ['with a group that is a list', '{"appserve": {"app_factory": ["./app.mjs#make"]}}'],
  ] as const) {
    it(`is broken whose package.json is ${what}`, async () => {
      const { fault, details } = await refused('shop#main', installed('shop', text));
      assert.equal(fault, 'PACKAGE_BROKEN 2:7 shop#main');
      assert.equal((details as FaultDetails<'PACKAGE_BROKEN'>).path, '/here/node_modules/shop/package.json');
    });
  }

  it('that is broken tells what JSON.parse has to say', async () => {
    const { cause } = await refused('shop#main', installed('shop', '{'));
    assert.ok(cause instanceof SyntaxError);
  });

  it('is not found behind a broken package.json of the ini itself, as it is not for Node', async () => {
    const { fault, details } = await refused('shop#main', { 'package.json': '{', ...shop('installed') });
    assert.equal(fault, 'PACKAGE_BROKEN 2:7 shop#main');
    assert.equal((details as FaultDetails<'PACKAGE_BROKEN'>).path, '/here/package.json');
  });

  it('whose package.json is broken hides none that is nearer', async () => {
    const files = { ...shop('near', 'a'), 'node_modules/shop/package.json': '{' };
    assert.equal(await found('shop#main', files, 'a/site.ini'), 'near');
  });
});

describe('a module beside the ini', () => {
  it('is found by its path, from the folder of the ini', async () => {
    const files = {
      'a/app.mjs': appFactory('make', 'a'),
      'b/app.mjs': appFactory('make', 'b'),
      'app.mjs': appFactory('make', 'top'),
    };
    assert.equal(await found('./app.mjs#make', files, 'a/site.ini'), 'a');
    assert.equal(await found('../b/app.mjs#make', files, 'a/site.ini'), 'b');
  });

  it('is found by an absolute path', async () => {
    assert.equal(await found('%(here)s/lib/app.mjs#make', { 'lib/app.mjs': appFactory('make') }), 'make');
  });

  it('offers main where no export is named', async () => {
    assert.equal(await found('./app.mjs', { 'app.mjs': appFactory('make') + appFactory('main') }), 'main');
  });

  it('may be called as no URL is', async () => {
    for (const name of ['a b.mjs', 'a%20b.mjs', 'a?b.mjs', 'größe.mjs', 'a;b,c.mjs']) {
      assert.equal(await found(`./${name.replaceAll('%', '%%')}#make`, { [name]: appFactory('make', name) }), name);
    }
  });

  it('that is missing is shown with its path', async () => {
    const { fault, details, blame } = await refused('./lib/app.mjs#make', {});
    assert.equal(fault, 'MODULE_MISSING 2:7 ./lib/app.mjs#make');
    assert.deepEqual(details, { module: '/here/lib/app.mjs' });
    assert.equal(blame, 'config');
  });

  it('is a file: a folder is none', async () => {
    assert.equal((await refused('./lib#make', { 'lib/index.mjs': appFactory('make') })).fault, 'MODULE_MISSING 2:7 ./lib#make');
    const shop = installed('shop', offers({ main: './lib#make' }), { 'lib/index.mjs': appFactory('make') });
    assert.equal((await refused('shop#main', shop)).fault, 'MODULE_MISSING 2:7 shop#main');
  });

  it('is not guessed at: it has its extension', async () => {
    assert.equal((await refused('./app#make', { 'app.mjs': appFactory('make') })).fault, 'MODULE_MISSING 2:7 ./app#make');
  });
});

describe('a module', () => {
  it('that throws while it is imported has failed, with what it threw', async () => {
    const { fault, details, cause, blame } = await refused('./app.mjs#make', {
      'app.mjs': "throw new RangeError('no database');",
    });
    assert.equal(fault, 'MODULE_FAILED 2:7 ./app.mjs#make');
    assert.deepEqual(details, { module: '/here/app.mjs', message: 'no database' });
    assert.ok(cause instanceof RangeError);
    assert.equal(blame, 'start');
  });

  it('that throws something else has failed with that', async () => {
    for (const [thrown, message] of [
      ["'a text'", 'a text'],
      ['undefined', 'undefined'],
      ['Symbol("x")', 'Symbol(x)'],
    ] as const) {
      const { fault, details } = await refused('./app.mjs#make', { 'app.mjs': `throw ${thrown};` });
      assert.equal(fault, 'MODULE_FAILED 2:7 ./app.mjs#make');
      assert.equal((details as FaultDetails<'MODULE_FAILED'>).message, message);
    }
  });

  it('that throws what cannot be text has failed', async () => {
    const { fault } = await refused('./app.mjs#make', { 'app.mjs': 'throw Object.create(null);' });
    assert.equal(fault, 'MODULE_FAILED 2:7 ./app.mjs#make');
  });

  it('that rejects at its top level has failed', async () => {
    const { details } = await refused('./app.mjs#make', { 'app.mjs': "await Promise.reject(new Error('later'));" });
    assert.equal((details as FaultDetails<'MODULE_FAILED'>).message, 'later');
  });

  it('that is no JavaScript has failed', async () => {
    const { fault, cause } = await refused('./app.mjs#make', { 'app.mjs': 'export const = 1;' });
    assert.equal(fault, 'MODULE_FAILED 2:7 ./app.mjs#make');
    assert.ok(cause instanceof SyntaxError);
  });

  it('that imports what is not there has failed', async () => {
    const { fault, details } = await refused('./app.mjs#make', { 'app.mjs': "import 'no-such-package';" });
    assert.equal(fault, 'MODULE_FAILED 2:7 ./app.mjs#make');
    assert.match((details as FaultDetails<'MODULE_FAILED'>).message, /no-such-package/);
  });

  it('that lacks the export is said with those that it has', async () => {
    const { fault, details, hint } = await refused('./app.mjs#main', {
      'app.mjs': appFactory('makeShop') + appFactory('makeAdmin'),
    });
    assert.equal(fault, 'EXPORT_MISSING 2:7 ./app.mjs#main');
    assert.deepEqual(details, { module: '/here/app.mjs', name: 'main', has: ['makeAdmin', 'makeShop'] });
    assert.match(hint, /makeAdmin, makeShop/);
  });

  it('that lacks the export is said with the one that was probably meant', async () => {
    const { details, hint } = await refused('./app.mjs#makeshop', { 'app.mjs': appFactory('makeShop') });
    assert.equal((details as FaultDetails<'EXPORT_MISSING'>).nearest, 'makeShop');
    assert.match(hint, /makeShop/);
  });

  it('that exports nothing is said to', async () => {
    const { fault, details } = await refused('./app.mjs#main', { 'app.mjs': '' });
    assert.equal(fault, 'EXPORT_MISSING 2:7 ./app.mjs#main');
    assert.deepEqual((details as FaultDetails<'EXPORT_MISSING'>).has, []);
  });

  it('does not export what every object has', async () => {
    assert.equal((await refused('./app.mjs#toString', { 'app.mjs': '' })).fault, 'EXPORT_MISSING 2:7 ./app.mjs#toString');
  });

  for (const [value, type] of [
    ['{ fetch() {} }', 'object'],
    ["'text'", 'string'],
    ['undefined', 'undefined'],
    ['5', 'number'],
  ] as const) {
    it(`exports no factory when it is ${value}`, async () => {
      const { fault, details } = await refused('./app.mjs#make', { 'app.mjs': `export const make = ${value};` });
      assert.equal(fault, 'NOT_A_FACTORY 2:7 ./app.mjs#make');
      assert.deepEqual(details, { module: '/here/app.mjs', name: 'make', found: type, group: 'app_factory' });
    });
  }
});
