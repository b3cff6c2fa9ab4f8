// What is made of counts: quantiles, rates of the last minutes, the slowest requests.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  BOUNDS_MS,
  History,
  HistogramArea,
  NO_HISTOGRAM,
  NO_TOTALS,
  quantileMs,
  reportOf,
  SlowArea,
  slowestOf,
  SLOW_FOR_MS,
  SLOW_MAX,
  Scoreboard,
  type Histogram,
} from '@appserve/server/machines';
import { readingsAfter, snapshot } from '../support/snapshots.ts';

function histogramOf(...times: readonly number[]): Histogram {
  const area = new HistogramArea(new SharedArrayBuffer(HistogramArea.bytes), 0);
  for (const ms of times) area.observe(ms);
  return area.read();
}

describe('a histogram', () => {
  it('counts each time in the bucket whose bound is at or above it', () => {
    const { counts, sumMs } = histogramOf(0, 0.1, 0.11, 30_000, 30_001, 1e9);
    assert.deepEqual([counts[0], counts[1], counts[BOUNDS_MS.length - 1], counts[BOUNDS_MS.length]], [2, 1, 1, 2]);
    assert.equal(sumMs, 0.1 + 0.11 + 30_000 + 30_001 + 1e9);
  });

  it('gives a quantile that lies in the bucket of that one', () => {
    const all = histogramOf(...Array.from({ length: 99 }, () => 0.7), 700);
    const [median, late, last] = [0.5, 0.99, 1].map((part) => quantileMs(all, part)!);
    assert.ok(median! > 0.5 && median! <= 1, String(median));
    assert.ok(late! > 0.5 && late! <= 1, String(late));
    assert.ok(last! > 500 && last! <= 1_000, String(last));
  });

  it('gives none of nothing, and the last bound of what is above it', () => {
    assert.equal(quantileMs(NO_HISTOGRAM, 0.5), undefined);
    assert.equal(quantileMs(histogramOf(60_000), 0.5), 30_000);
  });
});

describe('the history', () => {
  it('has rates of what came between two looks, by the time that was between them', () => {
    const history = new History();
    history.look(snapshot({ nowMs: 0 }));
    assert.equal(history.points.length, 0);
    const totals = { ...NO_TOTALS, answers2xx: 30, answers5xx: 10, sentBytes: 4_000, durations: histogramOf(0.7, 0.7, 0.7) };
    history.look(snapshot({ nowMs: 2_000, totals }));
    const [point] = history.points;
    assert.deepEqual([point!.requestsPerS, point!.failuresPerS, point!.sentBytesPerS], [20, 5, 2_000]);
    assert.ok(point!.p50Ms! > 0.5 && point!.p50Ms! < 1);
    history.look(snapshot({ nowMs: 3_000, totals }));
    assert.deepEqual([history.points[1]!.requestsPerS, history.points[1]!.p50Ms], [0, undefined]);
  });

  it('does not look twice at one moment, and forgets what is old', () => {
    const history = new History();
    for (let s = 0; s < 500; s += 1) {
      history.look(snapshot({ nowMs: s * 1_000, totals: { ...NO_TOTALS, answers2xx: s } }));
      history.look(snapshot({ nowMs: s * 1_000, totals: { ...NO_TOTALS, answers2xx: s } }));
    }
    assert.equal(history.points.length, 240);
    assert.ok(history.points.every(({ requestsPerS }) => requestsPerS === 1));
    // Ten looks back.
    const now = { nowMs: 500_000, totals: { ...NO_TOTALS, answers2xx: 490 + 100 } };
    assert.equal(history.ratesUntil(now)!.requestsPerS, 10);
  });

  it('says that nobody waited where nobody did', () => {
    const history = new History();
    history.look(snapshot({ nowMs: 0 }));
    const now = { nowMs: 1_000, totals: { ...NO_TOTALS, waits: histogramOf(0, 0) } };
    assert.equal(history.ratesUntil(now)!.waitP99Ms, 0);
  });
});

function newArea(): SlowArea {
  return new SlowArea(new SharedArrayBuffer(SlowArea.bytes), 0);
}

function paths(area: SlowArea): string[] {
  return slowestOf(area.read(), 0, 100).map(({ path }) => path);
}

describe('the slowest requests', () => {
  it('are those that took longest, whatever comes after them', () => {
    const area = newArea();
    for (let ms = 2; ms <= 40; ms += 1) area.consider({ method: 'GET', target: `/${ms}` }, 200, 0, ms, 0);
    for (let n = 0; n < 100; n += 1) area.consider({ method: 'GET', target: '/quick' }, 200, 0, 3, 0);
    assert.deepEqual(paths(area), ['/40', '/39', '/38', '/37', '/36']);
    assert.equal(paths(area).length, SLOW_MAX);
  });

  it('are told without a query, which may hold a secret', () => {
    const area = newArea();
    area.consider({ method: 'POST', target: '/login?password=hunter2' }, 302, 1, 9, 0);
    const [{ method, path, status, waitedMs, tookMs } = assert.fail('nothing')] = area.read();
    assert.deepEqual([method, path, status, waitedMs, tookMs], ['POST', '/login', 302, 1, 9]);
  });

  it('are forgotten after some minutes, and make room', () => {
    const area = newArea();
    for (let n = 0; n < SLOW_MAX; n += 1) area.consider({ method: 'GET', target: `/old${n}` }, 200, 0, 500, 0);
    const laterMs = SLOW_FOR_MS + 1;
    area.consider({ method: 'GET', target: '/new' }, 200, 0, 5, laterMs);
    assert.deepEqual(paths(area).includes('/new'), false);
    area.refresh(laterMs);
    area.consider({ method: 'GET', target: '/new' }, 200, 0, 5, laterMs);
    assert.deepEqual(
      slowestOf(area.read(), laterMs, 100).map(({ path }) => path),
      ['/new'],
    );
  });

  it('and all counts outlive their worker', () => {
    const scoreboard = Scoreboard.create(1);
    for (let life = 0; life < 2; life += 1) {
      const row = scoreboard.row(scoreboard.claim()!, true);
      row.ready(1);
      row.answered(200);
      row.finished({ method: 'GET', target: `/${life}` }, 200, 0, 50 + life, performance.now());
      scoreboard.release(0);
    }
    assert.equal(scoreboard.retired.answers2xx, 2);
    assert.equal(scoreboard.retired.durations.sumMs, 101);
    assert.deepEqual(
      scoreboard.slowOfRetired.map(({ path }) => path),
      ['/1', '/0'],
    );
  });
});

describe('a report', () => {
  it('has no query of a request under way', () => {
    const readings = readingsAfter((row) => row.called({ method: 'GET', target: '/a?token=secret' }, performance.now()));
    const worker = { name: 'worker-1', state: 'serving', generation: 1, readings } as const;
    const report = reportOf(snapshot({ workers: [worker], nowMs: performance.now() }), new History());
    assert.equal(report.workers[0]?.call?.request, 'GET /a');
    assert.doesNotMatch(JSON.stringify(report), /secret/);
  });

  it('is the same after JSON', () => {
    const history = new History();
    history.look(snapshot({ nowMs: 0 }));
    history.look(snapshot({ nowMs: 1_000 }));
    const report = reportOf(snapshot({ nowMs: 2_000 }), history);
    assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
  });
});
