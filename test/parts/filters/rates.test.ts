// How often somebody may ask, by a clock that the test turns.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Rates } from '@appserve/parts/machines';

describe('rates', () => {
  it('come back evenly', () => {
    const rates = new Rates(2, 1_000, 10);
    assert.deepEqual([rates.take('a', 0), rates.take('a', 0), rates.take('a', 0)], [0, 0, 500]);
    assert.ok(rates.take('a', 499) > 0);
    assert.equal(rates.take('a', 510), 0);
    assert.ok(rates.take('a', 990) > 0);
    assert.equal(rates.take('a', 1_010), 0);
  });

  it('never fill beyond what may be asked at once', () => {
    const rates = new Rates(2, 1_000, 10);
    rates.take('a', 0);
    assert.deepEqual([rates.take('a', 1e9), rates.take('a', 1e9), rates.take('a', 1e9)], [0, 0, 500]);
  });

  it('are each client’s own', () => {
    const rates = new Rates(1, 1_000, 10);
    assert.deepEqual([rates.take('a', 0), rates.take('b', 0), rates.take('a', 0)], [0, 0, 1_000]);
  });

  it('are remembered of so many, the latest ones', () => {
    const rates = new Rates(1, 1_000, 2);
    for (const client of ['a', 'b', 'a', 'c']) rates.take(client, 0);
    assert.equal(rates.size, 2);
    assert.deepEqual([rates.take('a', 0), rates.take('b', 0)], [1_000, 0]);
  });
});
