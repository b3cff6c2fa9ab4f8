// SIGUSR2: another process takes the place of the running one, with its sockets. No request fails meanwhile, and when the other one cannot
// serve, nothing has happened.

import assert from 'node:assert/strict';
import { lstatSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { readTestament } from '@appserve/server/machines';
import { Command, write } from '../support/command.ts';
import { Crowd } from '../support/crowd.ts';
import { eventually } from '../support/eventually.ts';
import { serveIni, type Served } from '../support/fleet.ts';
import { isAlive } from '../support/process.ts';
import { linkPackages, temporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 60_000, concurrency: 2 };

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
    for (const pid of this.pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    await this.server[Symbol.asyncDispose]();
  }
}

function dynasty(...lines: readonly string[]): Dynasty {
  const all = ['workers = 2', 'max_reuse_count = unlimited', 'chunked_transfer = true', ...lines];
  const server = serveIni(all, [], { lifetimeMs: 50_000 });
  write(server.folder, { 'app.mjs': 'export const makeApp = () => () => new Response(`by ${process.pid}`);' });
  return new Dynasty(server);
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
    await server.command.says(/another process is already starting in the place of this one/);
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

  it('takes addresses that are new, and closes those that are no more', async () => {
    await using server = dynasty('socket = 127.0.0.1:0 unix:old.sock');
    await server.command.url();
    const ini = ['[app:main]', 'use = ./app.mjs#makeApp', '[server:main]', 'use = @appserve/server#main', 'workers = 1'];
    write(server.server.folder, { 'app.ini': [...ini, 'socket = 127.0.0.1:0 unix:new.sock', ''].join('\n') });
    const heir = await server.succeed(server.command.pid);
    assert.equal((await server.command.get('/'))?.body, `by ${heir}`);
    await server.command.says(/unix:new\.sock/);
    await using client = Command.program('python3', ['-c', CONNECT, `${server.server.folder.path}/old.sock`]);
    await client.says(/ConnectionRefusedError|FileNotFoundError/);
  });

  it('of a script with two servers brings both', async () => {
    using folder = temporaryFolder();
    linkPackages(folder);
    write(folder, {
      'script.mjs': `
        import { serve } from '@appserve/server';
        const app = () => new Response(String(process.pid));
        await Promise.all([serve(app, '127.0.0.1:0'), serve(app, 'unix:second.sock')]);
      `,
    });
    const command = Command.node(['script.mjs'], { cwd: folder.path, lifetimeMs: 30_000 });
    await using server = new Dynasty({ folder, command, [Symbol.asyncDispose]: () => command[Symbol.asyncDispose]() });
    await command.says(/; ready in \d+ ms$/m, 2);
    const heir = await server.succeed(command.pid);
    await command.says(/^ {2}http:/m, 2);
    await command.says(/^ {2}unix:second\.sock$/m, 2);
    assert.ok(isAlive(heir));
  });
});

const CONNECT = 'import socket, sys\nsocket.socket(socket.AF_UNIX).connect(sys.argv[1])';

describe('what one process leaves to another', () => {
  const TEXT = JSON.stringify({ pid: 7, readyFd: 3, sockets: [{ written: '127.0.0.1:80', descriptors: [4] }] });

  it('is for who was started by it', () => assert.equal(readTestament(TEXT, 7)?.sockets[0]!.written, '127.0.0.1:80'));
  it('is for nobody else, such as a program that the app has started', () => assert.equal(readTestament(TEXT, 8), undefined));
  it('is mostly nothing', () => assert.equal(readTestament(undefined, 7), undefined));
});
