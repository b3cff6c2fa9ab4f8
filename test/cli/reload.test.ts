// A server that changes while it serves, with real threads, signals and clients: fresh code and a configuration that is read again, more
// and fewer workers. No request fails meanwhile.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { write } from '../support/command.ts';
import { Crowd } from '../support/crowd.ts';
import { turns } from '../support/eventually.ts';
import { serveApp, type Served } from '../support/fleet.ts';
import { RawClient } from '../support/raw-client.ts';

const TIMEOUT = { timeout: 240_000, concurrency: 2 };
const LINES = ['socket = 127.0.0.1:0', 'workers = 2', 'max_reuse_count = unlimited', 'chunked_transfer = true'];

function saying(what: string): string {
  return `export const makeApp = (globalConf, settings) => async () => new Response(${JSON.stringify(what)} + (settings.more ?? ''));`;
}

/** What an app does first that loads until it is let go. */
const WAITING = `
  import { existsSync } from 'node:fs';
  import { setTimeout as later } from 'node:timers/promises';
  console.error('loading');
  while (!existsSync(new URL('go', import.meta.url))) await later(1);
`;

/** `/exit` ends its worker. */
function mortal(what: string): string {
  return `
    const answer = (path) => (path === '/exit' ? process.exit(3) : new Response(${JSON.stringify(what)}));
    export const makeApp = () => async ({ url }) => answer(new URL(url).pathname);
  `;
}

function served(what: string, lines: readonly string[] = LINES): Served {
  return serveApp(saying(what), lines);
}

/** Another configuration of the same app. */
function rewrite({ folder }: Served, ...lines: readonly string[]): void {
  const ini = ['[app:main]', 'use = ./app.mjs#makeApp', '[server:main]', 'use = @appserve/server#main', ...lines, ''];
  write(folder, { 'app.ini': ini.join('\n') });
}

describe('SIGHUP', TIMEOUT, () => {
  for (const keepAlive of [true, false]) {
    it(`brings fresh code, and no request fails, ${keepAlive ? 'with' : 'without'} keep-alive`, async () => {
      await using server = served('old');
      const crowd = new Crowd(await server.command.url(), { keepAlive });
      await crowd.hears('200 old');
      for (const text of ['new', 'newer', 'newest']) {
        write(server.folder, { 'app.mjs': saying(text) });
        server.command.signal('SIGHUP');
        await crowd.hears(`200 ${text}`, 200);
      }
      await crowd.stop();
      assert.deepEqual(crowd.failures, []);
      await server.command.says(/reloaded: new workers are ready/, 3);
      await server.command.answers('/', 'newest');
    });
  }

  it('reads the configuration again: settings of the app and of the server, and how many workers', async () => {
    await using server = served('a');
    const url = await server.command.url();
    const ini = ['[app:main]', 'use = ./app.mjs#makeApp', 'more = b', '[server:main]', 'use = @appserve/server#main'];
    const lines = LINES.map((line) => line.replace('workers = 2', 'workers = 3'));
    write(server.folder, { 'app.ini': [...ini, ...lines, 'server_header = true', ''].join('\n') });
    server.command.signal('SIGHUP');
    await server.command.says(/reloaded/);
    const response = await server.command.answers('/', 'ab');
    assert.match(response.head, /\r\nServer: appserve\r\n/);
    assert.ok(url);
  });

  it('that finds a mistake in the configuration says so, and the old workers go on', async () => {
    await using server = served('old');
    await server.command.url();
    write(server.folder, {
      'app.ini': '[app:main]\nuse = ./app.mjs#makeAp\n[server:main]\nuse = @appserve/server#main\nwokers = 1\n',
    });
    server.command.signal('SIGHUP');
    await server.command.says(
      /reload failed, the old workers go on: app\.ini:5:1: unknown option wokers \(did you mean workers\?\)/,
    );
    assert.equal((await server.command.get('/'))?.body, 'old');
  });

  it('that finds a mistake in the app says so, and the old workers go on', async () => {
    await using server = served('old');
    await server.command.url();
    write(server.folder, { 'app.mjs': 'throw new Error("half a thought");' });
    server.command.signal('SIGHUP');
    await server.command.says(/reload failed, the old workers go on: app\.ini:2:7: .*half a thought/);
    assert.equal((await server.command.get('/'))?.body, 'old');
    write(server.folder, { 'app.mjs': saying('mended') });
    server.command.signal('SIGHUP');
    await server.command.says(/reloaded/);
    await server.command.answers('/', 'mended');
  });

  it('twenty times at once is no more than a few, and no request fails', async () => {
    await using server = served('old');
    const crowd = new Crowd(await server.command.url(), { keepAlive: true });
    await crowd.hears('200 old');
    write(server.folder, { 'app.mjs': saying('new') });
    for (let time = 0; time < 20; time += 1) server.command.signal('SIGHUP');
    await crowd.hears('200 new', 500);
    await crowd.stop();
    assert.deepEqual(crowd.failures, []);
    assert.ok(Array.from(server.command.stderr.matchAll(/reloaded/g)).length <= 4, server.command.stderr);
  });

  it('is survived by a worker that crashes while the new ones are loading', async () => {
    await using server = serveApp(mortal('old'), LINES);
    await server.command.url();
    write(server.folder, { 'app.mjs': WAITING + mortal('new') });
    server.command.signal('SIGHUP');
    await server.command.says(/^.*loading$/m, 2);
    assert.equal(await server.command.get('/exit'), undefined);
    await server.command.says(/ended with code 3/);
    assert.equal((await server.command.get('/'))?.body, 'old');
    // The one that takes the place of the old one has the new code too.
    await server.command.says(/^.*loading$/m, 3);
    write(server.folder, { go: '' });
    await server.command.says(/reloaded/);
    await server.command.answers('/', 'new');
    // One that crashes now is replaced as ever.
    assert.equal(await server.command.get('/exit'), undefined);
    await server.command.says(/ended with code 3/, 2);
    assert.notEqual((await server.command.get('/'))?.body, undefined);
    server.command.signal('SIGTERM');
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
  });

  it('that brings a worker which ends while it loads says so, and the old workers go on', async () => {
    await using server = served('old');
    await server.command.url();
    write(server.folder, { 'app.mjs': `process.exit(4); ${saying('never')}` });
    server.command.signal('SIGHUP');
    await server.command.says(/reload failed, the old workers go on: worker-[12] ended with code 4/);
    for (let request = 0; request < 10; request += 1) assert.equal((await server.command.get('/'))?.body, 'old');
  });

  it('says what else needs a restart, each by its name', async () => {
    await using server = served('a');
    await server.command.url();
    const CHANGED = ['backlog = 7', 'socket_mode = 0600', 'socket_owner = root', 'socket_group = root', 'pidfile = app.pid'];
    const OF_PROCESS = [
      'umask = 077',
      'chdir = .',
      'user = root',
      'group = root',
      'worker_class = process',
      'error_log = app.log',
    ];
    rewrite(server, ...LINES, 'dispatch = balanced', ...CHANGED, ...OF_PROCESS);
    server.command.signal('SIGHUP');
    await server.command.says(/reloaded/);
    for (const line of [...CHANGED, ...OF_PROCESS, 'dispatch = balanced']) {
      const [name] = line.split(' ');
      assert.match(server.command.stderr, new RegExp(`WARN .*${name} has changed: that needs a restart, it stays `));
    }
    assert.match(server.command.stderr, /socket_mode has changed: that needs a restart, it stays 0660/);
  });

  it('obeys another log_level in the main thread, too', async () => {
    await using server = served('old');
    const crowd = new Crowd(await server.command.url(), { keepAlive: false });
    rewrite(server, ...LINES, 'log_level = error');
    write(server.folder, { 'app.mjs': saying('new') });
    server.command.signal('SIGHUP');
    await crowd.hears('200 new');
    await crowd.stop();
    server.command.signal('SIGUSR1');
    rewrite(server, ...LINES);
    server.command.signal('SIGHUP');
    await server.command.says(/reloaded/);
    server.command.signal('SIGTERM');
    await server.command.ending();
    assert.match(server.command.stderr, /SIGTERM: stopping/);
    assert.equal(server.command.stderr.match(/SIGHUP: reloading/g)?.length, 1);
    assert.doesNotMatch(server.command.stderr, /SIGUSR1/);
  });

  it('says that other addresses need a restart', async () => {
    await using server = served('a');
    await server.command.url();
    rewrite(server, 'socket = 127.0.0.1:1', 'workers = 2');
    server.command.signal('SIGHUP');
    await server.command.says(/the addresses have changed: that needs a restart/);
    await server.command.says(/reloaded/);
    assert.equal((await server.command.get('/'))?.body, 'a');
  });
});

describe('a worker that is ready before the others', TIMEOUT, () => {
  /** The second worker to come loads until it is let go. */
  const SECOND_WAITS = `
    import { existsSync, mkdirSync } from 'node:fs';
    import { setTimeout as later } from 'node:timers/promises';
    const isFirst = (() => {
      try {
        mkdirSync(new URL('first', import.meta.url));
        return true;
      } catch {
        return false;
      }
    })();
    console.error(isFirst ? 'the first loads' : 'the second loads');
    while (!isFirst && !existsSync(new URL('go', import.meta.url))) await later(1);
    if (!isFirst && existsSync(new URL('fail', import.meta.url))) throw new Error('half a thought');
  `;

  it('serves nobody until all are, at the start', async () => {
    await using server = serveApp(SECOND_WAITS + saying('a'), ['socket = unix:app.sock', 'workers = 2']);
    await server.command.says(/the first loads/);
    await server.command.says(/the second loads/);
    await using client = await RawClient.connect(`${server.folder.path}/app.sock`);
    await client.send('GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n');
    let isAnswered = false;
    const answer = client.response().then((response) => {
      isAnswered = true;
      return response;
    });
    await turns(100);
    assert.equal(isAnswered, false);
    write(server.folder, { go: '' });
    assert.equal((await answer)?.body, 'a');
  });

  it('serves nobody until all are, at a reload, and never when one of them fails', async () => {
    await using server = served('old');
    const crowd = new Crowd(await server.command.url(), { keepAlive: false });
    write(server.folder, { 'app.mjs': SECOND_WAITS + saying('new'), fail: '' });
    server.command.signal('SIGHUP');
    await server.command.says(/the first loads/);
    await server.command.says(/the second loads/);
    await crowd.hears('200 old', 500);
    write(server.folder, { go: '' });
    await server.command.says(/reload failed, the old workers go on: .*half a thought/);
    await crowd.hears('200 old', 500);
    await crowd.stop();
    assert.deepEqual([...crowd.answers.keys()], ['200 old']);
    assert.deepEqual(crowd.failures, []);
  });
});

describe('SIGHUP before all workers are ready', TIMEOUT, () => {
  it('is passed over, and said to be', async () => {
    await using server = serveApp(WAITING + saying('a'), LINES);
    await server.command.says(/loading/, 2);
    server.command.signal('SIGHUP');
    await server.command.says(/SIGHUP: there is nothing to reload before all workers are ready/);
    write(server.folder, { go: '' });
    assert.equal((await server.command.get('/'))?.body, 'a');
    assert.doesNotMatch(server.command.stderr, /: reloading/);
  });
});

describe('a server that goes on for stop_delay', TIMEOUT, () => {
  it('says of what would change it that it is stopping', async () => {
    await using server = served('a', [...LINES, 'stop_delay = 60s']);
    await server.command.url();
    server.command.signal('SIGTERM');
    await server.command.says(/not ready any more/);
    for (const [signal, words] of [
      ['SIGHUP', /WARN {2}\S+ SIGHUP: it is stopping: not reloaded$/m],
      ['SIGTTIN', /WARN {2}\S+ SIGTTIN: scale: the server is stopping$/m],
      ['SIGUSR2', /WARN {2}\S+ SIGUSR2: the server is stopping$/m],
    ] as const) {
      server.command.signal(signal);
      await server.command.says(words);
    }
    assert.equal((await server.command.get('/'))?.body, 'a');
    server.command.signal('SIGTERM');
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
    assert.doesNotMatch(server.command.stderr, /: reloading/);
  });
});

describe('SIGTTIN and SIGTTOU', TIMEOUT, () => {
  it('are one worker more, and one less, and no request fails', async () => {
    await using server = served('a');
    const crowd = new Crowd(await server.command.url(), { keepAlive: true });
    for (const [signal, words] of [
      ['SIGTTIN', /SIGTTIN: 3 workers/],
      ['SIGTTOU', /SIGTTOU: 2 workers/],
      ['SIGTTOU', /SIGTTOU: 1 worker$/m],
    ] as const) {
      server.command.signal(signal);
      await server.command.says(words);
      await crowd.hears('200 a', 200);
    }
    server.command.signal('SIGTTOU');
    await server.command.says(/there is one worker left: it stays/);
    await crowd.hears('200 a', 100);
    await crowd.stop();
    assert.deepEqual(crowd.failures, []);
  });
});

describe('SIGQUIT', TIMEOUT, () => {
  it('ends at once, whatever is under way', async () => {
    await using server = serveApp(
      'export const makeApp = () => (request) => (request.url.endsWith("/never") ? new Promise(() => 0) : new Response("a"));',
      LINES,
    );
    await using client = await server.command.client();
    await client.send('GET /never HTTP/1.1\r\nHost: test\r\n\r\n');
    server.command.signal('SIGQUIT');
    await server.command.says(/SIGQUIT: stopping at once/);
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
  });
});
