// How it is told that a worker hangs.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeHang, resourceLimits, type Readings, type StackOf } from '@appserve/server/machines';

const STACK: StackOf = { type: 'stack', stack: '    at handler (file:///app.mjs:12:5)\n    at file:///app.mjs:3:1' };
const NOTHING = { call: undefined, oldest: undefined, callsUnderWay: 0 };

function told(work: Pick<Readings, 'call' | 'oldest' | 'callsUnderWay'>, stack = STACK): string {
  return describeHang('worker-1', { silentMs: 30_250 }, work, stack, 100_000);
}

describe('a worker that hangs', () => {
  it('is told with the request whose function runs, and with its stack', () => {
    const call = { request: 'GET /slow', sinceMs: 70_000 };
    assert.equal(
      told({ call, oldest: { request: 'GET /older', sinceMs: 0 }, callsUnderWay: 2 }),
      'worker-1 has not turned its event loop for 30 s (worker_timeout), in GET /slow\n    at handler (file:///app.mjs:12:5)\n    at file:///app.mjs:3:1',
    );
  });

  const WORK = [
    [1, 'with GET /older (for 40 s) under way'],
    [2, 'with GET /older (for 40 s) and 1 other request under way'],
    [3, 'with GET /older (for 40 s) and 2 other requests under way'],
  ] as const;
  for (const [callsUnderWay, words] of WORK) {
    it(`between the calls of ${callsUnderWay} is told ${words}`, () => {
      const text = told({ call: undefined, oldest: { request: 'GET /older', sinceMs: 60_000 }, callsUnderWay });
      assert.ok(text.includes(`(worker_timeout), ${words}\n`), text);
    });
  }

  it('in no request at all is told so, and why its stack is not known', () => {
    assert.equal(
      told(NOTHING, { type: 'unknown', why: 'the thread has ended' }),
      'worker-1 has not turned its event loop for 30 s (worker_timeout), with no request under way; its stack could not be had: the thread has ended',
    );
  });
});

describe('the limits of a worker thread', () => {
  it('are those of Node where none is set', () => {
    assert.deepEqual(resourceLimits({ heapLimitBytes: undefined, stackLimitBytes: undefined }), {});
  });

  it('are in mebibytes', () => {
    const limits = resourceLimits({ heapLimitBytes: 256 * 2 ** 20, stackLimitBytes: 2 ** 19 });
    assert.deepEqual(limits, { maxOldGenerationSizeMb: 256, stackSizeMb: 0.5 });
  });
});
