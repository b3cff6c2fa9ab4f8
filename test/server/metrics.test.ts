// The address of operators: what it answers while the server starts, serves, hangs and stops, and to whom.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { describe, it } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { freePort } from '../../bench/free-port.ts';
import { Command, write } from '../support/command.ts';
import { parseExposition, valueOf, type Family } from '../support/exposition.ts';
import { serveApp, serveIni, type Served } from '../support/fleet.ts';
import { FastCgiClient } from '../support/fastcgi-client.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { ask, type HttpAnswer } from '../support/http-client.ts';
import { PATIENCE_MS } from '../support/patience.ts';

const TIMEOUT = { timeout: 240_000, concurrency: 2 };

const LINES = ['socket = 127.0.0.1:0', 'metrics = 127.0.0.1:0'];

function served(...lines: readonly string[]): Served {
  return serveIni([...LINES, ...lines]);
}

/** It answers from before the first worker. */
async function portOf({ command }: Pick<Served, 'command'>, time = 1): Promise<number> {
  const [, port] = await command.says(/metrics and status page: http:\/\/127\.0\.0\.1:(\d+)\/$/m, time);
  return Number(port);
}

async function scrape(port: number): Promise<ReadonlyMap<string, Family>> {
  const { status, body } = await ask(port, { path: '/metrics' });
  assert.equal(status, 200);
  return parseExposition(body.toString());
}

async function readiness(port: number): Promise<readonly [number, string]> {
  const { status, body } = await ask(port, { path: '/-/ready' });
  return [status, body.toString().trim()];
}

/** Asks on one connection, which needs no new descriptor. */
class Operator implements Disposable {
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  async get(path: string): Promise<{ readonly status: number; readonly body: string }> {
    const request = http.get({ port: this.#port, host: '127.0.0.1', path, agent: this.#agent });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    let body = '';
    for await (const bytes of response) body += String(bytes);
    return { status: response.statusCode!, body };
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

/** Asks until it is so: the scoreboard is written when an answer has gone out. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const sinceMs = performance.now();
  while (!(await isSo())) {
    if (performance.now() - sinceMs > PATIENCE_MS) throw new Error(`did not happen: ${what}`);
    await later(20);
  }
}

function answeredIn(families: ReadonlyMap<string, Family>): number {
  return valueOf(families, 'appserve_requests_total', { status: '2xx' });
}

const CLASSES = ['thread', 'process', 'inline'] as const;

describe('metrics', TIMEOUT, () => {
  for (const workerClass of CLASSES) {
    it(`count what workers do that are of class ${workerClass}`, async () => {
      await using server = served('workers = 1', `worker_class = ${workerClass}`);
      await server.command.url();
      const port = await portOf(server);
      for (let n = 0; n < 5; n += 1) assert.equal((await server.command.get('/'))?.status, 200);
      await until('five answers are counted', async () => answeredIn(await scrape(port)) === 5);
      await until('all connections have closed', async () => {
        const families = await scrape(port);
        return ['active', 'idle', 'upgraded'].every((state) => valueOf(families, 'appserve_connections', { state }) === 0);
      });
      const families = await scrape(port);
      assert.equal(valueOf(families, 'appserve_request_duration_seconds_count'), 5);
      assert.equal(valueOf(families, 'appserve_request_queue_seconds_count'), 5);
      assert.ok(valueOf(families, 'appserve_request_duration_seconds_sum') > 0);
      assert.equal(valueOf(families, 'appserve_connections_accepted_total'), 5);
      assert.ok(valueOf(families, 'appserve_received_bytes_total') > 100);
      assert.ok(valueOf(families, 'appserve_sent_bytes_total') > 100);
      assert.ok(valueOf(families, 'appserve_worker_heap_bytes', { worker: 'worker-1' }) > 1e6);
      assert.equal(valueOf(families, 'appserve_ready'), 1);
      assert.equal(valueOf(families, 'appserve_build_info', { version: '0.1.0', node: process.version }), 1);
    });
  }

  it('are told when there is no descriptor left, and the page that cannot be read is refused', async () => {
    const lines = ['socket = 127.0.0.1:0', 'metrics = 127.0.0.1:0', 'workers = 1', 'max_reuse_count = unlimited'];
    await using server = serveIni(lines, [], { descriptorsMax: 160 });
    await using client = await server.command.client();
    using operator = new Operator(await portOf(server));
    const seconds = async (): Promise<number> => {
      const { history } = JSON.parse((await operator.get('/-/status.json')).body) as { history: { inFlight: number[] } };
      return history.inFlight.length;
    };
    const before = await seconds();
    const ofApp = async (path: string): Promise<string | undefined> => {
      await client.send(`GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`);
      return (await client.response())?.body;
    };
    assert.equal(await ofApp('/open?100000'), 'EMFILE');
    await until('two seconds are counted without one', async () => (await seconds()) >= before + 2);
    // What the server has given back meanwhile, too.
    assert.equal(await ofApp('/open?100000'), 'EMFILE');
    const page = await operator.get('/');
    assert.deepEqual([page.status, page.body], [503, 'this cannot be told now; the log of the server says why\n']);
    await server.command.says(/operators are not told \/: EMFILE/);
    assert.equal(await ofApp('/shut'), 'shut');
    assert.equal((await operator.get('/')).status, 200);
    assert.ok(valueOf(parseExposition((await operator.get('/metrics')).body), 'process_resident_memory_bytes') > 1e7);
  });

  it('are answered while a worker hangs, and tell of it', async () => {
    await using server = served('workers = 2');
    await using client = await server.command.client();
    const port = await portOf(server);
    await client.send('GET /spin?token=secret HTTP/1.1\r\nHost: test\r\n\r\n');
    await server.command.says(/spinning/);
    const lags = async (): Promise<number[]> => {
      const families = await scrape(port);
      return [1, 2].map((n) => valueOf(families, 'appserve_worker_event_loop_lag_seconds', { worker: `worker-${n}` }));
    };
    await until('the lag of one of them grows', async () => Math.max(...(await lags())) > 1);
    await until('the other one goes on', async () => Math.min(...(await lags())) < 0.5);
    const families = await scrape(port);
    assert.equal(valueOf(families, 'appserve_requests_in_flight'), 1);
    assert.equal(valueOf(families, 'appserve_connections', { state: 'active' }), 1);
    assert.deepEqual(await readiness(port), [200, 'ready']);
    const report = (await ask(port, { path: '/-/status.json' })).body.toString();
    assert.match(report, /"call":\{"request":"GET \/spin","forMs":\d/);
    assert.doesNotMatch(report, /secret/);
  });

  it('of workers that are gone stay counted', async () => {
    await using server = served('workers = 1');
    await server.command.url();
    const port = await portOf(server);
    for (let n = 0; n < 3; n += 1) await server.command.get('/');
    await server.command.get('/exit');
    const restarts = async (): Promise<number> =>
      valueOf(await scrape(port), 'appserve_worker_restarts_total', { cause: 'death' });
    await until('another worker takes its place', async () => (await restarts()) === 1);
    await server.command.get('/');
    const answered = async (): Promise<number> => answeredIn(await scrape(port));
    await until('four answers are counted', async () => (await answered()) === 4);
    server.command.signal('SIGHUP');
    const count = async (name: string, labels: Readonly<Record<string, string>>): Promise<number> =>
      valueOf(await scrape(port), name, labels);
    await until('it has reloaded', async () => (await count('appserve_reloads_total', { result: 'done' })) === 1);
    assert.equal(await count('appserve_worker_restarts_total', { cause: 'reload' }), 1);
    await until('the old worker is gone', async () => (await count('appserve_workers', { state: 'draining' })) === 0);
    assert.equal(await answered(), 4);
  });

  it('tell how long requests wait in the queue', async () => {
    await using server = served('workers = 1', 'concurrency = 1');
    await using holder = await server.command.client();
    const port = await portOf(server);
    await holder.send('GET /never HTTP/1.1\r\nHost: test\r\n\r\n');
    const gauge = async (name: string): Promise<number> => valueOf(await scrape(port), name);
    await until('it has the place', async () => (await gauge('appserve_requests_in_flight')) === 1);
    {
      await using waiting = await server.command.client();
      await waiting.send('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
      await until('the other one waits', async () => (await gauge('appserve_requests_queued')) === 1);
      await later(60);
      waiting.reset();
    }
    await until('it has left', async () => (await gauge('appserve_requests_queued')) === 0);
    await until('its wait is counted', async () => (await gauge('appserve_request_queue_seconds_sum')) > 0.05);
  });
});

describe('metrics of FastCGI', TIMEOUT, () => {
  it('tell a connection with several requests from those requests', async () => {
    using folder = temporaryFolder();
    write(folder, {
      'app.mjs': `
        const waiting = [];
        export const makeApp = () => async (environ, startResponse) => {
          if (environ.PATH_INFO === '/go') for (const wake of waiting.splice(0)) wake();
          else await new Promise((resolve) => waiting.push(resolve));
          startResponse('200 OK', []);
          return [];
        };
      `,
      'app.ini': [
        '[app:main]\nuse = ./app.mjs#makeApp\n[server:main]\nuse = @appserve/server#fastcgi',
        'socket = unix:web\nworkers = 1\nmetrics = 127.0.0.1:0\n',
      ].join('\n'),
    });
    await using command = Command.appserve(['app.ini'], { cwd: folder.path });
    const port = await portOf({ command });
    await command.url();
    await using client = await FastCgiClient.connect(`${folder.path}/web`);
    const now = async (): Promise<number[]> => {
      const families = await scrape(port);
      const of = (state: string): number => valueOf(families, 'appserve_connections', { state });
      return [of('active'), of('idle'), valueOf(families, 'appserve_requests_in_flight')];
    };
    const isSo = async (wanted: readonly number[]): Promise<boolean> => String(await now()) === String(wanted);
    for (const id of [1, 2]) await client.begin(id, { params: { REQUEST_METHOD: 'GET', PATH_INFO: '/wait' } });
    await until('two requests on one connection are under way', async () => isSo([1, 0, 2]));
    await client.begin(3, { params: { REQUEST_METHOD: 'GET', PATH_INFO: '/go' } });
    for (const id of [1, 2, 3]) assert.match((await client.answer(id)).stdout, /^Status: 200/);
    await until('the connection is idle', async () => isSo([0, 1, 0]));
    assert.equal(valueOf(await scrape(port), 'appserve_request_duration_seconds_count'), 3);
  });
});

describe('health', TIMEOUT, () => {
  it('is no while the app loads and while it drains, and alive all the time', async () => {
    const app = `
      import { existsSync } from 'node:fs';
      const isThere = async (name) => {
        while (!existsSync(new URL(name, import.meta.url))) await new Promise((resolve) => setTimeout(resolve, 10));
      };
      await isThere('go');
      export const makeApp = () => async (environ, startResponse) => {
        startResponse('200 OK', []);
        if (environ.PATH_INFO !== '/') await isThere('answer');
        return [Buffer.from('done')];
      };
    `;
    await using server = serveApp(app, [...LINES, 'workers = 1', 'graceful_timeout = 1h']);
    const port = await portOf(server);
    assert.deepEqual(await readiness(port), [503, 'starting']);
    assert.equal((await ask(port, { path: '/-/live' })).status, 200);
    write(server.folder, { go: '' });
    await server.command.url();
    assert.deepEqual(await readiness(port), [200, 'ready']);
    const slow = server.command.get('/slow');
    await until('it is under way', async () => valueOf(await scrape(port), 'appserve_requests_in_flight') === 1);
    server.command.signal('SIGTERM');
    await until('it drains', async () => (await readiness(port))[0] === 503);
    assert.deepEqual(await readiness(port), [503, 'stopping']);
    assert.equal((await ask(port, { path: '/-/live' })).status, 200);
    write(server.folder, { answer: '' });
    assert.equal((await slow)?.body, 'done');
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
  });
});

describe('the address of operators', TIMEOUT, () => {
  it('answers to what it knows, and to nothing else', async () => {
    await using server = served('workers = 1');
    const port = await portOf(server);
    const answers: readonly (readonly [asked: Parameters<typeof ask>[1], status: number, type: RegExp])[] = [
      [{ path: '/' }, 200, /^text\/html/],
      [{ path: '/-/page.css' }, 200, /^text\/css/],
      [{ path: '/-/page.js' }, 200, /^text\/javascript/],
      [{ path: '/metrics?x=1' }, 200, /^text\/plain; version=0\.0\.4; charset=utf-8$/],
      [{ path: '/-/status.json' }, 200, /^application\/json$/],
      [{ path: '/-/page.html' }, 404, /^text\/plain/],
      [{ path: '/-/../package.json' }, 404, /^text\/plain/],
      [{ path: '//' }, 404, /^text\/plain/],
      [{ path: '/-/live', method: 'POST', body: 'x'.repeat(100_000) }, 405, /^text\/plain/],
      [{ path: '/-/live', method: 'HEAD' }, 200, /^text\/plain/],
    ];
    for (const [asked, status, type] of answers) {
      const answer: HttpAnswer = await ask(port, asked);
      assert.equal(answer.status, status, asked.path);
      assert.match(answer.field('content-type') ?? '', type);
      assert.match(answer.field('content-security-policy') ?? '', /^default-src 'none'; script-src 'self'; style-src 'self';/);
      assert.equal(answer.field('x-content-type-options'), 'nosniff');
      assert.equal(answer.field('cache-control'), 'no-store');
    }
  });

  it('is not for pages of elsewhere that have a name for this machine', async () => {
    await using server = served('workers = 1');
    const port = await portOf(server);
    const statusFor = async (host: string): Promise<number> =>
      (await ask(port, { path: '/-/status.json', headers: { Host: host } })).status;
    for (const host of [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      `[::1]:${port}`,
      'status.localhost',
      'LOCALHOST',
      'localhost.',
      `localhost.:${port}`,
    ])
      assert.equal(await statusFor(host), 200, host);
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example'])
      assert.equal(await statusFor(host), 421, host);
  });

  it('may be a unix socket, which is gone when the server is', async () => {
    await using server = serveIni(['socket = 127.0.0.1:0', 'workers = 1', 'metrics = unix:ops.sock']);
    await server.command.says(/metrics and status page: unix:/);
    const request = http.get({ socketPath: `${server.folder.path}/ops.sock`, path: '/-/live', agent: false });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    response.resume();
    assert.equal(response.statusCode, 200);
    await server.command.url();
    server.command.signal('SIGTERM');
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
    const again = http.get({ socketPath: `${server.folder.path}/ops.sock`, path: '/-/live', agent: false });
    const [error] = (await once(again, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ENOENT');
  });

  it('that is in use keeps the server from starting', async () => {
    await using first = served('workers = 1');
    const port = await portOf(first);
    await using second = serveIni(['socket = 127.0.0.1:0', 'workers = 1', `metrics = 127.0.0.1:${port}`]);
    assert.equal((await second.command.ending()).code, 1);
    const says = `app\\.ini:\\d+:11: metrics: 127\\.0\\.0\\.1:${port} is in use\\n.*\\n.*\\n  stop the other process, or choose another address for metrics\\n`;
    assert.match(second.command.stderr, new RegExp(says));
  });

  it('that is none is told with its place', async () => {
    for (const [line, told] of [
      ['metrics = 9090', /app\.ini:\d+:\d+: .*metrics = "?9090"?.*host:port/],
      ['metrics = fd:3', /app\.ini:\d+:\d+: .*metrics/],
      ['control_socket = a/', /app\.ini:\d+:\d+: .*control_socket/],
    ] as const) {
      await using server = serveIni(['socket = 127.0.0.1:0', 'workers = 1', line]);
      assert.equal((await server.command.ending()).code, 2);
      assert.match(server.command.stderr, told);
    }
  });

  it('is taken over by the process that takes the place of this one', async () => {
    // Two processes need to know it before they begin.
    const port = await freePort();
    await using server = serveIni(['socket = 127.0.0.1:0', 'workers = 1', `metrics = 127.0.0.1:${port}`]);
    await server.command.url();
    const pidOf = async (): Promise<number | undefined> => {
      const answer = await ask(port, { path: '/-/status.json' }).catch(() => undefined);
      return answer && (JSON.parse(answer.body.toString()) as { server: { pid: number } }).server.pid;
    };
    const before = await pidOf();
    assert.equal(before, server.command.pid);
    server.command.signal('SIGUSR2');
    const heir = Number((await server.command.says(/process (\d+) serves/))[1]);
    try {
      await until('the heir answers', async () => (await pidOf()) === heir);
    } finally {
      process.kill(heir, 'SIGTERM');
    }
    await until('it has ended', async () => (await pidOf()) === undefined);
  });
});
