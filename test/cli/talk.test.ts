// How much the command says while it serves, and in which colours; and the browser that it opens.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Command } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { folderWith } from '../support/packages.ts';
import { RawClient } from '../support/raw-client.ts';
import { linkPackages, type TemporaryFolder } from '../support/temporary.ts';
import { withoutProgress } from '../support/without-progress.ts';

const TIMEOUT = { timeout: 240_000, concurrency: 2 };

function site(files: Readonly<Record<string, string>> = {}): TemporaryFolder {
  const folder = folderWith({
    'app.mjs': `export const make = () => () => new Response('hello');
export const late = async () => { await new Promise((resolve) => setTimeout(resolve, 2_500)); return () => new Response('late'); };
`,
    'site.ini': `[app:main]
use = ./app.mjs#make
[app:late]
use = ./app.mjs#late
[server:main]
use = @appserve/server#main
socket = 127.0.0.1:0
workers = 1
`,
    ...files,
  });
  linkPackages(folder);
  return folder;
}

/** What the browser of these tests was given. */
async function openedIn({ path }: TemporaryFolder): Promise<string> {
  await eventually('the browser is opened', () => existsSync(join(path, 'opened')));
  return readFileSync(join(path, 'opened'), 'utf8');
}

describe('what is said', TIMEOUT, () => {
  it('is that an app is still loading, when it takes long', async () => {
    using folder = site();
    await using command = Command.appserve(['site.ini', '-n', 'late'], { cwd: folder.path });
    await command.says(/^appserve: still loading the app, for (\d+) s$/m);
    assert.equal((await command.get('/'))?.body, 'late');
    // A machine that stops for a while loads longer, and hears it after 5 s and 10 s as well.
    const told = Array.from(command.stderr.matchAll(/still loading the app, for (\d+) s/g), ([, seconds]) => Number(seconds));
    for (const [nth, seconds] of told.entries()) assert.ok(seconds >= [2, 5, 10, 20, 40][nth]!, `after ${told.join(', ')} s`);
  });

  it('is nothing with -q', async () => {
    using folder = site({
      'development.ini': '[app:main]\nuse = ./app.mjs#late\n[server:main]\nuse = @appserve/server#main\nworkers = 1\n',
    });
    const socket = join(folder.path, 's');
    await using command = Command.appserve(['-q', '--socket', `unix:${socket}`], { cwd: folder.path });
    await eventually('it listens', () => existsSync(socket));
    // The kernel keeps the connection until a worker is there.
    await using client = await RawClient.connect(socket);
    await client.send('GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n');
    assert.equal((await client.response())?.body, 'late');
    command.signal('SIGTERM');
    assert.deepEqual(await command.ending(), { code: 0, signal: null });
    assert.equal(command.stderr, '');
  });

  it('is more with -v, unless a flag says otherwise', async () => {
    using folder = site();
    await using loud = Command.appserve(['config', 'site.ini', '-v', '--json'], { cwd: folder.path });
    await using told = Command.appserve(['config', 'site.ini', '-v', '--log-level', 'error', '--json'], { cwd: folder.path });
    const levels = [];
    for (const command of [loud, told]) {
      assert.deepEqual(await command.ending(), { code: 0, signal: null });
      const config = JSON.parse(command.stdout) as Record<string, Record<string, { value: string; origin: string }>>;
      levels.push(config['server:main']!['log_level']);
    }
    assert.deepEqual(levels, [
      { value: 'debug', origin: '-v' },
      { value: 'error', origin: '--log-level' },
    ]);
  });

  for (const [env, isColoured] of [
    [{}, false],
    [{ FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    [{ FORCE_COLOR: '0' }, false],
    [{ NO_COLOR: '1' }, false],
  ] as const) {
    it(`is ${isColoured ? 'in colours' : 'plain'} where it is no terminal, with ${JSON.stringify(env)}`, async () => {
      using folder = site();
      await using command = Command.appserve(['site.ini'], { cwd: folder.path, env });
      await command.says(/; ready in \d+ ms/);
      assert.equal(command.stderr.includes('\x1b['), isColoured, JSON.stringify(command.stderr));
      assert.match(withoutProgress(command.stderr).replaceAll(/\x1b\[\d+m/g, ''), /^appserve 0\.1\.0, pid \d+: \S+\n {2}http:/);
    });
  }
});

const BROWSER = `#!/bin/sh\nprintf '%s\\n' "$@" > opened.tmp && mv opened.tmp opened\n`;

async function opened(browser: string, files: Readonly<Record<string, string>> = {}): Promise<{ url: string; opened: string }> {
  using folder = site(files);
  const env = { BROWSER: browser.replaceAll('DIR', folder.path) };
  await using command = Command.appserve(['site.ini', '-b', '--host', '0.0.0.0', '--port', '0'], { cwd: folder.path, env });
  const url = await command.url();
  return { url, opened: await openedIn(folder) };
}

describe('-b', TIMEOUT, () => {
  it('opens what is served', async () => {
    const { url, opened: text } = await opened('sh DIR/browser', { browser: BROWSER });
    assert.equal(text, `${url}\n`);
  });

  it('takes the first browser that starts, and puts the address where it belongs', async () => {
    const { opened: text } = await opened('/nowhere/browser:sh DIR/browser --new %s --quiet', { browser: BROWSER });
    assert.match(text, /^--new\nhttp:\/\/localhost:\d+\n--quiet\n$/);
  });

  it('opens what [pserve] says', async () => {
    using folder = site({ browser: BROWSER });
    const env = { BROWSER: `sh ${folder.path}/browser` };
    const args = ['shop.ini', '-b'];
    const ini = readFileSync(join(folder.path, 'site.ini'), 'utf8');
    writeFileSync(join(folder.path, 'shop.ini'), `${ini}[pserve]\nopen_url = http://shop.test/\n`);
    await using command = Command.appserve(args, { cwd: folder.path, env });
    await command.url();
    assert.equal(await openedIn(folder), 'http://shop.test/\n');
  });

  it('says when there is none, and serves', async () => {
    using folder = site();
    await using command = Command.appserve(['site.ini', '-b'], { cwd: folder.path, env: { BROWSER: '/nowhere/browser' } });
    await command.says(/^appserve: no browser was opened: \/nowhere\/browser cannot be started/m);
    assert.equal((await command.get('/'))?.body, 'hello');
  });

  it('says what no browser opens', async () => {
    using folder = site();
    const args = ['site.ini', '-b', '--socket', `unix:${folder.path}/s`];
    await using command = Command.appserve(args, { cwd: folder.path });
    await command.says(/^appserve: no browser was opened: unix:\S+ is no address that a browser opens$/m);
  });
});

describe('--dry-run', TIMEOUT, () => {
  it('makes the app, starts and closes it, and binds nothing', async () => {
    using folder = site({
      'life.mjs': `export const make = () => ({
  fetch: () => new Response(),
  start: () => console.log('started'),
  close: () => console.log('closed'),
});
`,
    });
    await using command = Command.appserve(
      ['site.ini', '--dry-run', '--set', 'app:main.use=./life.mjs#make', '--socket', 'unix:/nowhere/s'],
      {
        cwd: folder.path,
      },
    );
    assert.deepEqual(await command.ending(), { code: 0, signal: null }, command.stderr);
    assert.equal(command.stdout, 'started\nclosed\nsite.ini: the server is settled and the app is loaded; nothing was served\n');
  });

  it('says what is wrong with both, at once', async () => {
    using folder = site();
    await using command = Command.appserve(['site.ini', '--dry-run', '-n', 'nope', '--workers', '0'], { cwd: folder.path });
    assert.deepEqual(await command.ending(), { code: 2, signal: null });
    assert.match(command.stderr, /--workers 0: must/);
    assert.match(command.stderr, /there is no section \[app:nope\]/);
  });
});
