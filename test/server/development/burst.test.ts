// Changes that belong together, and reloads of which a newer one takes the place.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Burst, Renewals } from '@appserve/server/machines';

describe('a burst of changes', () => {
  it('is whole after a silence', () => {
    const burst = new Burst();
    burst.add('/a', 100);
    assert.equal(burst.leftMs(100), 20);
    burst.add('/b', 115);
    assert.equal(burst.leftMs(115), 20);
    assert.equal(burst.leftMs(134), 1);
    assert.equal(burst.leftMs(140), 0);
    assert.deepEqual(burst.take(), { paths: ['/a', '/b'], sinceMs: 100 });
    assert.ok(burst.isEmpty);
  });

  it('without a silence is not waited for', () => {
    const burst = new Burst();
    for (let nowMs = 0; nowMs <= 240; nowMs += 10) burst.add('/a', nowMs);
    assert.equal(burst.leftMs(240), 10);
    assert.equal(burst.leftMs(250), 0);
    assert.deepEqual(burst.take().paths, ['/a']);
  });

  it('begins anew when it was taken', () => {
    const burst = new Burst();
    burst.add('/a', 0);
    burst.take();
    burst.add('/b', 1_000);
    assert.equal(burst.leftMs(1_000), 20);
    assert.deepEqual(burst.take(), { paths: ['/b'], sinceMs: 1_000 });
  });
});

describe('renewals', () => {
  it('are done when the newest is done', async () => {
    const renewals = new Renewals();
    const first = renewals.begin();
    const second = renewals.begin();
    assert.equal(first.isCurrent(), false);
    assert.equal(second.isCurrent(), true);
    renewals.end();
    await Promise.all([first.done, second.done]);
  });

  it('tell all who wait what went wrong', async () => {
    const renewals = new Renewals();
    const { done } = renewals.begin();
    renewals.end(new Error('broken'));
    await assert.rejects(done, /broken/);
    const next = renewals.begin();
    renewals.end();
    await next.done;
  });
});
