// `require = shop blog@^2.1`: packages that must be there; and names that were Python's.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FaultDetails } from '@appserve/core';
import { appConfig, loadServer } from '@appserve/loader';
import { faultOf, faultsOf, pointed } from '../support/faults.ts';
import { APP_MODULE } from '../support/ini-file.ts';
import { appFactory, folderWith, installed, type Tree } from '../support/packages.ts';
import { SHAPES } from '../support/shapes.ts';

const INSTALLED: Tree = {
  ...APP_MODULE,
  ...SHAPES,
  ...installed('shop', { version: '2.3.4' }),
  ...installed('@acme/blog', { version: '1.0.0' }),
  ...installed('next', { version: '3.0.0-beta.2' }),
  ...installed('bare', '{}'),
};

/** Plans an app with these lines beside what is installed. */
async function required(lines: readonly string[], files: Tree = {}): Promise<void> {
  using folder = folderWith({ 'site.ini': lines.join('\n'), ...INSTALLED, ...files });
  await appConfig('site.ini', { relativeTo: folder.path });
}

/** An app with these requirements; they begin at 3:11. */
function requiring(text: string): string[] {
  return ['[app:main]', 'use = ./app.mjs', `require = ${text}`];
}

describe('a requirement is met', () => {
  for (const text of [
    '',
    'shop',
    '@acme/blog',
    'shop @acme/blog',
    'shop\n  @acme/blog',
    'shop@2.3.4',
    'shop@^2.1',
    'shop@~2.3',
    'shop@2',
    'shop@>=1',
    'shop@*',
    'shop>=2',
    'shop>=2,<3',
    'shop==2.3.4',
    'shop==2.3',
    'shop<3',
    'shop^2.1',
    'shop>2.0.0',
    '@acme/blog@1.x',
    '@acme/blog==1.0.0',
    'next@^3.0.0-beta',
    'next@>=2',
    'next==3.0.0-beta.2',
    'bare',
    '@appserve/loader',
  ]) {
    it(`by what is installed: ${JSON.stringify(text)}`, async () => required(requiring(text)));
  }

  it('and is no setting', async () => {
    using folder = folderWith({ 'site.ini': requiring('shop').join('\n'), ...INSTALLED });
    assert.deepEqual((await appConfig('site.ini', { relativeTo: folder.path })).localConf, {});
  });
});

describe('a requirement that is not met is shown', () => {
  it('with the package that is missing', async () => {
    const fault = await faultOf(required(requiring('shop no-such-package')));
    assert.equal(pointed(fault), 'REQUIREMENT_MISSING 3:16 no-such-package');
    assert.equal((fault.details as FaultDetails<'REQUIREMENT_MISSING'>).name, 'no-such-package');
    assert.deepEqual(fault.askedBy, ['[app:main] site.ini:1']);
  });

  for (const [text, range, version] of [
    ['shop@^3', '^3', '2.3.4'],
    ['shop@<2.3.4', '<2.3.4', '2.3.4'],
    ['shop>=3', '>=3', '2.3.4'],
    ['shop>=2,<2.3', '>=2 <2.3', '2.3.4'],
    ['next@^4.0.0-alpha', '^4.0.0-alpha', '3.0.0-beta.2'],
    ['bare@>=1', '>=1', '0.0.0'],
  ] as const) {
    it(`with the range and the version: ${text}`, async () => {
      const { code, details, hint } = await faultOf(required(requiring(text)));
      assert.equal(code, 'REQUIREMENT_UNMET');
      assert.deepEqual(details, { name: text.slice(0, 4), range, version });
      assert.match(hint ?? '', /^npm install "/);
    });
  }

  for (const text of ['shop@', 'shop@latest', 'shop>=', 'shop[extra]', '../shop', '@acme', '>=2', 'shop@1@2'])
    it(`as none, if it is none: ${text}`, async () => {
      const fault = await faultOf(required(requiring(text)));
      assert.equal(pointed(fault), `REQUIREMENT_INVALID 3:11 ${text}`);
      assert.deepEqual(fault.details, { requirement: text });
    });

  it('with all others, and with what the section itself lacks', async () => {
    const faults = await faultsOf(
      required(['[app:main]', 'use = nowhere#main', 'require = shop@3 a', '  shop  b@latest', '  @acme/blog']),
    );
    assert.deepEqual(faults.map(pointed), [
      'REQUIREMENT_UNMET 3:11 shop@3',
      'REQUIREMENT_MISSING 3:18 a',
      'REQUIREMENT_INVALID 4:9 b@latest',
      'PACKAGE_MISSING 2:7 nowhere#main',
    ]);
  });

  for (const version of [1, null, {}])
    it(`also where its version is none: ${JSON.stringify(version)}`, async () => {
      const fault = await faultOf(required(requiring('odd@^2'), installed('odd', { version })));
      assert.equal(pointed(fault), 'REQUIREMENT_UNMET 3:11 odd@^2');
    });

  it('where a global of the caller says so', async () => {
    using folder = folderWith({ 'site.ini': '[app:main]\nuse = ./app.mjs\nget require = needs\n', ...INSTALLED });
    const where = { relativeTo: folder.path };
    await appConfig('site.ini', { ...where, globalConf: { needs: 'shop' } });
    const fault = await faultOf(appConfig('site.ini', { ...where, globalConf: { needs: 'shop none' } }));
    assert.deepEqual([fault.code, fault.details], ['REQUIREMENT_MISSING', { name: 'none', from: folder.path }]);
  });

  it('as a broken package, if it is one', async () => {
    const fault = await faultOf(required(requiring('shop'), installed('shop', 'no json')));
    assert.equal(pointed(fault), 'PACKAGE_BROKEN 3:11 shop');
  });

  for (const [where, lines, place] of [
    ['a pipeline', ['[pipeline:main]', 'require = none', 'pipeline = shapes#filter shapes#app'], '2:11'],
    ['a filter-app', ['[filter-app:main]', 'require = none', 'use = shapes#filter', 'next = shapes#app'], '2:11'],
    [
      'a filter',
      ['[app:main]', 'use = shapes#app', 'filter-with = f', '[filter:f]', 'use = shapes#filter', 'require = none'],
      '6:11',
    ],
    ['a filtered app', ['[app:main]', 'use = shapes#app', 'filter-with = shapes#filter', 'require = none'], '4:11'],
    [
      'a section that uses another',
      ['[app:main]', 'use = b', 'require = none', '[app:b]', 'use = shapes#app', 'require = shop'],
      '3:11',
    ],
    ['one that is used', ['[app:main]', 'use = b', 'require = shop', '[app:b]', 'use = shapes#app', 'require = none'], '6:11'],
    ['one that uses a pipeline', ['[app:main]', 'use = p', 'require = none', '[pipeline:p]', 'pipeline = shapes#app'], '3:11'],
    ['a factory named by its signature', ['[app:main]', 'paste.app_factory = ./app.mjs:main', 'require = none'], '3:11'],
  ] as const) {
    it(`where it is said: in ${where}`, async () => {
      assert.equal(pointed(await faultOf(required(lines))), `REQUIREMENT_MISSING ${place} none`);
    });
  }
});

describe('a requirement is looked up from the folder of the file that has it', () => {
  const NEAR = installed('near', { version: '1.0.0' }, {}, 'etc');
  const use = '[app:main]\nuse = ./app.mjs\n';

  it('of the file that is used', async () => {
    const other = { 'etc/other.ini': `${use}require = near\n`, 'etc/app.mjs': '', ...NEAR };
    await required(['[app:main]', 'use = config:etc/other.ini'], other);
    assert.equal(pointed(await faultOf(required(requiring('near'), other))), 'REQUIREMENT_MISSING 3:11 near');
  });

  it('of the file that uses it', async () => {
    const other = { 'etc/other.ini': use, 'etc/app.mjs': '', ...NEAR, ...installed('outer', {}, {}, 'ini') };
    using folder = folderWith({ 'ini/site.ini': '[app:main]\nuse = config:../etc/other.ini\nrequire = outer', ...other });
    await appConfig('ini/site.ini', { relativeTo: folder.path });
    const fault = await faultOf(required(['[app:main]', 'use = config:etc/other.ini', 'require = near'], other));
    assert.equal(pointed(fault), 'REQUIREMENT_MISSING 3:11 near');
  });
});

/** What is wrong with a server that is used so; its line 3 always is. */
async function server(use: string, files: Tree = {}): Promise<string> {
  using folder = folderWith({ 'site.ini': `[server:main]\nuse = ${use}\nnonsense = 1\nworkers = 1\nsocket = :0\n`, ...files });
  return pointed(await faultOf(loadServer('site.ini', { relativeTo: folder.path })));
}

describe('a name that was Python’s', () => {
  it('is that of our server where the options are ours', async () => {
    assert.equal(await server('egg:pyruvate#main'), 'OPTION_UNKNOWN 3:1 nonsense');
    assert.equal(await server('pyruvate#main'), 'OPTION_UNKNOWN 3:1 nonsense');
  });

  it('is that of the package where one is installed', async () => {
    const theirs = installed(
      'pyruvate',
      { appserve: { server_factory: { main: './s.mjs#main' } } },
      {
        's.mjs': 'export const main = () => { throw new Error("theirs"); };',
      },
    );
    assert.equal(await server('egg:pyruvate#main', theirs), 'FACTORY_FAILED 2:7 egg:pyruvate#main');
  });

  for (const use of ['egg:pyruvate#other', 'egg:waitress#main', 'egg:constructor#main']) {
    it(`is missing otherwise: ${use}`, async () => assert.equal(await server(use), `PACKAGE_MISSING 2:7 ${use}`));
  }

  it('of an app is none of ours', async () => {
    const fault = await faultOf(required(['[app:main]', 'use = egg:pyruvate#main']));
    assert.equal(pointed(fault), 'PACKAGE_MISSING 2:7 egg:pyruvate#main');
    assert.equal((fault.details as FaultDetails<'PACKAGE_MISSING'>).isEgg, true);
    assert.match(fault.hint ?? '', /Python package/);
  });
});

function offering(...groups: readonly string[]): Tree {
  const appserve = Object.fromEntries(groups.map((group) => [group, { main: './app.mjs#main' }]));
  return installed('shop', { appserve }, { 'app.mjs': appFactory('main') });
}

describe('an entry point of two kinds', () => {
  for (const groups of [
    ['app_factory', 'composite_factory'],
    ['app_factory', 'composit_factory'],
  ]) {
    it(`is ambiguous: ${groups.join(' and ')}`, async () => {
      const fault = await faultOf(required(['[app:main]', 'use = shop#main'], offering(...groups)));
      assert.equal(pointed(fault), 'ENTRY_POINT_AMBIGUOUS 2:7 shop#main');
      assert.deepEqual(fault.details, { name: 'main', package: 'shop', groups });
    });
  }

  it('is none, where one of them is not asked for', async () => {
    await required(['[app:main]', 'use = shop#main'], offering('app_factory', 'filter_factory', 'server_runner'));
    await required(['[app:main]', 'use = shop#main'], offering('composite_factory', 'composit_factory'));
  });

  it('of another kind than the one that is asked for is named', async () => {
    const { hint } = await faultOf(required(['[app:main]', 'use = shop#main'], offering('filter_app_factory')));
    assert.equal(hint, 'shop#main is a filter_app_factory: it belongs into another kind of section');
  });
});
