// Any section as settings, also those that make nothing, and what a logging package gets of a file.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getSections, getSettings, setupLogging, type LoadOptions, type LoggingSections } from '@appserve/loader';
import { faultOf, faultsOf, pointed } from '../support/faults.ts';
import { folderWith } from '../support/packages.ts';

/** Asks of an ini in a folder of its own. */
async function asked<T>(lines: readonly string[], ask: (uri: string, options: LoadOptions) => Promise<T>): Promise<T> {
  using folder = folderWith({ 'site.ini': lines.join('\n') });
  return ask('site.ini', { relativeTo: folder.path });
}

describe('getSections', () => {
  it('gives all names in the order of the file, but not DEFAULT', async () => {
    const lines = ['[b]', '[DEFAULT]', 'x = 1', '[app: main ]', '[a.b]', '[__proto__]', '[1]'];
    assert.deepEqual(await asked(lines, getSections), ['b', 'app: main ', 'a.b', '__proto__', '1']);
  });

  it('gives none for an empty file', async () => assert.deepEqual(await asked([], getSections), []));
  it('gives none for what is no file', async () => assert.deepEqual(await getSections('egg:shop#main'), []));

  it('does not mind what the sections say', async () => {
    assert.deepEqual(await asked(['[DEFAULT]', 'x = %', '[app:main]', 'y = %(nope)s'], getSections), ['app:main']);
  });

  it('fails with the file', async () => {
    const { code } = await faultOf(getSections('nowhere.ini'));
    assert.equal(code, 'CONFIG_MISSING');
    assert.equal(pointed(await faultOf(asked(['[a'], getSections))), 'INI_NO_SECTION 1:1 [a');
  });

  it('fails with an address that is none', async () => assert.equal((await faultOf(getSections(''))).code, 'URI_INVALID'));
});

describe('getSettings', () => {
  const LINES = ['[DEFAULT]', 'root = /srv', '[pserve]', 'get port = http_port', 'set http_port = 80', 'data = %(root)s/data'];

  async function settings(section?: string, more: LoadOptions = {}, lines: readonly string[] = LINES): Promise<object> {
    return asked(lines, (uri, options) => getSettings(uri, section, { ...options, ...more }));
  }

  it('gives what a section says, with set and get done', async () => {
    assert.deepEqual(await settings('pserve'), { data: '/srv/data', port: '80' });
  });

  it('gives nothing for a section that is not there', async () => {
    for (const section of ['nothing', 'PSERVE', 'DEFAULT', '__proto__', 'main', ''])
      assert.deepEqual(await settings(section), {});
  });

  it('takes the section of the address where none is given', async () => {
    using folder = folderWith({ 'site.ini': LINES.join('\n') });
    const options = { relativeTo: folder.path };
    assert.deepEqual(await getSettings('config:site.ini#pserve', undefined, options), { data: '/srv/data', port: '80' });
    assert.deepEqual(await getSettings('site.ini#pserve', 'nothing', options), {});
    assert.deepEqual(await getSettings('site.ini', undefined, options), {});
  });

  it('knows no words of apps: all else is a setting', async () => {
    const lines = [
      '[alembic]',
      'use = x',
      'pipeline = a b',
      'next = y',
      'require = z',
      'paste.app_factory = q',
      'filter-with = f',
    ];
    assert.deepEqual(Object.keys(await settings('alembic', {}, lines)), [
      'use',
      'pipeline',
      'next',
      'require',
      'paste.app_factory',
      'filter-with',
    ]);
  });

  it('follows no use, and minds no kind of section', async () => {
    assert.deepEqual(await settings('app:main', {}, ['[app:main]', 'use = other', 'x = 1', '[app:other]', 'y = 2']), {
      use: 'other',
      x: '1',
    });
  });

  it('hears the command line and the caller', async () => {
    assert.deepEqual(await settings('pserve', { vars: { root: '/var', http_port: '81' } }), { data: '/var/data', port: '81' });
    const lines = ['[DEFAULT]', 'y = file', '[pserve]', 'get a = x', 'b = %(x)s', 'get c = y'];
    const globalConf = { x: '1', y: 'caller' };
    assert.deepEqual(await settings('pserve', { globalConf }, lines), { b: '1', a: '1', c: 'file' });
  });

  it('gives nothing for what is no file', async () => assert.deepEqual(await getSettings('egg:shop#main', 'pserve'), {}));

  it('shows what cannot be read, all of it', async () => {
    const faults = await faultsOf(settings('pserve', {}, ['[pserve]', 'a = %', 'get b = nope', 'c = %(nope)s']));
    assert.deepEqual(faults.map(pointed), [
      'INTERPOLATION_SYNTAX 2:5 %',
      'INTERPOLATION_MISSING 4:5 %(nope)s',
      'GLOBAL_MISSING 3:9 nope',
    ]);
    for (const { askedBy } of faults) assert.deepEqual(askedBy, ['[pserve] site.ini:1']);
  });
});

/** What the hook is given. */
async function logging(lines: readonly string[], options: LoadOptions = {}): Promise<readonly (LoggingSections | undefined)[]> {
  const given: (LoggingSections | undefined)[] = [];
  await asked(lines, async (uri, more) => setupLogging(uri, (sections) => void given.push(sections), { ...more, ...options }));
  return given;
}

describe('setupLogging', () => {
  const LINES = [
    '[DEFAULT]',
    'broken = %',
    '[loggers]',
    'keys = root, a.b',
    '[logger_root]',
    'LEVEL = WARN',
    'Handlers = console',
    '[logger_a.b]',
    'qualname = a.b',
    '[handlers]',
    'keys = console',
    '[handler_console]',
    "args = ('%(here)s/x.log',)",
    '[formatters]',
    'keys = generic',
    '[formatter_generic]',
    'Format = %(asctime)s %(message)s %%',
    'class = %(kind)s',
    'kind = plain',
    '[app:main]',
    'also_broken = %(nope)s',
    '[logging]',
    'x = %',
  ];

  it('gives the sections of logging, their keys in lower case, to the hook, once', async () => {
    using folder = folderWith({ 'site.ini': LINES.join('\n') });
    const given: (LoggingSections | undefined)[] = [];
    await setupLogging('site.ini', (sections) => void given.push(sections), { relativeTo: folder.path });
    assert.deepEqual(given, [
      {
        file: `${folder.path}/site.ini`,
        sections: {
          loggers: { keys: 'root, a.b' },
          logger_root: { level: 'WARN', handlers: 'console' },
          'logger_a.b': { qualname: 'a.b' },
          handlers: { keys: 'console' },
          handler_console: { args: `('${folder.path}/x.log',)` },
          formatters: { keys: 'generic' },
          formatter_generic: { format: '%(asctime)s %(message)s %%', class: 'plain', kind: 'plain' },
        },
      },
    ]);
  });

  it('gives nothing where there is no [loggers]', async () => {
    assert.deepEqual(await logging(LINES.filter((line) => line !== '[loggers]' && !line.startsWith('keys'))), [undefined]);
    const given: unknown[] = [];
    await setupLogging('egg:shop#main', (sections) => void given.push(sections));
    assert.deepEqual(given, [undefined]);
  });

  it('hears the command line', async () => {
    const [given] = await logging(['[loggers]', 'keys = root', '[logger_root]', 'level = %(level_name)s'], {
      vars: { level_name: 'DEBUG' },
    });
    assert.equal(given?.sections['logger_root']?.['level'], 'DEBUG');
  });

  it('waits for the hook, and fails as it fails', async () => {
    const failing = asked(['[loggers]'], async (uri, options) =>
      setupLogging(uri, async () => Promise.reject(new RangeError('no log')), options),
    );
    await assert.rejects(failing, RangeError);
  });

  it('shows all that is wrong in these sections, and calls no hook', async () => {
    const lines = ['[loggers]', 'keys = %', '[handler_x]', 'args = %(nope)s', '[other]', 'x = %', '[formatter_y]', 'format = %('];
    const called: unknown[] = [];
    const faults = await faultsOf(
      asked(lines, async (uri, options) => setupLogging(uri, (sections) => void called.push(sections), options)),
    );
    assert.deepEqual(faults.map(pointed), ['INTERPOLATION_SYNTAX 2:8 %', 'INTERPOLATION_MISSING 4:8 %(nope)s']);
    assert.deepEqual(called, []);
  });

  it('keeps names that JavaScript has for something else', async () => {
    const [given] = await logging(['[loggers]', '[logger___proto__]', '__PROTO__ = 1', 'constructor = 2']);
    assert.deepEqual(Object.entries(given!.sections['logger___proto__']!), [
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
  });
});
