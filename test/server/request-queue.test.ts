// How many app calls run at once, who waits, and who is told.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RequestQueue, type QueueLimits } from '@appserve/server/machines';

const UNLIMITED = Number.POSITIVE_INFINITY;

/** A queue, and the lengths that its monitor was told. */
function queueOf(limits: Partial<QueueLimits>): { queue: RequestQueue<string>; warnings: readonly number[] } {
  const warnings: number[] = [];
  const all = { concurrency: 1, queueLimit: UNLIMITED, qmonWarnThreshold: undefined, ...limits };
  return { queue: new RequestQueue(all, (length) => warnings.push(length)), warnings };
}

describe('a request queue', () => {
  it('runs what there is room for and lets the rest wait', () => {
    const { queue } = queueOf({ concurrency: 2 });
    assert.deepEqual(
      ['a', 'b', 'c'].map((request) => queue.enter(request)),
      ['run', 'run', 'wait'],
    );
    assert.deepEqual([queue.running, queue.length], [2, 1]);
  });

  it('lets nobody wait without a limit', () => {
    const { queue } = queueOf({ concurrency: UNLIMITED });
    for (let request = 0; request < 1_000; request += 1) assert.equal(queue.enter(String(request)), 'run');
  });

  it('gives those that wait in the order in which they came', () => {
    const { queue } = queueOf({});
    for (const request of ['a', 'b', 'c']) queue.enter(request);
    assert.deepEqual([queue.leave(), queue.leave(), queue.leave()], ['b', 'c', undefined]);
    assert.equal(queue.running, 0);
  });

  it('hands a place on: who comes later does not overtake', () => {
    const { queue } = queueOf({});
    for (const request of ['a', 'b']) queue.enter(request);
    queue.leave();
    assert.equal(queue.enter('c'), 'wait');
  });

  it('is full at its limit', () => {
    const { queue } = queueOf({ queueLimit: 1 });
    assert.deepEqual(
      ['a', 'b', 'c'].map((request) => queue.enter(request)),
      ['run', 'wait', 'full'],
    );
    assert.equal(queue.length, 1);
  });

  it('is full at once where nobody may wait', () => {
    const { queue } = queueOf({ queueLimit: 0 });
    assert.deepEqual([queue.enter('a'), queue.enter('b')], ['run', 'full']);
    queue.leave();
    assert.equal(queue.enter('c'), 'run');
  });

  it('forgets one that has left while it waited', () => {
    const { queue } = queueOf({});
    for (const request of ['a', 'b', 'c']) queue.enter(request);
    queue.withdraw('b');
    assert.deepEqual([queue.leave(), queue.leave(), queue.running], ['c', undefined, 0]);
  });

  it('does not mind one that never waited', () => {
    const { queue } = queueOf({});
    for (const request of ['a', 'b']) queue.enter(request);
    queue.withdraw('x');
    assert.deepEqual([queue.running, queue.length], [1, 1]);
  });
});

describe('the queue monitor', () => {
  it('warns when the queue reaches the threshold', () => {
    const { queue, warnings } = queueOf({ qmonWarnThreshold: 2 });
    for (const request of ['a', 'b']) queue.enter(request);
    assert.deepEqual(warnings, []);
    queue.enter('c');
    assert.deepEqual(warnings, [2]);
  });

  it('warns once while the queue stays that long', () => {
    const { queue, warnings } = queueOf({ qmonWarnThreshold: 2 });
    for (const request of ['a', 'b', 'c', 'd', 'e']) queue.enter(request);
    queue.leave();
    assert.deepEqual(warnings, [2]);
  });

  for (const shrink of ['leave', 'withdraw'] as const) {
    it(`warns again when the queue has been shorter in between, by ${shrink}`, () => {
      const { queue, warnings } = queueOf({ qmonWarnThreshold: 2 });
      for (const request of ['a', 'b', 'c']) queue.enter(request);
      queue[shrink]('c');
      queue.enter('d');
      assert.deepEqual(warnings, [2, 2]);
    });
  }

  it('counts who waits, not who runs', () => {
    const { queue, warnings } = queueOf({ concurrency: 10, qmonWarnThreshold: 1 });
    for (let request = 0; request < 10; request += 1) queue.enter(String(request));
    assert.deepEqual(warnings, []);
  });

  it('says nothing where there is no threshold', () => {
    const { queue, warnings } = queueOf({});
    for (let request = 0; request < 100; request += 1) queue.enter(String(request));
    assert.deepEqual(warnings, []);
  });
});
