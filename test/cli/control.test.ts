// Commands that speak to a server that runs: they find it by its configuration or by a path, and end when what they ask for is done.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { describe, it } from 'node:test';
import { Command, write } from '../support/command.ts';
import { serveIni, type Served } from '../support/fleet.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { withoutProgress } from '../support/without-progress.ts';

const TIMEOUT = { timeout: 240_000, concurrency: 2 };

async function served(...lines: readonly string[]): Promise<Served> {
  const all = ['socket = 127.0.0.1:0', 'workers = 1', 'control_socket = control', ...lines];
  const server = serveIni(all);
  await server.command.url();
  return server;
}

interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function say(server: Served, ...words: readonly string[]): Promise<Said> {
  await using command = Command.appserve(words, { cwd: server.folder.path });
  const { code } = await command.ending();
  return { code, stdout: command.stdout, stderr: withoutProgress(command.stderr) };
}

describe('appserve status', TIMEOUT, () => {
  it('finds the server by its configuration, and tells how it goes', async () => {
    await using server = await served();
    await server.command.get('/');
    let { code, stdout } = await say(server, 'status', 'app.ini');
    // An answer is counted when it has gone out.
    while (/ serving +0 /.test(stdout)) ({ code, stdout } = await say(server, 'status', 'app.ini'));
    assert.equal(code, 0);
    assert.match(stdout, /^app\.ini {2}serving {2}1 worker {2}up \d+ s\nhttp:\/\/127\.0\.0\.1:\d+ {2}process \d+, appserve /);
    assert.match(stdout, /^worker-1 {2}serving +1 /m);
  });

  it('finds it by the path of its socket, and prints JSON', async () => {
    await using server = await served();
    const { code, stdout } = await say(server, 'status', '--control', 'control', '--json');
    assert.equal(code, 0);
    const report = JSON.parse(stdout) as { version: number; server: { pid: number }; workers: readonly object[] };
    assert.deepEqual([report.version, report.server.pid, report.workers.length], [1, server.command.pid, 1]);
  });

  it('says what is missing', async () => {
    await using server = await served();
    const nowhere = await say(server, 'status', '--control', 'nowhere');
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.stderr, /cannot reach a server by its control socket nowhere: there is no such file/);
    write(server.folder, {
      'other.ini': '[server:main]\nuse = @appserve/server#main\nsocket = :0\nworkers = 1\n[app:main]\nuse = ./app.mjs#makeApp\n',
    });
    const silent = await say(server, 'status', 'other.ini');
    assert.equal(silent.code, 2);
    assert.match(silent.stderr, /--control: is needed: \[server:main\] of other\.ini has no control_socket/);
  });
});

describe('appserve status --ready', TIMEOUT, () => {
  it('is a health check: code 0 while requests are answered, else 1', async () => {
    await using server = await served('stop_delay = 60s');
    assert.deepEqual(await say(server, 'status', 'app.ini', '--ready'), { code: 0, stdout: 'ready\n', stderr: '' });
    server.command.signal('SIGTERM');
    await server.command.says(/not ready any more/);
    assert.deepEqual(await say(server, 'status', 'app.ini', '--ready'), { code: 1, stdout: 'not ready: leaving\n', stderr: '' });
    const { code, stdout } = await say(server, 'status', '--control', 'control', '--ready', '--json');
    assert.deepEqual([code, JSON.parse(stdout)], [1, { isReady: false, phase: 'leaving' }]);
    server.command.signal('SIGTERM');
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
    assert.equal((await say(server, 'status', 'app.ini', '--ready')).code, 1);
  });
});

describe('a server that goes on for stop_delay', TIMEOUT, () => {
  it('is not reloaded, nor scaled, and nobody is told to wait for it', async () => {
    await using server = await served('stop_delay = 60s');
    server.command.signal('SIGTERM');
    await server.command.says(/not ready any more/);
    for (const words of [['reload'], ['scale', '2']]) {
      const { code, stderr } = await say(server, ...words, '--control', 'control');
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`the server says no: ${words[0]}: the server is stopping`));
      assert.doesNotMatch(stderr, /wait/);
    }
    server.command.signal('SIGTERM');
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
    assert.doesNotMatch(server.command.stderr, /control socket: (reloading|2 workers)/);
  });
});

describe('what is no control socket', TIMEOUT, () => {
  for (const path of ['/etc/passwd', '/etc']) {
    it(`is told: ${path}`, async () => {
      await using command = Command.appserve(['status', '--control', path]);
      assert.equal((await command.ending()).code, 1);
      assert.match(command.stderr, /by its control socket \/etc[^:]*: it is no socket\n/);
    });
  }

  it('or has too many connections', async () => {
    await using server = await served();
    const others = Array.from({ length: 32 }, () => net.connect(`${server.folder.path}/control`));
    await Promise.all(others.map((socket) => once(socket, 'connect')));
    const { code, stderr } = await say(server, 'status', 'app.ini');
    for (const socket of others) socket.destroy();
    assert.equal(code, 1);
    assert.match(stderr, /the server has closed the connection/);
  });
});

function ini(use: string, more: string): string {
  return `[app:main]\nuse = ./app.mjs#makeApp\n[server:main]\nuse = ${use}\nsocket = 127.0.0.1:0\nworkers = 1\n${more}`;
}

describe('a server is found', TIMEOUT, () => {
  it('from another folder, by its ini', async () => {
    await using server = await served();
    await using command = Command.appserve(['status', `${server.folder.path}/app.ini`], { cwd: '/' });
    assert.equal((await command.ending()).code, 0, command.stderr);
    assert.ok(existsSync(`${server.folder.path}/control`));
  });

  it('that was started from another folder', async () => {
    using folder = temporaryFolder();
    using elsewhere = temporaryFolder();
    write(folder, {
      'app.ini':
        '[app:main]\nuse = ./app.mjs#makeApp\n[server:main]\nuse = @appserve/server#main\nsocket = 127.0.0.1:0\nworkers = 1\ncontrol_socket = unix:control\n',
      'app.mjs': 'export const makeApp = () => () => new Response();',
    });
    await using command = Command.appserve([`${folder.path}/app.ini`], { cwd: elsewhere.path });
    await command.url();
    await using stop = Command.appserve(['stop', 'app.ini'], { cwd: folder.path });
    assert.equal((await stop.ending()).code, 0, stop.stderr);
    assert.deepEqual(await command.ending(), { code: 0, signal: null });
    assert.match(command.stderr, /control socket: stopping\n/);
  });

  it('by an ini that has mistakes by now', async () => {
    await using server = await served();
    write(server.folder, { 'app.ini': ini('@appserve/server#main', 'wokers = 2\ncontrol_socket = control\n') });
    assert.equal((await say(server, 'status', 'app.ini')).code, 0);
    write(server.folder, { 'app.ini': ini('@appserve/gone#main', 'control_socket = %(here)s/control\n') });
    assert.equal((await say(server, 'status', 'app.ini')).code, 0);
    write(server.folder, { 'app.ini': `${ini('@appserve/server#main', '')}[oh\n` });
    const { code, stderr } = await say(server, 'status', 'app.ini');
    assert.equal(code, 2);
    assert.match(stderr, /--control: names the server where app\.ini cannot be read: --control PATH/);
    assert.match(stderr, /^app\.ini:7:/m);
  });

  it('by what the environment says', async () => {
    await using server = await served();
    const path = `${server.folder.path}/control`;
    for (const [said, cwd] of [
      [path, '/'],
      [`unix:${path}`, '/'],
      ['control', server.folder.path],
    ] as const) {
      const args = cwd === '/' ? ['status'] : ['status', 'app.ini'];
      await using command = Command.appserve(args, { cwd, env: { APPSERVE_CONTROL_SOCKET: said } });
      assert.equal((await command.ending()).code, 0, command.stderr);
    }
  });
});

describe('a server that does not answer', TIMEOUT, () => {
  it('is told after ten seconds, whatever it is asked for', async () => {
    await using server = await served();
    server.command.signal('SIGSTOP');
    try {
      const questions = [['status'], ['reload'], ['scale', '2'], ['stop']];
      for (const { code, stderr } of await Promise.all(questions.map((words) => say(server, ...words, '--control', 'control')))) {
        assert.equal(code, 1);
        assert.match(stderr, /^appserve: cannot reach a server by its control socket control: it has not answered for 10 s/);
      }
    } finally {
      server.command.signal('SIGCONT');
    }
    const { stdout } = await say(server, 'status', '--control', 'control');
    assert.match(stdout, /^app\.ini {2}serving {2}1 worker /, 'nothing of it was done behind our back');
  });
});

describe('a server that runs', TIMEOUT, () => {
  it('is given more workers, and fewer', async () => {
    await using server = await served();
    const more = await say(server, 'scale', '3', 'app.ini');
    assert.deepEqual([more.code, more.stdout], [0, '3 workers\n']);
    await server.command.says(/control socket: 3 workers\n/);
    const fewer = await say(server, 'scale', '1', '--json', '--control', 'control');
    assert.deepEqual([fewer.code, fewer.stdout], [0, '{"workers":1}\n']);
    const tooMany = await say(server, 'scale', '1000000', '--control', 'control');
    assert.equal(tooMany.code, 1);
    assert.match(tooMany.stderr, /workers = 1000000: must be a whole number from 1 to 1024/);
    for (const word of ['0', '-1', 'many', '1.5', '1e3']) {
      const { code, stderr } = await say(server, 'scale', '--control', 'control', '--', word);
      assert.equal(code, 2, word);
      assert.match(stderr, /must be a number of workers/);
    }
  });

  it('says more, of one logger or of the server itself', async () => {
    await using server = await served();
    const own = await say(server, 'log-level', 'debug', 'app.ini');
    assert.deepEqual([own.code, own.stdout], [0, 'the level of the logger appserve is debug now\n']);
    const other = await say(server, 'log-level', 'warn', '--logger', 'shop.cart', '--control', 'control', '--json');
    assert.deepEqual([other.code, other.stdout], [0, '{"logger":"shop.cart","level":"warn"}\n']);
    const root = await say(server, 'log-level', 'debug', '--logger', 'root', '--control', 'control');
    assert.equal(root.stdout, 'the level of the logger root is debug now\n');
    await server.command.says(/the level of the logger shop\.cart is warn now/);
    const wrong = await say(server, 'log-level', 'loud', '--control', 'control');
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /the server says no: level = loud: must be one of debug, info/);
  });

  it('reloads, and the command says why where it cannot', async () => {
    await using server = await served();
    write(server.folder, { 'app.mjs': 'export const makeApp = () => () => new Response("new");' });
    const done = await say(server, 'reload', 'app.ini');
    assert.deepEqual([done.code, done.stdout], [0, 'reloaded: 1 worker\n']);
    write(server.folder, { 'app.mjs': 'export const makeApp = () => { throw new Error("no luck"); };' });
    const failed = await say(server, 'reload', 'app.ini');
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /the server says no: .*no luck/);
  });

  it('reloads, and the command says what it left for a restart', async () => {
    await using server = await served();
    const written = readFileSync(`${server.folder.path}/app.ini`, 'utf8');
    write(server.folder, { 'app.ini': written.replace('socket = 127.0.0.1:0', 'socket = 127.0.0.1:1') });
    const what = 'the addresses have changed: that needs a restart, the server listens where it did';
    const told = await say(server, 'reload', '--control', 'control');
    assert.deepEqual([told.code, told.stdout, told.stderr], [0, 'reloaded: 1 worker\n', `${what}\n`]);
    const json = await say(server, 'reload', '--control', 'control', '--json');
    assert.deepEqual(JSON.parse(json.stdout), { workers: 1, leftOut: [what] });
    write(server.folder, { 'app.ini': written });
    assert.equal((await say(server, 'reload', '--control', 'control')).stderr, '');
  });

  it('is refused for programs, too, and each mistake has its place', async () => {
    await using server = await served();
    const written = readFileSync(`${server.folder.path}/app.ini`, 'utf8');
    write(server.folder, { 'app.ini': `${written}\nwokers = 3\n` });
    const { code, stdout, stderr } = await say(server, 'reload', '--control', 'control', '--json');
    assert.equal(code, 1);
    const { error } = JSON.parse(stdout) as {
      error: { code: string; faults: readonly { code: string; at: { line: number } }[] };
    };
    assert.equal(error.code, 'OPTION_UNKNOWN');
    assert.equal(error.faults[0]!.at.line, written.split('\n').length + 1);
    assert.match(stderr, /the server says no: unknown option wokers/);
  });

  it('reloads, and the command says where each mistake stands', async () => {
    await using server = await served();
    write(server.folder, {
      'app.ini': `[app:main]
use = ./ap.mjs#makeApp
[server:main]
use = @appserve/server#main
socket = 127.0.0.1:0
wokers = 1
`,
    });
    const { code, stderr } = await say(server, 'reload', '--control', 'control');
    assert.equal(code, 1);
    const told = stderr.replaceAll(server.folder.path, '/srv/site');
    assert.match(
      told,
      /^app\.ini:2:7: the server says no: there is no module .*ap\.mjs \(MODULE_MISSING\)\n {2}2 \| use = .*\n.*\^\n {2}did you mean app\.mjs\?\n {2}in \[app:main\]/m,
    );
    assert.match(
      told,
      /^app\.ini:6:1: the server says no: unknown option wokers \(OPTION_UNKNOWN\)\n(?:.*\n){2} {2}did you mean workers\?/m,
    );
    assert.equal((await server.command.get('/'))?.status, 200);
  });

  it('is stopped, and the command ends when it has ended', async () => {
    await using server = await served('graceful_timeout = 10s');
    await using client = await server.command.client();
    await client.send('POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\n');
    // The app has been called, and waits for the body.
    let underWay = 0;
    while (underWay === 0) {
      const { stdout } = await say(server, 'status', '--control', 'control', '--json');
      underWay = (JSON.parse(stdout) as { present: { inFlight: number } }).present.inFlight;
    }
    const stopping = say(server, 'stop', '--control', 'control');
    await server.command.says(/stopping|$/);
    await client.send('body');
    const { code, stdout } = await stopping;
    assert.deepEqual([code, stdout], [0, 'stopped\n']);
    assert.equal((await client.response())?.body, 'body');
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
  });

  it('is stopped at once', async () => {
    await using server = await served('graceful_timeout = 30s');
    await using client = await server.command.client();
    await client.send('GET /never HTTP/1.1\r\nHost: test\r\n\r\n');
    const { code, stdout } = await say(server, 'stop', '--now', '--control', 'control');
    assert.deepEqual([code, stdout], [0, 'stopped\n']);
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
  });
});
