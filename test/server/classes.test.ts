// handler_class and environ_class: how they are named in an ini and in a script, where they are found, and what is said when not.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { GatewayHandler, SecureEnviron, type Environ, type GatewayApp } from '@appserve/core/app';
import { loadApp, loadServerSettings } from '@appserve/loader';
import { createHttpServer } from '@appserve/server';
import { get, ok } from '../support/apps.ts';
import { Command } from '../support/command.ts';
import { faultOf, faultsOf } from '../support/faults.ts';
import { folderWith, installed, type Tree } from '../support/packages.ts';
import { RawClient } from '../support/raw-client.ts';
import { inRepository } from '../support/repository.ts';
import { linkPackages } from '../support/temporary.ts';

const TIMEOUT = { timeout: 120_000, concurrency: 2 };

const APP = `import { inspect } from 'node:util';
export const main = () => (environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  if (environ.PATH_INFO === '/fail') throw new Error('my own fault');
  return [Buffer.from(environ['shop.currency'] ?? inspect(environ))];
};
`;

function ini(...lines: readonly string[]): string {
  const server = ['[server:main]', 'use = @appserve/server#main', 'socket = 127.0.0.1:0', 'workers = 1', ...lines];
  return ['[app:main]', 'use = ./app.js', ...server, ''].join('\n');
}

/** A file of the page, as the page has it. */
function ofPage(name: string): string {
  const page = readFileSync(inRepository('docs/reference/gateway.md'), 'utf8');
  return new RegExp(`^\`\`\`js ${name.replace('.', '\\.')}\n(.*?)^\`\`\``, 'ms').exec(page)![1]!;
}

const FOLDER: Tree = { 'package.json': { type: 'module' }, 'app.js': APP };

/** What `appserve site.ini`, or a script, answers to GET PATH, and what it says. */
async function served(tree: Tree, path = '/', script?: string): Promise<{ body: string; told: string }> {
  const folder = folderWith({ ...FOLDER, ...tree });
  // Of these, one brings packages of its own.
  if (!Object.keys(tree).some((name) => name.startsWith('node_modules'))) linkPackages(folder);
  const options = { cwd: folder.path, env: { APPSERVE_CACHE: `${folder.path}/cache` } };
  try {
    await using command = script === undefined ? Command.appserve(['site.ini'], options) : Command.node([script], options);
    const body = (await command.get(path))?.body ?? '';
    command.signal('SIGINT');
    await command.ending();
    return { body, told: command.stdout + command.stderr };
  } finally {
    folder[Symbol.dispose]();
  }
}

describe('handler_class', TIMEOUT, () => {
  it('is a class in a file beside the ini: that of the page', async () => {
    const tree = { 'site.ini': ini('handler_class = ./handler.js#ShopHandler'), 'handler.js': ofPage('handler.js') };
    assert.equal((await served(tree)).body, 'EUR');
    const { body, told } = await served(tree, '/fail');
    assert.equal(body, 'The shop is closed for a moment.\n');
    assert.match(told, /127\.0\.0\.1 "GET \/fail HTTP\/1\.1" 200 0: Error: my own fault$/m);
    assert.match(told, /ERROR \[appserve\]\[worker-1\] {5}at ShopHandler\.app /);
    assert.match(told, /^127\.0\.0\.1 "GET \/fail HTTP\/1\.1" 500 33 [0-9]+ ms$/m);
  });

  for (const kind of ['process', 'inline']) {
    it(`is imported where the app is: worker_class = ${kind}`, async () => {
      const lines = ['handler_class = ./handler.js#ShopHandler', `worker_class = ${kind}`];
      const tree = { 'site.ini': ini(...lines), 'handler.js': ofPage('handler.js') };
      assert.equal((await served(tree)).body, 'EUR');
    });
  }

  it('may be TypeScript, also where the app is not', async () => {
    const source = `import { GatewayHandler, type Environ } from '@appserve/core/app';
      enum Currency { EUR = 'euro' }
      export class Handler extends GatewayHandler {
        override getEnviron(): Environ { return Object.assign(super.getEnviron(), { 'shop.currency': Currency.EUR }); }
      }`;
    const tree = { 'site.ini': ini('handler_class = ./handlers/own.ts#Handler'), 'handlers/own.ts': source };
    assert.equal((await served(tree)).body, 'euro');
  });

  it('begins its path at the file that names it, also where another one uses that', async () => {
    const tree = {
      'site.ini': '[app:main]\nuse = ./app.js\n[server:main]\nuse = config:conf/server.ini\nsocket = 127.0.0.1:0\n',
      'conf/server.ini': ini('handler_class = ./own.js#Own'),
      'conf/own.js': `import { GatewayHandler } from '@appserve/core/app';
        export class Own extends GatewayHandler { finalizeHeaders() { return [['Content-Length', '2']]; } runApplication() {
          this.startResponse('200 OK', []); return [Buffer.from('ok')]; } }`,
    };
    assert.equal((await served(tree)).body, 'ok');
  });

  it('is named by a URL from a script', async () => {
    const script = `import { serve } from '@appserve/server';
      import { main } from './app.js';
      const handlerClass = new URL('./handler.js#ShopHandler', import.meta.url);
      await serve(main(), { socket: '127.0.0.1:0', handlerClass });`;
    assert.equal((await served({ 'server.js': script, 'handler.js': ofPage('handler.js') }, '/', 'server.js')).body, 'EUR');
  });
});

describe('environ_class', TIMEOUT, () => {
  for (const [name, printed] of [
    ['SecureEnviron', /^<SecureEnviron \(keys: [0-9]+\)>$/],
    ['WSGISecureEnviron', /^WSGISecureEnviron \{.*\} \(hidden keys: [0-9]+\)$/s],
  ] as const) {
    it(`is @appserve/core#${name}`, async () => {
      assert.match((await served({ 'site.ini': ini(`environ_class = @appserve/core#${name}`) })).body, printed);
    });
  }
});

describe('environ_class of one’s own', TIMEOUT, () => {
  it('shows what it lists: that of the page', async () => {
    const tree = { 'site.ini': ini('environ_class = ./environ.js#ShopEnviron'), 'environ.js': ofPage('environ.js') };
    const { body } = await served(tree, '/a');
    assert.match(body, /^ShopEnviron \{ REQUEST_METHOD: 'GET', PATH_INFO: '\/a' \} \(hidden keys: [0-9]+\)$/);
  });
});

const PACKAGE = {
  ...installed(
    'shop',
    { type: 'module', main: './main.js', appserve: { handler_class: { fast: './fast.js#Fast' } } },
    { 'main.js': 'export class Fast {}', 'fast.js': 'export class Fast {}' },
  ),
  ...installed('plain', { type: 'module', main: './main.js' }, { 'main.js': 'export class Fast {}' }),
};

async function settingsOf(line: string, tree: Tree = {}): Promise<{ handlerClass: { module: string; export: string } }> {
  using folder = folderWith({ ...FOLDER, 'site.ini': ini(line), ...tree });
  const settings = (await loadServerSettings('site.ini', { relativeTo: folder.path })) as never;
  const { handlerClass } = settings as { handlerClass: { module: string; export: string } };
  return { handlerClass: { ...handlerClass, module: handlerClass.module.replace(`file://${folder.path}`, '') } };
}

describe('what a class is called', TIMEOUT, () => {
  for (const [line, module, name] of [
    ['shop#fast', '/node_modules/shop/fast.js', 'Fast'],
    ['shop#Fast', '/node_modules/shop/main.js', 'Fast'],
    ['egg:shop#fast', '/node_modules/shop/fast.js', 'Fast'],
    ['plain#Fast', '/node_modules/plain/main.js', 'Fast'],
    ['call:plain:Fast', '/node_modules/plain/main.js', 'Fast'],
    ['./own.js#Shop.Own', '/own.js', 'Shop.Own'],
    ['call:./own.js:Own', '/own.js', 'Own'],
  ] as const) {
    it(`${line} is ${name} in ${module}`, async () => {
      const { handlerClass } = await settingsOf(`handler_class = ${line}`, { ...PACKAGE, 'own.js': '' });
      assert.equal(handlerClass.module, module);
      assert.equal(handlerClass.export, name);
    });
  }

  for (const [line, code] of [
    ['./missing.js#Own', 'MODULE_MISSING'],
    ['missing#Own', 'PACKAGE_MISSING'],
    ['main', 'OPTION_INVALID'],
    ['config:other.ini', 'OPTION_INVALID'],
    ['http://a/#Own', 'USE_INVALID'],
  ] as const) {
    it(`${line} is refused at its line: ${code}`, async () => {
      const fault = await faultOf(settingsOf(`handler_class = ${line}`));
      assert.deepEqual([fault.code, fault.at?.line], [code, 7]);
    });
  }

  it('is refused together with what else is wrong', async () => {
    const faults = await faultsOf(settingsOf('handler_class = ./missing.js\nbacklog = none\nenviron_class = gone#A'));
    assert.deepEqual(new Set(faults.map(({ code }) => code)), new Set(['MODULE_MISSING', 'OPTION_INVALID', 'PACKAGE_MISSING']));
  });

  it('that stands where an app belongs is told where it belongs', async () => {
    using folder = folderWith({ 'site.ini': '[app:main]\nuse = @appserve/core#SecureEnviron\n' });
    const { hint } = await faultOf(loadApp('site.ini', { relativeTo: folder.path }));
    assert.equal(hint, '@appserve/core#SecureEnviron is for the option environ_class of a server');
  });

  for (const [name, source, said] of [
    ['an object', 'export const Own = {};', 'no class with a method handle'],
    ['an arrow function', 'export const Own = () => undefined;', 'no class with a method handle'],
    ['a class of another kind', 'export class Own {}', 'no class with a method handle'],
    ['not there', 'export class Other {}', 'own.js does not export Own'],
    ['a module that throws', 'throw new Error("at import");', 'at import'],
  ] as const) {
    it(`of ${name} ends the start, at its line`, async () => {
      using folder = folderWith({ ...FOLDER, 'site.ini': ini('handler_class = ./own.js#Own'), 'own.js': source });
      await using command = Command.appserve(['site.ini'], { cwd: folder.path });
      assert.notEqual((await command.ending()).code, 0);
      assert.ok(command.stderr.includes(said), command.stderr);
      assert.match(command.stderr, /site\.ini:7:1: /);
    });
  }
});

const showing: GatewayApp = (environ, startResponse) =>
  ok(startResponse, `${String(environ['shop.currency'])} ${inspect(environ)}`);

describe('createHttpServer', TIMEOUT, () => {
  it('takes the classes themselves', async () => {
    class Own extends GatewayHandler {
      override getEnviron(): Environ {
        return Object.assign(super.getEnviron(), { 'shop.currency': 'EUR' });
      }
    }
    await using server = await createHttpServer(showing, { handlerClass: Own, environClass: SecureEnviron });
    const address = await server.listen('127.0.0.1:0');
    await using client = await RawClient.connect(address.type === 'tcp' ? address.port : 0);
    await client.send(get('/'));
    assert.match((await client.response())!.body, /^EUR <SecureEnviron \(keys: [0-9]+\)>$/);
  });
});
