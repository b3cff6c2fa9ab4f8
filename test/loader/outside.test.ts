// What an ini takes from outside: `%(env:NAME)s`, `%(env:NAME|fallback)s`, `%(file:path)s`. None of it is read again, none of it
// is shown in a message; and no value grows beyond all bounds.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FaultDetails } from '@appserve/core';
import { appConfig, loadApp, loadPlan, loadServer } from '@appserve/loader';
import { faultOf, faultsOf, pointed } from '../support/faults.ts';
import { confOf, settingsOf } from '../support/ini-file.ts';
import { appFactory, folderWith, type Tree } from '../support/packages.ts';
import { SHAPES } from '../support/shapes.ts';

/** The settings of these lines, with variables in the environment. */
async function withEnvironment<T>(variables: Readonly<Record<string, string>>, act: () => Promise<T>): Promise<T> {
  const before = Object.fromEntries(Object.keys(variables).map((name) => [name, process.env[name]]));
  Object.assign(process.env, variables);
  try {
    return await act();
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

describe('%(env:NAME)s', () => {
  it('is a variable of the environment', async () => {
    await withEnvironment({ APPSERVE_TEST: 'from outside' }, async () => {
      assert.deepEqual(await settingsOf('x = [%(env:APPSERVE_TEST)s]'), { x: '[from outside]' });
    });
  });

  it('may be empty', async () => {
    await withEnvironment({ APPSERVE_TEST: '' }, async () => {
      assert.deepEqual(await settingsOf('x = [%(env:APPSERVE_TEST|fallback)s]'), { x: '[]' });
    });
  });

  it('may stand in [DEFAULT], in use, in a pipeline and behind a variable', async () => {
    await withEnvironment({ APPSERVE_TEST: './app.mjs' }, async () => {
      const ini = ['[DEFAULT]', 'module = %(env:APPSERVE_TEST)s', '[app:main]', 'use = %(env:APPSERVE_TEST)s', 'x = %(module)s'];
      const { globalConf, localConf } = await confOf(ini);
      assert.deepEqual([globalConf['module'], localConf], ['./app.mjs', { x: './app.mjs' }]);
      const pipeline = await confOf(['[pipeline:main]', 'pipeline =', '  %(env:APPSERVE_TEST)s']);
      assert.deepEqual(pipeline.localConf, {});
    });
  });

  for (const value of ['100%', '%(here)s', '%%', '%(env:HOME)s', '%(', '$&', "$'", '${x}']) {
    it(`is text: ${value}`, async () => {
      await withEnvironment({ APPSERVE_TEST: value }, async () => {
        assert.deepEqual(await settingsOf('x = %(env:APPSERVE_TEST)s', 'y = %(x)s!'), { x: value, y: `${value}!` });
      });
    });
  }

  it('stands for nothing that a section or the command line calls so', async () => {
    const vars = { 'env:APPSERVE_TEST': 'command line' };
    await withEnvironment({ APPSERVE_TEST: 'environment' }, async () => {
      const { localConf } = await confOf(['[app:main]', 'use = ./app.mjs', 'x = %(env:APPSERVE_TEST)s'], { vars });
      assert.deepEqual(localConf, { x: 'environment' });
    });
  });

  it('that is missing is shown where it stands, with the one that was probably meant', async () => {
    await withEnvironment({ APPSERVE_TEST_PORT: '80' }, async () => {
      const fault = await faultOf(settingsOf('x =', '  a %(env:APPSERVE_TEST_PROT)s'));
      assert.equal(pointed(fault), 'ENVIRONMENT_MISSING 4:5 %(env:APPSERVE_TEST_PROT)s');
      assert.deepEqual(fault.details, { name: 'APPSERVE_TEST_PROT', nearest: 'APPSERVE_TEST_PORT' });
      assert.deepEqual(fault.askedBy, ['[app:main] site.ini:1']);
    });
  });

  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    it(`that is called ${name} is missing, where the environment has none`, async () => {
      const fault = await faultOf(settingsOf(`x = %(env:${name})s`));
      assert.equal(pointed(fault), `ENVIRONMENT_MISSING 3:5 %(env:${name})s`);
    });
  }

  it('names a variable', async () => {
    for (const nothing of ['%(env:)s', '%(env:|x)s'])
      assert.equal(pointed(await faultOf(settingsOf(`x = ${nothing}`))), `INTERPOLATION_SYNTAX 3:5 ${nothing}`);
  });

  describe('with a fallback', () => {
    for (const [written, value] of [
      ['%(env:APPSERVE_NONE|8080)s', '8080'],
      ['%(env:APPSERVE_NONE|)s', ''],
      ['%(env:APPSERVE_NONE|a|b)s', 'a|b'],
      ['%(env:APPSERVE_NONE|two words)s', 'two words'],
      ['%(env:__proto__|none)s', 'none'],
      ['%(env:APPSERVE_NONE|100%)s', '100%'],
      ['%(env:APPSERVE_NONE|%%(here)s', '%%(here'],
    ] as const) {
      it(`is that, as it stands, where there is no variable: ${written}`, async () => {
        assert.deepEqual(await settingsOf(`x = ${written}`), { x: value });
      });
    }
  });
});

/** The settings of an ini in a folder of its own, beside these files. */
async function beside(files: Tree, ...lines: readonly string[]): Promise<object> {
  using folder = folderWith({
    'etc/site.ini': ['[app:main]', 'use = ./app.mjs', ...lines].join('\n').replaceAll('FOLDER', '%(here)s'),
    'etc/app.mjs': appFactory('main'),
    ...files,
  });
  return (await appConfig('etc/site.ini', { relativeTo: folder.path })).localConf;
}

describe('%(file:path)s', () => {
  it('is the text of a file, relative to the folder of the ini', async () => {
    const files = { 'etc/secrets/password': 'beside', password: 'above' };
    assert.deepEqual(await beside(files, 'x = %(file:secrets/password)s', 'y = %(file:../password)s!'), {
      x: 'beside',
      y: 'above!',
    });
  });

  it('is relative to the folder of the file that says so', async () => {
    using folder = folderWith({
      'site.ini': '[app:main]\nuse = config:etc/other.ini\n',
      'etc/other.ini': '[app:main]\nuse = ./app.mjs\nx = %(file:password)s\n',
      'etc/app.mjs': '',
      'etc/password': 'theirs',
      password: 'ours',
    });
    assert.deepEqual((await appConfig('site.ini', { relativeTo: folder.path })).localConf, { x: 'theirs' });
  });

  it('may be absolute', async () => {
    using folder = folderWith({ password: 'absolute' });
    assert.deepEqual(await beside({}, `x = %(file:${folder.path}/password)s`), { x: 'absolute' });
  });

  for (const [what, text, value] of [
    ['a line end', 'secret\n', 'secret'],
    ['a line end of Windows', 'secret\r\n', 'secret'],
    ['but only the last one', 'secret\n\n', 'secret\n'],
    ['but no blank', ' secret \n', ' secret '],
    ['and nothing of an empty file', '', ''],
    ['and no byte order mark', '\ufeffsecret', '\ufeffsecret'],
  ] as const) {
    it(`loses ${what} at its end`, async () => assert.deepEqual(await beside({ 'etc/s': text }, 'x = %(file:s)s'), { x: value }));
  }

  for (const text of ['100%', '%(here)s', '%%', '%(file:s)s', '$&']) {
    it(`is text: ${text}`, async () => {
      assert.deepEqual(await beside({ 'etc/s': text }, 'x = %(file:s)s', 'y = %(x)s'), { x: text, y: text });
    });
  }

  for (const [what, files, why] of [
    ['is missing', {}, 'there is no such file'],
    ['is below a file', { 'etc/s': '' }, 'there is no such file'],
    ['is a folder', { 'etc/s/x/y': '' }, 'it is a folder'],
    ['is not UTF-8', { 'etc/s/x': Buffer.from([0xff]) }, 'it is not UTF-8'],
    ['is too large', { 'etc/s/x': 'a'.repeat(2 ** 20 + 1) }, 'it is larger than 1 MiB'],
    ['is too large in bytes, not in characters', { 'etc/s/x': '\u20ac'.repeat(2 ** 19) }, 'it is larger than 1 MiB'],
  ] as const) {
    it(`that ${what} is shown where it is named`, async () => {
      const fault = await faultOf(beside(files, 'x = a %(file:s/x)s'));
      assert.equal(pointed(fault), 'VALUE_FILE_UNREADABLE 3:7 %(file:s/x)s');
      assert.deepEqual(fault.details, { path: 's/x', why });
    });
  }

  it('may be as large as 1 MiB', async () => {
    const { x } = (await beside({ 'etc/s': 'a'.repeat(2 ** 20) }, 'x = %(file:s)s')) as { x: string };
    assert.equal(x.length, 2 ** 20);
  });

  it('names a file', async () => {
    assert.equal(pointed(await faultOf(settingsOf('x = %(file:)s'))), 'INTERPOLATION_SYNTAX 3:5 %(file:)s');
  });
});

const SECRET = 'hunter2hunter2';

/** A factory with a schema that refuses everything. */
const REFUSING = `
  const validate = (input) => ({ issues: Object.keys(input).map((key) => ({ message: 'Is wrong', path: [key] })) });
  export const main = Object.assign(() => 0, { options: { '~standard': { validate } } });
`;

/** No fault says the secret, neither in words nor in what it shows. */
async function assertHidden(act: () => Promise<unknown>, count: number): Promise<void> {
  const faults = await withEnvironment({ APPSERVE_SECRET: SECRET }, () => faultsOf(act()));
  assert.equal(faults.length, count, faults.map(pointed).join('\n'));
  for (const { message, hint, details, at, askedBy } of faults) {
    assert.match(message, /\*{8}/);
    assert.ok(!JSON.stringify([message, hint, details, at, askedBy]).includes(SECRET), message);
  }
}

describe('a secret is in no message', () => {
  const FILES = { 'refusing.mjs': REFUSING, secret: SECRET, ...SHAPES };
  const SECRETS = ['a = %(env:APPSERVE_SECRET)s', 'b = x-%(file:secret)s', 'c = %(a)s', 'd =', '  1', '  %(a)s'];

  it('about an option of a server', async () => {
    const ini =
      '[server:main]\nuse = @appserve/server#main\nsocket = :0\nworkers = %(env:APPSERVE_SECRET)s\nbacklog = %(file:secret)s\n';
    using folder = folderWith({ ...FILES, 'site.ini': ini });
    await assertHidden(() => loadServer('site.ini', { relativeTo: folder.path }), 2);
  });

  it('about a setting', async () => {
    using folder = folderWith({ ...FILES, 'site.ini': ['[app:main]', 'use = ./refusing.mjs', ...SECRETS].join('\n') });
    await assertHidden(() => loadApp('site.ini', { relativeTo: folder.path }), 4);
  });

  it('about a setting that was a global', async () => {
    const lines = ['[DEFAULT]', ...SECRETS, '[app:main]', 'use = ./refusing.mjs', 'get x = a', 'get y = c', 'z = %(b)s'];
    using folder = folderWith({ ...FILES, 'site.ini': lines.join('\n') });
    await assertHidden(() => loadApp('site.ini', { relativeTo: folder.path }), 3);
  });

  it('about a setting that was a global of an outer file', async () => {
    const lines = ['[app:main]', 'set secret = %(env:APPSERVE_SECRET)s', 'use = config:other.ini'];
    const other = '[app:main]\nuse = ./refusing.mjs\nget x = secret\ny = %(secret)s\n';
    using folder = folderWith({ ...FILES, 'site.ini': lines.join('\n'), 'other.ini': other });
    await assertHidden(() => loadApp('site.ini', { relativeTo: folder.path }), 2);
  });

  it('about a setting that a composite passed on', async () => {
    const lines = ['[DEFAULT]', 'secret = %(env:APPSERVE_SECRET)s', '[composite:main]', 'use = shapes#urls', '/ = a'];
    const child = ['[app:a]', 'use = ./refusing.mjs', 'get x = secret'];
    using folder = folderWith({ ...FILES, 'site.ini': [...lines, ...child].join('\n') });
    await assertHidden(() => loadApp('site.ini', { relativeTo: folder.path }), 1);
  });

  it('and is known as one in a plan', async () => {
    using folder = folderWith({ ...FILES, 'site.ini': ['[app:main]', 'use = ./refusing.mjs', ...SECRETS, 'e = 1'].join('\n') });
    const plan = await withEnvironment({ APPSERVE_SECRET: SECRET }, () => loadPlan('site.ini', { relativeTo: folder.path }));
    assert.ok(plan.type === 'factory');
    assert.deepEqual(
      plan.settings.map(({ key, isSecret }) => [key, isSecret]),
      [
        ['a', true],
        ['b', true],
        ['c', true],
        ['d', true],
        ['e', false],
      ],
    );
  });
});

/** `k0` refers so often to `k1`, that one to `k2`, and so on; the last one is `end`. */
function bomb(width: number, depth: number, end: string): string[] {
  const levels = Array.from({ length: depth }, (_, level) => `k${level} = ${`%(k${level + 1})s`.repeat(width)}`);
  return [...levels, `k${depth} = ${end}`];
}

describe('a value that grows', () => {
  /** Many times what is needed, and a small part of what a bomb would take. */
  const LIMIT_MS = 1_000;

  async function quickly<T>(act: () => Promise<T>): Promise<T> {
    const before = process.cpuUsage();
    const result = await act();
    // Not by the clock: others may be busy too.
    const { user, system } = process.cpuUsage(before);
    const tookMs = (user + system) / 1_000;
    assert.ok(tookMs < LIMIT_MS, `took ${Math.round(tookMs)} ms`);
    return result;
  }

  it('beyond a million characters is refused at the reference that is too much', async () => {
    const fault = await quickly(() => faultOf(settingsOf(...bomb(1_000, 9, 'x'))));
    assert.equal(fault.code, 'INTERPOLATION_TOO_LONG');
    assert.deepEqual(fault.details, { limit: 2 ** 20 } satisfies FaultDetails<'INTERPOLATION_TOO_LONG'>);
    assert.equal(fault.at?.line, 9);
  });

  it('up to a million characters is made', async () => {
    const settings = await quickly(() => settingsOf(...bomb(2 ** 10, 2, 'x')));
    assert.equal(settings['k0']?.length, 2 ** 20);
  });

  it('not at all is made at once, however often its parts are named', async () => {
    const settings = await quickly(() => settingsOf(...bomb(1_000, 9, '')));
    assert.equal(settings['k0'], '');
  });

  it('too deep is refused at once, however wide it is', async () => {
    for (const end of ['x', '']) {
      const faults = await quickly(() => faultsOf(settingsOf(...bomb(1_000, 20, end))));
      assert.ok(
        faults.some(({ code }) => code === 'INTERPOLATION_DEPTH'),
        faults.map(pointed).join(),
      );
    }
  });

  it('from a file counts as it is long', async () => {
    const fault = await quickly(() => faultOf(beside({ 'etc/s': 'a'.repeat(2 ** 19) }, 'x = %(file:s)s%(file:s)s%(file:s)s')));
    assert.equal(pointed(fault), 'INTERPOLATION_TOO_LONG 3:25 %(file:s)s');
  });
});
