// What a server does when the machine gives it no thread, process or descriptor: it says so, and goes on with what it has.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command, write, type CommandOptions } from '../support/command.ts';
import { RawClient } from '../support/raw-client.ts';
import { linkPackages, temporaryFolder, type TemporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 240_000, concurrency: 2 };

interface Script extends AsyncDisposable {
  readonly folder: TemporaryFolder;
  readonly command: Command;
}

/** A server from a script, which needs no file for a reload. */
function serveScript(lines: readonly string[], options: CommandOptions = {}): Script {
  const folder: TemporaryFolder = temporaryFolder();
  linkPackages(folder);
  write(folder, { 'script.mjs': ["import { serve } from '@appserve/server';", ...lines].join('\n') });
  const command = Command.node(['script.mjs'], { cwd: folder.path, ...options });
  return {
    folder,
    command,
    [Symbol.asyncDispose]: async () => {
      await command[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** `/eat` takes all descriptors but so many, `/free` gives them back. */
function hungry(left: number): readonly string[] {
  return [
    "import { closeSync, openSync } from 'node:fs';",
    'const files = [];',
    'const eat = () => {',
    "  try { for (;;) files.push(openSync('/dev/null')); } catch (error) {",
    `    for (const fd of files.splice(0, ${left})) closeSync(fd);`,
    '    return error.code;',
    '  }',
    '};',
    "const free = () => { for (const fd of files.splice(0)) closeSync(fd); return 'free'; };",
    "const app = ({ url }) => new Response(url.endsWith('/eat') ? eat() : url.endsWith('/free') ? free() : 'hello');",
    "await serve(app, { socket: ['127.0.0.1:0', 'unix:app.sock'], workers: 2, maxReuseCount: 10_000, chunkedTransfer: true });",
  ];
}

describe('a reload for which there are no descriptors', TIMEOUT, () => {
  for (const left of [0, 1, 3]) {
    it(`fails, also with ${left} left, and the old workers go on`, async () => {
      await using server = serveScript(hungry(left), { descriptorsMax: 160 });
      await using client = await server.command.client();
      const ask = async (path: string): Promise<string | undefined> => {
        await client.send(`GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`);
        return (await client.response())?.body;
      };
      assert.equal(await ask('/eat'), 'EMFILE');
      server.command.signal('SIGHUP');
      await server.command.says(/worker-\d cannot be started: |ended with code 1: /);
      await server.command.says(/reload failed, the old workers go on: /);
      assert.equal(await ask('/free'), 'free');
      assert.equal((await server.command.get('/'))?.body, 'hello');
      server.command.signal('SIGTERM');
      assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
    });
  }
});

describe('a worker process that the system does not start', TIMEOUT, () => {
  it('is told, and tried again until there is one', async () => {
    await using server = serveScript([
      "const app = ({ url }) => (url.endsWith('/exit') ? process.exit(7) : new Response('hello'));",
      "await serve(app, { socket: '127.0.0.1:0', workers: 1, workerClass: 'process' });",
      'const node = process.execPath;',
      "process.execPath = '/nowhere/node';",
      "process.once('SIGWINCH', () => (process.execPath = node));",
    ]);
    assert.equal(await server.command.get('/exit'), undefined);
    await server.command.says(/worker-1 ended with code 7/);
    await server.command.says(/worker-1 ended with code 1: Error: spawn \/nowhere\/node ENOENT/, 2);
    server.command.signal('SIGWINCH');
    assert.equal((await server.command.get('/'))?.body, 'hello');
  });
});

describe('a worker process that has no descriptor left to accept with', TIMEOUT, () => {
  it('goes on when there is one, on each of its sockets', async () => {
    await using server = serveScript(
      [
        "import { closeSync, existsSync, openSync } from 'node:fs';",
        'const files = [];',
        "const eat = () => { try { for (;;) files.push(openSync('/dev/null')); } catch (error) { return error.code; } };",
        "const free = () => { if (existsSync('go')) for (const fd of files.splice(0)) closeSync(fd); };",
        "const app = ({ url }) => new Response(url.endsWith('/eat') ? eat() : 'hello');",
        'setInterval(free, 5).unref();',
        'const options = { workers: 1, workerClass: "process", maxConnections: 1, maxReuseCount: 100, chunkedTransfer: true };',
        "await serve(app, { socket: ['127.0.0.1:0', 'unix:app.sock'], ...options });",
      ],
      { descriptorsMax: 160 },
    );
    const eater = await server.command.client();
    await eater.send('GET /eat HTTP/1.1\r\nHost: test\r\n\r\n');
    assert.equal((await eater.response())?.body, 'EMFILE');
    // One is free by that, for two sockets.
    await eater[Symbol.asyncDispose]();
    await server.command.says(/ERROR .*accepting cannot go on: /);
    write(server.folder, { go: '' });
    await using client = await RawClient.connect(`${server.folder.path}/app.sock`);
    await client.send('GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n');
    assert.equal((await client.response())?.body, 'hello');
    assert.equal((await server.command.get('/'))?.body, 'hello');
  });
});

describe('a start for which there are too few descriptors', TIMEOUT, () => {
  for (const max of [28, 32, 40, 63]) {
    it(`is told in one line: ${max}`, async () => {
      using folder = temporaryFolder();
      linkPackages(folder);
      const ini =
        '[app:main]\nuse = ./app.mjs#make\n[server:main]\nuse = @appserve/server#main\nsocket = 127.0.0.1:0\nworkers = 2\n';
      write(folder, { 'app.mjs': "export const make = () => () => new Response('hello');\n", 'site.ini': ini });
      // What measures coverage would have to write it to a file, too.
      const env = { NODE_V8_COVERAGE: '' };
      await using command = Command.appserve(['site.ini'], { cwd: folder.path, descriptorsMax: max, env });
      const { code } = await command.ending();
      assert.equal(code, 1, command.stderr);
      assert.match(command.stderr, /^appserve: this process may not have as many files open [^\n]* ulimit -n 1024 \(EMFILE\)\n$/);
      assert.equal(command.stdout, '');
    });
  }
});
