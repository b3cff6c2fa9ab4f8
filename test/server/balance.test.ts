// Which worker gets the next connection.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { choose, type Candidate } from '@appserve/server/machines';

function workers(...loads: readonly (number | 'late')[]): Candidate[] {
  return loads.map((load, index) => ({ id: index + 1, load: load === 'late' ? 0 : load, isLate: load === 'late' }));
}

describe('the next connection', () => {
  it('goes to the least loaded worker', () => assert.equal(choose(workers(3, 1, 2), 0), 2));

  it('goes round among equals', () => {
    const given: number[] = [];
    for (let time = 0; time < 6; time += 1) given.push(choose(workers(0, 0, 0), given.at(-1) ?? 0)!);
    assert.deepEqual(given, [1, 2, 3, 1, 2, 3]);
  });

  it('does not go to a worker that is late, though it has the least to do', () => {
    assert.equal(choose(workers('late', 9, 7), 0), 3);
  });

  it('goes to the least loaded of those that are late, when all are', () => {
    assert.equal(choose(workers('late', 'late'), 1), 2);
  });

  it('goes nowhere when nobody serves', () => assert.equal(choose([], 0), undefined));

  it('makes a thousand connections even, whatever there was before', () => {
    const loads = [100, 0, 37, 5];
    let last = 0;
    for (let time = 0; time < 1_000; time += 1) {
      last = choose(workers(...loads), last)!;
      loads[last - 1]! += 1;
    }
    assert.ok(Math.max(...loads) - Math.min(...loads) <= 1, String(loads));
  });
});
