// What a worker writes down about itself, and what the supervisor reads of it while the worker works, and while it hangs.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { GatewayApp } from '@appserve/core/app';
import { objectLayer, settle } from '@appserve/core/options';
import { Bell, COLUMNS, Ring, Scoreboard, type Column, type Readings, type Row } from '@appserve/server/machines';
import { serverOptions } from '@appserve/server/options';
import { get, ok } from '../support/apps.ts';
import { Deferred } from '../support/deferred.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer } from '../support/http-server.ts';
import { inRepository } from '../support/repository.ts';
import { linkPackages, temporaryFolder } from '../support/temporary.ts';
import { write } from '../support/command.ts';

const TIMEOUT = { timeout: 120_000 };
const COUNTS = Object.keys(COLUMNS) as readonly Column[];

function newRow(): Row {
  return Scoreboard.create(1).row(0);
}

/** The columns of a reading that are not 0. */
function told(readings: Readings): Partial<Record<Column, number>> {
  return Object.fromEntries(COUNTS.map((name) => [name, readings[name]] as const).filter(([, value]) => value !== 0));
}

describe('a row', () => {
  it('is all 0 at first, and names no request', () => {
    const readings = newRow().read();
    assert.deepEqual(told(readings), {});
    assert.deepEqual([readings.call, readings.oldest], [undefined, undefined]);
  });

  const WRITERS: readonly (readonly [what: string, write: (row: Row) => void, told: Partial<Record<Column, number>>])[] = [
    ['a beat', (row) => row.beat(7, 3, 100, 50), { beats: 1, beatDueMs: 7, lateMs: 3, heapBytes: 100, externalBytes: 50 }],
    ['a connection', (row) => row.connected(), { accepted: 1 }],
    ['its end', (row) => row.disconnected(), { closed: 1 }],
    ['another protocol', (row) => row.handedOver(), { handedOver: 1 }],
    ['the end of one that had gone over', (row) => row.handedOverClosed(), { handedOverClosed: 1 }],
    ['a stranger', (row) => row.refused('address'), { refusedAddresses: 1 }],
    ['a PROXY header that is none', (row) => row.refused('header'), { refusedHeaders: 1 }],
    ['two requests under way, of which one is over', (row) => (row.busy(), row.busy(), row.rested()), { busy: 1 }],
    ['bytes of a client', (row) => row.received(2 ** 40), { receivedBytes: 2 ** 40 }],
    ['bytes for it', (row) => row.sent(7), { sentBytes: 7 }],
    [
      'a call that has returned',
      (row) => (row.called({ method: 'GET', target: '/' }, 5), row.returned()),
      { calls: 1, callAtMs: 5 },
    ],
    ['a call that has come back', (row) => row.done(), { callsDone: 1 }],
    ['a queue', (row) => (row.queued(9), row.queued(2)), { queued: 2 }],
    ['200', (row) => row.answered(200), { answers2xx: 1 }],
    ['304', (row) => row.answered(304), { answers3xx: 1 }],
    ['499', (row) => row.answered(499), { answers4xx: 1 }],
    ['503', (row) => row.answered(503), { answers5xx: 1 }],
    ['999', (row) => row.answered(999), { answers5xx: 1 }],
  ];
  for (const [what, act, expected] of WRITERS) {
    it(`takes down ${what} in its column, and in no other`, () => {
      const row = newRow();
      act(row);
      assert.deepEqual(told(row.read()), expected);
    });
  }

  it('adds up what follows', () => {
    const row = newRow();
    for (const status of [200, 204, 302, 404, 500]) row.answered(status);
    for (let count = 0; count < 3; count += 1) {
      row.connected();
      row.called({ method: 'GET', target: '/' }, 0);
    }
    row.disconnected();
    row.done();
    const { answered, connections, callsUnderWay } = row.read();
    assert.deepEqual([answered, connections, callsUnderWay], [5, 2, 2]);
  });

  it('is nobody else\u2019s', () => {
    const scoreboard = Scoreboard.create(3);
    scoreboard.row(1).called({ method: 'GET', target: '/'.repeat(1_000) }, 1);
    scoreboard.row(1).oldest({ method: 'X'.repeat(1_000), target: '/'.repeat(1_000) }, 1);
    assert.deepEqual(
      [0, 2].map((n) => told(scoreboard.row(n).read())),
      [{}, {}],
    );
  });

  it('is claimed once at a time, and clean again after its worker', () => {
    const scoreboard = Scoreboard.create(2);
    const [first, second] = [scoreboard.claim()!, scoreboard.claim()!];
    assert.deepEqual([first, second, scoreboard.claim()], [0, 1, undefined]);
    scoreboard.row(first).answered(200);
    scoreboard.release(first);
    assert.equal(scoreboard.claim(), first);
    assert.deepEqual(told(scoreboard.row(first).read()), {});
  });
});

describe('the name of a request', () => {
  const LONG = `/${'x'.repeat(200)}`;
  const NAMES: readonly (readonly [what: string, method: string, target: string, read: string])[] = [
    ['short', 'GET', '/', 'GET /'],
    ['of some length', 'POST', '/articles/2026/11?page=2', 'POST /articles/2026/11?page=2'],
    ['without a path', 'OPTIONS', '*', 'OPTIONS *'],
    ['short, not ASCII', 'GET', '/ä', 'GET /ä'],
    ['long, not ASCII', 'GET', '/Grüße/你好/привет', 'GET /Grüße/你好/привет'],
    ['too long', 'GET', LONG, `GET ${LONG.slice(0, 112)}…`],
    ['too long within a character', 'GET', `/${'€'.repeat(50)}`, `GET /${'€'.repeat(37)}…`],
    ['as long as there is room for', 'GET', LONG.slice(0, 112), `GET ${LONG.slice(0, 112)}`],
    ['with a method of 16 letters', 'BASELINE-CONTROL', '/', 'BASELINE-CONTROL /'],
    ['with a longer one', 'UPDATEREDIRECTREFERENCE', '/', 'UPDATEREDIRECTRE /'],
  ];
  for (const [what, method, target, read] of NAMES) {
    it(`${what} is read as ${read.slice(0, 30)}`, () => {
      const row = newRow();
      // What stood there before leaves nothing behind.
      row.called({ method: 'PROPPATCH', target: LONG }, 0);
      row.called({ method, target }, 0);
      row.oldest({ method, target }, 0);
      assert.deepEqual([row.read().call?.request, row.read().oldest?.request], [read, read]);
    });
  }

  it('is gone when the app has returned', () => {
    const row = newRow();
    row.called({ method: 'GET', target: '/' }, 0);
    row.returned();
    assert.equal(row.read().call, undefined);
  });

  it('comes with the time since when, on the clock of whoever reads', () => {
    const row = newRow();
    row.ready(Date.now());
    const nowMs = performance.now();
    row.called({ method: 'GET', target: '/' }, nowMs);
    assert.ok(Math.abs(row.read().call!.sinceMs - nowMs) < 50);
  });
});

describe('a worker thread', TIMEOUT, () => {
  it('writes what the main thread reads, also while it hangs', async () => {
    using folder = temporaryFolder();
    linkPackages(folder);
    write(folder, {
      'worker.mjs': `
        import { workerData } from 'node:worker_threads';
        import { Scoreboard } from '@appserve/server/machines';
        const row = Scoreboard.of(workerData).row(1);
        row.ready(1234);
        row.called({ method: 'GET', target: '/hangs' }, performance.now());
        for (let n = 1; ; n += 1) { row.received(3); row.beat(n, n, 0, 0); }
      `,
    });
    const scoreboard = Scoreboard.create(2);
    const row = scoreboard.row(1);
    const sinceMs = performance.now();
    const worker = new Worker(`${folder.path}/worker.mjs`, { workerData: scoreboard.share() });
    try {
      await eventually('it has beaten a million times', () => row.read().beats > 1_000_000);
      // A thread that never rests, read again and again: no number is ever half written, none goes back.
      let last = row.read();
      for (let read = 0; read < 10_000; read += 1) {
        const next = row.read();
        for (const name of ['beats', 'lateMs', 'receivedBytes'] as const) {
          assert.ok(Number.isInteger(next[name]) && next[name] >= last[name], `${name}: ${last[name]} -> ${next[name]}`);
        }
        last = next;
      }
      assert.equal(last.readyEpochMs, 1_234);
      assert.equal(last.call?.request, 'GET /hangs');
      // Its clock began when it did; what is read is on ours.
      assert.ok(last.call.sinceMs > sinceMs && last.call.sinceMs < performance.now(), String(last.call.sinceMs));
      assert.deepEqual(told(scoreboard.row(0).read()), {});
    } finally {
      await worker.terminate();
    }
  });

  it('that ends leaves its row as it was', async () => {
    using folder = temporaryFolder();
    linkPackages(folder);
    write(folder, {
      'worker.mjs': `
        import { workerData } from 'node:worker_threads';
        import { Scoreboard } from '@appserve/server/machines';
        Scoreboard.of(workerData).row(0).answered(200);
      `,
    });
    const scoreboard = Scoreboard.create(1);
    await once(new Worker(`${folder.path}/worker.mjs`, { workerData: scoreboard.share() }), 'exit');
    assert.equal(scoreboard.row(0).read().answered, 1);
  });
});

const breakable: GatewayApp = (environ, startResponse) => {
  if (environ.PATH_INFO === '/broken') throw new Error('broken');
  return ok(startResponse, 'hello');
};

describe('a worker of the server', TIMEOUT, () => {
  it('beats, and says when it began and what memory it has', async () => {
    using folder = temporaryFolder();
    write(folder, { 'app.mjs': 'export const make = () => () => new Response("hello");' });
    const { values: settings } = settle(serverOptions, [objectLayer('test', serverOptions, { workers: 1 })]);
    const scoreboard = Scoreboard.create(1);
    const sinceEpochMs = Date.now();
    const worker = new Worker(inRepository('packages/server/dist/workers/thread-worker.js'), {
      workerData: {
        birth: {
          name: 'worker-1',
          source: { module: pathToFileURL(`${folder.path}/app.mjs`).href, export: 'make', args: undefined },
          listeners: 0,
          settings,
          workers: 1,
          software: 'appserve/test',
          log: {
            logger: 'appserve',
            loggers: {},
            levels: [],
            needsCaller: false,
            waits: false,
            hasRequestIds: false,
            access: undefined,
            startMs: 0,
          },
          row: 0,
          beatEveryMs: 1,
        },
        descriptors: [],
        scoreboard: scoreboard.share(),
        claims: undefined,
        log: { records: new SharedArrayBuffer(Ring.bytesFor(65_536)), lines: undefined },
        bell: new SharedArrayBuffer(Bell.BYTES),
      },
    });
    try {
      assert.deepEqual(await once(worker, 'message'), [{ type: 'ready' }]);
      await eventually('it has beaten twice', () => scoreboard.row(0).read().beats >= 2);
      const { readyEpochMs, heapBytes, externalBytes, lateMs } = scoreboard.row(0).read();
      assert.ok(readyEpochMs >= sinceEpochMs && readyEpochMs <= Date.now());
      assert.ok(heapBytes > 1e6 && externalBytes > 0 && lateMs >= 0);
    } finally {
      await worker.terminate();
    }
  });
});

describe('a server', TIMEOUT, () => {
  it('counts its connections, bytes, calls and answers', async () => {
    const row = newRow();
    await using server = await startTestServer(breakable, { counters: row });
    const requests = [[get('/'), get('/'), 'nonsense\r\n\r\n'], [get('/broken')]];
    const statuses: (number | undefined)[] = [];
    for (const conversation of requests) {
      await using client = await server.client();
      for (const request of conversation) {
        await client.send(request);
        statuses.push((await client.response())?.status);
      }
      await client.untilEnd();
      client.endSending();
    }
    assert.deepEqual(statuses, [200, 200, 400, 500]);
    await eventually('the connections are closed', () => row.read().connections === 0);
    const { receivedBytes, sentBytes, callAtMs, ...counts } = told(row.read());
    assert.deepEqual(counts, { accepted: 2, closed: 2, calls: 3, callsDone: 3, answers2xx: 2, answers4xx: 1, answers5xx: 1 });
    assert.equal(receivedBytes, requests.flat().join('').length);
    assert.ok(sentBytes! > 300 && callAtMs! > 0);
  });

  it('counts those that have said nothing among the open ones, and not among those that have come', async () => {
    const row = newRow();
    await using server = await startTestServer(breakable, { counters: row, listen: 'tcp', h2c: true });
    const client = await server.client();
    await eventually('it is open', () => row.connections === 1);
    assert.equal(row.read().accepted, 0);
    await client.send(get('/'));
    await client.response();
    assert.deepEqual([row.connections, row.read().accepted], [1, 1]);
    await client[Symbol.asyncDispose]();
    await eventually('it is gone', () => row.connections === 0);
  });

  it('names the request whose function runs, and then the oldest that is awaited', async () => {
    const row = newRow();
    const running: (string | undefined)[] = [];
    const first = new Deferred();
    const second = new Deferred();
    const app: GatewayApp = async (environ, startResponse) => {
      running.push(row.read().call?.request);
      await (environ.PATH_INFO === '/first' ? first : second).promise;
      return ok(startResponse, 'hello');
    };
    await using server = await startTestServer(app, { counters: row });
    await using one = await server.client();
    await using other = await server.client();
    await one.send(get('/first'));
    await eventually('the first is called', () => running.length === 1);
    await other.send(get('/second'));
    await eventually('the second is called', () => running.length === 2);
    assert.deepEqual(running, ['GET /first', 'GET /second']);
    const { call, oldest, callsUnderWay } = row.read();
    assert.deepEqual([call, oldest?.request, callsUnderWay], [undefined, 'GET /first', 2]);
    first.resolve();
    await one.response();
    assert.equal(row.read().oldest?.request, 'GET /second');
    second.resolve();
    await other.response();
    assert.deepEqual([row.read().oldest, row.read().callsUnderWay], [undefined, 0]);
  });

  it('forgets a request whose client has gone, though the app never comes back', async () => {
    const row = newRow();
    await using server = await startTestServer(() => new Promise<never>(() => undefined), {
      counters: row,
      interface: 'gateway',
      listen: 'tcp',
    });
    await using client = await server.client();
    await client.send(get('/never'));
    await eventually('it is awaited', () => row.read().oldest?.request === 'GET /never');
    client.reset();
    await eventually('it is forgotten', () => row.read().oldest === undefined);
    assert.equal(row.read().callsUnderWay, 1);
  });

  it('tells how many requests wait, and forgets those that leave', async () => {
    const row = newRow();
    const go = new Deferred();
    const app: GatewayApp = async (_environ, startResponse) => {
      await go.promise;
      return ok(startResponse, 'hello');
    };
    await using server = await startTestServer(app, { counters: row, concurrency: 1, listen: 'tcp' });
    await using first = await server.client();
    await using second = await server.client();
    await using third = await server.client();
    for (const client of [first, second, third]) await client.send(get('/'));
    await eventually('two wait', () => row.read().queued === 2);
    third.reset();
    await eventually('one waits', () => row.read().queued === 1);
    go.resolve();
    for (const client of [first, second]) await client.response();
    const { queued, callsUnderWay, answered, calls } = row.read();
    assert.deepEqual([queued, callsUnderWay, answered, calls], [0, 0, 2, 2]);
  });
});
