// How long a WebSocket may be silent: a machine that is told the time.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Keeper, type Care, type Traffic } from '@appserve/server/machines';

/** When, and what has come and gone by then. */
type Look = readonly [nowMs: number, bytesRead: number, more?: Partial<Traffic>];

const paused = { isPaused: true };

function traffic(bytesRead: number, more: Partial<Traffic> = {}): Traffic {
  return { bytesRead, bytesWritten: 0, unsentBytes: 0, isPaused: false, ...more };
}

function cares(quiet: { pingMs?: number; idleMs?: number }, looks: readonly Look[]): Care[] {
  const keeper = new Keeper({ pingMs: 0, idleMs: 0, ...quiet }, 0);
  return looks.map(([nowMs, bytesRead, more]) => keeper.look(nowMs, traffic(bytesRead, more)));
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
        [20, 0, paused],
        [40, 0, paused],
        [60, 0],
      ]),
      ['nothing', 'nothing', 'ping'],
    );
  });

  it('has its time to answer also where it is asked late', () => {
    assert.deepEqual(
      cares({ pingMs: 20 }, [
        [90, 0],
        [91, 0],
        [110, 0],
      ]),
      ['ping', 'nothing', 'drop'],
    );
  });

  it('is never asked where the interval is 0', () => {
    assert.deepEqual(cares({}, [[1e9, 0]]), ['nothing']);
    assert.equal(new Keeper({ pingMs: 0, idleMs: 0 }, 0).nextMs, Number.POSITIVE_INFINITY);
  });
});

/** So many bytes wait of what was written. */
const waiting = (bytesWritten: number, unsentBytes: number): Partial<Traffic> => ({ bytesWritten, unsentBytes });

describe('a client for which something waits', () => {
  it('is alive as long as it takes of it', () => {
    assert.deepEqual(
      cares({ pingMs: 20 }, [
        [20, 0, waiting(100, 90)],
        [40, 0, waiting(100, 89)],
        [60, 0, waiting(100, 50)],
        [80, 0, waiting(100, 0)],
      ]),
      ['ping', 'nothing', 'nothing', 'nothing'],
    );
  });

  it('is alive also where more is written meanwhile than it takes', () => {
    assert.deepEqual(
      cares({ pingMs: 20 }, [
        [20, 0, waiting(100, 90)],
        [40, 0, waiting(200, 189)],
      ]),
      ['ping', 'nothing'],
    );
  });

  it('and which takes nothing is dropped, whatever it sends', () => {
    assert.deepEqual(
      cares({ pingMs: 20 }, [
        [20, 6, waiting(100, 90)],
        [40, 12, waiting(101, 91)],
        [60, 18, waiting(102, 92)],
      ]),
      ['nothing', 'ping', 'drop'],
    );
  });

  it('and which takes nothing is dropped, also while nobody reads', () => {
    assert.deepEqual(
      cares({ pingMs: 20 }, [
        [20, 0, { ...paused, ...waiting(100, 90) }],
        [40, 0, { ...paused, ...waiting(100, 90) }],
        [60, 0, { ...paused, ...waiting(100, 90) }],
      ]),
      ['nothing', 'ping', 'drop'],
    );
  });

  it('is not alive for what the kernel takes at once', () => {
    assert.deepEqual(
      cares({ pingMs: 20 }, [
        [20, 0, waiting(100, 0)],
        [40, 0, waiting(200, 0)],
      ]),
      ['ping', 'drop'],
    );
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
    assert.deepEqual([keeper.look(50, traffic(1)), keeper.nextMs, keeper.look(90, traffic(1))], ['nothing', 90, 'leave']);
  });
});

function closingCares(looks: readonly Look[]): Care[] {
  const keeper = new Keeper({ pingMs: 20, idleMs: 50 }, 0);
  keeper.close(5, traffic(0, waiting(100, 90)));
  return looks.map(([nowMs, bytesRead, more]) => keeper.look(nowMs, traffic(bytesRead, more)));
}

describe('a client that is to close', () => {
  it('is left when it has taken nothing for 10 s, whatever it sends', () => {
    assert.deepEqual(
      closingCares([
        [10_004, 6, waiting(100, 90)],
        [10_005, 12, waiting(100, 90)],
      ]),
      ['nothing', 'drop'],
    );
  });

  it('has 10 s behind the last that it took', () => {
    assert.deepEqual(
      closingCares([
        [10_005, 0, waiting(100, 50)],
        [20_005, 0, waiting(100, 0)],
        [30_004, 0, waiting(100, 0)],
        [30_005, 0, waiting(100, 0)],
      ]),
      ['nothing', 'nothing', 'nothing', 'drop'],
    );
  });

  it('has them from the first time that either side says so', () => {
    const keeper = new Keeper({ pingMs: 0, idleMs: 0 }, 0);
    keeper.close(5, traffic(0));
    keeper.close(9_000, traffic(0));
    assert.equal(keeper.nextMs, 10_005);
  });
});

describe('the next look', () => {
  it('is at whatever comes first', () => {
    assert.equal(new Keeper({ pingMs: 20, idleMs: 50 }, 100).nextMs, 120);
    assert.equal(new Keeper({ pingMs: 60, idleMs: 50 }, 100).nextMs, 150);
    const keeper = new Keeper({ pingMs: 20, idleMs: 0 }, 0);
    keeper.look(20, traffic(0));
    assert.equal(keeper.nextMs, 40);
  });
});
