// The benchmarks themselves: what they compare is comparable, and they print what they promise. Figures are not judged here: a test
// runs beside others, on a machine that does more than measure.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, it } from 'node:test';
import { GATEWAY, GATEWAY_CLOSING, NODE_HTTP } from '../bench/contenders.ts';
import { Contestant, type Contender } from '../bench/contestant.ts';
import { runLoad } from '../bench/load.ts';
import { RunningPeer, type Peer } from '../bench/peer.ts';
import { OpenConnections } from '../bench/open-connections.ts';
import { cli } from '../bench/suites/cli.ts';
import { CONTRACT_QUESTIONS } from '../bench/suites/contracts.ts';
import { dispatchFleets } from '../bench/suites/dispatch.ts';
import { slowest } from '../bench/suites/latency.ts';
import { compression, filters } from '../bench/suites/filters.ts';
import { FilesSite, mounts } from '../bench/suites/parts.ts';
import { logging } from '../bench/suites/logging.ts';
import { feltOf, reload, type Asked as AskedThen } from '../bench/suites/reload.ts';
import { speedup } from '../bench/suites/speedup.ts';
import { scaling, type Restarted, type Scaled } from '../bench/suites/scaling.ts';
import { start } from '../bench/suites/start.ts';
import { supervisor } from '../bench/suites/supervisor.ts';
import { workerMemory } from '../bench/suites/worker-memory.ts';
import { Command } from './support/command.ts';
import { absent, demand } from './support/programs.ts';
import { inRepository } from './support/repository.ts';
import { temporaryFolder } from './support/temporary.ts';

const TIMEOUT = { timeout: 240_000 };
const MAIN = inRepository('build/bench/main.js');

interface Results {
  readonly results: {
    readonly hello: readonly [
      {
        readonly rows: readonly { readonly name: string; readonly cpuUsPerRequest: number }[];
        readonly verdicts: readonly { readonly of: string; readonly over: string; readonly ratio: number }[];
      },
    ];
  };
}

interface FastcgiResults {
  readonly results: {
    readonly fastcgi: readonly [
      {
        readonly rows: readonly {
          readonly name: string;
          readonly cpuUsPerRequest: number;
          readonly totalUsPerRequest: number;
        }[];
      },
      object,
      { readonly answered: number },
    ];
  };
}

describe('npm run bench', TIMEOUT, () => {
  it('prints what a request costs here and elsewhere, and writes it as JSON', async () => {
    using folder = temporaryFolder();
    const file = `${folder.path}/results.json`;
    await using command = Command.node([MAIN, '--rounds', '1', '--seconds', '1', '--json', file]);
    assert.deepEqual(await command.ending(), { code: 0, signal: null }, command.stderr);
    assert.match(command.stdout, /^ {2}gateway +[0-9.]+ us/m);
    assert.match(command.stdout, /^ {2}gateway is [0-9.]+x node:http; the bar is 0\.75x: /m);
    const [{ rows, verdicts }] = (JSON.parse(readFileSync(file, 'utf8')) as Results).results.hello;
    assert.deepEqual(
      rows.map(({ name, cpuUsPerRequest }) => [name, cpuUsPerRequest > 0]),
      [
        ['gateway', true],
        ['node:http', true],
        ['net', true],
      ],
    );
    assert.equal(verdicts[0]!.ratio, rows[0]!.cpuUsPerRequest / rows[1]!.cpuUsPerRequest);
  });

  it('compares FastCGI with HTTP behind nginx and alone, and has many requests on one connection', async () => {
    demand('nginx');
    using folder = temporaryFolder();
    const file = `${folder.path}/results.json`;
    const options = ['fastcgi', '--rounds', '1', '--seconds', '1', '--json', file];
    await using command = Command.node([MAIN, ...options]);
    assert.deepEqual(await command.ending(), { code: 0, signal: null }, command.stderr);
    const judged = Array.from(
      command.stdout.matchAll(/^ {2}(.+) with fastcgi is [0-9.]+x that with http; the bar is 1\.10x: /gm),
    );
    assert.deepEqual(
      judged.map(([, what]) => what),
      [
        'CPU time of the application',
        'CPU time of nginx and the application',
        'time of a request, by the clock,',
        'CPU time of the application',
      ],
    );
    const [behind, , held] = (JSON.parse(readFileSync(file, 'utf8')) as FastcgiResults).results.fastcgi;
    assert.deepEqual(
      behind.rows
        .slice(0, 2)
        .map(({ name, cpuUsPerRequest, totalUsPerRequest }) => [name, cpuUsPerRequest > 0, totalUsPerRequest > cpuUsPerRequest]),
      [
        ['fastcgi', true, true],
        ['http', true, true],
      ],
    );
    assert.equal(held.answered, 999);
  });

  const REFUSED: readonly (readonly [string, string])[] = [
    [
      'helo',
      'there is no suite helo; there are build, cli, contracts, fastcgi, fetch, hello, http, http2, loader, logging, metrics, parts, peers, scaling, threads, tls, typescript, websocket\n',
    ],
    ['--rounds=0', '--rounds 0: must be a whole number >= 1\n'],
    ['--seconds=0.5', '--seconds 0.5: must be a whole number >= 1\n'],
  ];
  for (const [argument, said] of REFUSED) {
    it(`refuses ${argument}`, async () => {
      await using command = Command.node([MAIN, argument]);
      assert.deepEqual(await command.ending(), { code: 2, signal: null });
      assert.equal(command.stderr, said);
    });
  }
});

interface Asked {
  readonly path: string;
  readonly method?: string;
  readonly body?: string;
}

const QUESTIONS: readonly Asked[] = [
  { path: '/' },
  { path: '/post', method: 'POST', body: 'x'.repeat(1_024) },
  { path: '/mib' },
  { path: '/file', method: 'HEAD' },
  { path: '/nowhere' },
];

/** What the load generator gets for its trouble. */
async function answersOf(contender: Contender): Promise<readonly unknown[]> {
  await using contestant = await Contestant.start(contender);
  const answers = [];
  for (const { path, method = 'GET', body } of QUESTIONS) {
    const asked = body === undefined ? { method } : { method, body };
    const answer = await fetch(`http://127.0.0.1:${contestant.port}${path}`, asked);
    const { length } = await answer.text();
    answers.push([path, answer.status, length, answer.headers.get('content-length'), answer.headers.get('x-app')]);
  }
  return answers;
}

async function hello(contender: Contender): Promise<readonly unknown[]> {
  await using contestant = await Contestant.start(contender);
  const answer = await fetch(`http://127.0.0.1:${contestant.port}/`);
  return [answer.status, await answer.text(), answer.headers.get('x-app'), answer.headers.get('content-type')?.split(';')[0]];
}

describe('the command', TIMEOUT, () => {
  it('is timed from exec to the end, beside an empty script', () => {
    const said: string[] = [];
    const rows = cli({ rounds: 1, seconds: 1 }, (text) => said.push(text)) as readonly {
      title: string;
      wallMs: number;
      floorMs: number;
    }[];
    assert.deepEqual(
      rows.map(({ title, wallMs, floorMs }) => [title, wallMs > 0, floorMs > 0]),
      [
        ['appserve --version', true, true],
        ['appserve --help', true, true],
      ],
    );
    assert.match(said.join('\n'), /^ {2}appserve --version [0-9.]+ ms; the bar is 80 ms: /m);
  });
});

describe('those that are compared', TIMEOUT, () => {
  it('send the same files', async () => {
    demand('nginx');
    using site = new FilesSite();
    const answers = [];
    for (const contender of await site.contenders()) {
      await using contestant = await Contestant.start(contender);
      const asked = async (path: string, method: string): Promise<readonly unknown[]> => {
        const answer = await fetch(`http://127.0.0.1:${contestant.port}/${path}`, { method });
        const [type, age] = ['content-type', 'cache-control'].map((name) => answer.headers.get(name)?.split(/[;,] ?/));
        const kept = ['etag', 'last-modified'].map((name) => answer.headers.has(name));
        return [answer.status, (await answer.text()).length, answer.headers.get('content-length'), type?.[0], age?.at(-1), kept];
      };
      answers.push([await asked('small.txt', 'GET'), await asked('big.txt', 'HEAD'), (await asked('nowhere', 'GET'))[0]]);
    }
    assert.equal(answers.length, 4);
    for (const answer of answers.slice(1)) assert.deepEqual(answer, answers[0]);
  });

  it('find an app among many, and say what that costs', async () => {
    const lines: string[] = [];
    const { bareUs, mappedUs } = await mounts((text) => lines.push(text), { rounds: 1, calls: 1_000 });
    assert.ok(bareUs > 0 && mappedUs > 0);
    assert.match(lines.at(-1)!, /^ {2}it adds to a request -?[0-9.]+ us; the bar is 1 us: /);
  });

  it('put filters around an app, and compress by them and without', async () => {
    const lines: string[] = [];
    const effort = { rounds: 1, calls: 200 };
    const { bareUs, filteredUs } = await compression((text) => lines.push(text), effort);
    assert.ok(bareUs > 0 && filteredUs > 0);
    assert.match(lines.at(-1)!, /^ {2}the filter is [0-9.]+x zlib alone; the bar is 1\.05x: /);
    const costs = await filters((text) => lines.push(text), effort);
    for (const { title } of costs)
      assert.ok(
        lines.some((line) => new RegExp(`^  ${title} +-?[0-9.]+ us$`).test(line)),
        title,
      );
    assert.ok(costs.length > 10);
  });

  it('answer alike', async () => {
    const [ours, closing, peer] = await Promise.all([GATEWAY, GATEWAY_CLOSING, NODE_HTTP].map(answersOf));
    assert.deepEqual(ours, closing);
    assert.deepEqual(ours, peer);
  });

  it('answer alike in each contract', async () => {
    for (const { title, contenders } of CONTRACT_QUESTIONS) {
      const [ours, theirs] = await Promise.all(contenders.map(hello));
      assert.deepEqual(ours, theirs, title);
    }
  });

  it('say so when they do not start', async () => {
    await assert.rejects(
      Contestant.start({ name: 'nobody', program: 'nobody' }),
      /^Error: nobody did not start: it ended with code 1$/,
    );
  });
});

/** A server whose every hundredth answer is a 503, which it gives sooner than others their answer. */
async function failing(): Promise<AsyncDisposable & { readonly port: number; readonly sockets: ReadonlySet<Socket> }> {
  let asked = 0;
  const sockets = new Set<Socket>();
  const server = http.createServer((_request, response) => {
    asked += 1;
    response.writeHead(asked % 100 === 0 ? 503 : 200, { 'Content-Length': 0 }).end();
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('a measurement that is none', TIMEOUT, () => {
  it('is refused when requests are not answered with 2xx', async () => {
    await using server = await failing();
    await assert.rejects(runLoad(server.port, { connections: 4, seconds: 1 }), /: [0-9]+ requests, [1-9][0-9]* errors: nothing/);
  });

  it('is refused when the slowest are looked for among them', { skip: absent('h2load') }, async () => {
    await using server = await failing();
    await assert.rejects(slowest(server.port, 640, 1), /^Error: [1-9][0-9]* of [0-9]+ requests were not answered with 2xx/);
  });

  it('is refused when connections that should be idle were closed', async () => {
    await using server = await failing();
    await using connections = await OpenConnections.to(server.port, 3);
    await connections.assertOpen();
    const [first] = server.sockets;
    first!.destroy();
    let refusal: unknown;
    // As soon as the clients have heard of it.
    while (refusal === undefined) refusal = await connections.assertOpen().catch((error: unknown) => error);
    assert.equal((refusal as Error).message, '1 of 3 idle connections were closed meanwhile');
  });

  it('is refused when garbage cannot be collected before the heap is measured', async () => {
    await using contestant = await Contestant.start(GATEWAY);
    assert.equal((await fetch(`http://127.0.0.1:${contestant.port}/heap`)).status, 500);
  });
});

/** A figure, its bar, and whether that is met. */
const JUDGED = /[0-9]+(?:\.[0-9]+)?[^;0-9]*; the bar is [0-9.]+[^:]*: (?:NOT MET|met)$/;

describe('workers are measured, once and for a second:', { timeout: 900_000 }, () => {
  const PARTS = [
    { part: start, judges: 2 },
    { part: speedup, judges: 1 },
    { part: workerMemory, judges: 1 },
    { part: supervisor, judges: 6 },
    { part: logging, judges: 2 },
  ];
  for (const { part, judges } of PARTS) {
    it(part.name, async () => {
      const said: string[] = [];
      const results = await part({ rounds: 1, seconds: 1 }, (text) => said.push(text));
      assert.equal(said.filter((line) => JUDGED.test(line)).length, judges, said.join('\n'));
      const figures = JSON.stringify(results)
        .match(/:-?[0-9.e-]+/g)!
        .map((text) => Number(text.slice(1)));
      assert.deepEqual(
        figures.filter((figure) => !(figure >= 0)),
        [],
      );
    });
  }

  it('reload', async () => {
    const [keeps, closes] = (await reload({ rounds: 1, seconds: 1 }, () => undefined)) as [Felts, Felts];
    for (const { requests, quietMs, worstMs } of [keeps, closes]) {
      assert.equal(requests, 1_200);
      assert.ok(quietMs > 0 && worstMs > 0);
    }
  });

  it('scaling', { skip: absent('haproxy') }, async () => {
    const said: string[] = [];
    const results = await scaling({ rounds: 1, seconds: 3 }, (text) => said.push(text));
    const [alone, one, two, atOnce, delayed] = results as unknown as readonly [Scaled, Scaled, Scaled, Restarted, Restarted];
    for (const { requestsPerSecond, cpuUsPerRequest } of [alone, one, two])
      assert.ok(requestsPerSecond > 0 && cpuUsPerRequest > 0, said.join('\n'));
    assert.equal(alone.frontUsPerRequest, 0);
    assert.ok(one.frontUsPerRequest > 0 && two.frontUsPerRequest > 0);
    for (const { requests, p99Ms, worstMs } of [atOnce, delayed]) assert.ok(requests > 400 && p99Ms > 0 && worstMs >= p99Ms);
    assert.equal(delayed.failed, 0, said.join('\n'));
  });

  it('each fleet that is compared answers', async () => {
    for (const contender of dispatchFleets('unlimited')) {
      await using fleet = await Contestant.start(contender);
      const answer = await fetch(`http://127.0.0.1:${fleet.port}/`);
      assert.equal(await answer.text(), 'Hello, world!');
      assert.ok(fleet.cpuUs() > 0);
    }
  });
});

interface Felts {
  readonly requests: number;
  readonly quietMs: number;
  readonly worstMs: number;
}

const RELOADED_MS = 10_000;

/** A request every 10 ms, a second before the reload and two after it; `took` by how long after the reload it was due. */
function allTaking(took: (afterMs: number) => number): AskedThen[] {
  return Array.from({ length: 300 }, (_, nth) => [9_000 + 10 * nth, took(10 * nth - 1_000), true]);
}

describe('what clients feel of a reload', () => {
  it('is nothing where all take as long as before', () => {
    const felt = feltOf(
      allTaking(() => 2),
      RELOADED_MS,
    );
    assert.deepEqual(felt, { requests: 300, errors: 0, quietMs: 2, worstMs: 2, slowForMs: 0 });
  });

  it('is how long they take more than five times as long', () => {
    const felt = feltOf(
      allTaking((afterMs) => (afterMs >= 0 && afterMs < 600 ? 11 : 2)),
      RELOADED_MS,
    );
    assert.deepEqual(felt, { requests: 300, errors: 0, quietMs: 2, worstMs: 11, slowForMs: 750 });
  });

  it('is an error where no answer came', () => {
    const all: AskedThen[] = [...allTaking(() => 2), [10_500, 3, false]];
    assert.equal(feltOf(all, RELOADED_MS).errors, 1);
  });

  it('is not measured by the first tenth, in which clients connect', () => {
    const felt = feltOf(
      allTaking((afterMs) => (afterMs < -900 ? 50 : 2)),
      RELOADED_MS,
    );
    assert.equal(felt.quietMs, 2);
  });
});

function peerOf(command: Peer['command'], workers = 1): Peer {
  return { name: 'x', on: 'Node', workers, version: () => '1', command };
}

describe('a peer', TIMEOUT, () => {
  const SERVERS = inRepository('bench/peers/servers');
  it('is started by its own command, and measured with all its processes', async () => {
    const cluster = peerOf((port) => [process.execPath, 'node-http.mjs', String(port), '2'], 2);
    let port: number;
    {
      await using running = await RunningPeer.start(cluster, SERVERS);
      ({ port } = running);
      assert.equal((await (await fetch(`http://127.0.0.1:${port}/kib`)).text()).length, 1_024);
      assert.ok(running.startMs > 0);
      assert.ok(running.cpuUs() > 0);
      // Three processes of Node's, which share its pages with all others that run.
      assert.ok(running.memoryBytes() > 10 * 1_024 ** 2, `${running.memoryBytes()}`);
    }
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
  });

  it('that does not start is told with what it said', async () => {
    const broken = peerOf(() => [process.execPath, '-e', 'throw new Error("not today")']);
    await assert.rejects(RunningPeer.start(broken, SERVERS), /x does not answer:[^]*not today/);
  });

  for (const contract of ['gateway', 'fetch', 'light fetch', 'node'])
    it(`is also our own: ${contract}`, async () => {
      const ours = peerOf((port) => [process.execPath, 'appserve.mjs', String(port), '1', contract]);
      await using running = await RunningPeer.start(ours, SERVERS);
      for (const [path, length] of [
        ['/', 13],
        ['/kib', 1_024],
        ['/100kib', 102_400],
      ] as const)
        assert.equal((await (await fetch(`http://127.0.0.1:${running.port}${path}`)).text()).length, length);
    });
});
