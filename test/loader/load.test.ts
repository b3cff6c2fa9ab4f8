// What callers ask the loader for: an app, the same app as data, a server, or what a factory would be called with.

import assert from 'node:assert/strict';
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { describe, it } from 'node:test';
import type { Fault, FaultDetails } from '@appserve/core';
import type { App, AppSource, FactorySettings, GlobalConf } from '@appserve/core/app';
import { appConfig, loadApp, loadAppSource, loadServer } from '@appserve/loader';
import { faultOf, faultsOf, pointed } from '../support/faults.ts';
import { asNobody } from '../support/nobody.ts';
import { appFactory, folderWith, installed, type Tree } from '../support/packages.ts';

/** An app of appFactory: it shows what its factory was called with. */
type ShowingApp = App & { readonly from: string; readonly globalConf: GlobalConf; readonly settings: FactorySettings };

const SITE = `
[DEFAULT]
root = /srv

[app:main]
use = ./app.mjs#make
data = %(root)s/main

[app:admin]
use = ./app.mjs#make
data = %(root)s/admin
`;
const APP = appFactory('make');

describe('loadApp', () => {
  it('gives what the factory makes of the settings of its section and those of all', async () => {
    using folder = folderWith({ 'site.ini': SITE, 'app.mjs': APP });
    const { from, globalConf, settings } = (await loadApp('site.ini', { relativeTo: folder.path })) as ShowingApp;
    assert.equal(from, 'make');
    assert.deepEqual(globalConf, { here: folder.path, __file__: `${folder.path}/site.ini`, root: '/srv' });
    assert.deepEqual(settings, { data: '/srv/main' });
  });

  it('makes a new app every time', async () => {
    using folder = folderWith({ 'site.ini': SITE, 'app.mjs': APP });
    const options = { relativeTo: folder.path };
    assert.notEqual(await loadApp('site.ini', options), await loadApp('site.ini', options));
  });

  it('reads the file every time', async () => {
    using folder = folderWith({ 'site.ini': SITE, 'app.mjs': APP });
    const options = { relativeTo: folder.path };
    await loadApp('site.ini', options);
    writeFileSync(`${folder.path}/site.ini`, '[app:main]\nuse = ./app.mjs#make\nnew = 1\n');
    assert.deepEqual(((await loadApp('site.ini', options)) as ShowingApp).settings, { new: '1' });
  });

  it('waits for a factory that takes its time', async () => {
    const slow = 'export const make = async () => { await null; return Object.assign(() => new Response(), { from: "slow" }); };';
    using folder = folderWith({ 'site.ini': SITE, 'app.mjs': slow });
    assert.equal(((await loadApp('site.ini', { relativeTo: folder.path })) as ShowingApp).from, 'slow');
  });

  for (const factory of ['() => { throw new RangeError("no"); }', 'async () => { throw new RangeError("no"); }']) {
    it(`fails with the factory's own error as the cause: ${factory}`, async () => {
      using folder = folderWith({ 'site.ini': SITE, 'app.mjs': `export const make = ${factory};` });
      await assert.rejects(loadApp('site.ini', { relativeTo: folder.path }), (error: Fault) => {
        assert.equal(error.code, 'FACTORY_FAILED');
        assert.equal(error.message, `${folder.path}/app.mjs#make failed: no`);
        assert.ok(error.cause instanceof RangeError);
        return true;
      });
    });
  }

  it('calls the factory once, with two arguments', async () => {
    const counting =
      'export function make(...given) { return Object.assign(() => 0, { from: `${given.length} ${++make.calls}` }); } make.calls = 0;';
    using folder = folderWith({ 'site.ini': SITE, 'app.mjs': counting });
    assert.equal(((await loadApp('site.ini', { relativeTo: folder.path })) as ShowingApp).from, '2 1');
  });

  it('gives settings as an object of their own', async () => {
    using folder = folderWith({ 'site.ini': SITE, 'app.mjs': APP });
    const options = { relativeTo: folder.path };
    const first = (await loadApp('site.ini', options)) as ShowingApp;
    const second = (await loadApp('site.ini', options)) as ShowingApp;
    assert.notEqual(first.settings, second.settings);
  });
});

/** The setting `data` of the app that is found. */
async function found(uri: string, options: { name?: string; relativeTo?: string } = {}): Promise<string | undefined> {
  using folder = folderWith({ 'etc/site.ini': SITE, 'etc/app.mjs': APP });
  const { localConf } = await appConfig(uri.replace('HERE', folder.path), { relativeTo: folder.path, ...options });
  return localConf['data'];
}

describe('the address of an app', () => {
  it('is a path', async () => assert.equal(await found('etc/site.ini'), '/srv/main'));
  it('may have a scheme', async () => assert.equal(await found('config:etc/site.ini'), '/srv/main'));
  it('may have a name', async () => assert.equal(await found('etc/site.ini#admin'), '/srv/admin'));
  it('may have both', async () => assert.equal(await found('config:etc/site.ini#admin'), '/srv/admin'));
  it('may be absolute', async () =>
    assert.equal(await found('HERE/etc/site.ini#admin', { relativeTo: '/nowhere' }), '/srv/admin'));
  it('may be followed by a name', async () => assert.equal(await found('etc/site.ini', { name: 'admin' }), '/srv/admin'));
  it('has a name that wins over the one in it', async () => {
    assert.equal(await found('etc/site.ini#nothing', { name: 'admin' }), '/srv/admin');
  });

  it('is relative to the working directory where nothing else is said', async () => {
    using folder = folderWith({ 'site.ini': SITE, 'app.mjs': APP });
    const { globalConf, localConf } = await appConfig(relative(process.cwd(), `${folder.path}/site.ini`));
    assert.equal(globalConf['here'], folder.path);
    assert.equal(localConf['data'], '/srv/main');
  });

  it('may be relative to what is relative to the working directory', async () => {
    using folder = folderWith({ 'site.ini': SITE, 'app.mjs': APP });
    const { globalConf } = await appConfig('site.ini', { relativeTo: relative(process.cwd(), folder.path) });
    assert.equal(globalConf['here'], folder.path);
  });

  it('is the same for a server', async () => {
    using folder = folderWith({
      'site.ini': '[server:tcp]\nuse = ./s.mjs#make\n',
      's.mjs': 'const done = Promise.resolve(); export const make = () => () => ({ url: "tcp:", ready: done, closed: done });',
    });
    const source = { module: '', export: '', args: undefined };
    for (const [uri, name] of [['site.ini#tcp'], ['site.ini', 'tcp']] as const) {
      const start = await loadServer(uri, { relativeTo: folder.path, name });
      assert.equal((await start(source)).url, 'tcp:');
    }
  });

  for (const uri of ['', '#main', 'config:', 'config:#main']) {
    it(`may not be ${JSON.stringify(uri)}`, async () => {
      const fault = await faultOf(loadApp(uri));
      assert.equal(fault.code, 'URI_INVALID');
      assert.equal((fault.details as FaultDetails<'URI_INVALID'>).uri, uri);
    });
  }
});

/** The fault of loading `site.ini` from a folder. */
async function refused(files: Tree, path = 'site.ini'): Promise<string> {
  using folder = folderWith(files);
  const { code, details, at, blame } = await faultOf(loadApp(path, { relativeTo: folder.path }));
  assert.equal(blame, 'config');
  const { path: shown, why } = details as FaultDetails<'CONFIG_UNREADABLE'>;
  const place = at === undefined ? '' : `:${at.line}:${at.column}`;
  return `${code} ${shown}${place}${why === undefined ? '' : `: ${why}`}`;
}

describe('a file that cannot be read', () => {
  it('may be missing', async () => assert.equal(await refused({}), 'CONFIG_MISSING site.ini'));
  it('is called as the caller calls it', async () => {
    assert.equal(await refused({}, 'config:./etc/../no.ini#admin'), 'CONFIG_MISSING ./etc/../no.ini');
  });
  it('may be below something that is no folder', async () => {
    assert.equal(await refused({ etc: '' }, 'etc/site.ini'), 'CONFIG_MISSING etc/site.ini');
  });
  it('may be a folder', async () => {
    assert.equal(await refused({ 'site.ini/x': '' }), 'CONFIG_UNREADABLE site.ini: it is a folder');
  });

  for (const [what, bytes, place] of [
    ['latin-1', Buffer.from('[app:main]\n# caf\u00e9\n', 'latin1'), '2:6'],
    ['UTF-16 with a byte order mark', Buffer.from('\ufeff[app:main]\n', 'utf16le'), '1:1'],
    ['cut within a character', Buffer.from('# \u20ac').subarray(0, 4), '1:3'],
    ['an overlong form', Buffer.from([0x23, 0xc0, 0x80]), '1:2'],
    ['half a surrogate pair', Buffer.from([0x23, 0xed, 0xa0, 0x80]), '1:2'],
  ] as const) {
    it(`may be ${what}, not UTF-8`, async () => {
      assert.equal(await refused({ 'site.ini': bytes }), `CONFIG_UNREADABLE site.ini:${place}: it is not UTF-8`);
    });
  }

  it('may be a link to itself', async () => {
    using folder = folderWith({});
    symlinkSync('site.ini', `${folder.path}/site.ini`);
    const { code, cause } = await faultOf(loadApp('site.ini', { relativeTo: folder.path }));
    assert.equal(code, 'CONFIG_UNREADABLE');
    assert.equal((cause as NodeJS.ErrnoException).code, 'ELOOP');
  });

  it('may be somebody else’s', async () => {
    using folder = folderWith({ 'site.ini': SITE });
    chmodSync(`${folder.path}/site.ini`, 0);
    const { code, details } = await asNobody(() => faultOf(loadApp('site.ini', { relativeTo: folder.path })));
    assert.equal(code, 'CONFIG_UNREADABLE');
    assert.equal((details as FaultDetails<'CONFIG_UNREADABLE'>).why, 'permission denied');
  });
});

/** What a worker does with what it was sent. */
async function inWorker({ module, export: name, args }: AppSource): Promise<ShowingApp> {
  const exports = (await import(module)) as Record<string, (args: unknown) => Promise<{ readonly app: ShowingApp }>>;
  return (await exports[name]!(args)).app;
}

describe('loadAppSource', () => {
  it('gives data that crosses the wall of a thread', async () => {
    using folder = folderWith({ 'site.ini': SITE, 'app.mjs': APP });
    const source = await loadAppSource('site.ini', { relativeTo: folder.path });
    assert.deepEqual(structuredClone(source), source);
    assert.match(source.module, /^file:/);
  });

  it('makes the app that loadApp makes', async () => {
    using folder = folderWith({ 'site.ini': SITE, 'app.mjs': APP });
    const options = { relativeTo: folder.path, name: 'admin', vars: { root: '/var', '50%': '%(x)s' } };
    const here = (await loadApp('site.ini', options)) as ShowingApp;
    const there = await inWorker(structuredClone(await loadAppSource('site.ini', options)));
    assert.deepEqual([there.from, there.globalConf, there.settings], [here.from, here.globalConf, here.settings]);
    assert.deepEqual(there.settings, { data: '/var/admin' });
  });

  it('lets no app change what others share, in a worker as in the main thread', async () => {
    using folder = folderWith({ 'site.ini': SITE, 'app.mjs': APP });
    const options = { relativeTo: folder.path };
    assert.ok(Object.isFrozen(((await loadApp('site.ini', options)) as ShowingApp).globalConf));
    assert.ok(Object.isFrozen((await inWorker(structuredClone(await loadAppSource('site.ini', options)))).globalConf));
  });

  it('keeps names that JavaScript has for something else', async () => {
    const ini = '[app:main]\nuse = ./app.mjs#make\n__proto__ = 1\nconstructor = 2\n';
    using folder = folderWith({ 'site.ini': ini, 'app.mjs': APP });
    const vars = Object.fromEntries([['__proto__', '3']]);
    const app = await inWorker(structuredClone(await loadAppSource('site.ini', { relativeTo: folder.path, vars })));
    assert.deepEqual(Object.entries(app.settings), [
      ['__proto__', '3'],
      ['constructor', '2'],
    ]);
    assert.deepEqual(Object.entries(app.globalConf).at(-1), ['__proto__', '3']);
  });

  it('makes as many apps as there are workers', async () => {
    using folder = folderWith({ 'site.ini': SITE, 'app.mjs': APP });
    const source = await loadAppSource('site.ini', { relativeTo: folder.path });
    assert.notEqual(await inWorker(source), await inWorker(source));
  });

  it('imports nothing of the app', async () => {
    using folder = folderWith({ 'site.ini': SITE, 'app.mjs': 'throw new Error("imported");' });
    const source = await loadAppSource('site.ini', { relativeTo: folder.path });
    const fault = await faultOf(inWorker(structuredClone(source)));
    assert.equal(pointed(fault), 'MODULE_FAILED 6:7 ./app.mjs#make');
    assert.deepEqual(fault.askedBy, ['[app:main] site.ini:5']);
  });

  it('fails where the plan fails, before there is a worker', async () => {
    using folder = folderWith({ 'site.ini': SITE });
    assert.equal(
      pointed(await faultOf(loadAppSource('site.ini', { relativeTo: folder.path }))),
      'MODULE_MISSING 6:7 ./app.mjs#make',
    );
  });

  it('leaves a wrong export to the worker, which says where it is asked for', async () => {
    using folder = folderWith({ 'site.ini': SITE, 'app.mjs': appFactory('makes') });
    const source = await loadAppSource('site.ini#admin', { relativeTo: folder.path });
    const fault = await faultOf(inWorker(structuredClone(source)));
    assert.equal(pointed(fault), 'EXPORT_MISSING 10:7 ./app.mjs#make');
    assert.equal(fault.at?.text, 'use = ./app.mjs#make');
    assert.deepEqual(fault.askedBy, ['[app:admin] site.ini:9']);
  });
});

describe('appConfig', () => {
  it('gives what the factory would be called with', async () => {
    using folder = folderWith({ 'site.ini': SITE, 'app.mjs': APP });
    const options = { relativeTo: folder.path, vars: { extra: '1' } };
    const { globalConf, settings } = (await loadApp('site.ini', options)) as ShowingApp;
    assert.deepEqual(await appConfig('site.ini', options), { globalConf, localConf: settings });
  });

  it('imports nothing', async () => {
    using folder = folderWith({ 'site.ini': SITE, 'app.mjs': 'throw new Error("imported");' });
    assert.deepEqual((await appConfig('site.ini', { relativeTo: folder.path })).localConf, { data: '/srv/main' });
  });

  it('is not confused by the server of the file', async () => {
    using folder = folderWith({ 'site.ini': `${SITE}\n[server:main]\nuse = no-such-package#main\n`, 'app.mjs': APP });
    assert.deepEqual((await appConfig('site.ini', { relativeTo: folder.path })).localConf, { data: '/srv/main' });
  });
});

const SOURCE: AppSource = { module: 'file:///app.mjs', export: 'make', args: { any: 'thing' } };

/** A server that is only what it was called with. */
interface ShowingServer {
  readonly source: AppSource;
  readonly globalConf: GlobalConf;
  readonly settings: Readonly<Record<string, unknown>>;
}

const SERVERS = {
  appserve: {
    server_runner: { run: './s.mjs#run', described: './s.mjs#described' },
    server_factory: { make: './s.mjs#make', describedToo: './s.mjs#describedToo' },
  },
};
const SERVER_MODULE = `
  import { count, option, required, seconds, text } from ${JSON.stringify(import.meta.resolve('@appserve/core/options'))};

  const handle = { url: '', ready: Promise.resolve(), closed: Promise.resolve() };
  export const run = (source, globalConf, settings) => ({ ...handle, source, globalConf, settings });
  export const make = async (globalConf, settings) => (source) => ({ ...handle, source, globalConf, settings });

  const options = {
    socket: option(text('an address'), required, 'where'),
    workers: option(count({ min: 1 }), '2', 'how many'),
    head_timeout: option(seconds(), '30', 'how long'),
  };
  export const described = Object.assign((...given) => run(...given), {
    options,
    check({ values, origins }) {
      if (values.workers === 13) throw new RangeError(\`\${origins.workers.layer}:\${origins.workers.at.line}\`);
    },
  });
  export const describedToo = Object.assign((...given) => make(...given), { options });
`;

/** Loads `[server:main]` and starts it. */
async function serve(ini: string, vars: GlobalConf = {}): Promise<ShowingServer> {
  using folder = folderWith({ 'site.ini': ini, ...installed('s', SERVERS, { 's.mjs': SERVER_MODULE }) });
  const start = await loadServer('site.ini', { relativeTo: folder.path, vars });
  return (await start(SOURCE)) as unknown as ShowingServer;
}

describe('loadServer', () => {
  for (const name of ['run', 'make']) {
    it(`gives what serves an app: ${name}`, async () => {
      const ini = `[DEFAULT]\nroot = /srv\n[server:main]\nuse = s#${name}\nsocket = %(root)s/http.sock\nworkers = 4\n`;
      const { source, globalConf, settings } = await serve(ini, { extra: '1' });
      assert.deepEqual(source, SOURCE);
      assert.deepEqual(Object.entries(globalConf).slice(2), [
        ['root', '/srv'],
        ['extra', '1'],
      ]);
      assert.deepEqual(settings, { socket: '/srv/http.sock', workers: '4' });
    });
  }

  it('starts nothing yet', async () => {
    const files = { 's.mjs': 'export const run = () => { throw new Error("started"); };' };
    const ini = '[server:main]\nuse = s#main\n';
    using folder = folderWith({
      'site.ini': ini,
      ...installed('s', { appserve: { server_runner: { main: './s.mjs#run' } } }, files),
    });
    const start = await loadServer('site.ini', { relativeTo: folder.path });
    const { code, cause } = await faultOf(Promise.resolve(start(SOURCE)));
    assert.deepEqual([code, (cause as Error).message], ['FACTORY_FAILED', 'started']);
  });

  it('needs no app in the file', async () => {
    assert.deepEqual((await serve('[server]\nuse = s#run\n')).settings, {});
  });

  it('takes a file beside the ini for a factory', async () => {
    const handle = 'url: "", ready: Promise.resolve(), closed: Promise.resolve()';
    using folder = folderWith({
      'site.ini': '[server:main]\nuse = ./s.mjs\na = 1\n',
      's.mjs': `export const main = (globalConf, settings) => () => ({ ${handle}, settings });`,
    });
    const start = await loadServer('site.ini', { relativeTo: folder.path });
    assert.deepEqual(((await start(SOURCE)) as unknown as ShowingServer).settings, { a: '1' });
  });

  it('fails as the factory fails', async () => {
    using folder = folderWith({
      'site.ini': '[server:main]\nuse = ./s.mjs\n',
      's.mjs': 'export const main = async () => { throw new RangeError("no"); };',
    });
    const fault = await faultOf(loadServer('site.ini', { relativeTo: folder.path }));
    assert.equal(pointed(fault), 'FACTORY_FAILED 2:7 ./s.mjs');
    assert.ok(fault.cause instanceof RangeError);
  });

  for (const [made, type] of [
    ['7', 'number'],
    ['null', 'null'],
    ['{}', 'object'],
  ] as const) {
    it(`says that what the factory makes serves nothing: ${made}`, async () => {
      using folder = folderWith({
        'site.ini': '[server:main]\nuse = ./s.mjs\n',
        's.mjs': `export const main = async () => (${made});`,
      });
      const fault = await faultOf(loadServer('site.ini', { relativeTo: folder.path }));
      assert.equal(pointed(fault), 'NOT_A_SERVER 2:7 ./s.mjs');
      assert.deepEqual(fault.details, { module: `${folder.path}/s.mjs`, name: 'main', found: type });
    });
  }

  it('says what is wrong with the export', async () => {
    const fault = await faultOf(serve('[server:main]\nuse = s#nothing\n'));
    assert.equal(pointed(fault), 'ENTRY_POINT_MISSING 2:7 s#nothing');
  });
});

describe('a server with a table of options', () => {
  for (const name of ['described', 'describedToo']) {
    it(`gets settled values: ${name}`, async () => {
      const { settings } = await serve(`[server:main]\nuse = s#${name}\nsocket = :80\nhead_timeout = 500ms\n`);
      assert.deepEqual(settings, { socket: ':80', workers: 2, headTimeoutMs: 500 });
    });
  }

  it('gets those of the command line', async () => {
    const { settings } = await serve('[server:main]\nuse = s#described\nsocket = :80\nworkers = 2\n', { workers: '3' });
    assert.equal(settings['workers'], 3);
  });

  it('is not made when a value of the command line is wrong, and the file is not blamed for it', async () => {
    const ini = '[server:main]\nuse = s#described\nsocket = :80\nworkers = 2\n';
    const fault = await faultOf(serve(ini, { workers: 'many' }));
    assert.equal((fault.details as FaultDetails<'OPTION_INVALID'>).value, 'many');
    assert.notEqual(fault.at?.text, 'workers = 2');
  });

  it('gets them from all sections that were used', async () => {
    const { settings } = await serve(
      '[server:main]\nuse = base\nworkers = 3\n[server:base]\nuse = s#described\nsocket = :80\nworkers = x\n',
    );
    assert.deepEqual(settings, { socket: ':80', workers: 3, headTimeoutMs: 30_000 });
  });

  it('is not made when a value is wrong: the line and the section are named', async () => {
    const fault = await faultOf(serve('[server:main]\nuse = s#described\nsocket = :80\nworkers =  many\n'));
    assert.equal(pointed(fault), 'OPTION_INVALID 4:1 workers');
    assert.equal(fault.at?.text, 'workers =  many');
    assert.deepEqual(fault.askedBy, ['[server:main] site.ini:1']);
  });

  it('is not made with an option that it has not: the one that was probably meant is named', async () => {
    const fault = await faultOf(serve('[server:main]\nuse = s#described\nsocket = :80\nwokers = 1\n'));
    assert.equal(pointed(fault), 'OPTION_UNKNOWN 4:1 wokers');
    assert.equal((fault.details as FaultDetails<'OPTION_UNKNOWN'>).nearest, 'workers');
  });

  it('is not made without an option that must be: the section is shown', async () => {
    const fault = await faultOf(serve('\n[server:main]\nuse = s#described\n'));
    assert.equal(pointed(fault), 'OPTION_REQUIRED 2:1 [server:main]');
    assert.equal((fault.details as FaultDetails<'OPTION_REQUIRED'>).key, 'socket');
  });

  it('says all that is wrong in one go, each where it stands', async () => {
    const ini = '[server:main]\nuse = base\nworkers = 0\n[server:base]\nuse = s#described\nhead_timeout = soon\nnonsense = 1\n';
    const faults = await faultsOf(serve(ini));
    assert.deepEqual(faults.map(pointed).toSorted(), [
      'OPTION_INVALID 3:1 workers',
      'OPTION_INVALID 6:1 head_timeout',
      'OPTION_REQUIRED 4:1 [server:base]',
      'OPTION_UNKNOWN 7:1 nonsense',
    ]);
  });

  it('may check how options go together, and is told where they come from', async () => {
    const { code, cause } = await faultOf(serve('[server:main]\nuse = s#described\nsocket = :80\nworkers = 13\n'));
    assert.deepEqual([code, (cause as Error).message], ['FACTORY_FAILED', 'site.ini:4']);
  });
});
