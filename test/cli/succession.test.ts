// SIGUSR2: another process takes the place of the running one, with its sockets. No request fails meanwhile, and when the other one cannot
// serve, nothing has happened.

import assert from 'node:assert/strict';
import { chmodSync, existsSync, lstatSync, readFileSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { once } from 'node:events';
import net from 'node:net';
import { describe, it } from 'node:test';
import { isItsTurn, programOf, readTestament, whyNoHeir, type Origin, type Started, type Turn } from '@appserve/server/machines';
import { freePort } from '../../bench/free-port.ts';
import { Command, connectTo, write } from '../support/command.ts';
import { Crowd } from '../support/crowd.ts';
import { eventually } from '../support/eventually.ts';
import { serveApp, serveIni, type Served } from '../support/fleet.ts';
import { isAlive, killIfAlive, openFiles } from '../support/process.ts';
import { linkPackages, temporaryFolder } from '../support/temporary.ts';

const IS_LINUX = process.platform === 'linux';
const TIMEOUT = { timeout: 240_000, concurrency: 2 };

/** The processes that took the place of the first one are no children of the test: they are ended by their numbers. */
class Dynasty implements AsyncDisposable {
  readonly server: Served;

  constructor(server: Served) {
    this.server = server;
  }

  get command(): Command {
    return this.server.command;
  }

  get pids(): readonly number[] {
    return Array.from(this.command.stderr.matchAll(/process (\d+) is starting/g), ([, pid]) => Number(pid));
  }

  /** Gives the process that serves from here on; the one before has ended. */
  async succeed(pid: number): Promise<number> {
    const times = this.pids.length + 1;
    process.kill(pid, 'SIGUSR2');
    const [, heir] = await this.command.says(/process (\d+) serves: this one finishes what it has/, times);
    await eventually('the old process ends', () => !isAlive(pid));
    return Number(heir);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of this.pids) killIfAlive(pid);
    await this.server[Symbol.asyncDispose]();
  }
}

function dynasty(...lines: readonly string[]): Dynasty {
  return dynastyOf('export const makeApp = () => () => new Response(`by ${process.pid}`);', ...lines);
}

function dynastyOf(app: string, ...lines: readonly string[]): Dynasty {
  const all = ['workers = 2', 'max_reuse_count = unlimited', 'chunked_transfer = true', ...lines];
  return new Dynasty(serveApp(app, all));
}

describe('SIGUSR2', TIMEOUT, () => {
  for (const keepAlive of [true, false]) {
    it(`brings another process, and no request fails, ${keepAlive ? 'with' : 'without'} keep-alive`, async () => {
      await using server = dynasty('socket = 127.0.0.1:0');
      const crowd = new Crowd(await server.command.url(), { keepAlive });
      const { pid } = server.command;
      await crowd.hears(`200 by ${pid}`);
      const second = await server.succeed(pid);
      await crowd.hears(`200 by ${second}`);
      // The same once more: an heir has heirs.
      const third = await server.succeed(second);
      await crowd.hears(`200 by ${third}`);
      await crowd.stop();
      assert.deepEqual(crowd.failures, []);
      assert.equal(new Set([pid, second, third]).size, 3);
    });
  }

  it('leaves unix sockets and the pidfile where they are, as the other one’s', async () => {
    await using server = dynasty('socket = 127.0.0.1:0 unix:app.sock 127.0.0.1:0', 'pidfile = app.pid');
    await server.command.url();
    const socket = `${server.server.folder.path}/app.sock`;
    const before = lstatSync(socket).ino;
    const heir = await server.succeed(server.command.pid);
    assert.equal(lstatSync(socket).ino, before);
    assert.equal(readFileSync(`${server.server.folder.path}/app.pid`, 'latin1'), `${heir}\n`);
    assert.equal((await server.command.get('/'))?.body, `by ${heir}`);
    // All of them, in their order: the ports are the same.
    const ports = server.command.stderr.match(/http:\/\/127\.0\.0\.1:\d+$/gm)!;
    assert.equal(ports.length, 4);
    assert.deepEqual(ports.slice(2), ports.slice(0, 2));
    process.kill(heir, 'SIGTERM');
    await server.command.ending();
    assert.equal(lstatSync(socket, { throwIfNoEntry: false }), undefined);
    assert.equal(lstatSync(`${server.server.folder.path}/app.pid`, { throwIfNoEntry: false }), undefined);
  });

  it('changes nothing when the other one cannot serve', async () => {
    await using server = dynasty('socket = unix:%(here)s/app.sock', 'pidfile = app.pid');
    await server.command.url();
    write(server.server.folder, { 'app.mjs': 'throw new Error("half a thought");' });
    server.command.signal('SIGUSR2');
    await server.command.says(/half a thought/);
    await server.command.says(/process \d+ ended with code 1 before it served: this one goes on/);
    assert.equal((await server.command.get('/'))?.body, `by ${server.command.pid}`);
    assert.equal(readFileSync(`${server.server.folder.path}/app.pid`, 'latin1'), `${server.command.pid}\n`);
    // And mended, it can.
    write(server.server.folder, { 'app.mjs': 'export const makeApp = () => () => new Response("mended");' });
    process.kill(server.command.pid, 'SIGUSR2');
    await server.command.says(/ serves: this one finishes what it has/);
    await eventually('the old process ends', () => !isAlive(server.command.pid));
    assert.equal((await server.command.get('/'))?.body, 'mended');
  });

  it('twice at once is once', async () => {
    await using server = dynasty('socket = 127.0.0.1:0');
    await server.command.url();
    write(server.server.folder, { 'app.mjs': 'console.error("loading"); await new Promise(() => setInterval(() => 0, 1e6));' });
    server.command.signal('SIGUSR2');
    await server.command.says(/^loading$/m);
    server.command.signal('SIGUSR2');
    await server.command.says(
      /another process is already starting in the place of this one: process (\d+), for \d+ s; `kill \1` ends it/,
    );
    assert.equal(server.pids.length, 1);
  });

  it('and then SIGTERM ends both', async () => {
    await using server = dynasty('socket = 127.0.0.1:0');
    await server.command.url();
    write(server.server.folder, { 'app.mjs': 'console.error("loading"); await new Promise(() => setInterval(() => 0, 1e6));' });
    server.command.signal('SIGUSR2');
    await server.command.says(/^loading$/m, 2);
    server.command.signal('SIGTERM');
    // It is over when everybody has closed its end of the log.
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
    assert.equal(isAlive(server.pids[0]!), false);
  });

  it('and then SIGHUP reloads both: the other one when it serves, since it may have read what was there before', async () => {
    await using server = dynasty('socket = 127.0.0.1:0');
    await server.command.url();
    const { path } = server.server.folder;
    write(server.server.folder, { 'app.mjs': readyWith(`${path}/go`) });
    server.command.signal('SIGUSR2');
    // Each of its workers has read the app by then.
    await server.command.says(/^loading$/m, 2);
    const [heir] = server.pids;
    write(server.server.folder, { 'app.mjs': 'export const makeApp = () => () => new Response(`fresh, by ${process.pid}`);' });
    server.command.signal('SIGHUP');
    await server.command.says(/ reloaded: new workers are ready/);
    await server.command.answers('/', `fresh, by ${server.command.pid}`);
    assert.match(server.command.stderr, new RegExp(`process ${heir}, which is starting .*, reloads too when it serves`));
    write(server.server.folder, { go: '' });
    await server.command.says(/ reloaded: new workers are ready/, 2);
    await server.command.answers('/', `fresh, by ${heir}`);
  });

  it('brings as many workers as were asked for by hand, and the levels of loggers', async () => {
    await using server = dynasty('socket = 127.0.0.1:0', 'control_socket = control');
    await server.command.url();
    server.command.signal('SIGTTIN');
    await server.command.says(/SIGTTIN: 3 workers/);
    const words = ['log-level', 'debug', '--logger', 'shop', '--control', 'control'];
    await using talk = Command.appserve(words, { cwd: server.server.folder.path });
    assert.deepEqual(await talk.ending(), { code: 0, signal: null });
    const second = await server.succeed(server.command.pid);
    await server.command.says(/the level of the logger shop is debug now/, 2);
    await server.command.says(/^ {2}3 workers, .*; ready in/m);
    // The same once more: an heir has heirs.
    await server.succeed(second);
    await server.command.says(/the level of the logger shop is debug now/, 3);
    await server.command.says(/^ {2}3 workers, .*; ready in/m, 2);
  });

  it('and then asking for more workers is refused: the other one would not hear of it', async () => {
    await using server = dynasty('socket = 127.0.0.1:0');
    await server.command.url();
    write(server.server.folder, { 'app.mjs': readyWith(`${server.server.folder.path}/go`) });
    server.command.signal('SIGUSR2');
    await server.command.says(/^loading$/m);
    server.command.signal('SIGTTIN');
    const [, pid] = await server.command.says(/WARN .*SIGTTIN: scale: process (\d+) is starting in the place of this one/);
    assert.equal(Number(pid), server.pids[0]);
  });

  it('and then SIGUSR1 has both go on in the new file of the log', { skip: !IS_LINUX && 'it looks into /proc' }, async () => {
    await using server = dynasty('socket = 127.0.0.1:0', 'error_log = site.log', 'pidfile = site.pid');
    await server.command.url();
    const { path } = server.server.folder;
    write(server.server.folder, { 'app.mjs': readyWith(`${path}/go`, `${path}/loading`) });
    server.command.signal('SIGUSR2');
    await eventually('the other one has its log, and loads', () => existsSync(`${path}/loading`));
    renameSync(`${path}/site.log`, `${path}/site.log.1`);
    server.command.signal('SIGUSR1');
    await eventually('the old one has opened a new file', () => existsSync(`${path}/site.log`));
    write(server.server.folder, { go: '' });
    await eventually('the old process ends', () => !isAlive(server.command.pid));
    const heir = Number(readFileSync(`${path}/site.pid`, 'latin1'));
    await eventually('the other one has let go of the old file', () => !openFiles(heir).includes(`${path}/site.log.1`));
    assert.ok(openFiles(heir).includes(`${path}/site.log`));
    process.kill(heir, 'SIGTERM');
    await server.command.ending();
    assert.match(readFileSync(`${path}/site.log`, 'latin1'), /SIGTERM: stopping/);
  });

  it('takes addresses that are new, and closes those that are no more', async () => {
    await using server = dynasty('socket = 127.0.0.1:0 unix:old.sock');
    await server.command.url();
    const ini = ['[app:main]', 'use = ./app.mjs#makeApp', '[server:main]', 'use = @appserve/server#main', 'workers = 1'];
    write(server.server.folder, { 'app.ini': [...ini, 'socket = 127.0.0.1:0 unix:new.sock', ''].join('\n') });
    const heir = await server.succeed(server.command.pid);
    assert.equal((await server.command.get('/'))?.body, `by ${heir}`);
    await server.command.says(/unix:new\.sock/);
    await using client = Command.program('python3', ['-c', CONNECT, `${server.server.folder.path}/old.sock`]);
    await client.says(/FileNotFoundError/);
  });

  it('leaves a file alone that another server has put in the place of ours, and says that nobody finds this one', async () => {
    await using server = dynasty('socket = unix:app.sock');
    await server.command.url();
    const path = `${server.server.folder.path}/app.sock`;
    unlinkSync(path);
    const other = net.createServer().listen(path);
    await once(other, 'listening');
    try {
      const before = lstatSync(path).ino;
      const second = await server.succeed(server.command.pid);
      const another = `another server has ${path} by now: nobody finds this one by it; that needs a restart`;
      await server.command.says(new RegExp(`WARN .*${another}`));
      // An heir of the heir knows it too.
      const third = await server.succeed(second);
      await server.command.says(new RegExp(`WARN .*${another}`), 2);
      process.kill(third, 'SIGTERM');
      await server.command.ending();
      assert.equal(lstatSync(path).ino, before);
    } finally {
      other.close();
    }
  });

  it('says that another address of the same port needs a restart', async () => {
    const port = await freePort();
    await using server = dynasty(`socket = 127.0.0.1:${port}`);
    await server.command.url();
    const ini = ['[app:main]', 'use = ./app.mjs#makeApp', '[server:main]', 'use = @appserve/server#main', 'workers = 1'];
    write(server.server.folder, { 'app.ini': [...ini, `socket = 0.0.0.0:${port}`, ''].join('\n') });
    server.command.signal('SIGUSR2');
    await server.command.says(
      /cannot listen on 0\.0\.0\.0:\d+: the process whose place this one takes has that port .*needs a restart/,
    );
    await server.command.says(/ended with code 1 before it served: this one goes on/);
  });

  it('says once that a stranger has the control socket', async () => {
    await using server = dynasty('socket = 127.0.0.1:0', 'control_socket = control');
    await server.command.url();
    const path = `${server.server.folder.path}/control`;
    unlinkSync(path);
    const stranger = net.createServer().listen(path);
    await once(stranger, 'listening');
    try {
      await server.succeed(server.command.pid);
      await server.command.says(new RegExp(`WARN .*unix:${path} stays closed while it is in use: another process has it`));
    } finally {
      stranger.close();
    }
    // Nobody listens there any more: it is opened after all.
    const status = (): Command => Command.appserve(['status', '--control', path]);
    for (let code: number | null = 1; code !== 0;) {
      await using asking = status();
      ({ code } = await asking.ending());
    }
    assert.equal(server.command.stderr.match(/stays closed/g)?.length, 1);
  });

  it('says that the file of a unix socket is gone', async () => {
    await using server = dynasty('socket = unix:app.sock');
    await server.command.url();
    const path = `${server.server.folder.path}/app.sock`;
    unlinkSync(path);
    await server.succeed(server.command.pid);
    await server.command.says(new RegExp(`WARN .*${path} is gone: nobody finds this one by it; that needs a restart`));
  });

  it('that cannot start another process for want of descriptors says so once, and this one goes on', async () => {
    await using server = dynastyOf(EATER, 'socket = 127.0.0.1:0');
    await server.command.url();
    assert.equal((await server.command.get('/'))?.body, 'eaten');
    server.command.signal('SIGUSR2');
    await server.command.says(/ERROR .*another process cannot be started, this one goes on: .*\(EMFILE; ulimit -n\)/);
    server.command.signal('SIGTERM');
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
  });

  it('whose folder is gone says so once, and this one goes on', async () => {
    await using server = dynasty('socket = 127.0.0.1:0');
    const url = await server.command.url();
    const { path } = server.server.folder;
    renameSync(path, `${path}-moved`);
    try {
      server.command.signal('SIGUSR2');
      await server.command.says(/another process cannot be started, this one goes on: its folder \S+ is gone/);
    } finally {
      renameSync(`${path}-moved`, path);
    }
    await using client = await connectTo(url);
    await client.send('GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n');
    assert.equal((await client.response())?.body, `by ${server.command.pid}`);
    assert.equal(server.command.stderr.match(/ERROR/g)?.length, 1);
    assert.doesNotMatch(server.command.stderr, /is starting in the place/);
  });

  it('and then SIGTERM ends the other one at once, and answers what is under way', async () => {
    await using server = dynastyOf(SLOW, 'socket = unix:%(here)s/app.sock');
    await using client = await server.command.client();
    await client.send('GET /slow HTTP/1.1\r\nHost: test\r\n\r\n');
    await server.command.says(/^slow$/m);
    // Ready as soon as the old one drains.
    const { path } = server.server.folder;
    write(server.server.folder, { 'app.mjs': readyWith(`${path}/go`) });
    server.command.signal('SIGUSR2');
    await server.command.says(/^loading$/m);
    const [heir] = server.pids;
    server.command.signal('SIGTERM');
    await server.command.says(/SIGTERM: stopping/);
    write(server.server.folder, { go: '' });
    await eventually('the other one has ended', () => !isAlive(heir!));
    assert.ok(isAlive(server.command.pid));
    write(server.server.folder, { answer: '' });
    assert.equal((await client.response())?.body, 'slow, and whole');
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
    assert.equal(lstatSync(`${path}/app.sock`, { throwIfNoEntry: false }), undefined);
  });

  it('and then the end of this one by itself leaves the other one its place', async () => {
    await using server = dynasty('socket = unix:%(here)s/app.sock', 'idle_exit = 6s', 'pidfile = app.pid');
    await server.command.says(/; ready in \d+ ms$/m);
    const { path } = server.server.folder;
    write(server.server.folder, { 'app.mjs': readyWith(`${path}/go`) });
    server.command.signal('SIGUSR2');
    await server.command.says(/^loading$/m);
    const [heir] = server.pids;
    await server.command.says(/idle_exit\): stopping/);
    await eventually('the old one has ended', () => !isAlive(server.command.pid));
    write(server.server.folder, { go: '' });
    await server.command.says(/; ready in \d+ ms$/m, 2);
    assert.equal((await server.command.get('/'))?.body, `by ${heir}`);
    assert.equal(readFileSync(`${path}/app.pid`, 'latin1'), `${heir}\n`);
    await eventually('its own idleness ends it', () => !isAlive(heir!));
    assert.equal(lstatSync(`${path}/app.sock`, { throwIfNoEntry: false }), undefined);
  });

  it('brings the other one also when this one is killed before that has begun', async () => {
    await using server = dynasty('socket = unix:%(here)s/app.sock', 'pidfile = app.pid');
    await server.command.url();
    const { path } = server.server.folder;
    const before = lstatSync(`${path}/app.sock`).ino;
    server.command.signal('SIGUSR2');
    const [, heir] = await server.command.says(/process (\d+) is starting/);
    server.command.signal('SIGKILL');
    await server.command.says(/; ready in \d+ ms$/m, 2);
    assert.equal((await server.command.get('/'))?.body, `by ${heir}`);
    assert.equal(lstatSync(`${path}/app.sock`).ino, before);
    assert.equal(readFileSync(`${path}/app.pid`, 'latin1'), `${heir}\n`);
  });

  it('leaves a unix socket with its permissions, and says where the configuration wants others', async () => {
    await using server = dynasty('socket = unix:%(here)s/app.sock');
    await server.command.says(/; ready in \d+ ms$/m);
    const { path } = server.server.folder;
    const ini = ['[app:main]', 'use = ./app.mjs#makeApp', '[server:main]', 'use = @appserve/server#main', 'workers = 1'];
    write(server.server.folder, { 'app.ini': [...ini, 'socket = unix:%(here)s/app.sock', 'socket_mode = 0600', ''].join('\n') });
    await server.succeed(server.command.pid);
    const stays = `${path}/app.sock was left by another process and stays as it is \\(mode 0660, .*\\): socket_mode = 0600 needs`;
    await server.command.says(new RegExp(`WARN .*${stays}`));
    assert.equal(lstatSync(`${path}/app.sock`).mode & 0o777, 0o660);
  });

  it('starts what stands behind the name of Node by then', async () => {
    using folder = temporaryFolder();
    linkPackages(folder);
    write(folder, {
      'script.mjs': `
        import { serve } from '@appserve/server';
        await serve(() => new Response(process.env.BY ?? 'the old one'), '127.0.0.1:0');
      `,
    });
    symlinkSync(process.execPath, `${folder.path}/node`);
    const command = Command.program(`${folder.path}/node`, ['script.mjs'], { cwd: folder.path });
    await using server = new Dynasty({ folder, command, [Symbol.asyncDispose]: () => command[Symbol.asyncDispose]() });
    assert.equal((await command.get('/'))?.body, 'the old one');
    write(folder, { new: `#!/bin/sh\nBY='the new one' exec ${process.execPath} "$@"\n` });
    chmodSync(`${folder.path}/new`, 0o755);
    renameSync(`${folder.path}/new`, `${folder.path}/node`);
    await server.succeed(command.pid);
    assert.equal((await command.get('/'))?.body, 'the new one');
  });

  for (const [how, calls] of [
    ['at once', "await Promise.all([serve(app, '127.0.0.1:0'), serve(app, 'unix:second.sock')]);"],
    ['one after the other', "await serve(app, '127.0.0.1:0'); await serve(app, 'unix:second.sock');"],
  ] as const) {
    it(`of a script with two servers, ${how}, brings both`, async () => {
      using folder = temporaryFolder();
      linkPackages(folder);
      const app = 'const app = () => new Response(String(process.pid));';
      write(folder, { 'script.mjs': `import { serve } from '@appserve/server';\n${app}\n${calls}` });
      const command = Command.node(['script.mjs'], { cwd: folder.path });
      await using server = new Dynasty({ folder, command, [Symbol.asyncDispose]: () => command[Symbol.asyncDispose]() });
      await command.says(/; ready in \d+ ms$/m, 2);
      const before = lstatSync(`${folder.path}/second.sock`).ino;
      const heir = await server.succeed(command.pid);
      await command.says(/^ {2}http:/m, 2);
      await command.says(/^ {2}unix:second\.sock$/m, 2);
      assert.ok(isAlive(heir));
      // The very socket, not another one in its place.
      assert.equal(lstatSync(`${folder.path}/second.sock`).ino, before);
      const urls = command.stderr.match(/http:\/\/127\.0\.0\.1:\d+$/gm)!;
      assert.equal(urls[1], urls[0]);
      assert.equal(command.stderr.match(/SIGUSR2/g)?.length, 1);
      assert.doesNotMatch(command.stderr, /WARN/);
    });
  }

  it('is not waited for by a variable that holds something else', async () => {
    await using server = serveIni(['socket = 127.0.0.1:0', 'workers = 1'], [], { env: { APPSERVE_SUCCEEDS: '{"pid' } });
    await server.command.url();
    assert.match(server.command.stderr, /WARN .*APPSERVE_SUCCEEDS of the environment is not what another process leaves/);
  });
});

/** Takes all descriptors but a few, which Node needs to answer. */
const EATER = `
import { openSync } from 'node:fs';
export const makeApp = () => () => {
  try {
    for (;;) openSync('/dev/null');
  } catch {
    return new Response('eaten');
  }
};
`;

/** Answers when it is told to, by a file. */
const SLOW = `
import { existsSync } from 'node:fs';
import { setTimeout as later } from 'node:timers/promises';
export const makeApp = () => async () => {
  console.error('slow');
  while (!existsSync(new URL('answer', import.meta.url))) await later(1);
  return new Response('slow, and whole');
};
`;

/** Is loaded as soon as there is that file. `sign`: a file that says that it loads, where nobody hears what it says. */
function readyWith(file: string, sign = '/dev/null'): string {
  return `
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as later } from 'node:timers/promises';
console.error('loading');
writeFileSync(${JSON.stringify(sign)}, '');
while (!existsSync(${JSON.stringify(file)})) await later(1);
export const makeApp = () => () => new Response(\`by \${process.pid}\`);
`;
}

const CONNECT = 'import socket, sys\nsocket.socket(socket.AF_UNIX).connect(sys.argv[1])';

const isSeven = (pid: number): boolean => pid === 7;

describe('what one process leaves to another', () => {
  const LEFT = { pid: 7, readyFd: 3, servers: 1, sockets: [{ written: '127.0.0.1:80', descriptors: [4] }] };
  const TEXT = JSON.stringify(LEFT);

  it('is for who was started by it', () => assert.deepEqual(readTestament(TEXT, isSeven), LEFT));
  it('is for nobody else, such as a program that the app has started', () =>
    assert.equal(
      readTestament(TEXT, () => false),
      undefined,
    ));
  it('is mostly nothing', () => assert.equal(readTestament(undefined, isSeven), undefined));

  const JUNK: readonly unknown[] = [
    null,
    7,
    [],
    { ...LEFT, pid: '7' },
    { ...LEFT, readyFd: -1 },
    { ...LEFT, readyFd: 2 ** 31 },
    { ...LEFT, servers: 0 },
    { ...LEFT, sockets: {} },
    { ...LEFT, sockets: [null] },
    { ...LEFT, sockets: [{ written: 1, descriptors: [4] }] },
    { ...LEFT, sockets: [{ written: '127.0.0.1:80', descriptors: ['4'] }] },
    { ...LEFT, sockets: [{ written: 'unix:a', descriptors: [4], file: '/a' }] },
    { ...LEFT, sockets: [{ written: 'unix:a', descriptors: [4], file: { path: '/a', dev: 1 } }] },
    { ...LEFT, byHand: {} },
    { ...LEFT, byHand: [{ written: ':80', workers: { now: '3', said: 1 }, levels: {} }] },
    { ...LEFT, byHand: [{ written: ':80', workers: { now: 3, said: 1 }, levels: { shop: 7 } }] },
  ];
  for (const text of ['', '{', ...JUNK.map((value) => JSON.stringify(value))])
    it(`is not ${text || 'nothing at all'}`, () => assert.equal(readTestament(text, isSeven), 'junk'));
});

describe('the turn of the other one', () => {
  const FACTS = { joined: 1, ready: 1, before: 2, heirloomsLeft: 1, isLate: false };
  const CASES: readonly (readonly [what: string, facts: Partial<Turn>, turn: ReturnType<typeof isItsTurn>])[] = [
    ['may come with the next server of a script', {}, 'later'],
    ['is there when that has taken too long', { isLate: true }, 'now'],
    ['is not, before all that have joined serve', { joined: 2 }, 'no'],
    ['is not either when it is late by then', { joined: 2, isLate: true }, 'no'],
    ['is there when all are back', { joined: 2, ready: 2 }, 'now'],
    ['is there when nothing is left to be taken', { heirloomsLeft: 0 }, 'now'],
    ['is there where an address is no more', { before: 1 }, 'now'],
    ['is there where nobody was before', { before: 0, heirloomsLeft: 0, joined: 2 }, 'now'],
  ];
  for (const [what, facts, turn] of CASES) it(what, () => assert.equal(isItsTurn({ ...FACTS, ...facts }), turn));
});

describe('a process that may be followed by another one', () => {
  const TINI = { pid: 7, startedBy: 1, init: 'tini', isHeir: false, isNotifying: false };
  const CASES: readonly (readonly [what: string, origin: Partial<Origin>, why: RegExp | undefined])[] = [
    [
      'is not process 1',
      { pid: 1, startedBy: 0, init: 'node' },
      /^process 1 cannot be followed by another one: a container ends/,
    ],
    [
      'is not what the init of a container has started',
      {},
      /^process 1 \(tini\) has started this one, and a container ends with/,
    ],
    ['is not what a shell has started that is process 1', { init: 'bash' }, /^process 1 \(bash\) has started this one/],
    ['is what somebody else has started', { startedBy: 6 }, undefined],
    ['is an heir: its container has gone on', { isHeir: true }, undefined],
    ['is what systemd has started', { init: 'systemd' }, undefined],
    ['is what the init of a machine has started', { init: 'init' }, undefined],
    ['is what can tell its parent of another process', { isNotifying: true }, undefined],
    ['is any, where process 1 has no name', { init: undefined }, undefined],
  ];
  for (const [what, origin, why] of CASES)
    it(what, () => {
      const said = whyNoHeir({ ...TINI, ...origin });
      if (why === undefined) assert.equal(said, undefined);
      else assert.match(said ?? '', why);
    });
});

describe('the Node that takes the place of another one', () => {
  const STARTED = { argv0: 'node', execPath: '/opt/v20/bin/node', folder: '/srv', path: '/usr/local/bin::/usr/bin' };
  const CASES: readonly (readonly [what: string, started: Partial<Started>, files: readonly string[], found: string])[] = [
    ['by PATH, in its order', {}, ['/usr/bin/node', '/usr/local/bin/node'], '/usr/local/bin/node'],
    ['by PATH, whose empty entry is the folder of the start', {}, ['/usr/bin/node', '/srv/node'], '/srv/node'],
    ['by its path', { argv0: '/opt/current/node' }, ['/opt/current/node', '/usr/bin/node'], '/opt/current/node'],
    ['by a path from the folder of the start', { argv0: './bin/node' }, ['/srv/bin/node'], '/srv/bin/node'],
    ['as it runs, when nothing is there', {}, [], '/opt/v20/bin/node'],
    ['as it runs, without PATH', { path: undefined }, ['/usr/bin/node'], '/opt/v20/bin/node'],
    ['as it runs, when it was called otherwise', { argv0: 'site' }, ['/usr/bin/site'], '/opt/v20/bin/node'],
    ['under the name of its file', { argv0: 'iojs', execPath: '/opt/iojs' }, ['/usr/bin/iojs'], '/usr/bin/iojs'],
  ];
  for (const [what, started, files, found] of CASES)
    it(`is found ${what}`, () =>
      assert.equal(
        programOf({ ...STARTED, ...started }, (file) => files.includes(file)),
        found,
      ));
});
