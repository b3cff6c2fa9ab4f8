// The command with real processes, threads, sockets and signals.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Command, connectTo, write } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { serveIni } from '../support/fleet.ts';
import { absent } from '../support/programs.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { withoutProgress } from '../support/without-progress.ts';

const TIMEOUT = { timeout: 120_000, concurrency: 2 };
const TCP = 'socket = 127.0.0.1:0';
/** full(4): whoever writes to it is told ENOSPC. */
const FULL = { skip: existsSync('/dev/full') ? false : 'there is no /dev/full' };

describe('appserve CONFIG', TIMEOUT, () => {
  it('serves the app on a free port and says where', async () => {
    await using served = serveIni([TCP, 'workers = 1']);
    const { command, folder } = served;
    const url = await command.url();
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal((await command.get('/'))?.body, 'hello');
    const banner = command.stderr
      .replaceAll(folder.path, '/app')
      .replaceAll(url, 'URL')
      .replaceAll(/\d+ ms/g, 'N ms');
    assert.equal(
      banner.replace(`pid ${command.pid}`, 'pid N'),
      'appserve 0.1.0, pid N: /app/app.ini\n  URL\n  1 worker, keep-alive off (max_reuse_count = 0); ready in N ms\n',
    );
    assert.equal(command.stdout, '');
  });

  it('serves on a unix socket beside the ini: %(here)s', async () => {
    await using served = serveIni(['socket = unix:%(here)s/app.sock', 'workers = 1']);
    assert.equal(await served.command.url(), `unix:${served.folder.path}/app.sock`);
    assert.equal((await served.command.get('/'))?.body, 'hello');
  });

  it('leaves the unix socket of a server that lives alone, and takes over that of one that was killed', async () => {
    await using first = serveIni(['socket = %(here)s/app.sock', 'workers = 1']);
    const url = await first.command.url();
    const another = (): Command => Command.appserve(['app.ini'], { cwd: first.folder.path });
    await using refused = another();
    assert.deepEqual(await refused.ending(), { code: 1, signal: null });
    assert.match(refused.stderr, /^app\.ini:\d+:10: unix:\S+app\.sock is in use\n.*\n.*\n {2}stop the other process/);
    assert.equal((await first.command.get('/'))?.body, 'hello');
    first.command.signal('SIGKILL');
    await first.command.ending();
    assert.ok(existsSync(url.slice('unix:'.length)));
    await using second = another();
    assert.equal((await second.get('/'))?.body, 'hello');
  });

  it('serves on several sockets', async () => {
    await using served = serveIni([
      'socket = 127.0.0.1:0',
      '    %(here)s/app.sock',
      'workers = 2',
      'max_reuse_count = unlimited',
    ]);
    const first = await served.command.url();
    const unix = `unix:${served.folder.path}/app.sock`;
    assert.match(served.command.stderr, new RegExp(`\n  ${first}\n  ${unix}\n  2 workers, keep-alive 60 s; ready in \\d+ ms\n`));
    await using client = await connectTo(unix);
    await client.send('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
    assert.equal((await client.response())?.body, 'hello');
  });

  it('serves on a port that the command line names: name=value', async () => {
    await using served = serveIni(['socket = %(address)s', 'workers = 1'], ['address=[::1]:0', 'greeting=a=b %(c)s']);
    assert.match(await served.command.url(), /^http:\/\/\[::1\]:\d+$/);
  });

  it('tells the app what the command line says', async () => {
    await using served = serveIni([TCP, 'workers = 1'], ['greeting=a=b %(c)s']);
    const { folder } = served;
    assert.deepEqual(JSON.parse((await served.command.get('/settings'))!.body), {
      globalConf: { here: folder.path, __file__: `${folder.path}/app.ini`, greeting: 'a=b %(c)s' },
      settings: {},
    });
  });

  it('serves [app:NAME] of CONFIG#NAME on [server:main]', async () => {
    using folder = temporaryFolder();
    const ini = ['[app:admin]', 'use = ./app.mjs#makeApp', '[server:main]', 'use = @appserve/server#main', TCP, 'workers = 1'];
    const app = "export const makeApp = () => () => new Response('the admin app');";
    write(folder, { 'app.ini': ini.join('\n'), 'app.mjs': app });
    await using command = Command.appserve(['app.ini#admin'], { cwd: folder.path });
    assert.equal((await command.get('/'))?.body, 'the admin app');
  });

  it('runs as many threads as it is told', async () => {
    await using served = serveIni([TCP, 'workers = 2']);
    const threads = new Set<string>();
    // Which worker takes a connection is the kernel's choice, so several ask at once until both have answered.
    for (let round = 0; round < 200 && threads.size < 2; round += 1)
      for (const response of await Promise.all(Array.from({ length: 10 }, () => served.command.get('/thread'))))
        threads.add(response!.body);
    assert.equal(threads.size, 2);
  });

  it('goes on with one worker while another one is busy for ever', async () => {
    await using served = serveIni([TCP, 'workers = 2']);
    await using stuck = await served.command.client();
    await stuck.send('GET /spin HTTP/1.1\r\nHost: test\r\n\r\n');
    await served.command.says(/^spinning$/m);
    for (let request = 0; request < 10; request += 1) assert.equal((await served.command.get('/'))?.body, 'hello');
  });

  it('passes on what the app writes: complaints to the log, the rest to stdout', async () => {
    await using served = serveIni([TCP, 'workers = 1']);
    assert.equal((await served.command.get('/write'))?.body, 'written');
    await served.command.says(/ ERROR \[appserve\]\[worker-1\] a complaint$/m);
    served.command.signal('SIGTERM');
    await served.command.ending();
    assert.equal(served.command.stdout, 'on stdout\n');
  });

  for (const asynchronous of ['true', 'false']) {
    it(`goes on when nobody reads its log any more, with async_logging = ${asynchronous}`, async () => {
      await using served = serveIni([TCP, 'workers = 1', 'max_reuse_count = unlimited', `async_logging = ${asynchronous}`]);
      await using client = await served.command.client();
      served.command.hangUp();
      for (let request = 0; request < 5; request += 1) {
        await client.send('GET /write HTTP/1.1\r\nHost: test\r\n\r\n');
        assert.equal((await client.response())?.body, 'written');
      }
      served.command.signal('SIGTERM');
      assert.deepEqual(await served.command.ending(), { code: 0, signal: null });
    });
  }

  for (const asynchronous of ['true', 'false']) {
    it(`goes on when the disk of its log is full, with async_logging = ${asynchronous}`, FULL, async () => {
      const full = openSync('/dev/full', 'w');
      const lines = ['socket = %(here)s/app.sock', 'workers = 1', `async_logging = ${asynchronous}`, 'log_level = debug'];
      await using served = serveIni(lines, [], { output: full });
      closeSync(full);
      const path = `${served.folder.path}/app.sock`;
      // With one worker: while a second one is loading, a crash is a start that fails.
      await eventually('the socket is there', () => existsSync(path));
      const ask = async (target: string): Promise<string | undefined> => {
        await using client = await connectTo(`unix:${path}`);
        await client.send(`GET ${target} HTTP/1.1\r\nHost: test\r\n\r\n`);
        return (await client.response())?.body;
      };
      for (let request = 0; request < 5; request += 1) assert.equal(await ask('/write'), 'written');
      assert.equal(await ask('/throw'), undefined);
      assert.equal(await ask('/'), 'hello');
      served.command.signal('SIGTERM');
      assert.deepEqual(await served.command.ending(), { code: 0, signal: null });
    });
  }

  it('has as long a queue in the kernel as backlog says', { skip: absent('ss') }, async () => {
    await using served = serveIni([TCP, 'workers = 1', 'backlog = 7']);
    const { port } = new URL(await served.command.url());
    const { stdout } = spawnSync('ss', ['-ltnH', `sport = :${port}`], { encoding: 'utf8' });
    assert.match(stdout, /^LISTEN +0 +7 /);
  });

  it('is quiet where log_level is error', async () => {
    await using served = serveIni(['socket = %(here)s/app.sock', 'workers = 1', 'log_level = error', 'async_logging = false']);
    const { command, folder } = served;
    await eventually('the socket is there', () => existsSync(`${folder.path}/app.sock`));
    await using client = await connectTo(`unix:${folder.path}/app.sock`);
    await client.send('GET /write HTTP/1.1\r\nHost: test\r\n\r\n');
    assert.equal((await client.response())?.body, 'written');
    command.signal('SIGTERM');
    assert.deepEqual(await command.ending(), { code: 0, signal: null });
    assert.match(withoutProgress(command.stderr), /^\S+ \S+ ERROR \[appserve\]\[worker-1\] a complaint\n$/);
  });
});

describe('a worker that crashes', TIMEOUT, () => {
  const CRASHES: readonly (readonly [path: string, said: RegExp])[] = [
    ['/exit', / ERROR \[appserve\]\[main\] worker-1 ended with code 3: process\.exit\(\) was called in it\n/],
    ['/throw', / ERROR \[appserve\]\[main\] worker-1 ended with code 1: Error: thrown where nobody listens\n +at /],
    ['/odd', / ERROR \[appserve\]\[main\] worker-1 ended with code 1: /],
    ['/reject', / ERROR \[appserve\]\[main\] worker-1 ended with code 1: Error: rejected where nobody listens\n +at /],
  ];
  for (const [path, said] of CRASHES) {
    it(`by ${path} is replaced, and the next request is served`, async () => {
      await using served = serveIni([TCP, 'workers = 1']);
      assert.equal(await served.command.get(path), undefined);
      assert.equal((await served.command.get('/'))?.body, 'hello');
      await served.command.says(said);
      await served.command.says(/ WARN {2}\[appserve\]\[main\] worker-1 is started again\n/);
    });
  }

  it('may do so again and again: the server goes on', async () => {
    await using served = serveIni([TCP, 'workers = 2']);
    for (let crash = 0; crash < 5; crash += 1) await served.command.get('/exit');
    assert.equal((await served.command.get('/'))?.body, 'hello');
  });

  it('with an error that is its own cause is replaced too', async () => {
    await using served = serveIni([TCP, 'workers = 1']);
    assert.equal(await served.command.get('/circular'), undefined);
    assert.equal((await served.command.get('/'))?.body, 'hello');
  });

  it('costs the other workers nothing', async () => {
    await using served = serveIni([TCP, 'workers = 2', 'max_reuse_count = unlimited']);
    const clients = await Promise.all(Array.from({ length: 20 }, async () => served.command.client()));
    const threads: string[] = [];
    for (const client of clients) {
      await client.send('GET /thread HTTP/1.1\r\nHost: test\r\n\r\n');
      threads.push((await client.response())!.body);
    }
    await clients[0]!.send('GET /exit HTTP/1.1\r\nHost: test\r\n\r\n');
    await clients[0]!.untilEnd();
    for (const [index, client] of clients.entries()) {
      if (threads[index] === threads[0]) continue;
      await client.send('GET /thread HTTP/1.1\r\nHost: test\r\n\r\n');
      assert.equal((await client.response())?.body, threads[index]);
    }
    for (const client of clients) await client[Symbol.asyncDispose]();
  });
});

describe('a signal', TIMEOUT, () => {
  /** A request whose body the app is waiting for. */
  const HALF = 'POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n';

  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    it(`${name} ends it after the request under way`, async () => {
      await using served = serveIni([TCP, 'workers = 1', 'max_reuse_count = unlimited']);
      await using idle = await served.command.client();
      await idle.send('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
      await idle.response();
      await using client = await served.command.client();
      await client.send(HALF);
      assert.equal((await client.response())?.status, 100);
      served.command.signal(name);
      // The worker has heard of it when it has closed what is idle.
      assert.equal(await idle.untilEnd(), '');
      await client.send('body');
      assert.match(await client.untilEnd(), /^HTTP\/1\.1 200 OK\r\n.*\r\nConnection: close\r\n\r\nbody$/s);
      assert.deepEqual(await served.command.ending(), { code: 0, signal: null });
      assert.match(served.command.stderr, new RegExp(` INFO  \\[appserve\\]\\[main\\] ${name}: stopping\n$`));
    });
  }

  it('ends it at once when nothing is under way', async () => {
    await using served = serveIni([TCP, 'workers = 2', 'max_reuse_count = unlimited']);
    await using idle = await served.command.client();
    await idle.send('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
    await idle.response();
    served.command.signal('SIGTERM');
    assert.deepEqual(await served.command.ending(), { code: 0, signal: null });
    assert.equal(await idle.untilEnd(), '');
  });

  it('ends it while it starts, as it was asked to', async () => {
    using folder = temporaryFolder();
    const ini = ['[app:main]', 'use = ./app.mjs#makeApp', '[server:main]', 'use = @appserve/server#main', TCP, 'workers = 1'];
    const app = "console.error('loading'); export const makeApp = () => new Promise((resolve) => setTimeout(resolve, 60_000));";
    write(folder, { 'app.ini': ini.join('\n'), 'app.mjs': app });
    await using command = Command.appserve(['app.ini'], { cwd: folder.path });
    await command.says(/^loading$/m);
    command.signal('SIGTERM');
    assert.deepEqual(await command.ending(), { code: 0, signal: null });
    assert.doesNotMatch(command.stderr, /could not/);
  });

  it('that comes a second time ends it at once, whatever is under way', async () => {
    await using served = serveIni([TCP, 'workers = 2', 'graceful_timeout = 1h']);
    await using client = await served.command.client();
    await client.send(HALF);
    await client.response();
    served.command.signal('SIGINT');
    await served.command.says(/SIGINT: stopping/);
    served.command.signal('SIGINT');
    assert.deepEqual(await served.command.ending(), { code: 0, signal: null });
    assert.equal(await client.untilEnd(), '');
  });

  it('ends a worker that is busy for ever, when the grace is over', async () => {
    await using served = serveIni([TCP, 'workers = 1', 'graceful_timeout = 100ms']);
    await using client = await served.command.client();
    await client.send('GET /spin HTTP/1.1\r\nHost: test\r\n\r\n');
    await served.command.says(/^spinning$/m);
    served.command.signal('SIGTERM');
    assert.deepEqual(await served.command.ending(), { code: 0, signal: null });
  });

  it('ends it also when max_connections is reached', async () => {
    await using served = serveIni([TCP, 'workers = 1', 'max_connections = 1', 'graceful_timeout = 100ms']);
    await using client = await served.command.client();
    await client.send('GET /never HTTP/1.1\r\nHost: test\r\n\r\n');
    await served.command.says(/which is max_connections/);
    served.command.signal('SIGTERM');
    assert.deepEqual(await served.command.ending(), { code: 0, signal: null });
    assert.doesNotMatch(served.command.stderr, /ERROR|Fault/);
  });

  it('leaves no banner when it comes while the app is loading', async () => {
    using folder = temporaryFolder();
    write(folder, {
      'app.mjs': "export const makeApp = () => new Promise(() => { setInterval(() => {}, 1_000); console.log('loading'); });\n",
      'app.ini':
        '[app:main]\nuse = ./app.mjs#makeApp\n[server:main]\nuse = @appserve/server#main\nsocket = 127.0.0.1:0\nworkers = 1\n',
    });
    await using command = Command.appserve(['app.ini'], { cwd: folder.path });
    await eventually('it loads', () => command.stdout === 'loading\n');
    command.signal('SIGTERM');
    assert.deepEqual(await command.ending(), { code: 0, signal: null });
    assert.doesNotMatch(command.stderr, /ready in/);
  });

  it('cuts an answer that never comes, when the grace is over, and says so', async () => {
    await using served = serveIni([TCP, 'workers = 1', 'graceful_timeout = 100ms']);
    await using client = await served.command.client();
    await client.send(HALF);
    await client.response();
    served.command.signal('SIGTERM');
    assert.deepEqual(await served.command.ending(), { code: 0, signal: null });
    assert.match(served.command.stderr, / WARN {2}\[appserve\]\[worker-1\] 1 connection was cut after 100 ms\n/);
  });

  it('ends it at once while it waits before it starts a worker again', async () => {
    await using served = serveIni([TCP, 'workers = 1', 'graceful_timeout = 1h']);
    for (let crash = 1; crash <= 5; crash += 1) {
      await served.command.get('/exit');
      await served.command.says(/worker-1 is started again/, crash);
    }
    await served.command.says(/worker-1 is started again in 800 ms/);
    served.command.signal('SIGTERM');
    assert.deepEqual(await served.command.ending(), { code: 0, signal: null });
  });

  it('sends new clients away from then on, and does not let them wait', async () => {
    await using served = serveIni([TCP, 'workers = 1', 'max_reuse_count = unlimited', 'graceful_timeout = 1h']);
    const url = await served.command.url();
    await using idle = await served.command.client();
    await idle.send('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
    await idle.response();
    await using busy = await served.command.client();
    await busy.send(HALF);
    await busy.response();
    served.command.signal('SIGTERM');
    await idle.untilEnd();
    await assert.rejects(connectTo(url), { code: 'ECONNREFUSED' });
  });

  it('removes the socket file', async () => {
    await using served = serveIni(['socket = %(here)s/app.sock', 'workers = 2']);
    await served.command.url();
    served.command.signal('SIGTERM');
    await served.command.ending();
    assert.deepEqual(readdirSync(served.folder.path).toSorted(), ['app.ini', 'app.mjs']);
  });
});
