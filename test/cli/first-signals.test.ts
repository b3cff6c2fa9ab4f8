// Signals that come before there is a server to obey them: a service manager sends them to all processes of a service, of which one may just
// be starting.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { SIGNALS } from '@appserve/server/machines';
import { APPSERVE, Command, write, type Ending } from '../support/command.ts';
import { noContainers } from '../support/container.ts';
import { serveIni } from '../support/fleet.ts';
import { linkPackages, temporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 120_000, concurrency: 2 };

const ENDS = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;
const OTHERS = Object.keys(SIGNALS).filter((signal) => !(ENDS as readonly string[]).includes(signal)) as NodeJS.Signals[];

/** For `node --import`: sends these to its process when that one begins to load a module. */
function sending(signals: readonly string[], module: string, processes: 'all' | 'workers' = 'all'): string {
  const hook = `
    const signals = ${JSON.stringify(signals)};
    export function resolve(specifier, context, next) {
      if (specifier === ${JSON.stringify(module)}) for (const signal of signals.splice(0)) process.kill(process.pid, signal);
      return next(specifier, context);
    }
  `;
  const text = `
    import { register } from 'node:module';
    if (${processes === 'all'} || process.channel) register('data:text/javascript,' + ${JSON.stringify(encodeURIComponent(hook))});
  `;
  return `data:text/javascript,${encodeURIComponent(text)}`;
}

describe('a signal to a command that becomes a server', TIMEOUT, () => {
  it('does nothing, where it is meant for one that serves', async () => {
    const nodeArgs = ['--import', sending(OTHERS, '@appserve/loader')];
    await using server = serveIni(['socket = 127.0.0.1:0', 'workers = 1'], [], { nodeArgs });
    assert.equal((await server.command.get('/'))?.body, 'hello');
    assert.doesNotMatch(server.command.stderr, /Debugger listening|SIG/);
    server.command.signal('SIGTERM');
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
  });

  for (const signal of ENDS)
    it(`ends it at once: ${signal}`, async () => {
      const nodeArgs = ['--import', sending([signal], '@appserve/loader')];
      await using server = serveIni(['socket = 127.0.0.1:0', 'workers = 1'], [], { nodeArgs });
      assert.deepEqual(await server.command.ending(), { code: null, signal });
    });

  it('ends it also where it is process 1, which hears only what it listens to', { skip: noContainers() }, async () => {
    using folder = temporaryFolder();
    write(folder, {
      'app.mjs': 'export const makeApp = () => () => new Response();',
      'app.ini':
        '[app:main]\nuse = ./app.mjs#makeApp\n[server:main]\nuse = @appserve/server#main\nsocket = 127.0.0.1:0\nworkers = 1\n',
    });
    const node = [process.execPath, '--import', sending(['SIGTERM'], '@appserve/loader'), APPSERVE, 'app.ini'];
    await using command = Command.program('unshare', ['--pid', '--fork', '--kill-child', '--mount-proc', ...node], {
      cwd: folder.path,
    });
    assert.deepEqual(await command.ending(), { code: 128 + 15, signal: null });
  });
});

describe('a signal to a command that is no service', TIMEOUT, () => {
  it('ends it with its terminal, as one that is developed: SIGHUP', async () => {
    const nodeArgs = ['--import', sending(['SIGHUP'], '@appserve/loader')];
    await using server = serveIni(['socket = 127.0.0.1:0'], ['--reload'], { nodeArgs });
    assert.deepEqual(await server.command.ending(), { code: null, signal: 'SIGHUP' });
  });

  for (const signal of ['SIGHUP', 'SIGINT'] as const)
    it(`ends it: ${signal}`, async () => {
      using folder = temporaryFolder();
      write(folder, {
        'app.mjs': `
          setInterval(() => undefined, 1_000);
          export const makeApp = () => () => {
            console.error('asked');
            return new Promise(() => undefined);
          };
        `,
        'app.ini': '[app:main]\nuse = ./app.mjs#makeApp\n',
      });
      await using command = Command.appserve(['request', 'app.ini', '/'], { cwd: folder.path });
      await command.says(/asked/);
      command.signal(signal);
      assert.deepEqual(await command.ending(), { code: null, signal });
    });
});

/** Sends a signal to itself as soon as it has a pidfile. */
const SCRIPT = `
import { existsSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { serve } from '@appserve/server';
function look() {
  if (existsSync('app.pid')) process.kill(process.pid, process.argv[2]);
  else setImmediate(look);
}
if (isMainThread) setImmediate(look);
const controlSocket = 'control.sock';
await serve(() => new Response('hello'), { socket: 'unix:app.sock', pidfile: 'app.pid', controlSocket, workers: 1 });
`;

/** It has left no file behind. */
async function told(signal: NodeJS.Signals, act: (command: Command) => Promise<unknown>): Promise<Ending> {
  using folder = temporaryFolder();
  linkPackages(folder);
  write(folder, { 'script.mjs': SCRIPT });
  await using command = Command.node(['script.mjs', signal], { cwd: folder.path });
  await act(command);
  const ending = await command.ending();
  assert.deepEqual(
    readdirSync(folder.path).filter((name) => /\.(?:pid|sock)/.test(name)),
    [],
  );
  assert.doesNotMatch(command.stderr, /Debugger listening/);
  return ending;
}

describe('a signal to a server that has its files and no workers yet', TIMEOUT, () => {
  for (const signal of ENDS)
    it(`ends it when it can, and no file stays: ${signal}`, async () => {
      assert.deepEqual(await told(signal, async () => undefined), { code: 0, signal: null });
    });

  for (const signal of OTHERS)
    it(`is obeyed later, or said not to be: ${signal}`, async () => {
      const ending = await told(signal, async (command) => {
        await command.says(new RegExp(signal));
        await command.url();
        command.signal('SIGTERM');
      });
      assert.deepEqual(ending, { code: 0, signal: null });
    });
});

describe('a signal to a worker that is a process and just begins', TIMEOUT, () => {
  it('does nothing', async () => {
    const nodeArgs = ['--import', sending(Object.keys(SIGNALS), '@appserve/core', 'workers')];
    await using server = serveIni(['socket = 127.0.0.1:0', 'workers = 1', 'worker_class = process'], [], { nodeArgs });
    assert.equal((await server.command.get('/'))?.body, 'hello');
    assert.doesNotMatch(server.command.stderr, /Debugger listening|ended/);
  });
});
