// What a worker is, and who gives it its connections: threads, processes and the main thread, for real. What is promised of workers
// holds whatever they are.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { get } from '../support/apps.ts';
import { Command, write } from '../support/command.ts';
import { Crowd } from '../support/crowd.ts';
import { eventually, turns } from '../support/eventually.ts';
import { serveApp, serveIni, type Served } from '../support/fleet.ts';
import { isAlive } from '../support/process.ts';
import { line } from '../support/proxy-header.ts';
import { RawClient } from '../support/raw-client.ts';
import { inRepository } from '../support/repository.ts';
import { linkPackages, temporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 240_000, concurrency: 2 };

const WAYS = {
  'threads that accept by themselves': ['worker_class = thread', 'dispatch = shared'],
  'threads that are given connections': ['worker_class = thread', 'dispatch = balanced'],
  'processes that accept by themselves': ['worker_class = process', 'dispatch = shared'],
  'processes that are given connections': ['worker_class = process', 'dispatch = balanced'],
} as const;

const TWO = ['workers = 2', 'max_reuse_count = unlimited', 'chunked_transfer = true'];
const SAYS_PID = 'export const makeApp = () => () => new Response(String(process.pid));';

function served(...lines: readonly string[]): Served {
  return serveIni([...TWO, ...lines]);
}

for (const [what, lines] of Object.entries(WAYS)) {
  describe(what, TIMEOUT, () => {
    it('answer over TCP and a unix socket, and end when they are asked to', async () => {
      await using server = served('socket = 127.0.0.1:0 unix:app.sock', ...lines);
      await server.command.url();
      for (let time = 0; time < 10; time += 1) assert.equal((await server.command.get('/'))?.body, 'hello');
      const body = 'x'.repeat(300_000);
      await using client = await server.command.client();
      await client.send(`POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      assert.equal((await client.response())?.body, body);
      server.command.signal('SIGTERM');
      assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
    });

    it('are replaced when they crash, hang or leave, and others are served meanwhile', async () => {
      await using server = served('socket = 127.0.0.1:0', 'worker_timeout = 1s', ...lines);
      await server.command.get('/throw');
      await server.command.says(/worker-\d ended with code 1: Error: thrown where nobody listens\n.*app\.mjs/);
      await server.command.get('/exit');
      await server.command.says(/worker-\d ended with code 3: process\.exit\(\) was called in it/);
      await using client = await server.command.client();
      await client.send('GET /spin HTTP/1.1\r\nHost: test\r\n\r\n');
      await server.command.says(/spinning/);
      for (let time = 0; time < 8; time += 1) assert.equal((await server.command.get('/'))?.body, 'hello');
      await server.command.says(/has not turned its event loop for \d s \(worker_timeout\), in GET \/spin/);
      assert.equal(await client.untilEnd(), '');
    });

    it('are told one from another by what they log', async () => {
      await using server = served('socket = 127.0.0.1:0', ...lines);
      await server.command.get('/write');
      await server.command.says(/ERROR \[appserve\]\[worker-\d\] a complaint/);
    });

    for (const keepAlive of [true, false]) {
      it(`are reloaded, made more and made fewer, and no request fails, ${keepAlive ? 'with' : 'without'} keep-alive`, async () => {
        await using server = served('socket = 127.0.0.1:0', ...lines);
        const crowd = new Crowd(await server.command.url(), { keepAlive });
        await crowd.hears('200 hello');
        server.command.signal('SIGHUP');
        await server.command.says(/reloaded/);
        for (const [signal, words] of [
          ['SIGTTIN', /SIGTTIN: 3 workers/],
          ['SIGTTOU', /SIGTTOU: 2 workers/],
          ['SIGTTOU', /SIGTTOU: 1 worker$/m],
        ] as const) {
          server.command.signal(signal);
          await server.command.says(words);
          await crowd.hears('200 hello', 200);
        }
        await crowd.stop();
        assert.deepEqual(crowd.failures, []);
      });
    }

    it('that cannot load the app say why, once, and the server ends', async () => {
      await using server = serveApp('throw new Error("half a thought");', ['socket = 127.0.0.1:0', ...TWO, ...lines]);
      assert.deepEqual(await server.command.ending(), { code: 1, signal: null });
      assert.match(server.command.stderr, /app\.ini:2:7: .*half a thought/);
    });
  });
}

async function nobodyIsLetIn(url: string): Promise<void> {
  const port = Number(new URL(url).port);
  for (;;) {
    const late = await RawClient.connect(port).catch((error: NodeJS.ErrnoException) => error.code);
    if (late === 'ECONNREFUSED') return;
    if (late instanceof RawClient) await late[Symbol.asyncDispose]();
  }
}

describe('workers that are processes', TIMEOUT, () => {
  it('end when the main process is gone', async () => {
    await using server = serveApp(SAYS_PID, ['socket = 127.0.0.1:0', ...TWO, 'worker_class = process']);
    const pid = Number((await server.command.get('/'))?.body);
    assert.notEqual(pid, server.command.pid);
    server.command.signal('SIGKILL');
    await server.command.ending();
    await eventually('the worker ends', () => !isAlive(pid));
  });

  it('finish what they have when the main process is gone, also where nobody reads what they log', async () => {
    await using server = serveIni(['socket = 127.0.0.1:0', 'worker_class = process', 'workers = 1']);
    linkPackages(server.folder);
    write(server.folder, {
      'app.mjs': `
        import { getLogger } from '@appserve/core/log';
        const log = getLogger('shop');
        export const makeApp = () => async (request) => {
          const body = await request.text();
          log.info('placed');
          return new Response(body);
        };
      `,
    });
    await using client = await server.command.client();
    await client.send('POST / HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
    assert.equal((await client.response())?.status, 100);
    server.command.hangUp();
    server.command.signal('SIGKILL');
    // It knows by then that it is alone.
    await nobodyIsLetIn(await server.command.url());
    await client.send('hello');
    assert.equal((await client.response())?.body, 'hello');
  });

  it('are what num_workers asks for', async () => {
    await using server = serveApp(SAYS_PID, ['socket = 127.0.0.1:0', 'num_workers = 2']);
    assert.notEqual(Number((await server.command.get('/'))?.body), server.command.pid);
  });

  it('do not mind what a terminal says to all that run in it', async () => {
    await using server = serveApp(SAYS_PID, ['socket = 127.0.0.1:0', 'worker_class = process', 'workers = 1']);
    const pid = Number((await server.command.get('/'))?.body);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.kill(pid, signal);
    assert.equal((await server.command.get('/'))?.body, String(pid));
  });

  it('let nobody in any more while they finish what they have', async () => {
    await using server = serveIni(['socket = 127.0.0.1:0', 'worker_class = process', 'workers = 1']);
    await using client = await server.command.client();
    await client.send('POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
    assert.equal((await client.response())?.status, 100);
    server.command.signal('SIGTERM');
    await server.command.says(/SIGTERM: stopping/);
    await nobodyIsLetIn(await server.command.url());
    await client.send('hello');
    assert.equal((await client.response())?.body, 'hello');
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
  });

  it('outlive whoever reads what they print', async () => {
    await using server = serveApp(
      `
        const app = () => {
          console.log('printed');
          console.error('printed');
          return new Response(String(process.pid));
        };
        export const makeApp = () => app;
      `,
      ['socket = 127.0.0.1:0', 'worker_class = process', 'workers = 1'],
    );
    const pid = (await server.command.get('/'))?.body;
    server.command.hangUp();
    for (let time = 0; time < 3; time += 1) assert.equal((await server.command.get('/'))?.body, pid);
  });

  const SIGNALS_OF_ENDS = {
    SIGKILL: /worker-1 ended with code 137: it was ended by SIGKILL: .*memory/,
    SIGSEGV: /worker-1 ended with code 139: it was ended by SIGSEGV: .*native code/,
    SIGABRT: /worker-1 ended with code 134: it was ended by SIGABRT: .*heap_limit/,
  } as const;
  for (const [signal, says] of Object.entries(SIGNALS_OF_ENDS)) {
    it(`are told to have been ended by ${signal}`, async () => {
      await using server = serveApp(
        `
          const app = ({ url }) => {
            if (url.endsWith('/end')) process.kill(process.pid, '${signal}');
            return new Response(String(process.pid));
          };
          export const makeApp = () => app;
        `,
        ['socket = 127.0.0.1:0', 'worker_class = process', 'workers = 1'],
      );
      const pid = (await server.command.get('/'))?.body;
      await server.command.get('/end');
      await server.command.says(says);
      assert.notEqual((await server.command.get('/'))?.body, pid);
    });
  }

  it('have the stack that they are given', async () => {
    const lines = ['socket = 127.0.0.1:0', 'worker_class = process', 'workers = 1', 'stack_limit = 7MiB'];
    await using server = serveApp(
      `
        const depth = (level) => {
          try {
            return depth(level + 1);
          } catch {
            return level;
          }
        };
        export const makeApp = () => () => new Response(String(depth(0)));
      `,
      lines,
      { stackKib: 8_192 },
    );
    // With the 984 KiB that V8 has by itself it is some 11,000.
    assert.ok(Number((await server.command.get('/'))?.body) > 40_000);
  });

  it('have the heap that they are given', async () => {
    await using server = served('socket = 127.0.0.1:0', 'worker_class = process', 'heap_limit = 64MiB');
    write(server.folder, {
      'app.mjs': `
        import { getHeapStatistics } from 'node:v8';
        export const makeApp = () => () => new Response(String(getHeapStatistics().heap_size_limit));
      `,
    });
    const limit = Number((await server.command.get('/'))?.body);
    assert.ok(limit >= 64 * 2 ** 20 && limit < 128 * 2 ** 20, String(limit));
  });
});

describe('max_connections where the main thread accepts', TIMEOUT, () => {
  const BALANCED = ['socket = 127.0.0.1:0', 'workers = 1', 'dispatch = balanced', 'max_reuse_count = unlimited'];
  const POST = 'POST / HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n';
  const KEYFILE = `keyfile = ${inRepository('test/fixtures/tls/key.pem')}`;
  const SAYS_WHETHER_DONE = `
    import { existsSync, writeFileSync } from 'node:fs';
    export const makeApp = () => async (request) => {
      if (request.method === 'GET') return new Response(existsSync('done') ? 'after' : 'before');
      const body = await request.text();
      writeFileSync('done', '');
      return new Response(body);
    };
  `;

  it('counts those of workers that drain', async () => {
    await using server = serveApp(SAYS_WHETHER_DONE, [...BALANCED, 'max_connections = 2']);
    await using busy = await server.command.client();
    await busy.send(POST);
    assert.equal((await busy.response())?.status, 100);
    await using other = await server.command.client();
    await other.send(POST);
    assert.equal((await other.response())?.status, 100);
    server.command.signal('SIGHUP');
    await server.command.says(/reloaded/);
    const late = server.command.get('/');
    // Long enough for an answer, if it were let in.
    await Promise.race([late, turns(20_000)]);
    for (const client of [busy, other]) {
      await client.send('hello');
      assert.equal((await client.response())?.body, 'hello');
    }
    assert.equal((await late)?.body, 'after');
  });

  const CERTFILE = `certfile = ${inRepository('test/fixtures/tls/cert.pem')}`;
  const UNSPOKEN = {
    'that have said half a PROXY header': ['PROX', line(), 'proxy_protocol = any', 'proxy_allow = 127.0.0.1'],
    'in the midst of a handshake of TLS': ['\x16\x03\x01', '', CERTFILE, KEYFILE],
    'that have not said which HTTP they speak': ['PRI', '', 'h2c = true'],
  } as const;
  for (const [what, [said, ahead, ...lines]] of Object.entries(UNSPOKEN))
    it(`counts those ${what}`, async () => {
      await using server = serveIni([...BALANCED, 'max_connections = 2', ...lines]);
      const { port, protocol } = new URL(await server.command.url());
      await using one = await RawClient.connect(Number(port));
      await using other = await RawClient.connect(Number(port));
      for (const client of [one, other]) await client.send(said);
      await server.command.says(/2 connections are open, which is max_connections/);
      const answers: (string | undefined)[] = [];
      const ask = async (): Promise<void> => {
        await using client = await (protocol === 'https:' ? RawClient.secure(Number(port)) : RawClient.connect(Number(port)));
        await client.send(ahead + get('/'));
        answers.push((await client.response())?.body);
      };
      const late = ask();
      // Long enough for an answer, if it were let in.
      await Promise.race([late, turns(20_000)]);
      assert.deepEqual(answers, []);
      await one[Symbol.asyncDispose]();
      await late;
      assert.deepEqual(answers, ['hello']);
    });

  it('may be one', async () => {
    await using server = serveIni([...BALANCED, 'max_connections = 1']);
    for (let time = 0; time < 3; time += 1) assert.equal((await server.command.get('/'))?.body, 'hello');
  });
});

describe('worker_class = inline', TIMEOUT, () => {
  const INLINE = ['socket = 127.0.0.1:0', 'workers = 1', 'worker_class = inline'];

  it('runs the app in the main thread, and ends when it is asked to', async () => {
    await using server = serveIni(INLINE);
    assert.equal((await server.command.get('/thread'))?.body, '0');
    server.command.signal('SIGTERM');
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
  });

  it('ends also when the app has left timers behind', async () => {
    await using server = serveApp(
      `setInterval(() => undefined, 1_000); export const makeApp = () => () => new Response('hello');`,
      INLINE,
    );
    assert.equal((await server.command.get('/'))?.body, 'hello');
    server.command.signal('SIGTERM');
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
  });

  it('ends also while the app still loads', async () => {
    await using server = serveApp(
      `
        console.error('loading');
        await new Promise(() => setInterval(() => undefined, 1_000));
        export const makeApp = () => () => new Response('never');
      `,
      INLINE,
    );
    await server.command.says(/^loading$/m);
    server.command.signal('SIGTERM');
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
  });

  it('answers what is under way before it ends', async () => {
    await using server = serveIni(INLINE);
    await using client = await server.command.client();
    await client.send('POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
    // It is said when the app asks for the body.
    assert.equal((await client.response())?.status, 100);
    server.command.signal('SIGTERM');
    await server.command.says(/SIGTERM: stopping/);
    await client.send('hello');
    assert.equal((await client.response())?.body, 'hello');
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
  });

  it('ends at once when it is closed before it has begun to load the app', async () => {
    using folder = temporaryFolder();
    linkPackages(folder);
    const script = `
      import { loadAppSource, loadServer } from '@appserve/loader';
      const start = await loadServer('app.ini');
      const tookMs = [];
      // More than once, as a machine with much to do may stop for a second.
      for (let times = 0; times < 3 && !(tookMs.at(-1) < 1_000); times += 1) {
        const server = await start(await loadAppSource('app.ini'));
        const sinceMs = performance.now();
        await server.close();
        tookMs.push(performance.now() - sinceMs);
      }
      // After a second a worker that has not ended by itself is told again.
      if (Math.min(...tookMs) >= 1_000) throw new Error('it was closed late, after ' + tookMs + ' ms');
    `;
    const ini = ['[app:main]', 'use = ./app.mjs#makeApp', '[server:main]', 'use = @appserve/server#main', ...INLINE];
    write(folder, {
      'script.mjs': script,
      'app.ini': ini.join('\n'),
      'app.mjs': 'export const makeApp = () => () => new Response();',
    });
    await using command = Command.node(['script.mjs'], { cwd: folder.path });
    assert.deepEqual(await command.ending(), { code: 0, signal: null }, command.stderr);
  });

  it('says why the app cannot be loaded', async () => {
    await using server = serveApp('throw new Error("half a thought");', INLINE);
    assert.deepEqual(await server.command.ending(), { code: 1, signal: null });
    assert.match(server.command.stderr, /app\.ini:2:7: .*half a thought/);
  });

  it('cannot be reloaded or scaled, and says so', async () => {
    await using server = serveIni(INLINE);
    await server.command.url();
    server.command.signal('SIGHUP');
    await server.command.says(/ERROR .*reload: not with worker_class = inline/);
    server.command.signal('SIGTTIN');
    await server.command.says(/WARN .*SIGTTIN: scale: not with worker_class = inline/);
    assert.doesNotMatch(server.command.stderr, /2 workers/);
    assert.equal((await server.command.get('/'))?.body, 'hello');
  });

  it('takes the app of a script as it is: the script runs once', async () => {
    using folder = temporaryFolder();
    linkPackages(folder);
    write(folder, {
      'script.mjs': `
        import { serve } from '@appserve/server';
        console.error('the script runs');
        await serve(() => new Response('of a script'), { socket: '127.0.0.1:0', workerClass: 'inline' });
      `,
    });
    await using command = Command.node(['script.mjs'], { cwd: folder.path });
    assert.equal((await command.get('/'))?.body, 'of a script');
    assert.equal(command.stderr.split('the script runs').length, 2);
  });
});

describe('options of workers that contradict each other', TIMEOUT, () => {
  const CONFLICTS: readonly (readonly [lines: readonly string[], says: RegExp])[] = [
    [['workers = 2', 'num_workers = 2'], /app\.ini:\d+:1: workers and num_workers: two spellings of one thing; keep workers/],
    [['num_workers = 2', 'worker_class = thread'], /worker_class: num_workers are processes; say workers/],
    [['workers = 2', 'worker_class = inline'], /there is one main thread: inline needs workers = 1/],
    [['workers = 1', 'worker_class = inline', 'dispatch = balanced'], /with one worker there is nobody to choose from/],
    [
      ['workers = 1', 'max_requests_jitter = 5'],
      /max_requests and max_requests_jitter: without max_requests there is nothing to add to/,
    ],
    [
      ['workers = 1', 'worker_class = inline', 'worker_timeout = 5'],
      /worker_class and worker_timeout: inline is the main thread/,
    ],
    [['workers = 1', 'worker_class = fork'], /worker_class = fork: must be one of thread, process, inline/],
    [
      ['workers = 1', 'worker_class = process', 'stack_limit = 64MiB'],
      /app\.ini:\d+:1: worker_class and stack_limit: a process has the stack of ulimit -s, which is 8,192 KiB here: 7,168 KiB at most/,
    ],
    [['num_workers = 1', 'stack_limit = 64MiB'], /num_workers and stack_limit: a process has the stack of ulimit -s/],
    [[], /workers is required: /],
  ];

  for (const [lines, says] of CONFLICTS) {
    it(lines.length === 0 ? 'and workers that nobody counts' : lines.join(', '), async () => {
      await using server = serveIni(['socket = 127.0.0.1:0', ...lines], [], { stackKib: 8_192 });
      assert.equal((await server.command.ending()).code, 2);
      assert.match(server.command.stderr, says);
    });
  }
});
