// From names to sections, and from `use = section` to one section's settings: what is planned before anything is imported.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FaultDetails } from '@appserve/core';
import { appConfig, loadServer } from '@appserve/loader';
import { faultOf, faultsOf, pointed } from '../support/faults.ts';
import { APP_MODULE, confOf } from '../support/ini-file.ts';
import { folderWith } from '../support/packages.ts';

/** The setting `is` of the section that is found under a name. */
async function found(name: string, ...lines: readonly string[]): Promise<string | undefined> {
  return (await confOf(lines, { name })).localConf['is'];
}

/** So many sections, each of which uses the next. */
function chainOf(length: number): string[] {
  const links = Array.from({ length }, (_, nth) => `[app:${nth === 0 ? 'main' : nth}]\nuse = ${nth + 1}`);
  return [...links, `[app:${length}]\nuse = ./app.mjs\nis = last`];
}

function section(header: string): string {
  return `${header}\nuse = ./app.mjs\nis = ${header}`;
}

describe('an app is found', () => {
  for (const header of ['[app:main]', '[application:main]', '[app]', '[application]', '[app:  main\t]', '[app:main ]']) {
    it(`as main, under ${JSON.stringify(header)}`, async () => {
      assert.equal(await found('main', section('[app:other]'), section(header)), header);
    });
  }

  for (const name of [
    'admin',
    'a.b',
    '/shop',
    'two words',
    'a[0]',
    'app',
    'app:main',
    'größe',
    '__proto__',
    'constructor',
    '1',
  ]) {
    it(`under its name, ${name}`, async () => {
      assert.equal(await found(name, section('[app:main]'), section(`[app:${name}]`)), `[app:${name}]`);
    });
  }

  it('among sections that only look like it', async () => {
    const others = [
      '[server:main]',
      '[filter:main]',
      '[apps:main]',
      '[App:main]',
      '[main]',
      '[app:Main]',
      '[app:main2]',
      '[myapp:main]',
    ];
    assert.equal(await found('main', ...others.map(section), section('[app:main]')), '[app:main]');
  });
});

describe('an app is not found', () => {
  for (const header of ['[App:main]', '[app :main]', '[ app:main]', '[app:Main]', '[apps:main]', '[main]', '[app main]']) {
    it(`under ${header}`, async () => {
      const fault = await faultOf(confOf([section(header)]));
      assert.equal(fault.code, 'SECTION_MISSING');
    });
  }

  it('when the name is that of a server', async () => {
    const { details } = await faultOf(confOf([section('[server:main]')]));
    assert.deepEqual(details, {
      sections: ['app:main', 'composite:main', 'pipeline:main', 'filter-app:main'],
      found: [],
      other: undefined,
      role: 'app',
      nearest: undefined,
      misspelt: undefined,
      isFile: false,
    } satisfies FaultDetails<'SECTION_MISSING'>);
  });

  it('and the section is named that was probably meant', async () => {
    const { details, hint } = await faultOf(confOf([section('[app:admin]'), section('[server:main]')], { name: 'admim' }));
    assert.equal((details as FaultDetails<'SECTION_MISSING'>).nearest, 'app:admin');
    assert.match(hint ?? '', /\[app:admin\]/);
  });

  it('and those that there are are listed, where none is near', async () => {
    const { details, hint } = await faultOf(
      confOf(['[app:shop]', '[application:blog]', '[server:main]', '[app]'], { name: 'a' }),
    );
    assert.deepEqual((details as FaultDetails<'SECTION_MISSING'>).found, ['app:shop', 'application:blog', 'app']);
    assert.match(hint ?? '', /\[app:shop\] \[application:blog\] \[app\]/);
  });

  it('and the fault is that of the whole file', async () => {
    const { at, askedBy } = await faultOf(confOf(['', section('[app:main]')], { name: 'a' }));
    assert.deepEqual(at, { file: 'site.ini', line: 1, column: 1 });
    assert.deepEqual(askedBy, []);
  });
});

describe('a name with two sections is refused', () => {
  for (const [first, second] of [
    ['[app:main]', '[application:main]'],
    ['[app:main]', '[app: main]'],
    ['[app]', '[app:main]'],
    ['[app]', '[application]'],
    ['[application:main ]', '[app]'],
  ] as const) {
    it(`${first} and ${second}`, async () => {
      const fault = await faultOf(confOf([section(first), section(second)]));
      assert.equal(pointed(fault), `SECTION_AMBIGUOUS 4:1 ${second}`);
      assert.deepEqual(fault.details, { sections: [first.slice(1, -1), second.slice(1, -1)] });
    });
  }

  it('only when it is asked for', async () => {
    assert.equal(await found('other', section('[app]'), section('[app:main]'), section('[app:other]')), '[app:other]');
  });

  it('also when `use` asks for it', async () => {
    const fault = await faultOf(confOf([section('[app:a]'), section('[application:a]'), '[app:main]', 'use = a']));
    assert.equal(pointed(fault), 'SECTION_AMBIGUOUS 4:1 [application:a]');
    assert.deepEqual(fault.askedBy, ['[app:main] site.ini:7']);
  });
});

describe('use = section', () => {
  it('takes the settings of the section, and its own win', async () => {
    const ini = ['[app:main]', 'use = base', 'b = main', 'c = main', '[app:base]', 'use = ./app.mjs', 'a = base', 'b = base'];
    assert.deepEqual((await confOf(ini)).localConf, { a: 'base', b: 'main', c: 'main' });
  });

  it('leaves the settings of the section where they stand, and puts its own others behind them', async () => {
    const ini = ['[app:main]', 'use = base', 'c = main', 'a = main', '[app:base]', 'use = ./app.mjs', 'a = base', 'b = base'];
    assert.deepEqual(Object.keys((await confOf(ini)).localConf), ['a', 'b', 'c']);
  });

  it('goes as far as it must', async () => {
    const ini = ['[app:main]', 'use = b', 'x = main', '[app:b]', 'use = c', 'x = b', 'y = b', '[app:c]', 'use = ./app.mjs'];
    assert.deepEqual((await confOf([...ini, 'x = c', 'y = c', 'z = c'])).localConf, { x: 'main', y: 'b', z: 'c' });
  });

  it('lets every section have variables of its own', async () => {
    const base = ['[app:base]', 'use = ./app.mjs', 'name = base', 'file = %(name)s.log'];
    const { localConf } = await confOf(['[app:main]', 'use = base', 'name = main', 'title = %(name)s', ...base]);
    assert.deepEqual(localConf, { file: 'base.log', name: 'main', title: 'main' });
  });

  it('goes no deeper than any person would', async () => {
    assert.deepEqual((await confOf(chainOf(499))).localConf, { is: 'last' });
    const fault = await faultOf(confOf(chainOf(20_000)));
    assert.equal(pointed(fault), 'USE_TOO_DEEP 1000:7 500');
  });

  it('is found with blanks, prefixes and `main` as any name is', async () => {
    const ini = ['[app:a]', 'use = b', '[application: b ]', 'use = main', '[app]', 'use = ./app.mjs', 'is = main'];
    assert.deepEqual((await confOf(ini, { name: 'a' })).localConf, { is: 'main' });
  });

  it('may stand above or below', async () => {
    const ini = ['[app:base]', 'use = ./app.mjs', 'is = base', '[app:main]', 'use = base'];
    assert.deepEqual((await confOf(ini)).localConf, { is: 'base' });
  });

  it('is of the same kind', async () => {
    using folder = folderWith({ 'site.ini': '[server:main]\nuse = base\n[app:base]\nuse = ./app.mjs\n', ...APP_MODULE });
    const fault = await faultOf(loadServer('site.ini', { relativeTo: folder.path }));
    assert.equal(pointed(fault), 'SECTION_MISSING 2:7 base');
    assert.deepEqual((fault.details as FaultDetails<'SECTION_MISSING'>).sections, ['server:base']);
  });

  it('that is missing is shown at the value of use, with the one that was probably meant', async () => {
    const fault = await faultOf(confOf([section('[app:base]'), '[app:main]', 'use = bass']));
    assert.equal(pointed(fault), 'SECTION_MISSING 5:7 bass');
    assert.deepEqual(fault.details, {
      sections: ['app:bass', 'composite:bass', 'pipeline:bass', 'filter-app:bass'],
      found: ['app:base', 'app:main'],
      other: undefined,
      role: 'app',
      nearest: 'app:base',
      misspelt: undefined,
      isFile: false,
    } satisfies FaultDetails<'SECTION_MISSING'>);
  });

  it('that is missing names all that led there, the innermost first', async () => {
    const ini = ['[app:main]', 'use = a', '[app:a]', 'use = b', '[app:b]', 'use = nothing_like_it'];
    const fault = await faultOf(confOf(ini));
    assert.equal(pointed(fault), 'SECTION_MISSING 6:7 nothing_like_it');
    assert.deepEqual(fault.askedBy.slice(-2), ['[app:a] site.ini:3', '[app:main] site.ini:1']);
  });

  it('may be one of hundreds', async () => {
    const links = Array.from({ length: 300 }, (_, step) => `[app:s${step}]\nuse = s${step + 1}\nk${step} = ${step}`);
    const { localConf } = await confOf([...links, '[app:s300]', 'use = ./app.mjs'], { name: 's0' });
    assert.equal(Object.keys(localConf).length, 300);
  });
});

describe('sections that use each other in a circle', () => {
  it('are named as the circle', async () => {
    const fault = await faultOf(confOf(['[app:main]', 'use = b', '[app:b]', 'use = c', '[app:c]', 'use = main']));
    // Where the last of them closes it.
    assert.equal(pointed(fault), 'USE_CYCLE 6:7 main');
    assert.deepEqual(fault.details, { cycle: ['app:main', 'app:b', 'app:c', 'app:main'] });
    assert.deepEqual(fault.askedBy, ['[app:c] site.ini:5', '[app:b] site.ini:3', '[app:main] site.ini:1']);
  });

  it('are named without what led there', async () => {
    const { details } = await faultOf(confOf(['[app:main]', 'use = b', '[app:b]', 'use = c', '[app:c]', 'use = b']));
    assert.deepEqual(details, { cycle: ['app:b', 'app:c', 'app:b'] });
  });

  it('may be one', async () => {
    const { details } = await faultOf(confOf(['[app:main]', 'use = main']));
    assert.deepEqual(details, { cycle: ['app:main', 'app:main'] });
  });

  it('are named as they are written', async () => {
    const { details } = await faultOf(confOf(['[app]', 'use = x', '[application: x]', 'use = main']));
    assert.deepEqual(details, { cycle: ['app', 'application: x', 'app'] });
  });
});

describe('a section without use', () => {
  it('is shown at its header', async () => {
    const fault = await faultOf(confOf(['# a site', '  [app:main]  ; of ours', 'greeting = Hello']));
    assert.equal(pointed(fault), 'USE_MISSING 2:3 [app:main]');
    assert.equal(fault.at?.text, '  [app:main]  ; of ours');
    assert.equal((fault.details as FaultDetails<'USE_MISSING'>).section, 'app:main');
  });

  it('is named with what led there', async () => {
    const { at, askedBy } = await faultOf(confOf(['[app:main]', 'use = base', '[app:base]']));
    assert.equal(at?.line, 3);
    assert.equal(askedBy.at(-1), '[app:main] site.ini:1');
  });

  it('has none from DEFAULT either: there it is a name like any other', async () => {
    const fault = await faultOf(confOf(['[DEFAULT]', 'use = ./app.mjs', '[app:main]']));
    assert.equal(pointed(fault), 'USE_MISSING 3:1 [app:main]');
  });

  it('has none from the command line', async () => {
    const fault = await faultOf(confOf(['[app:main]'], { vars: { use: './app.mjs' } }));
    assert.equal(fault.code, 'USE_MISSING');
  });

  it('is no error where nobody asks for it', async () => {
    assert.deepEqual((await confOf([section('[app:main]'), '[app:other]'])).localConf, { is: '[app:main]' });
  });
});

describe('use =', () => {
  it('is no setting', async () => {
    assert.deepEqual((await confOf(['[app:main]', 'use = ./app.mjs', 'Use = 1', 'use2 = 2'])).localConf, { Use: '1', use2: '2' });
  });

  for (const use of [
    'http:shop#main',
    'egg:',
    'config:#x',
    'call:shop',
    '#main',
    'shop#',
    './app.mjs#',
    'a b#main',
    '@scope#main',
    '@/x#main',
    'a/b/c#main',
  ]) {
    it(`may not be ${use}`, async () => {
      const fault = await faultOf(confOf(['[app:main]', `use = ${use}`]));
      assert.equal(pointed(fault), `USE_INVALID 2:7 ${use}`);
      assert.equal((fault.details as FaultDetails<'USE_INVALID'>).use, use);
    });
  }

  it('may not be empty', async () => {
    const fault = await faultOf(confOf(['[app:main]', 'use =']));
    assert.equal(pointed(fault), 'USE_INVALID 2:6');
    assert.equal(fault.at?.text, 'use =');
  });

  it('may not stand below its key', async () => {
    const fault = await faultOf(confOf(['[app:main]', 'use =', '  ./app.mjs#main']));
    assert.equal(fault.code, 'USE_INVALID');
    assert.equal(fault.at?.line, 2);
  });

  it('may not be of two lines', async () => {
    const fault = await faultOf(confOf(['[app:main]', 'use = shop#main', '  blog#main']));
    assert.equal(pointed(fault), 'USE_INVALID 2:7 shop#main');
    assert.match(fault.message, /is indented, .*: blog#main$/);
  });

  it('is shown with the section that it stands in, whatever is wrong with it', async () => {
    for (const use of [
      './nope.mjs#main',
      'no-such-package#main',
      'no_such_section',
      'egg:shop',
      'config:nope.ini',
      '%(nope)s',
      '%',
    ]) {
      const { askedBy } = await faultOf(confOf(['[DEFAULT]', '[app:main]', `use = ${use}`]));
      assert.deepEqual(askedBy, ['[app:main] site.ini:2'], use);
    }
  });

  it('leads to a section whose mistakes are shown with the way there', async () => {
    const ini = ['[app:main]', 'use = base', '[app:base]', 'use = ./app.mjs', 'data = %(nope)s', 'get x = nope'];
    const faults = await faultsOf(confOf(ini));
    assert.deepEqual(faults.map(pointed), ['INTERPOLATION_MISSING 5:8 %(nope)s', 'GLOBAL_MISSING 6:9 nope']);
    for (const { askedBy } of faults) assert.deepEqual(askedBy, ['[app:base] site.ini:3', '[app:main] site.ini:1']);
  });

  it('leads to a file whose mistakes are shown with the way there', async () => {
    using folder = folderWith({ 'site.ini': '[app:main]\nuse = config:base.ini\n', 'base.ini': '[app:main]\nno ini\n' });
    const { at, askedBy } = await faultOf(appConfig('site.ini', { relativeTo: folder.path }));
    assert.deepEqual([at?.file, at?.line, askedBy], ['base.ini', 2, ['[app:main] site.ini:1']]);
  });

  it('is shown as it is written, where a variable made it wrong', async () => {
    const fault = await faultOf(confOf(['[DEFAULT]', 'package = a b', '[app:main]', 'use : %(package)s#main']));
    assert.equal(pointed(fault), 'USE_INVALID 4:7 %(package)s#main');
    assert.equal((fault.details as FaultDetails<'USE_INVALID'>).use, 'a b#main');
  });

  it('says with the whole line where it stands', async () => {
    const { at } = await faultOf(confOf(['[app:main]', 'greeting = Hello', '\tuse = no pe', '  ', 'use\t=   egg:x#y   ']));
    assert.deepEqual(at, { file: 'site.ini', line: 5, column: 9, length: 7, text: 'use\t=   egg:x#y   ' });
  });
});

describe('places', () => {
  it('call the file as the caller does', async () => {
    using folder = folderWith({ 'etc/site.ini': '[app:main]\n' });
    const asked = [`${folder.path}/etc/site.ini`, 'etc/site.ini', './etc/../etc/site.ini'];
    const files = await Promise.all(
      asked.map(async (uri) => (await faultOf(appConfig(`config:${uri}#main`, { relativeTo: folder.path }))).at?.file),
    );
    assert.deepEqual(files, asked);
  });

  it('are counted in the file, not in what is left of it', async () => {
    const ini = '\ufeff# one\r\n\r\n[DEFAULT]\r# four\n[app:main]\r\na = 1\r  2\n\n\n[app:x]\n';
    const fault = await faultOf(confOf([ini], { name: 'x' }));
    assert.equal(pointed(fault), 'USE_MISSING 10:1 [app:x]');
  });
});
