// How much of something a client may do in a short time.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Budget } from '@appserve/server/machines';

describe('a budget', () => {
  it('is full at first, and fills again as time goes by', () => {
    const budget = new Budget(3, 3_000, 0);
    const take = (nowMs: number): boolean => budget.take(nowMs);
    assert.deepEqual([take(0), take(0), take(0), take(0)], [true, true, true, false]);
    assert.deepEqual([take(999), take(1_000), take(1_000)], [false, true, false]);
    assert.deepEqual([take(60_000), take(60_000), take(60_000), take(60_000)], [true, true, true, false]);
  });
});
