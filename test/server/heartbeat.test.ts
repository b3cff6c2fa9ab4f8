// Which workers hang, told in microseconds: the time is an argument here.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findHung, lookEveryMs, newWatch, type Hung, type Watch } from '@appserve/server/machines';

const TIMEOUT_MS = 2_000;
const LOOK_MS = 500;
const HOUR_MS = 3_600_000;

/** A supervisor that looks, and the workers that it was told of. */
class Story {
  #watch: Watch;
  #nowMs = 0;
  readonly #timeoutMs: number;
  readonly #beats = new Map<number, number>();

  constructor(ids: readonly number[], timeoutMs = TIMEOUT_MS) {
    this.#timeoutMs = timeoutMs;
    this.#watch = newWatch(0);
    for (const id of ids) this.#beats.set(id, 1);
  }

  /** Those in `beating` have turned their loop since the last look. */
  look(beating: readonly number[], afterMs = LOOK_MS): readonly Hung[] {
    this.#nowMs += afterMs;
    for (const id of beating) this.#beats.set(id, (this.#beats.get(id) ?? 0) + 1);
    const pulses = Array.from(this.#beats, ([id, beats]) => ({ id, beats }));
    const [watch, hung] = findHung(this.#watch, pulses, this.#timeoutMs, this.#nowMs);
    this.#watch = watch;
    return hung;
  }

  /** So many looks; all that was told. */
  looks(count: number, beating: readonly number[], afterMs = LOOK_MS): readonly Hung[] {
    return Array.from({ length: count }, () => this.look(beating, afterMs)).flat();
  }

  ends(id: number): void {
    this.#beats.delete(id);
  }
}

describe('a worker', () => {
  it('that turns its loop never hangs', () => {
    assert.deepEqual(new Story([1]).looks(100, [1]), []);
  });

  it('that does not for the whole timeout hangs, and not a look before', () => {
    const story = new Story([1, 2]);
    assert.deepEqual(story.looks(4, [1]), []);
    assert.deepEqual(story.look([1]), [{ id: 2, silentMs: TIMEOUT_MS }]);
  });

  it('is told once', () => {
    const story = new Story([1]);
    assert.equal(story.looks(100, []).length, 1);
  });

  it('is told again when it has come back in between', () => {
    const story = new Story([1]);
    story.looks(100, []);
    story.look([1]);
    assert.equal(story.looks(100, []).length, 1);
  });

  it('begins anew with every beat', () => {
    const story = new Story([1]);
    for (let round = 0; round < 10; round += 1) {
      assert.deepEqual(story.looks(3, []), []);
      story.look([1]);
    }
  });

  it('that has ended is forgotten, and its heir has all its time', () => {
    const story = new Story([1]);
    story.looks(4, []);
    story.ends(1);
    assert.deepEqual(story.looks(4, [2]), []);
    assert.deepEqual(story.looks(3, []), []);
    assert.deepEqual(story.look([]), [{ id: 2, silentMs: TIMEOUT_MS }]);
  });

  it('never hangs without a timeout', () => {
    assert.deepEqual(new Story([1], 0).looks(1_000, [], 1_000), []);
  });
});

describe('time that is nobody\u2019s', () => {
  it('passes while the machine is suspended: nobody hangs for that', () => {
    const story = new Story([1, 2]);
    story.look([1, 2]);
    // The supervisor wakes up first.
    assert.deepEqual(story.look([], HOUR_MS), []);
    assert.deepEqual(story.looks(2, []), []);
    assert.deepEqual(story.looks(10, [1, 2]), []);
  });

  it('counts as one look for who hung before', () => {
    const story = new Story([1]);
    story.looks(4, []);
    assert.deepEqual(story.look([], HOUR_MS), [{ id: 1, silentMs: TIMEOUT_MS }]);
  });

  it('passes while the supervisor is late', () => {
    const story = new Story([1]);
    story.look([1]);
    assert.deepEqual(story.looks(3, [], TIMEOUT_MS), []);
  });

  it('does not count backward: a clock that jumps back is a look too', () => {
    const story = new Story([1]);
    story.look([1]);
    assert.deepEqual(story.look([], -HOUR_MS), []);
    assert.deepEqual(story.looks(3, []), []);
    assert.equal(story.look([]).length, 1);
  });

  it('does not count before a worker is seen for the first time', () => {
    const story = new Story([1]);
    assert.deepEqual(story.look([], HOUR_MS), []);
    assert.deepEqual(story.looks(3, []), []);
  });
});

describe('the time between two looks', () => {
  const TABLE: readonly (readonly [timeoutMs: number, everyMs: number])[] = [
    [1_000, 250],
    [2_000, 500],
    [4_000, 1_000],
    [30_000, 1_000],
    [0, 1_000],
  ];
  for (const [timeoutMs, everyMs] of TABLE) {
    it(`is ${everyMs} ms for a timeout of ${timeoutMs} ms`, () => {
      assert.equal(lookEveryMs(timeoutMs), everyMs);
    });
  }
});
