// `%(name)s` and `%%` in values: what BasicInterpolation of Python's ConfigParser makes of them, except that what the command line
// says wins everywhere and is text.

import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { FaultDetails } from '@appserve/core';
import { appConfig } from '@appserve/loader';
import { faultOf, pointed } from '../support/faults.ts';
import { APP_MODULE, confOf, settingsOf } from '../support/ini-file.ts';
import { folderWith } from '../support/packages.ts';

/** `k0` refers to `k1`, and so on; the last one is the text `end`. */
function chain(references: number): string[] {
  return [...Array.from({ length: references }, (_, step) => `k${step} = %(k${step + 1})s`), `k${references} = end`];
}

describe('a variable', () => {
  it('stands for another value of its section, above or below', async () => {
    const settings = await settingsOf('above = 1', 'both = %(above)s and %(below)s', 'below = 2');
    assert.equal(settings['both'], '1 and 2');
  });

  it('stands for a value of DEFAULT', async () => {
    const { localConf } = await confOf(['[DEFAULT]', 'root = /srv', '[app:main]', 'use = ./app.mjs', 'data = %(root)s/data']);
    assert.deepEqual(localConf, { data: '/srv/data' });
  });

  it('stands for the value of its section where DEFAULT has one too', async () => {
    const ini = ['[DEFAULT]', 'port = 80', '[app:main]', 'use = ./app.mjs', 'port = 8080', 'url = http://localhost:%(port)s/'];
    assert.equal((await confOf(ini)).localConf['url'], 'http://localhost:8080/');
  });

  it('in DEFAULT stands for the value of the section that asks', async () => {
    const ini = ['[DEFAULT]', 'name = site', 'log = %(name)s.log'];
    const { globalConf, localConf } = await confOf([...ini, '[app:main]', 'use = ./app.mjs', 'name = shop', 'file = %(log)s']);
    assert.equal(localConf['file'], 'shop.log');
    assert.equal(globalConf['log'], 'site.log');
  });

  it('stands for nothing of another section', async () => {
    const ini = ['[app:main]', 'use = ./app.mjs', 'a = %(secret)s', '[app:other]', 'secret = 1'];
    assert.equal(pointed(await faultOf(confOf(ini))), 'INTERPOLATION_MISSING 3:5 %(secret)s');
  });

  it('may have blanks and other characters in its name, and means upper and lower case', async () => {
    const settings = await settingsOf(
      'local conf = 1',
      'Debug = 2',
      'debug = 3',
      'a/b = 4',
      'x = %(local conf)s%(Debug)s%(a/b)s',
    );
    assert.equal(settings['x'], '124');
  });

  it('may have a name that JavaScript has for something else', async () => {
    const settings = await settingsOf('__proto__ = 1', 'constructor = 2', 'x = %(__proto__)s%(constructor)s');
    assert.equal(settings['x'], '12');
  });

  it('may stand in any line of a value, and stand for several lines', async () => {
    const settings = await settingsOf('list =', '  %(a)s', '  b%(a)s', 'a = 1', '  2');
    assert.equal(settings['list'], '\n1\n2\nb1\n2');
  });

  it('may stand in `use`, and for it', async () => {
    const ini = ['[DEFAULT]', 'module = ./app.mjs', '[app:main]', 'use = %(module)s', 'used = %(use)s'];
    assert.deepEqual((await confOf(ini)).localConf, { used: './app.mjs' });
  });

  it('stands for the empty text where the value is empty', async () => {
    assert.equal((await settingsOf('nothing =', 'x = [%(nothing)s]'))['x'], '[]');
  });

  it('is not looked for in keys and names of sections', async () => {
    const { localConf } = await confOf(['[app:%(a)s]', 'use = ./app.mjs', '%(b)s = 1'], { name: '%(a)s' });
    assert.deepEqual(localConf, { '%(b)s': '1' });
  });
});

describe('a percent sign', () => {
  it('is written twice', async () => {
    const settings = await settingsOf('a = 100%%', 'b = %%%%', 'c = %%(a)s', 'd = %%%(x)s%%', 'x = 1');
    assert.deepEqual(settings, { a: '100%', b: '%%', c: '%(a)s', d: '%1%', x: '1' });
  });

  it('that a variable brings along is not read again', async () => {
    const settings = await settingsOf('a = %%(b)s', 'b = 1', 'c = %(a)s');
    assert.equal(settings['c'], '%(b)s');
  });

  for (const [line, column] of [
    ['a = 50%', 7],
    ['a = % b', 5],
    ['a = %s', 5],
    ['a = %(b', 5],
    ['a = %(b)', 5],
    ['a = %(b)d', 5],
    ['a = %()s', 5],
    ['a = %%%', 7],
    ['a    :   x%y', 11],
    ['😀 = é😀%', 9],
  ] as const) {
    it(`alone is an error: ${line}`, async () => {
      assert.equal(pointed(await faultOf(settingsOf('b = 1', line))), `INTERPOLATION_SYNTAX 4:${column} %`);
    });
  }

  it('alone is found in the line of the value that has it', async () => {
    const ini = ['list = one', '  # two', '', '     three %% 3% of it', '  four'];
    assert.equal(pointed(await faultOf(settingsOf(...ini))), 'INTERPOLATION_SYNTAX 6:16 %');
  });

  it('alone is found in the first line of a value below an empty one', async () => {
    assert.equal(pointed(await faultOf(settingsOf('list =', '\t%'))), 'INTERPOLATION_SYNTAX 4:2 %');
  });

  it('alone is shown with its whole line', async () => {
    const { at } = await faultOf(settingsOf('  a = 50%   '));
    assert.deepEqual(at, { file: 'site.ini', line: 3, column: 9, length: 1, text: '  a = 50%   ' });
  });

  it('alone in a section that nobody asks for is not noticed', async () => {
    assert.deepEqual((await confOf(['[app:main]', 'use = ./app.mjs', '[logger_root]', 'format = %H:%M'])).localConf, {});
  });

  it('alone in DEFAULT is an error for every section', async () => {
    assert.equal(
      pointed(await faultOf(confOf(['[app:main]', 'use = ./app.mjs', '[DEFAULT]', 'rate = 50%']))),
      'INTERPOLATION_SYNTAX 4:10 %',
    );
  });
});

describe('values that refer to values', () => {
  it('may do so nine times in a row', async () => {
    assert.equal((await settingsOf(...chain(9)))['k0'], 'end');
  });

  it('may do so ten times in a row, as in ConfigParser', async () => {
    assert.equal((await settingsOf(...chain(10)))['k0'], 'end');
  });

  it('may not do so eleven times in a row', async () => {
    const fault = await faultOf(settingsOf(...chain(11)));
    assert.equal(fault.code, 'INTERPOLATION_DEPTH');
    assert.deepEqual(fault.details, { limit: 10 });
  });

  it('in a circle are named as the circle', async () => {
    const fault = await faultOf(settingsOf('a = %(b)s', 'b = x', '  %(c)s', 'c = %(a)s'));
    assert.equal(pointed(fault), 'INTERPOLATION_CYCLE 6:5 %(a)s');
    assert.deepEqual(fault.details, { cycle: ['a', 'b', 'c', 'a'] });
  });

  it('in a circle are named without what led there', async () => {
    const { details } = await faultOf(settingsOf('start = %(a)s', 'a = %(b)s', 'b = %(a)s'));
    assert.deepEqual(details, { cycle: ['a', 'b', 'a'] });
  });

  it('may not refer to themselves', async () => {
    const fault = await faultOf(settingsOf('path = %(path)s:/usr/bin'));
    assert.equal(pointed(fault), 'INTERPOLATION_CYCLE 3:8 %(path)s');
    assert.deepEqual(fault.details, { cycle: ['path', 'path'] });
  });

  it('may not refer to themselves in `use` either', async () => {
    const fault = await faultOf(confOf(['[app:main]', 'use = %(use)s']));
    assert.equal(pointed(fault), 'INTERPOLATION_CYCLE 2:7 %(use)s');
  });

  it('may reach one value by two ways', async () => {
    assert.equal((await settingsOf('a = %(b)s%(c)s', 'b = %(d)s', 'c = %(d)s', 'd = x'))['a'], 'xx');
  });

  it('may be a circle where the command line breaks it', async () => {
    const { localConf } = await confOf(['[app:main]', 'use = ./app.mjs', 'a = %(b)s', 'b = %(a)s'], { vars: { b: 'x' } });
    assert.deepEqual(localConf, { a: 'x', b: 'x' });
  });
});

describe('a variable that stands for nothing', () => {
  it('is shown where it stands', async () => {
    assert.equal(
      pointed(await faultOf(settingsOf('a = 1', 'b =', '   x', '   y %(nope)s'))),
      'INTERPOLATION_MISSING 6:6 %(nope)s',
    );
  });

  it('is shown where it stands, also when another section asks for it through DEFAULT', async () => {
    const ini = ['[DEFAULT]', 'log = %(name)s.log', '[app:main]', 'use = ./app.mjs', 'name = shop', 'x = %(log)s'];
    const fault = await faultOf(confOf(ini));
    assert.equal(pointed(fault), 'INTERPOLATION_MISSING 2:7 %(name)s');
    assert.match(fault.askedBy.join(), /^\[DEFAULT\]/);
  });

  it('names the section that asks', async () => {
    const ini = ['[app:other]', 'use = ./app.mjs', 'a = %(nope)s'];
    assert.match((await faultOf(confOf(ini, { name: 'other' }))).askedBy.join(), /^\[app:other\]/);
  });

  for (const [place, name, nearest] of [
    ['its section', 'prt', 'port'],
    ['DEFAULT', 'rooot', 'root'],
    ['what the loader provides', 'her', 'here'],
    ['the command line', 'http_prot', 'http_port'],
  ] as const) {
    it(`is guessed at from ${place}`, async () => {
      const ini = ['[DEFAULT]', 'root = /srv', '[app:main]', 'use = ./app.mjs', 'port = 80', `a = %(${name})s`];
      const { details } = await faultOf(confOf(ini, { vars: { http_port: '80' } }));
      assert.deepEqual(details, {
        name,
        nearest,
        isInEnvironment: false,
        misspelt: undefined,
      } satisfies FaultDetails<'INTERPOLATION_MISSING'>);
    });
  }

  it('is not guessed at when nothing is near', async () => {
    const { details, hint } = await faultOf(settingsOf('a = %(something_else)s'));
    assert.deepEqual(details, { name: 'something_else', nearest: undefined, isInEnvironment: false, misspelt: undefined });
    assert.match(hint ?? '', /\[DEFAULT\]/);
  });

  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    it(`is ${name} where no line has it`, async () => {
      assert.equal(pointed(await faultOf(settingsOf(`a = %(${name})s`))), `INTERPOLATION_MISSING 3:5 %(${name})s`);
    });
  }
});

describe('here and __file__', () => {
  const ini = ['[app:main]', 'use = ./app.mjs', 'data = %(here)s/data', 'file = %(__file__)s'].join('\n');

  it('are the folder and the path of the ini, absolute', async () => {
    using folder = folderWith({ 'etc/site.ini': ini, 'etc/app.mjs': '' });
    const { globalConf, localConf } = await appConfig('etc/../etc/site.ini', { relativeTo: folder.path });
    assert.deepEqual(globalConf, { here: `${folder.path}/etc`, __file__: `${folder.path}/etc/site.ini` });
    assert.deepEqual(localConf, { data: `${folder.path}/etc/data`, file: `${folder.path}/etc/site.ini` });
  });

  it('are those of the link, where the ini is one', async () => {
    using folder = folderWith({ 'shared/site.ini': ini, 'etc/app.mjs': '' });
    symlinkSync('../shared/site.ini', `${folder.path}/etc/site.ini`);
    const { localConf } = await appConfig('etc/site.ini', { relativeTo: folder.path });
    assert.equal(localConf['data'], `${folder.path}/etc/data`);
  });

  it('are text, whatever the folder is called', async () => {
    const name = '100% %(x)s %%';
    using folder = folderWith({ [`${name}/site.ini`]: `${ini}\nagain = %(data)s!`, [`${name}/app.mjs`]: '' });
    const { localConf } = await appConfig(`${name}/site.ini`, { relativeTo: folder.path });
    assert.deepEqual(localConf, {
      data: `${folder.path}/${name}/data`,
      file: `${folder.path}/${name}/site.ini`,
      again: `${folder.path}/${name}/data!`,
    });
  });

  it('may be set in DEFAULT, for values only: modules are still found beside the ini', async () => {
    const { globalConf, localConf } = await confOf(['[DEFAULT]', 'here = /srv', ini]);
    assert.equal(globalConf['here'], '/srv');
    assert.equal(localConf['data'], '/srv/data');
  });
});

describe('what the command line says', () => {
  const ini = [
    '[DEFAULT]',
    'port = 80',
    '[app:main]',
    'use = ./app.mjs',
    'debug = false',
    'url = http://localhost:%(port)s/%(debug)s',
  ];

  it('wins over DEFAULT, as a value and in a variable', async () => {
    const { globalConf, localConf } = await confOf(ini, { vars: { port: '8080' } });
    assert.equal(globalConf['port'], '8080');
    assert.equal(localConf['url'], 'http://localhost:8080/false');
  });

  it('wins over a setting of the section, as a value and in a variable', async () => {
    const { globalConf, localConf } = await confOf(ini, { vars: { debug: 'true' } });
    assert.equal(globalConf['debug'], 'true');
    assert.deepEqual(localConf, { debug: 'true', url: 'http://localhost:80/true' });
  });

  it('wins over here', async () => {
    const { globalConf, localConf } = await confOf([...ini, 'data = %(here)s/data'], { vars: { here: '/srv' } });
    assert.equal(globalConf['here'], '/srv');
    assert.equal(localConf['data'], '/srv/data');
  });

  it('wins in a section that is used', async () => {
    const chained = ['[app:main]', 'use = base', '[app:base]', 'use = ./app.mjs', 'a = 1', 'b = %(a)s'];
    assert.deepEqual((await confOf(chained, { vars: { a: '2' } })).localConf, { a: '2', b: '2' });
  });

  it('can be referred to without a line in the file', async () => {
    const { globalConf, localConf } = await confOf([...ini, 'x = %(extra)s'], { vars: { extra: '1' } });
    assert.equal(localConf['x'], '1');
    assert.equal(globalConf['extra'], '1');
  });

  it('adds no setting to a section that has it not', async () => {
    assert.deepEqual(Object.keys((await confOf(ini, { vars: { extra: '1' } })).localConf), ['debug', 'url']);
  });

  it('is text: a percent sign in it is a percent sign', async () => {
    const { globalConf, localConf } = await confOf(ini, { vars: { port: '50% %(debug)s %%', debug: '%(' } });
    assert.equal(globalConf['port'], '50% %(debug)s %%');
    assert.deepEqual(localConf, { debug: '%(', url: 'http://localhost:50% %(debug)s %%/%(' });
  });

  it('makes good what the file says wrong', async () => {
    const wrong = ['[DEFAULT]', 'rate = 50%', '[app:main]', 'use = ./app.mjs', 'x = %(nope)s', 'y = %(rate)s%(x)s'];
    assert.deepEqual((await confOf(wrong, { vars: { rate: '1', x: '2' } })).localConf, { x: '2', y: '12' });
  });

  it('may be empty', async () => {
    assert.equal((await confOf(ini, { vars: { port: '' } })).localConf['url'], 'http://localhost:/false');
  });

  it('may be called as things of JavaScript are', async () => {
    const vars = Object.fromEntries([
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
    const conf = await confOf([...ini, 'x = %(__proto__)s%(constructor)s'], { vars });
    assert.equal(conf.localConf['x'], '12');
    assert.deepEqual(Object.entries(conf.globalConf).slice(-2), Object.entries(vars));
  });

  it('is not changed, and cannot be changed later', async () => {
    const given = { port: '8080' };
    const { globalConf } = await confOf(ini, { vars: given });
    assert.deepEqual(given, { port: '8080' });
    assert.ok(Object.isFrozen(globalConf));
  });
});

describe('an ini without an app beside it', () => {
  it('is interpolated before modules are looked for', async () => {
    using folder = folderWith({ ...APP_MODULE, 'site.ini': '[app:main]\nuse = ./nope.mjs\na = %\n' });
    assert.equal((await faultOf(appConfig('site.ini', { relativeTo: folder.path }))).code, 'INTERPOLATION_SYNTAX');
  });
});
