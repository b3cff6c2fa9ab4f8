// What is made of several: pipelines, filter-app, filter-with and composites; in which order, and what is said when one of them
// cannot be made.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadApp, loadFilter, loadLivingApp, loadPlan, loadPlans } from '@appserve/loader';
import type { FaultDetails } from '@appserve/core';
import { faultOf, faultsOf, pointed } from '../support/faults.ts';
import { folderWith, installed, type Tree } from '../support/packages.ts';
import { SHAPES, shapeOf, type Shape } from '../support/shapes.ts';

/** Sections of parts, called by the names of their sections. */
const A = ['[app:a]', 'use = shapes#app', 'is = a'];
const F = ['[filter:f]', 'use = shapes#filter', 'is = f'];
const G = ['[filter:g]', 'use = shapes#filter', 'is = g'];
const W = ['[filter:w]', 'use = shapes#wrap', 'is = w'];
const PARTS = [...A, ...F, ...G, ...W];

/** How `[app:main]`, or the section with these lines, is put together from the parts above. */
async function shaped(...lines: readonly string[]): Promise<string> {
  return (await shapeOf([...lines, ...PARTS])).shape;
}

async function callsOf(...lines: readonly string[]): Promise<readonly string[]> {
  return (await shapeOf([...lines, ...PARTS])).calls;
}

describe('a pipeline', () => {
  it('is its app behind its filters, the first of them outermost', async () => {
    assert.equal(await shaped('[pipeline:main]', 'pipeline = f g a'), 'f(g(a))');
  });

  it('may be written as lines, with comments between them', async () => {
    assert.equal(await shaped('[pipeline:main]', 'pipeline =', '  f', '# not now', '  w g', '', '  a'), 'f(w(g(a)))');
  });

  it('of an app alone is that app', async () => {
    assert.equal(await shaped('[pipeline:main]', 'pipeline = a'), 'a');
  });

  it('may have a filter twice, and makes it twice', async () => {
    assert.deepEqual(await callsOf('[pipeline:main]', 'pipeline = f f a'), ['a', 'f', 'f', 'f()', 'f()']);
  });

  it('may stand in a pipeline', async () => {
    const inner = ['[pipeline:inner]', 'pipeline = g a'];
    assert.equal(await shaped('[pipeline:main]', 'pipeline = f inner', ...inner), 'f(g(a))');
  });

  it('may be used by an app', async () => {
    assert.equal(await shaped('[app:main]', 'use = p', '[pipeline:p]', 'pipeline = f a'), 'f(a)');
  });

  it('may name packages, files and calls as well as sections', async () => {
    assert.equal(
      await shaped('[pipeline:main]', 'pipeline = shapes#filter ./shapes.mjs#filter call:./shapes.mjs:filter egg:shapes#app'),
      'filter(filter(filter(app)))',
    );
  });

  it('may end in a section of another file', async () => {
    const other = { 'other.ini': '[app:x]\nuse = shapes#app\nis = x\n' };
    const { shape } = await shapeOf(['[pipeline:main]', 'pipeline = f config:other.ini#x', ...PARTS], other);
    assert.equal(shape, 'f(x)');
  });

  it('takes no settings, and all of them are shown', async () => {
    const faults = await faultsOf(shapeOf(['[pipeline:main]', 'pipeline = a', 'x = 1', 'get y = here', ...PARTS]));
    assert.deepEqual(faults.map(pointed), ['PIPELINE_SETTINGS 3:1 x', 'PIPELINE_SETTINGS 4:1 get y']);
  });

  it('has no use', async () => {
    const fault = await faultOf(shapeOf(['[pipeline:main]', 'pipeline = a', 'use = a', ...PARTS]));
    assert.equal(pointed(fault), 'PIPELINE_SETTINGS 3:1 use');
  });

  it('may have what [DEFAULT] has too', async () => {
    assert.equal(await shaped('[DEFAULT]', 'debug = 0', '[pipeline:main]', 'pipeline = f a', 'debug = 1'), 'f(a)');
  });

  it('must say what it is made of', async () => {
    const fault = await faultOf(shapeOf(['# a site', '[pipeline:main]']));
    assert.equal(pointed(fault), 'PIPELINE_MISSING 2:1 [pipeline:main]');
  });

  it('must be made of something', async () => {
    const fault = await faultOf(shapeOf(['[pipeline:main]', 'pipeline =']));
    assert.equal(pointed(fault), 'PIPELINE_EMPTY 2:1 pipeline');
  });
});

describe('a filter-app', () => {
  it('is an app behind one filter, which gets the settings', async () => {
    const app = await shapeOf(['[filter-app:main]', 'use = shapes#filter', 'next = a', 'is = x', 'y = 1', ...PARTS]);
    assert.equal(app.shape, 'x(a)');
    assert.deepEqual(app.settings, { is: 'x', y: '1' });
    assert.deepEqual(app.inner.settings, { is: 'a' });
  });

  it('may use the section of a filter, and says over it', async () => {
    assert.equal(await shaped('[filter-app:main]', 'use = f', 'next = a', 'is = x'), 'x(a)');
  });

  it('may filter at once', async () => {
    assert.equal(await shaped('[filter-app:main]', 'use = w', 'next = a'), 'w(a)');
  });

  it('may name its filter by its signature', async () => {
    assert.equal(await shaped('[filter-app:main]', 'paste.filter_factory = ./shapes.mjs:filter', 'next = a', 'is = x'), 'x(a)');
  });

  it('may be followed by anything that is an app', async () => {
    const composite = ['[composite:c]', 'use = shapes#urls', '/ = a'];
    assert.equal(await shaped('[filter-app:main]', 'use = f', 'next = p', '[pipeline:p]', 'pipeline = g a'), 'f(g(a))');
    assert.equal(await shaped('[filter-app:main]', 'use = f', 'next = c', ...composite), 'f(urls[/=a])');
    assert.equal(await shaped('[filter-app:main]', 'use = f', 'next = shapes#app'), 'f(app)');
  });

  it('may be used by an app, whose settings reach the filter', async () => {
    const used = ['[filter-app:x]', 'use = f', 'next = a', 'is = x'];
    assert.equal(await shaped('[app:main]', 'use = x', 'is = y', ...used), 'y(a)');
  });

  it('says all that it lacks', async () => {
    const faults = await faultsOf(shapeOf(['[filter-app:main]', 'is = x']));
    assert.deepEqual(faults.map(pointed), ['NEXT_MISSING 1:1 [filter-app:main]', 'USE_MISSING 1:1 [filter-app:main]']);
  });
});

describe('filter-with', () => {
  const MAIN = ['[app:main]', 'use = shapes#app', 'is = main'];
  const PIPELINE = ['[pipeline:main]', 'pipeline = g a'];

  for (const [where, lines, shape] of [
    ['an app', [...MAIN, 'filter-with = f'], 'f(main)'],
    ['an app, several of them', [...MAIN, 'filter-with = f w', '  g'], 'f(w(g(main)))'],
    ['a pipeline', [...PIPELINE, 'filter-with = f'], 'f(g(a))'],
    ['a filter-app', ['[filter-app:main]', 'use = g', 'next = a', 'filter-with = f'], 'f(g(a))'],
    ['a composite', ['[composite:main]', 'use = shapes#urls', '/ = a', 'filter-with = f'], 'f(urls[/=a])'],
    ['a filter', [...MAIN, 'filter-with = h', '[filter:h]', 'use = g', 'is = h', 'filter-with = f'], 'f(h(main))'],
    ['a used app', ['[app:main]', 'use = b', '[app:b]', 'use = a', 'is = b', 'filter-with = f'], 'f(b)'],
    ['both', ['[app:main]', 'use = b', 'filter-with = g', '[app:b]', 'use = a', 'filter-with = f'], 'g(f(a))'],
    [
      'a factory that the ini names by its signature',
      ['[app:main]', 'paste.app_factory = ./shapes.mjs:app', 'filter-with = f'],
      'f(app)',
    ],
  ] as const) {
    it(`filters ${where}`, async () => assert.equal(await shaped(...lines), shape));
  }

  it('may name anything that is a filter', async () => {
    assert.equal(await shaped(...MAIN, 'filter-with = shapes#wrap call:./shapes.mjs:filter f'), 'wrap(filter(f(main)))');
  });

  it('leaves the settings to the app', async () => {
    const app = await shapeOf([...MAIN, 'filter-with = f', 'x = 1', ...PARTS]);
    assert.deepEqual([app.settings, app.inner.settings], [{ is: 'f' }, { is: 'main', x: '1' }]);
  });

  it('lets settings through to the app that is used', async () => {
    const app = await shapeOf(['[app:main]', 'use = b', 'x = main', '[app:b]', 'use = a', 'x = b', 'filter-with = f', ...PARTS]);
    assert.equal(app.shape, 'f(a)');
    assert.deepEqual(app.inner.settings, { is: 'a', x: 'main' });
  });

  it('is found in the file that says it', async () => {
    const files = {
      'etc/other.ini': '[app:x]\nuse = shapes#app\nfilter-with = f\n[filter:f]\nuse = shapes#filter\nis = theirs\n',
    };
    assert.equal((await shapeOf(['[app:main]', 'use = config:etc/other.ini#x', ...F], files)).shape, 'theirs(app)');
  });

  it('must name a filter', async () => {
    assert.equal(pointed(await faultOf(shapeOf([...MAIN, 'filter-with =']))), 'USE_INVALID 4:14');
  });

  it('is a setting of a server', async () => {
    using folder = folderWith({ 'site.ini': '[server:main]\nuse = ./app.mjs\nfilter-with = f\n', 'app.mjs': '' });
    const plan = await loadPlan('site.ini', { relativeTo: folder.path, kind: 'server' });
    assert.deepEqual(plan.type === 'factory' && plan.settings.map(({ key }) => key), ['filter-with']);
  });
});

describe('factories are called', () => {
  for (const [what, lines, calls] of [
    [
      'the app of a pipeline first, then the filters as they are written; they filter from the inside',
      ['[pipeline:main]', 'pipeline = f g a'],
      ['a', 'f', 'g', 'g()', 'f()'],
    ],
    ['what follows a filter-app before its filter', ['[filter-app:main]', 'use = f', 'next = a'], ['a', 'f', 'f()']],
    ['what filter-with names before the app', ['[app:main]', 'use = a', 'filter-with = f'], ['f', 'a', 'f()']],
    [
      'the filter of a filter before it',
      ['[app:main]', 'use = a', 'filter-with = h', '[filter:h]', 'use = g', 'filter-with = f'],
      ['f', 'g', 'a', 'g()', 'f()'],
    ],
    [
      'a composite before its children, in the order in which it asks',
      ['[composite:main]', 'use = shapes#urls', '/b = a', '/a = p', '[pipeline:p]', 'pipeline = f a'],
      ['urls', 'a', 'a', 'f', 'f()'],
    ],
    ['a filter that filters at once when it does', ['[pipeline:main]', 'pipeline = w f a'], ['a', 'f', 'f()', 'w']],
  ] as const) {
    it(what, async () => assert.deepEqual(await callsOf(...lines), calls));
  }

  it('and awaited, filters and what they return too', async () => {
    const slow = `
      const later = async (value) => { await null; await null; return value; };
      const shape = (text) => Object.assign(() => new Response(), { shape: text });
      export const app = () => later(shape('slow'));
      export const filter = () => later((inner) => later(shape('f(' + inner.shape + ')')));
      export const wrap = (inner) => later(shape('w(' + inner.shape + ')'));
    `;
    const lines = ['[pipeline:main]', 'pipeline = ./slow.mjs#filter w ./slow.mjs#app'];
    const { shape } = await shapeOf([...lines, '[filter:w]', 'paste.filter_app_factory = ./slow.mjs:wrap'], { 'slow.mjs': slow });
    assert.equal(shape, 'f(w(slow))');
  });
});

describe('a key that names a factory and its signature', () => {
  for (const [key, header, shape] of [
    ['paste.app_factory = ./shapes.mjs:app', '[app:main]', 'app'],
    ['paste.composite_factory = ./shapes.mjs:urls', '[app:main]', 'urls[/=a]'],
    ['paste.composit_factory = ./shapes.mjs:urls', '[composite:main]', 'urls[/=a]'],
    ['paste.app_factory = shapes/shapes.mjs:app', '[composite:main]', 'app'],
    ['paste.app_factory = ./shapes.mjs#app', '[app:main]', 'app'],
    ['paste.app_factory = ./shapes.mjs:Shop.make', '[app:main]', 'Shop'],
  ] as const) {
    it(`may stand in the place of use: ${key} in ${header}`, async () => assert.equal(await shaped(header, key, '/ = a'), shape));
  }

  for (const key of ['paste.filter_factory = ./shapes.mjs:filter', 'paste.filter_app_factory = ./shapes.mjs:wrap']) {
    it(`may make a filter: ${key}`, async () => {
      assert.equal(await shaped('[app:main]', 'use = a', 'filter-with = x', '[filter:x]', key, 'is = x'), 'x(a)');
    });
  }

  it('is no setting, also beside use, which wins', async () => {
    const app = await shapeOf(['[app:main]', 'use = shapes#app', 'paste.app_factory = ./nowhere.mjs:app', 'x = 1']);
    assert.deepEqual(app.settings, { x: '1' });
  });

  it('of another kind of thing is a setting', async () => {
    const app = await shapeOf(['[app:main]', 'use = shapes#app', 'paste.server_factory = x']);
    assert.deepEqual(app.settings, { 'paste.server_factory': 'x' });
  });

  it('stands alone', async () => {
    const lines = ['paste.app_factory = ./shapes.mjs:app', 'paste.composite_factory = ./shapes.mjs:urls'];
    const fault = await faultOf(shapeOf(['[app:main]', ...lines]));
    assert.equal(pointed(fault), 'PROTOCOLS_SEVERAL 3:1 paste.composite_factory');
  });

  it('names a module and an export', async () => {
    const fault = await faultOf(shapeOf(['[app:main]', 'paste.app_factory = ./shapes.mjs']));
    assert.equal(pointed(fault), 'USE_INVALID 2:21 ./shapes.mjs');
  });
});

function call(name: string): string {
  return `call:./shapes.mjs:${name}`;
}

describe('call:', () => {
  for (const [role, lines, shape] of [
    ['an app', ['[app:main]', `use = ${call('app')}`], 'app'],
    ['a composite', ['[composite:main]', `use = ${call('urls')}`, '/ = a'], 'urls[/=a]'],
    ['a filter', ['[app:main]', 'use = a', 'filter-with = x', '[filter:x]', `use = ${call('filter')}`, 'is = x'], 'x(a)'],
    ['the filter of a filter-app', ['[filter-app:main]', 'next = a', `use = ${call('filter')}`], 'filter(a)'],
    ['what follows a filter-app', ['[filter-app:main]', `next = ${call('app')}`, 'use = f'], 'f(app)'],
    ['parts of a pipeline', ['[pipeline:main]', `pipeline = ${call('filter')} ${call('app')}`], 'filter(app)'],
    ['what filters', ['[app:main]', 'use = a', `filter-with = ${call('filter')}`], 'filter(a)'],
    ['a child of a composite', ['[composite:main]', 'use = shapes#urls', `/ = ${call('app')}`], 'urls[/=app]'],
    ['a module of a package', ['[app:main]', 'use = call:shapes/shapes.mjs:app'], 'app'],
    ['a method of a class, called on it', ['[app:main]', `use = ${call('Shop.make')}`], 'Shop'],
    ['a method that makes a filter', ['[app:main]', 'use = a', `filter-with = ${call('Shop.filter')}`], 'Shop(a)'],
  ] as const) {
    it(`may be ${role}`, async () => assert.equal(await shaped(...lines), shape));
  }

  it('names an export that may have dots, as an entry point of a package may', async () => {
    assert.equal(await shaped('[app:main]', 'use = shapes#shop'), 'Shop');
  });

  it('is refused where a part of the name is missing, with what there is', async () => {
    const fault = await faultOf(shapeOf(['[app:main]', `use = ${call('Shop.mak')}`]));
    assert.equal(pointed(fault), 'EXPORT_MISSING 2:7 call:./shapes.mjs:Shop.mak');
    assert.equal((fault.details as FaultDetails<'EXPORT_MISSING'>).nearest, 'make');
  });

  it('reaches nothing that every object has', async () => {
    const fault = await faultOf(shapeOf(['[app:main]', `use = ${call('Shop.constructor')}`]));
    assert.equal(fault.code, 'EXPORT_MISSING');
  });

  it('may name a package that is not there, or a module that it does not have', async () => {
    const missing = await faultOf(shapeOf(['[app:main]', 'use = call:nowhere/app.mjs:app']));
    assert.equal(pointed(missing), 'PACKAGE_MISSING 2:7 call:nowhere/app.mjs:app');
    const without = await faultOf(shapeOf(['[app:main]', 'use = call:shapes/app.mjs:app']));
    assert.equal(pointed(without), 'MODULE_MISSING 2:7 call:shapes/app.mjs:app');
  });

  it('may name no module that a package keeps to itself', async () => {
    const closed = installed('closed', { exports: { '.': './index.mjs' } }, { 'index.mjs': '', 'inner.mjs': '' });
    const fault = await faultOf(shapeOf(['[app:main]', 'use = call:closed/inner.mjs:app'], closed));
    assert.equal(pointed(fault), 'MODULE_MISSING 2:7 call:closed/inner.mjs:app');
  });
});

describe('a composite', () => {
  const COMPOSITE = ['[composite:main]', 'use = shapes#urls'];

  it('is found by its entry point, in any section of an app', async () => {
    for (const header of ['[app:main]', '[application:main]', '[composite:main]', '[composit:main]'])
      assert.equal(await shaped(header, 'use = shapes#urls', '/ = a'), 'urls[/=a]');
  });

  it('is the export of a file where the section says so', async () => {
    assert.equal(await shaped('[composite:main]', 'use = ./shapes.mjs#urls', '/ = a'), 'urls[/=a]');
  });

  it('may be used by another section, which adds children and replaces them', async () => {
    const used = ['[composite:base]', 'use = ./shapes.mjs#urls', '/ = a', '/b = a'];
    const lines = ['[app:main]', 'use = base', '/b = shapes#app', '/c = a', ...used];
    assert.equal(await shaped(...lines), 'urls[/=a /b=app /c=a]');
  });

  for (const [what, name, shape] of [
    ['a section', 'a', 'a'],
    ['a pipeline', 'p', 'f(a)'],
    ['an entry point', 'shapes#app', 'app'],
    ['an entry point, by the scheme of Python', 'egg:shapes', 'app'],
    ['an export of a file', './shapes.mjs#app', 'app'],
    ['a call', 'call:./shapes.mjs:Shop.make', 'Shop'],
    ['a section of another file', 'config:etc/other.ini#x', 'x'],
  ] as const) {
    it(`may have ${what} for a child`, async () => {
      const other = { 'etc/other.ini': '[app:x]\nuse = shapes#app\nis = x\n' };
      const { shape: found } = await shapeOf([...COMPOSITE, `/ = ${name}`, '[pipeline:p]', 'pipeline = f a', ...PARTS], other);
      assert.equal(found, `urls[/=${shape}]`);
    });
  }

  it('gets a new child for each time that it asks', async () => {
    const { children, calls } = await shapeOf([...COMPOSITE, '/a = a', '/b = a', ...A]);
    assert.notEqual(children['/a'], children['/b']);
    assert.deepEqual(calls, ['urls', 'a', 'a']);
  });

  it('passes globals on by giving them', async () => {
    const lines = ['[DEFAULT]', 'x = file', 'y = file', ...COMPOSITE, 'set x = main', '/ = a', ...PARTS];
    const { globalConf } = (await shapeOf(lines)).children['/']!;
    assert.deepEqual([globalConf['x'], globalConf['y']], ['main', 'file']);
  });

  it('passes none on by giving none: its children are told what the file says', async () => {
    const lines = ['[DEFAULT]', 'x = file', ...COMPOSITE, 'pass = nothing', 'set x = main', '/ = a', ...PARTS];
    const { globalConf } = (await shapeOf(lines, {}, { vars: { z: '1' } })).children['/']!;
    assert.deepEqual([globalConf['x'], globalConf['z']], ['file', '1']);
  });

  it('may stand in a composite', async () => {
    const inner = ['[composite:inner]', 'use = shapes#urls', 'is = inner', '/a = a'];
    assert.equal(await shaped(...COMPOSITE, '/ = inner', ...inner), 'urls[/=inner[/a=a]]');
  });

  describe('reached through another file', () => {
    const OTHER = {
      'etc/other.ini': [
        '[composite:site]',
        'use = shapes#urls',
        '/ = home',
        '/module = ./local.mjs#app',
        '[app:home]',
        'use = shapes#app',
        'is = their home',
      ].join('\n'),
      'etc/local.mjs': 'export const app = () => Object.assign(() => new Response(), { shape: "their module" });',
    };
    const HOME = ['[app:home]', 'use = shapes#app', 'is = our home'];

    it('finds its children in its own file', async () => {
      const { shape } = await shapeOf(['[app:main]', 'use = config:etc/other.ini#site', ...HOME], OTHER);
      assert.equal(shape, 'urls[/=their home /module=their module]');
    });

    it('finds those that the outer file names in the outer file', async () => {
      const lines = ['[app:main]', 'use = config:etc/other.ini#site', '/ = start', '/shop = shop'];
      const ours = ['[app:start]', 'use = shapes#app', 'is = our start', '[app:shop]', 'use = shapes#app', 'is = our shop'];
      const { shape } = await shapeOf([...lines, ...ours], OTHER);
      assert.equal(shape, 'urls[/=our start /module=their module /shop=our shop]');
    });

    it('finds a name that both write in its own file', async () => {
      const lines = ['[app:main]', 'use = config:etc/other.ini#site', '/ours = home', ...HOME];
      assert.equal((await shapeOf(lines, OTHER)).shape, 'urls[/=their home /module=their module /ours=their home]');
      // Also where the outer file's comes first, since it takes the place of another one.
      const again = { ...OTHER, 'etc/other.ini': OTHER['etc/other.ini'].replace('/ = home', '/ours = nothing\n/ = home') };
      assert.match((await shapeOf(lines, again)).shape, /\/ours=their home \/=their home/);
    });

    it('finds a word of its list in its own file, whatever prose the outer file writes', async () => {
      const list = {
        ...OTHER,
        'asking.mjs': ASKING,
        'etc/other.ini':
          '[composite:site]\nuse = ../asking.mjs#list\napps = home,blog\n[app:home]\nuse = shapes#app\nis = theirs\n',
      };
      const lines = ['[app:main]', 'use = config:etc/other.ini#site', 'title = the home page', ...HOME];
      const fault = await faultOf(shapeOf(lines, list));
      assert.equal(pointed(fault), 'SECTION_MISSING 3:13 blog');
      assert.equal(fault.at?.file, 'etc/other.ini');
      const whole = { ...list, 'etc/other.ini': list['etc/other.ini'].replace(',blog', ',home') };
      assert.equal((await shapeOf(lines, whole)).shape, 'theirs');
    });

    it('finds a word of a list that only the outer file writes in the outer file', async () => {
      const inner = { ...OTHER, 'asking.mjs': ASKING, 'etc/other.ini': '[composite:site]\nuse = ../asking.mjs#list\n' };
      const lines = ['[app:main]', 'use = config:etc/other.ini#site', 'apps = home', ...HOME];
      assert.equal((await shapeOf(lines, inner)).shape, 'our home');
    });

    it('points into the outer file where a name of it is missing', async () => {
      const lines = ['[app:main]', 'use = config:etc/other.ini#site', '/shop = shop'];
      const fault = await faultOf(shapeOf(lines, OTHER));
      assert.equal(pointed(fault), 'SECTION_MISSING 3:9 shop');
      assert.equal(fault.at?.file, 'site.ini');
    });
  });
});

/** What a composite is told by its loader. */
const ASKING = `
  export async function contexts(loader, globalConf) {
    const told = await Promise.all([
      loader.appContext('a', { extra: '1' }), loader.appContext('p'), loader.appContext('filtered'),
      loader.filterContext('f'), loader.serverContext('main'), loader.appContext('shapes#app', globalConf),
    ]);
    return Object.assign(() => new Response(), { told });
  }
  export async function parts(loader) {
    const filter = await loader.getFilter('f');
    const app = await filter(await loader.getApp('a'));
    const serve = await loader.getServer('main');
    return Object.assign(() => new Response(), { shape: app.shape, served: (await serve('source')).url });
  }
  export const server = (globalConf, settings) => (source) => ({ url: source + ':' + settings.port, ready: Promise.resolve(), closed: Promise.resolve() });
  export async function list(loader, globalConf, settings) {
    const apps = [];
    for (const name of settings.apps.split(',')) apps.push(await loader.getApp(name));
    return apps[0];
  }
  export async function passing(loader, globalConf, settings) {
    return loader.getApp('child', { other: settings.pw ?? globalConf.pw });
  }
  export async function words(loader, globalConf, settings) {
    for (const name of settings.apps.trim().split(/\\s+/)) await loader.getApp(name);
    return () => new Response();
  }
`;

/** A composite that asks for one name. */
const asks = (name: string): Tree => ({
  ...SHAPES,
  ...installed(
    'asks',
    { appserve: { composite_factory: { main: './index.mjs#make' } } },
    {
      'index.mjs': `export const make = (loader) => loader.getApp('${name}');`,
    },
  ),
});

describe('the loader of a composite', () => {
  const ASKED = [
    '[composite:main]',
    'use = ./asking.mjs#parts',
    ...PARTS,
    '[pipeline:p]',
    'set y = p',
    'pipeline = f a',
    '[app:filtered]',
    'use = a',
    'filter-with = f',
    'x = 1',
    '[server:main]',
    'use = ./asking.mjs#server',
    'port = 80',
  ];
  const FILES = { 'asking.mjs': ASKING };

  it('makes filters and servers too', async () => {
    const app = (await shapeOf(ASKED, FILES)) as Shape & { readonly served: string };
    assert.equal(app.shape, 'f(a)');
    assert.equal(app.served, 'source:80');
  });

  it('says what would be made, and makes nothing', async () => {
    const lines = ['[DEFAULT]', 'd = 0', ...ASKED.map((line) => line.replace('#parts', '#contexts'))];
    const { told } = (await shapeOf(lines, FILES)) as unknown as { told: Record<string, Record<string, string>>[] };
    assert.deepEqual(
      told.map(({ section, localConf }) => ({ section, localConf })),
      [
        { section: 'app:a', localConf: { is: 'a' } },
        { section: 'pipeline:p', localConf: {} },
        { section: 'app:filtered', localConf: { is: 'a', x: '1' } },
        { section: 'filter:f', localConf: { is: 'f' } },
        { section: 'server:main', localConf: { port: '80' } },
        { section: undefined, localConf: {} },
      ],
    );
    assert.deepEqual(
      told.map(({ globalConf }) => [globalConf!['d'], globalConf!['extra'], globalConf!['y']]),
      [['0', '1', undefined], ['0', undefined, 'p'], ...Array.from({ length: 4 }, () => ['0', undefined, undefined])],
    );
  });

  it('says so of a file that takes a moment to be read too, and reads it once', async () => {
    const lines = ['[composite:main]', 'use = ./yaml.mjs#contexts', '/ = config:site.yaml'];
    const files = {
      'site.yaml': 'app:main: { use: "shapes#app", x: 1 }',
      'yaml.mjs': `export async function contexts(loader) {
        const told = await Promise.all([1, 2, 3].map(() => loader.appContext('config:site.yaml')));
        return Object.assign(() => new Response(), { told });
      }`,
    };
    const { told } = (await shapeOf(lines, files)) as unknown as { told: { localConf: unknown }[] };
    assert.deepEqual(
      told.map(({ localConf }) => localConf),
      [{ x: '1' }, { x: '1' }, { x: '1' }],
    );
  });

  it('says that such a file cannot be read', async () => {
    const module = `export const make = (loader) => Promise.all([1, 2].map(() => loader.appContext('config:site.yaml')));`;
    const lines = ['[composite:main]', 'use = ./yaml.mjs#make', '/ = config:site.yaml'];
    const fault = await faultOf(shapeOf(lines, { 'site.yaml': 'a: [', 'yaml.mjs': module }));
    assert.equal(fault.code, 'CONFIG_SYNTAX');
  });

  for (const where of ['[composite:main]', '[DEFAULT]'])
    it(`keeps a secret of ${where} secret that is passed on under another name`, async () => {
      process.env['APPSERVE_TEST_SECRET'] = 's3cret';
      try {
        const lines = ['[app:child]', 'get size = other', 'use = ./typed.mjs#main'];
        const typed = `
          const issues = [{ message: 'no s3cret', path: ['size'] }];
          export const main = Object.assign(() => () => 0, { options: { '~standard': { validate: () => ({ issues }) } } });
        `;
        const asking = ['[composite:main]', 'use = ./asking.mjs#passing', where, 'pw = %(env:APPSERVE_TEST_SECRET)s'];
        const said = where === '[DEFAULT]' ? asking : asking.toSpliced(2, 1);
        const { message } = await faultOf(shapeOf([...said, ...lines], { ...FILES, 'typed.mjs': typed }));
        assert.equal(message, 'size = ********: no ********');
      } finally {
        delete process.env['APPSERVE_TEST_SECRET'];
      }
    });

  it('starts what is asked for late, and closes it with the rest', async () => {
    const notes: string[] = [];
    const module = `
      export const late = (loader) => ({ make: () => loader.getApp('a'), fetch: () => new Response() });
      export const app = (g, { is }) => ({
        start: () => globalThis.noted.push('start ' + is), close: () => globalThis.noted.push('close ' + is), fetch: () => new Response(),
      });
      export const filter = () => (app) => ({ ...app, fetch: (request) => app.fetch(request) });
    `;
    const lines = ['[composite:main]', 'use = ./late.mjs#late', '[app:a]', 'use = ./late.mjs#app', 'is = a', 'filter-with = f'];
    using folder = folderWith({ 'site.ini': [...lines, '[filter:f]', 'use = ./late.mjs#filter'].join('\n'), 'late.mjs': module });
    Object.assign(globalThis, { noted: notes });
    const living = await loadLivingApp('site.ini', { relativeTo: folder.path });
    await living.start();
    await (living.app as unknown as { make(): Promise<unknown> }).make();
    assert.deepEqual(notes, ['start a']);
    await living.close();
    assert.deepEqual(notes, ['start a', 'close a']);
  });

  it('shows the word of a list that names nothing', async () => {
    const lines = ['[composite:main]', 'use = ./asking.mjs#words', 'apps =', '  a a', '  a  nothing_like_it', ...A];
    const fault = await faultOf(shapeOf(lines, FILES));
    assert.equal(pointed(fault), 'SECTION_MISSING 5:6 nothing_like_it');
    assert.deepEqual(fault.askedBy, ['[composite:main] site.ini:1']);
  });

  describe('without a file', () => {
    it('knows names that need none', async () => {
      using folder = folderWith(asks('shapes#app'));
      assert.equal(((await loadApp('egg:asks', { relativeTo: folder.path })) as Shape).shape, 'app');
    });

    it('knows no sections', async () => {
      using folder = folderWith(asks('home'));
      const { code, details } = await faultOf(loadApp('egg:asks', { relativeTo: folder.path }));
      assert.deepEqual([code, (details as FaultDetails<'USE_INVALID'>).use], ['USE_INVALID', 'home']);
    });
  });
});

/** Factories that make what they should not. */
const WRONG = `
  export const number = () => 7;
  export const filterOfNumbers = () => () => 7;
  export const failing = () => { throw new RangeError('no database'); };
  export const failingFilter = async () => { throw new RangeError('no cache'); };
  export const failingLater = () => () => { throw new RangeError('no session'); };
`;

/** The fault of an app that is put together from the parts, and where it is. */
async function refused(...lines: readonly string[]): Promise<{ readonly where: string; readonly askedBy: readonly string[] }> {
  const fault = await faultOf(shapeOf([...lines, ...PARTS], { 'wrong.mjs': WRONG }));
  return { where: pointed(fault), askedBy: fault.askedBy };
}

describe('what is wrong in the middle of a chain is shown where it is named', () => {
  for (const [what, lines, where, askedBy] of [
    [
      'an app at the end of a pipeline',
      ['[pipeline:main]', 'pipeline =', '  f', '  bad', '[app:bad]', 'use = ./wrong.mjs#number'],
      'APP_UNKNOWN 6:7 ./wrong.mjs#number',
      ['[app:bad] site.ini:5', '[pipeline:main] site.ini:1'],
    ],
    [
      'a filter that gives no app',
      ['[pipeline:main]', 'pipeline = f ./wrong.mjs#filterOfNumbers g a'],
      'APP_UNKNOWN 2:14 ./wrong.mjs#filterOfNumbers',
      ['[pipeline:main] site.ini:1'],
    ],
    [
      'what is no filter',
      ['[app:main]', 'use = a', 'filter-with = f  ./wrong.mjs#number', '  g'],
      'NOT_A_FILTER 3:18 ./wrong.mjs#number',
      ['[app:main] site.ini:1'],
    ],
    [
      'a factory that fails behind a filter-app',
      ['[filter-app:main]', 'use = f', 'next = bad', '[app:bad]', 'use = ./wrong.mjs#failing'],
      'FACTORY_FAILED 5:7 ./wrong.mjs#failing',
      ['[app:bad] site.ini:4', '[filter-app:main] site.ini:1'],
    ],
    [
      'a factory of a filter that fails',
      ['[pipeline:main]', 'pipeline = bad a', '[filter:bad]', 'paste.filter_factory = ./wrong.mjs:failingFilter'],
      'FACTORY_FAILED 4:24 ./wrong.mjs:failingFilter',
      ['[filter:bad] site.ini:3', '[pipeline:main] site.ini:1'],
    ],
    [
      'a filter that fails when it filters',
      ['[app:main]', 'use = a', 'filter-with = bad', '[filter:bad]', 'use = ./wrong.mjs#failingLater'],
      'FACTORY_FAILED 5:7 ./wrong.mjs#failingLater',
      ['[filter:bad] site.ini:4', '[app:main] site.ini:1'],
    ],
    [
      'a child of a composite that is missing',
      ['[composite:main]', 'use = shapes#urls', '/ = a', '/shop = nothing_like_it'],
      'SECTION_MISSING 4:9 nothing_like_it',
      ['[composite:main] site.ini:1'],
    ],
    [
      'a child of a composite that fails',
      ['[composite:main]', 'use = shapes#urls', '/ = bad', '[app:bad]', 'use = ./wrong.mjs#failing'],
      'FACTORY_FAILED 5:7 ./wrong.mjs#failing',
      ['[app:bad] site.ini:4', '[composite:main] site.ini:1'],
    ],
    [
      'what a child of a composite uses',
      ['[composite:main]', 'use = shapes#urls', '/ = b', '[app:b]', 'use = nothing_like_it'],
      'SECTION_MISSING 5:7 nothing_like_it',
      ['[app:b] site.ini:4', '[composite:main] site.ini:1'],
    ],
    [
      'an app where a filter should be',
      ['[pipeline:main]', 'pipeline = a a'],
      'SECTION_MISSING 2:12 a',
      ['[pipeline:main] site.ini:1'],
    ],
    [
      'a filter where an app should be',
      ['[pipeline:main]', 'pipeline = f', '  g'],
      'SECTION_MISSING 3:3 g',
      ['[pipeline:main] site.ini:1'],
    ],
  ] as const) {
    it(what, async () => assert.deepEqual(await refused(...lines), { where, askedBy }));
  }

  it('a word that a variable brought, at the line that has the variable', async () => {
    const lines = ['[pipeline:main]', 'last = b', '  c', 'pipeline =', '  f', '  %(last)s', '[DEFAULT]', 'last = -'];
    const faults = await faultsOf(shapeOf([...lines, ...PARTS]));
    assert.deepEqual(faults.map(pointed), ['SECTION_MISSING 6:3 %(last)s', 'SECTION_MISSING 6:3 %(last)s']);
  });

  it('an element of a list in the file that wrote the list', async () => {
    const files = { 'etc/other.ini': '[pipeline:p]\npipeline = nope a\n[app:a]\nuse = shapes#app\n' };
    const fault = await faultOf(shapeOf(['[app:main]', 'use = config:etc/other.ini#p'], files));
    assert.equal(pointed(fault), 'SECTION_MISSING 2:12 nope');
    assert.equal(fault.at?.file, 'etc/other.ini');
    assert.deepEqual(fault.askedBy, ['[pipeline:p] etc/other.ini:1', '[app:main] site.ini:1']);
  });
});

async function all(...lines: readonly string[]): Promise<string[]> {
  return (await faultsOf(shapeOf([...lines, ...PARTS]))).map(pointed).toSorted();
}

describe('all that is wrong is said at once', () => {
  it('of a pipeline', async () => {
    const lines = [
      '[pipeline:main]',
      'pipeline = nope ./nowhere.mjs#f bad',
      '  pkg:no/pe#x no-such-app',
      '[filter:bad]',
      'x = %',
    ];
    assert.deepEqual(await all(...lines), [
      'INTERPOLATION_SYNTAX 5:5 %',
      'SECTION_MISSING 2:12 nope',
      'SECTION_MISSING 3:15 no-such-app',
      'USE_INVALID 3:3 pkg:no/pe#x',
    ]);
  });

  it('of the factories of a pipeline, once it can be planned', async () => {
    const lines = ['[pipeline:main]', 'pipeline = ./nowhere.mjs#f shapes#nope', '  no-such-package#app'];
    assert.deepEqual(await all(...lines), [
      'ENTRY_POINT_MISSING 2:28 shapes#nope',
      'MODULE_MISSING 2:12 ./nowhere.mjs#f',
      'PACKAGE_MISSING 3:3 no-such-package#app',
    ]);
  });

  it('of an app and of what filters it', async () => {
    assert.deepEqual(await all('[app:main]', 'use = no-app', 'filter-with = no-filter'), [
      'SECTION_MISSING 2:7 no-app',
      'SECTION_MISSING 3:15 no-filter',
    ]);
  });

  it('once where it is met twice', async () => {
    const lines = ['[pipeline:main]', 'pipeline = bad bad a', '[filter:bad]', 'use = shapes#nope'];
    assert.deepEqual(await all(...lines), ['ENTRY_POINT_MISSING 4:7 shapes#nope']);
  });
});

describe('sections that lead to each other in a circle are named as the circle', () => {
  for (const [what, lines, cycle, where] of [
    [
      'by next',
      ['[filter-app:main]', 'use = f', 'next = b', '[filter-app:b]', 'use = f', 'next = main'],
      ['filter-app:main', 'filter-app:b', 'filter-app:main'],
      '6:8 main',
    ],
    [
      'by pipelines',
      ['[pipeline:main]', 'pipeline = f p', '[pipeline:p]', 'pipeline = g', '  main'],
      ['pipeline:main', 'pipeline:p', 'pipeline:main'],
      '5:3 main',
    ],
    [
      'by filter-with',
      ['[app:main]', 'use = a', 'filter-with = x', '[filter:x]', 'use = f', 'filter-with = y', '[filter:y]', 'use = x'],
      ['filter:x', 'filter:y', 'filter:x'],
      '8:7 x',
    ],
    [
      'by several of them',
      ['[app:main]', 'use = p', '[pipeline:p]', 'pipeline = f n', '[filter-app:n]', 'use = g', 'next = main'],
      ['app:main', 'pipeline:p', 'filter-app:n', 'app:main'],
      '7:8 main',
    ],
    ['by config:', ['[app:main]', 'use = config:other.ini#x'], ['app:main', 'app:x', 'app:main'], '2:7 config:site.ini'],
    [
      'by a child of a composite',
      ['[composite:main]', 'use = shapes#urls', '/ = a', '/self = main'],
      ['composite:main', 'composite:main'],
      '4:9 main',
    ],
    [
      'by what a child uses',
      ['[app:main]', 'use = c', '[composite:c]', 'use = shapes#urls', '/ = p', '[pipeline:p]', 'pipeline = f main'],
      ['app:main', 'composite:c', 'pipeline:p', 'app:main'],
      '7:14 main',
    ],
  ] as const) {
    it(what, async () => {
      const fault = await faultOf(shapeOf([...lines, ...PARTS], { 'other.ini': '[app:x]\nuse = config:site.ini\n' }));
      assert.equal(pointed(fault), `USE_CYCLE ${where}`);
      assert.deepEqual(fault.details, { cycle });
    });
  }

  it('once, whichever of them one begins with', async () => {
    const ini = ['[app:a]', 'use = b', '[app:b]', 'use = c', '[app:c]', 'use = a', '[app:d]', 'use = d'];
    using folder = folderWith({ 'site.ini': ini.join('\n') });
    const faults = await faultsOf(loadPlans('site.ini', { relativeTo: folder.path }));
    assert.deepEqual(faults.map(pointed), ['USE_CYCLE 6:7 a', 'USE_CYCLE 8:7 d']);
  });

  it('but a section of the same name in another file is another one', async () => {
    const { shape } = await shapeOf(['[app:main]', 'use = config:other.ini'], { 'other.ini': '[app:main]\nuse = shapes#app\n' });
    assert.equal(shape, 'app');
  });

  it('but one section may be reached by two ways', async () => {
    assert.equal(
      await shaped('[composite:main]', 'use = shapes#urls', '/a = a', '/b = p', '[pipeline:p]', 'pipeline = f a'),
      'urls[/a=a /b=f(a)]',
    );
  });
});

describe('loadFilter', () => {
  const inner = Object.assign(() => new Response(), { shape: 'given' });

  async function filtered(lines: readonly string[], uri = 'site.ini#f'): Promise<string> {
    using folder = folderWith({ 'site.ini': lines.join('\n'), ...SHAPES });
    const filter = await loadFilter(uri, { relativeTo: folder.path });
    return ((await filter(inner)) as Shape).shape;
  }

  it('gives the filter of a section', async () => assert.equal(await filtered(F), 'f(given)'));
  it('gives one behind another', async () => {
    assert.equal(await filtered([...F, 'filter-with = g', ...G]), 'g(f(given))');
  });
  it('gives one that filters at once', async () => assert.equal(await filtered(W, 'site.ini#w'), 'w(given)'));
  it('gives one of a package, without a file', async () =>
    assert.equal(await filtered([], 'egg:shapes#filter'), 'filter(given)'));
});
