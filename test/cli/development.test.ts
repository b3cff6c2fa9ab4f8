// appserve --reload, with real files, workers and clients: what changes is served, what is broken is shown, and nobody is refused.

import assert from 'node:assert/strict';
import { renameSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Crowd } from '../support/crowd.ts';
import { Developed, saying } from '../support/developed.ts';

/** Of each suite: each of its tests starts processes, and ends with the lifetime of these. */
const TIMEOUT = { timeout: 240_000, concurrency: 2 };
/** They ask without pause; more of them would only leave less for the server. */
const CLIENTS = 3;

const IMPORTING = `
import { text } from './lib/text.mjs';
import common from './lib/common.cjs';
import data from './lib/data.json' with { type: 'json' };
export const makeApp = () => () => new Response(text + common.text + data.text);
`;

const LIB = {
  'lib/text.mjs': 'export const text = "a";',
  'lib/common.cjs': 'exports.text = require("./inner").text;',
  'lib/inner.js': 'exports.text = "b";',
  'lib/package.json': '{ "type": "commonjs" }',
  'lib/data.json': '{ "text": "c" }',
};

function configModule(greet: string): string {
  return `export default { 'app:main': { use: './app.mjs#makeApp', greet: '${greet}' }, 'server:main': { use: '@appserve/server#main', socket: '127.0.0.1:0', workers: 1 } };`;
}

describe('--reload serves what has changed', TIMEOUT, () => {
  it('of modules of both kinds, and JSON', async () => {
    await using dev = new Developed({ 'app.mjs': IMPORTING, ...LIB });
    await dev.command.url();
    assert.equal(await dev.body(), 'abc');
    dev.write('lib/text.mjs', 'export const text = "A";');
    await dev.reloaded(1);
    assert.equal(await dev.body(), 'Abc');
    dev.write('lib/inner.js', 'exports.text = "B";');
    await dev.reloaded(2);
    assert.equal(await dev.body(), 'ABc');
    dev.write('lib/data.json', '{ "text": "C" }');
    await dev.reloaded(3);
    assert.equal(await dev.body(), 'ABC');
  });

  it('of TypeScript, of both kinds, and its tsconfig', async () => {
    await using dev = new Developed({
      'app.ini':
        '[app:main]\nuse = ./app.ts#makeApp\n[server:main]\nuse = @appserve/server#main\nsocket = 127.0.0.1:0\nworkers = 1\n',
      'package.json': '{ "type": "module" }',
      'app.ts':
        'import { text } from "#text"; import { inner } from "inner"; export const makeApp = () => () => new Response(text as string + inner);',
      'text.cts': 'export const text: string = "a";',
      'lib/inner.ts': 'export const inner: string = "b";',
      'other/inner.ts': 'export const inner: string = "B";',
      'tsconfig.json': '{ "compilerOptions": { "paths": { "#text": ["./text.cts"], "inner": ["./lib/inner.ts"] } } }',
    });
    await dev.command.url();
    assert.equal(await dev.body(), 'ab');
    dev.write('text.cts', 'export const text: string = "A";');
    await dev.reloaded(1);
    assert.equal(await dev.body(), 'Ab');
    dev.write('tsconfig.json', '{ "compilerOptions": { "paths": { "#text": ["./text.cts"], "inner": ["./other/inner.ts"] } } }');
    await dev.reloaded(2);
    assert.equal(await dev.body(), 'AB');
  });

  it('of the ini, what it includes and what it quotes', async () => {
    await using dev = new Developed({
      'app.mjs': 'export const makeApp = (globalConf, { greet }) => () => new Response(greet);',
      'app.ini':
        '[app:main]\nuse = config:base.ini\n[server:main]\nuse = @appserve/server#main\nsocket = 127.0.0.1:0\nworkers = 1\n',
      'base.ini': '[app:main]\nuse = ./app.mjs#makeApp\ngreet = %(file:greet.txt)s\n',
      'greet.txt': 'one',
    });
    await dev.command.url();
    dev.write('greet.txt', 'two');
    await dev.reloaded(1);
    assert.equal(await dev.body(), 'two');
    dev.write('base.ini', '[app:main]\nuse = ./app.mjs#makeApp\ngreet = three\n');
    await dev.reloaded(2);
    assert.equal(await dev.body(), 'three');
    dev.append('app.ini', 'server_header = true\n');
    await dev.reloaded(3);
    assert.match((await dev.command.get('/'))?.head ?? '', /\r\nServer: appserve\r\n/);
  });

  it('of a configuration that is a module', async () => {
    await using dev = new Developed(
      {
        'app.mjs': 'export const makeApp = (globalConf, { greet }) => () => new Response(greet);',
        'site.mjs': configModule('one'),
      },
      { args: ['site.mjs', '--reload'] },
    );
    await dev.command.url();
    assert.equal(await dev.body(), 'one');
    for (const [index, greet] of ['two', 'one', 'three'].entries()) {
      dev.write('site.mjs', configModule(greet));
      await dev.reloaded(index + 1);
      assert.equal(await dev.body(), greet);
    }
  });

  it('of a workspace that is linked, not of what is installed', async () => {
    const MANIFEST = '{ "type": "module", "exports": "./index.js" }';
    const files = {
      'app.mjs':
        'import { a } from "linked"; import { b } from "installed"; export const makeApp = () => () => new Response(a + b);',
      'work/package.json': MANIFEST,
      'work/index.js': 'export const a = "a";',
      'node_modules/installed/package.json': MANIFEST,
      'node_modules/installed/index.js': 'export const b = "b";',
    };
    await using dev = new Developed(files, { links: { 'node_modules/linked': '../work' } });
    await dev.command.url();
    assert.equal(await dev.body(), 'ab');
    dev.write('node_modules/installed/index.js', 'export const b = "B";');
    dev.write('work/index.js', 'export const a = "A";');
    await dev.reloaded(1);
    assert.equal(await dev.body(), 'AB');
    assert.match(dev.command.stderr, / work\/index\.js changed: loading/);
  });

  it('of what [appserve], [pserve] and reload_dirs name, but for what is ignored', async () => {
    await using dev = new Developed(
      {
        'app.mjs': saying('hello'),
        't/a.html': '1',
        'p/a.mako': '1',
        'd/a': '1',
        'd/a.log': '1',
        't/b.tmp': '1',
      },
      {
        lines: [
          'workers = 1',
          'reload_dirs = d',
          'reload_ignore = *.log',
          '[appserve]',
          'watch_files =',
          '    t/**',
          'ignore_files = *.tmp',
          '[pserve]',
          'watch_files = p/*.mako',
        ],
      },
    );
    await dev.command.url();
    dev.write('d/a.log', '2');
    dev.write('t/b.tmp', '2');
    for (const [index, name] of ['t/a.html', 'p/a.mako', 'd/a', 'd/new'].entries()) {
      dev.write(name, `${index} new`);
      await dev.reloaded(index + 1);
    }
    assert.doesNotMatch(dev.command.stderr, /a\.log|b\.tmp/);
  });

  for (const lines of [
    ['workers = 2', 'worker_class = process'],
    ['workers = 2', 'dispatch = balanced'],
  ]) {
    it(`with ${lines.join(' and ')}`, async () => {
      await using dev = new Developed({ 'app.mjs': saying('old') }, { lines });
      const crowd = new Crowd(await dev.command.url(), { keepAlive: true }, CLIENTS);
      await crowd.hears('200 old', 20);
      dev.write('app.mjs', saying('new'));
      await crowd.hears('200 new', 20);
      dev.write('app.mjs', 'export const makeApp = 7;');
      await dev.command.says(/waiting for a change/);
      dev.write('app.mjs', saying('mended'));
      await crowd.hears('200 mended', 20);
      await crowd.stop();
      assert.deepEqual(crowd.failures, []);
    });
  }

  it('and refuses nobody, however often it changes', async () => {
    await using dev = new Developed({ 'app.mjs': saying('0') });
    const crowd = new Crowd(await dev.command.url(), { keepAlive: false }, CLIENTS);
    await crowd.hears('200 0', 20);
    for (let time = 1; time <= 5; time += 1) {
      dev.write('app.mjs', saying(String(time)));
      await crowd.hears(`200 ${time}`, 20);
    }
    await crowd.stop();
    assert.deepEqual(crowd.failures, []);
    assert.deepEqual([...crowd.answers.keys()].toSorted(), ['200 0', '200 1', '200 2', '200 3', '200 4', '200 5']);
  });

  it('to whoever asks when the change is known: a slow app keeps them waiting', async () => {
    const WAITING =
      'import { existsSync } from "node:fs"; while (!existsSync(new URL("go", import.meta.url))) await new Promise((r) => setTimeout(r, 1));';
    await using dev = new Developed({ 'app.mjs': saying('old') });
    await dev.command.url();
    dev.write('app.mjs', WAITING + saying('new'));
    await dev.command.says(/app\.mjs changed: loading/);
    const answer = dev.body();
    dev.write('go', '');
    assert.equal(await answer, 'new');
  });

  it('when it changes again while it loads, also from code that never ends loading', async () => {
    await using dev = new Developed({ 'app.mjs': saying('old') });
    await dev.command.url();
    dev.write('app.mjs', `for (;;); ${saying('never')}`);
    await dev.command.says(/changed: loading/);
    dev.write('app.mjs', saying('new'));
    await dev.reloaded(1);
    assert.equal(await dev.body(), 'new');
  });

  it('when code that never ends loading was mended, of which it has told where that is', async () => {
    await using dev = new Developed({ 'app.mjs': `import './lib/text.mjs'; ${saying('one')}`, 'lib/text.mjs': '' });
    await dev.command.url();
    // A file that nobody has read before.
    dev.write('lib/more.mjs', 'let turns = 0;\nexport function turn() {\n  for (;;) turns += 1;\n}\nturn();\n');
    dev.write('lib/text.mjs', "import './more.mjs';");
    const [, stack] = await dev.command.says(
      /WARN .*worker-1 has been loading the app for 5 s; the last file it has read is lib\/more\.mjs; it is here:\n((?: +at .*\n)+)/,
    );
    assert.match(stack!, /^ +at turn \(file:\S+\/lib\/more\.mjs:3:\d+\)/);
    dev.write('lib/more.mjs', '');
    await dev.reloaded(1);
    assert.equal(await dev.body(), 'one');
    assert.equal(dev.command.stderr.match(/has been loading/g)!.length, 1);
  });

  it('at SIGHUP too, and not for a touch', async () => {
    await using dev = new Developed({ 'app.mjs': `console.error('loaded'); ${saying('old')}` });
    await dev.command.url();
    const now = new Date();
    utimesSync(join(dev.folder.path, 'app.mjs'), now, now);
    dev.command.signal('SIGHUP');
    await dev.command.says(/^loaded$/m, 2);
    await dev.reloaded(1);
    assert.equal(await dev.body(), 'old');
    assert.doesNotMatch(dev.command.stderr, /changed/);
  });

  it('where the ini says reload = true: then it need not say how many workers', async () => {
    await using dev = new Developed({ 'app.mjs': saying('old') }, { lines: ['reload = true'], args: ['app.ini'] });
    await dev.command.url();
    assert.match(dev.command.stderr, /1 worker,/);
    dev.write('app.mjs', saying('new'));
    await dev.reloaded(1);
    assert.equal(await dev.body(), 'new');
  });
});

describe('--reload shows', TIMEOUT, () => {
  it('what cannot be parsed, from the first start on, and serves it when it is mended', async () => {
    await using dev = new Developed({ 'app.mjs': 'import "./part.mjs";', 'part.mjs': 'export const a = ;' });
    await dev.command.url();
    const response = await dev.command.get('/');
    assert.match(response?.head ?? '', /^HTTP\/1\.1 500 .*\r\nContent-Type: text\/plain; charset=utf-8\r\n/s);
    for (const shown of [response?.body ?? '', dev.command.stderr]) {
      assert.match(shown, /part\.mjs:1:18\n {2}SyntaxError: Unexpected token ';'/);
      assert.match(shown, /> 1 \| export const a = ;\n {6}\| {18}\^/);
    }
    await dev.command.says(/waiting for a change\n/);
    dev.write('part.mjs', '');
    await dev.command.says(/app\.mjs/);
    dev.write('app.mjs', saying('mended'));
    await dev.reloaded(1);
    assert.equal(await dev.body(), 'mended');
  });

  it('a page to browsers, which waits for the next code', async () => {
    await using dev = new Developed({ 'app.mjs': 'throw new Error("<b>half a thought</b>");' });
    await dev.command.url();
    await using client = await dev.command.client();
    await client.send('GET / HTTP/1.1\r\nHost: test\r\nAccept: text/html,*/*\r\nConnection: close\r\n\r\n');
    const page = await client.response();
    const [, nonce] = /Content-Security-Policy: .*script-src 'nonce-([^']+)'/.exec(page?.head ?? '') ?? [];
    assert.match(page?.head ?? '', /^HTTP\/1\.1 500 /);
    assert.ok(page?.body.includes(`<script nonce="${nonce}">`));
    assert.match(page?.body ?? '', /Error: &lt;b&gt;half a thought/);
    const [, waitAt = ''] = /fetch\("([^"]+)"/.exec(page?.body ?? '') ?? [];
    await using waiting = await dev.command.client();
    await waiting.send(`GET ${waitAt} HTTP/1.1\r\nHost: test\r\n\r\n`);
    // It is accepted by then: connections are taken in their order.
    await dev.body();
    dev.write('app.mjs', saying('mended'));
    assert.match((await waiting.response())?.head ?? '', /^HTTP\/1\.1 200 /);
    assert.equal(await dev.body(), 'mended');
    // Who asks too late is told at once.
    assert.match((await dev.command.get(waitAt))?.head ?? '', /^HTTP\/1\.1 200 /);
  });

  it('a file that is missing, and takes it when it comes', async () => {
    for (const [name, text] of [
      ['app.mjs', `import './missing.mjs'; ${saying('found')}`],
      ['app.mjs', `import { createRequire } from 'node:module'; createRequire(import.meta.url)('./missing'); ${saying('found')}`],
    ] as const) {
      await using dev = new Developed({ [name]: text });
      await dev.command.url();
      assert.match((await dev.body()) ?? '', /Cannot find module/);
      dev.write(name.includes('require') || text.includes('createRequire') ? 'missing.js' : 'missing.mjs', '');
      await dev.reloaded(1);
      assert.equal(await dev.body(), 'found');
    }
  });

  it('an app whose own module is missing, or that has no such export', async () => {
    await using dev = new Developed({});
    await dev.command.url();
    assert.match((await dev.body()) ?? '', /app\.ini:2:7/);
    dev.write('app.mjs', 'export const makeAp = 1;');
    await dev.command.says(/waiting for a change/, 2);
    assert.match((await dev.body()) ?? '', /makeApp/);
    dev.write('app.mjs', saying('here'));
    await dev.reloaded(1);
    assert.equal(await dev.body(), 'here');
  });

  it('an app that crashes, or ends its worker, until something changes', async () => {
    const CRASHING = `
      export const makeApp = () => ({ url }) => {
        if (url.endsWith('/throw')) setImmediate(() => { throw new Error('where nobody listens'); });
        if (url.endsWith('/exit')) process.exit(3);
        return url.endsWith('/') ? new Response('works') : new Promise(() => {});
      };`;
    await using dev = new Developed({ 'app.mjs': CRASHING }, { lines: ['workers = 2'] });
    await dev.command.url();
    assert.equal(await dev.command.get('/throw'), undefined);
    await dev.command.says(/The app has crashed[^]*where nobody listens[^]*waiting for a change/);
    await dev.command.answers('/', /where nobody listens/);
    dev.append('app.mjs', '\n');
    await dev.reloaded(1);
    assert.equal(await dev.body(), 'works');
    assert.equal(await dev.command.get('/exit'), undefined);
    await dev.command.says(
      /ended with code 3 while it served\n[^]*does the app call process\.exit\(\)\?[^]*waiting for a change/,
    );
    await dev.command.answers('/', /ended with code 3/);
  });

  it('what fails in a request, with the frames of the app, and goes on', async () => {
    const FAILING = `
      function inner() { throw new TypeError('no such thing', { cause: new RangeError('too far') }); }
      const apps = {
        fetch: async () => inner(),
        gateway: (environ, startResponse) => inner(),
        node: (request, response) => inner(),
      };
      export const makeApp = (globalConf, { kind }) => apps[kind];`;
    for (const kind of ['fetch', 'gateway', 'node']) {
      await using dev = new Developed({
        'app.mjs': FAILING,
        'app.ini': `[app:main]\nuse = ./app.mjs#makeApp\nkind = ${kind}\n[server:main]\nuse = @appserve/server#main\nsocket = 127.0.0.1:0\nworkers = 1\ninterface = ${kind}\n`,
      });
      await dev.command.url();
      const response = await dev.command.get('/cart');
      assert.match(response?.head ?? '', /^HTTP\/1\.1 500 /, dev.command.stderr);
      assert.match(response?.body ?? '', /^GET \/cart failed\n\n {2}app\.mjs:2:\d+\n {2}TypeError: no such thing/);
      assert.match(response?.body ?? '', /caused by RangeError: too far \(app\.mjs:2:\d+\)\n {2}at inner/);
      await dev.command.says(/GET \/cart failed\n\n {2}app\.mjs:2:/);
      assert.doesNotMatch(response?.body ?? '', /node_modules|node:internal|packages\//);
    }
  });

  it('a mistake in the configuration of the server, and goes on where it listens', async () => {
    await using dev = new Developed({ 'app.mjs': saying('hello') });
    await dev.command.url();
    dev.append('app.ini', 'wokers = 2\n');
    await dev.command.says(/app\.ini:7:1\n {2}unknown option wokers/);
    const body = (await dev.body()) ?? '';
    assert.match(body, /did you mean workers\?/);
    assert.match(body, /The server cannot be set up/);
    assert.doesNotMatch(body, /The app cannot be loaded/);
    // What is wrong with both is more than that.
    dev.write(
      'app.ini',
      '[app:main]\nuse = ./nowhere.mjs#makeApp\n[server:main]\nuse = @appserve/server#main\nsocket = 127.0.0.1:0\nwokers = 1\n',
    );
    await dev.command.says(/The app cannot be loaded[^]*unknown option wokers/);
    dev.write(
      'app.ini',
      '[app:main]\nuse = ./app.mjs#makeApp\n[server:main]\nuse = @appserve/server#main\nsocket = 127.0.0.1:0\nworkers = 1\n',
    );
    await dev.reloaded(1);
    assert.equal(await dev.body(), 'hello');
  });

  it('a mistake that leaves no address to listen on, and starts when it is mended', async () => {
    await using dev = new Developed({
      'app.mjs': saying('hello'),
      'app.ini': '[app:main]\nuse = ./app.mjs#makeApp\n[srver:main]\n',
    });
    await dev.command.says(/The server cannot be started[^]*waiting for a change\n/);
    dev.write(
      'app.ini',
      '[app:main]\nuse = ./app.mjs#makeApp\n[server:main]\nuse = @appserve/server#main\nsocket = 127.0.0.1:0\nworkers = 1\n',
    );
    await dev.command.url();
    assert.equal(await dev.body(), 'hello');
  });
});

describe('--reload', TIMEOUT, () => {
  it('sees a file that an editor puts in the place of the old one, again and again', async () => {
    await using dev = new Developed({ 'app.mjs': saying('0') });
    await dev.command.url();
    for (let time = 1; time <= 4; time += 1) {
      dev.write('.app.mjs.swp', saying(String(time)));
      if (time % 2 === 0) renameSync(join(dev.folder.path, 'app.mjs'), join(dev.folder.path, 'app.mjs~'));
      renameSync(join(dev.folder.path, '.app.mjs.swp'), join(dev.folder.path, 'app.mjs'));
      await dev.reloaded(time);
      assert.equal(await dev.body(), String(time));
    }
  });

  it('sends a browser that has opened its connection before the change to the new code', async () => {
    await using dev = new Developed({ 'app.mjs': 'export const makeApp = () => () => { throw new Error("no"); };' });
    await dev.command.url();
    await using page = await dev.command.client();
    await page.send('GET / HTTP/1.1\r\nHost: test\r\nAccept: text/html\r\n\r\n');
    const [, waitAt = ''] = /fetch\("([^"]+)"/.exec((await page.response())?.body ?? '') ?? [];
    await using waiting = await dev.command.client();
    await waiting.send(`GET ${waitAt} HTTP/1.1\r\nHost: test\r\n\r\n`);
    await using early = await dev.command.client();
    await early.send('GET /a?b HTTP/1.1\r\n');
    // All are accepted by then: connections are taken in their order.
    await dev.body();
    dev.write('app.mjs', saying('new'));
    // The old worker knows that it is to go.
    await waiting.response();
    await early.send('Host: test\r\nSec-Fetch-Mode: navigate\r\n\r\n');
    const response = await early.response();
    assert.match(response?.head ?? '', /^HTTP\/1\.1 307 .*\r\nLocation: \/a\?b\r\n/s);
  });

  it('ends at SIGTERM as ever, also while it shows what is broken', async () => {
    await using dev = new Developed({ 'app.mjs': 'throw new Error("no");' });
    await dev.command.url();
    dev.command.signal('SIGTERM');
    assert.deepEqual(await dev.command.ending(), { code: 0, signal: null });
  });

  it('is not for the main thread', async () => {
    await using dev = new Developed(
      { 'app.mjs': saying('x') },
      { lines: ['worker_class = inline', 'reload = true'], args: ['app.ini'] },
    );
    await dev.command.says(/app\.ini:7:1: worker_class and reload: the main thread cannot be loaded again/);
    assert.deepEqual(await dev.command.ending(), { code: 2, signal: null });
  });
});
