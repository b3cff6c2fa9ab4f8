// What no file says: put into a file as it is read, and told to a server that no section names.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { appConfig, getSettings, loadServerSettings, type LoadOptions, type Said } from '@appserve/loader';
import { faultOf, faultsOf } from '../support/faults.ts';
import { appFactory, folderWith, type Tree } from '../support/packages.ts';
import { linkPackages } from '../support/temporary.ts';

const FILES: Tree = {
  'app.mjs': appFactory('main'),
  'server.mjs': 'export const bare = () => () => 1;\n',
  'site.ini': `[DEFAULT]
port = 80
[app:main]
use = config:base.ini
size = 2
[server:main]
use = @appserve/server#main
socket = 127.0.0.1:%(port)s
workers = 2
[server: bare ]
use = ./server.mjs#bare
`,
  'base.ini': '[app:main]\nuse = ./app.mjs\nsize = 1\n',
  'alone.ini': '[app:main]\nuse = ./app.mjs\n',
};

async function within<T>(ask: (options: LoadOptions) => Promise<T>, options: LoadOptions = {}): Promise<T> {
  using folder = folderWith(FILES);
  linkPackages(folder);
  return await ask({ relativeTo: folder.path, ...options });
}

function flag(key: string, value: string, more: Partial<Said> = {}): Said {
  return { to: 'server', layer: 'command line', by: `--${key}`, key, value, ...more } as Said;
}

const settled = (uri: string, said: readonly Said[], options: LoadOptions = {}): Promise<Record<string, unknown>> =>
  within(async (given) => (await loadServerSettings(uri, given)) as Record<string, unknown>, { said, ...options });

describe('what is said to the server', () => {
  it('wins by its layer, whatever its order', async () => {
    const said = [
      flag('workers', '5'),
      flag('workers', '4', { layer: 'environment' }),
      flag('workers', '3', { layer: 'preset' }),
    ];
    assert.equal((await settled('site.ini', said))['workers'], 5);
    assert.equal((await settled('site.ini', said.slice(1)))['workers'], 4);
  });

  it('is put in as it is: a percent sign is a percent sign', async () => {
    assert.equal((await settled('site.ini', [flag('pidfile', '/run/%(port)s%%.pid')]))['pidfile'], '/run/%(port)s%%.pid');
  });

  it('reaches the section that is asked for, however its name is written', async () => {
    const said = [flag('colour', 'red'), flag('shade', 'dark', { isOffer: true, layer: 'environment' })];
    assert.deepEqual(await settled('site.ini', said, { name: 'bare', server: 'bare' }), { colour: 'red' });
  });

  it('makes a server where the file has none, unless it is said to any server', async () => {
    assert.equal((await settled('alone.ini', [flag('port', '81'), flag('workers', '1')]))['port'], 81);
    const offer = flag('port', '81', { isOffer: true });
    const { code } = await within((options) => faultOf(loadServerSettings('alone.ini', { ...options, said: [offer] })));
    assert.equal(code, 'SECTION_MISSING');
  });

  it('may be another server: the section says nothing to it', async () => {
    const said = [
      flag('colour', 'red'),
      { to: 'server factory', layer: 'command line', by: '-s', value: './server.mjs#bare' } as const,
    ];
    assert.deepEqual(await settled('site.ini', said), { colour: 'red' });
  });

  it('is told to a server that no section names', async () => {
    const said = [
      flag('port', '81'),
      flag('workers', '1', { layer: 'preset', isOffer: true }),
      flag('nothing', '1', { isOffer: true }),
    ];
    const values = await settled('pkg:@appserve/server#main', said);
    assert.deepEqual([values['port'], values['workers'], values['socket']], [81, 1, undefined]);
  });

  it('takes the place of other spellings of a weaker layer only', async () => {
    assert.equal((await settled('site.ini', [flag('port', '81')]))['socket'], undefined);
    const both = [flag('port', '81', { layer: 'environment' }), flag('socket', '127.0.0.1:82')];
    assert.deepEqual((await settled('site.ini', both))['socket'], ['127.0.0.1:82']);
    const conflict = [flag('port', '81'), flag('socket', '127.0.0.1:82')];
    const faults = await within((options) => faultsOf(loadServerSettings('site.ini', { ...options, said: conflict })));
    assert.deepEqual(
      faults.map(({ code }) => code),
      ['OPTIONS_CONFLICT'],
    );
  });

  it('is known by what was typed, and by who asked', async () => {
    const said = [flag('workers', 'two')];
    const fault = await within((options) => faultOf(loadServerSettings('site.ini', { ...options, said })));
    assert.deepEqual(
      [fault.code, fault.message, fault.at, fault.askedBy],
      ['OPTION_INVALID', '--workers two: must be a whole number from 1 to 1024 or auto', undefined, ['[server:main] site.ini:6']],
    );
  });
});

function set(path: string, value: string): Said {
  return { to: 'section', layer: 'command line', by: `--set ${path}`, path, value };
}

describe('what is said to a section', () => {
  it('wins over the file, its includes, and is beside variables', async () => {
    const conf = await within((options) =>
      appConfig('site.ini', { ...options, said: [set('app:main.size', '3')], vars: { size: '4' } }),
    );
    assert.equal(conf.localConf['size'], '3');
  });

  it('is of the file that is asked for, not of what it includes', async () => {
    const said = [set('app:main.colour', 'red')];
    assert.deepEqual(await within((options) => getSettings('site.ini', 'app:main', { ...options, said })), {
      use: 'config:base.ini',
      size: '2',
      colour: 'red',
    });
  });

  it('may name what is used, as the file would', async () => {
    const said = [set('app:main.use', './app.mjs#nope')];
    const { code } = await within((options) =>
      faultOf(appConfig('site.ini', { ...options, said: [set('app:main.use', 'nope')] })),
    );
    assert.equal(code, 'SECTION_MISSING');
    // An export is looked for when the module is imported.
    assert.deepEqual((await within((options) => appConfig('site.ini', { ...options, said }))).localConf, { size: '2' });
  });

  it('is refused where there is no such section', async () => {
    for (const path of ['app:other.x', 'app:main', 'app:main.', '.x']) {
      const fault = await within((options) => faultOf(appConfig('site.ini', { ...options, said: [set(path, '1')] })));
      assert.deepEqual(
        [fault.code, fault.message.startsWith(`--set ${path}: site.ini has no section`)],
        ['SETTING_PATH_UNKNOWN', true],
      );
    }
  });
});
