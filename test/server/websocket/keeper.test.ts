// How long a WebSocket may be silent: a machine that is told the time.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Keeper, type Care } from '@appserve/server/machines';

/** `at`, and how many bytes have been read by then. */
type Look = readonly [nowMs: number, bytesRead: number, isPaused?: boolean];

function cares(quiet: { pingMs?: number; idleMs?: number }, looks: readonly Look[]): Care[] {
  const keeper = new Keeper({ pingMs: 0, idleMs: 0, ...quiet }, 0);
  return looks.map(([nowMs, bytesRead, isPaused = false]) => keeper.look(nowMs, bytesRead, isPaused));
}

describe('a client that is silent', () => {
  it('is asked after a while, and left when it has not answered until the next time', () => {
    assert.deepEqual(
      cares({ pingMs: 20 }, [
        [19, 0],
        [20, 0],
        [39, 0],
        [40, 0],
      ]),
      ['nothing', 'ping', 'nothing', 'drop'],
    );
  });

  it('is alive when it sends anything, and asked again later', () => {
    assert.deepEqual(
      cares({ pingMs: 20 }, [
        [20, 0],
        [30, 6],
        [49, 6],
        [50, 6],
        [70, 6],
      ]),
      ['ping', 'nothing', 'nothing', 'ping', 'drop'],
    );
  });

  it('is not asked while it speaks', () => {
    assert.deepEqual(
      cares({ pingMs: 20 }, [
        [20, 1],
        [40, 2],
        [60, 3],
      ]),
      ['nothing', 'nothing', 'nothing'],
    );
  });

  it('is not blamed while nobody reads', () => {
    assert.deepEqual(
      cares({ pingMs: 20 }, [
        [20, 0, true],
        [40, 0, true],
        [60, 0],
      ]),
      ['nothing', 'nothing', 'ping'],
    );
  });

  it('is never asked where the interval is 0', () => {
    assert.deepEqual(cares({}, [[1e9, 0]]), ['nothing']);
    assert.equal(new Keeper({ pingMs: 0, idleMs: 0 }, 0).nextMs, Number.POSITIVE_INFINITY);
  });
});

describe('a client that sends no message', () => {
  it('is left after a while, whatever else it sends', () => {
    assert.deepEqual(
      cares({ pingMs: 20, idleMs: 50 }, [
        [20, 0],
        [25, 6],
        [45, 6],
        [49, 12],
        [50, 12],
      ]),
      ['ping', 'nothing', 'ping', 'nothing', 'leave'],
    );
  });

  it('is given the time again with each', () => {
    const keeper = new Keeper({ pingMs: 0, idleMs: 50 }, 0);
    keeper.message(40);
    assert.deepEqual([keeper.look(50, 1, false), keeper.nextMs, keeper.look(90, 1, false)], ['nothing', 90, 'leave']);
  });
});

describe('the next look', () => {
  it('is at whatever comes first', () => {
    assert.equal(new Keeper({ pingMs: 20, idleMs: 50 }, 100).nextMs, 120);
    assert.equal(new Keeper({ pingMs: 60, idleMs: 50 }, 100).nextMs, 150);
    const keeper = new Keeper({ pingMs: 20, idleMs: 0 }, 0);
    keeper.look(20, 0, false);
    assert.equal(keeper.nextMs, 40);
  });
});
