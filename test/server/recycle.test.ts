// When a worker that serves well is replaced all the same.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jitterOf, shouldRecycle, triedAgain, type RecycleSettings, type Tried } from '@appserve/server/machines';

const MIB = 2 ** 20;
const HOUR_MS = 3_600_000;
const OFF: RecycleSettings = { maxRequests: 0, maxRequestsJitter: 0, maxWorkerMemoryBytes: 0, maxWorkerLifetimeMs: 0 };

interface Case {
  readonly what: string;
  readonly settings: Partial<RecycleSettings>;
  readonly answered?: number;
  readonly heapMib?: number;
  readonly externalMib?: number;
  readonly ageMs?: number;
  readonly jitter?: number;
  readonly reason: string | undefined;
}

const CASES: readonly Case[] = [
  { what: 'goes on without limits', settings: {}, answered: 1e9, heapMib: 1e5, ageMs: 1e12, reason: undefined },
  { what: 'goes on below max_requests', settings: { maxRequests: 1_000 }, answered: 999, reason: undefined },
  {
    what: 'goes at max_requests',
    settings: { maxRequests: 1_000 },
    answered: 1_000,
    reason: 'worker-1 has answered 1,000 requests (max_requests)',
  },
  { what: 'goes on within its jitter', settings: { maxRequests: 1_000 }, answered: 1_006, jitter: 7, reason: undefined },
  {
    what: 'goes behind its jitter',
    settings: { maxRequests: 1_000 },
    answered: 1_007,
    jitter: 7,
    reason: 'worker-1 has answered 1,007 requests (max_requests and its jitter)',
  },
  { what: 'goes on without max_requests, whatever its jitter', settings: {}, answered: 9, jitter: 7, reason: undefined },
  {
    what: 'goes on at max_worker_memory',
    settings: { maxWorkerMemoryBytes: 100 * MIB },
    heapMib: 60,
    externalMib: 40,
    reason: undefined,
  },
  {
    what: 'goes above max_worker_memory, heap and buffers together',
    settings: { maxWorkerMemoryBytes: 100 * MIB },
    heapMib: 60,
    externalMib: 40.5,
    reason: 'worker-1 holds 100.5 MiB (max_worker_memory is 100.0 MiB)',
  },
  {
    what: 'goes on while it is young, whatever it holds: its heir would hold as much',
    settings: { maxWorkerMemoryBytes: MIB },
    heapMib: 60,
    ageMs: 9_999,
    reason: undefined,
  },
  {
    what: 'goes on below max_worker_lifetime',
    settings: { maxWorkerLifetimeMs: HOUR_MS },
    ageMs: HOUR_MS - 1,
    reason: undefined,
  },
  {
    what: 'goes at max_worker_lifetime',
    settings: { maxWorkerLifetimeMs: HOUR_MS },
    ageMs: HOUR_MS,
    reason: 'worker-1 has served for 3,600 s (max_worker_lifetime)',
  },
];

describe('a worker', () => {
  for (const { what, settings, answered = 0, heapMib = 0, externalMib = 0, ageMs = HOUR_MS / 2, jitter = 0, reason } of CASES) {
    it(what, () => {
      const readings = { answered, heapBytes: heapMib * MIB, externalBytes: externalMib * MIB };
      const served = { name: 'worker-1', readySinceMs: 5_000, readings };
      assert.equal(shouldRecycle(served, { ...OFF, ...settings }, jitter, 5_000 + ageMs), reason);
    });
  }
});

describe('a worker whose heir does not come up', () => {
  it('is tried to be replaced again after 2 s, 4 s and so on, up to a minute', () => {
    const waitsMs: number[] = [];
    let tried: Tried = { times: 0, againMs: 0 };
    for (let nowMs = 1_000; waitsMs.length < 8; nowMs = tried.againMs) {
      tried = triedAgain(tried, nowMs);
      waitsMs.push(tried.againMs - nowMs);
    }
    assert.deepEqual(waitsMs, [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });
});

describe('the jitter', () => {
  const SETTINGS = { maxRequestsJitter: 100 };
  const ids = Array.from({ length: 1_000 }, (_, index) => index + 1);

  it('of a worker is the same whenever it is asked', () => {
    assert.deepEqual(
      ids.map((id) => jitterOf(id, SETTINGS)),
      ids.map((id) => jitterOf(id, SETTINGS)),
    );
  });

  it('is a whole number up to the limit, and reaches both ends', () => {
    const jitters = ids.map((id) => jitterOf(id, SETTINGS));
    assert.ok(jitters.every(Number.isInteger));
    assert.deepEqual([Math.min(...jitters), Math.max(...jitters)], [0, 100]);
  });

  it('lies far apart for workers that begin together', () => {
    const crew = ids.slice(0, 8).map((id) => jitterOf(id, SETTINGS));
    const sorted = crew.toSorted((one, other) => one - other);
    const gaps = sorted.slice(1).map((jitter, index) => jitter - sorted[index]!);
    assert.ok(Math.min(...gaps) >= 5, sorted.join(' '));
  });

  it('is none where none is set', () => {
    assert.ok(ids.every((id) => jitterOf(id, { maxRequestsJitter: 0 }) === 0));
  });
});
