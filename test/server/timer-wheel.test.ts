// The wheel is told the time, so nothing here waits.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TimerWheel, type Timed } from '@appserve/server/machines';
import * as fc from 'fast-check';

const SLOT_MS = 100;
const NEVER = Number.POSITIVE_INFINITY;

/** An entry that notes when it was looked at, and then does what the test says. */
class Entry implements Timed {
  lookAtMs = NEVER;
  readonly lookedAtMs: number[] = [];
  readonly #next: (nowMs: number) => number;

  constructor(next: (nowMs: number) => number = () => NEVER) {
    this.#next = next;
  }

  onTime(nowMs: number): number {
    this.lookedAtMs.push(nowMs);
    return this.#next(nowMs);
  }
}

function scheduled(wheel: TimerWheel, atMs: number, next?: (nowMs: number) => number): Entry {
  const entry = new Entry(next);
  wheel.schedule(entry, atMs);
  return entry;
}

/** Turns the wheel to each of the times. */
function turn(wheel: TimerWheel, ...timesMs: readonly number[]): void {
  for (const nowMs of timesMs) wheel.advance(nowMs);
}

describe('a timer wheel', () => {
  it('looks at nobody too early', () => {
    const wheel = new TimerWheel(0, SLOT_MS);
    const entry = scheduled(wheel, 250);
    turn(wheel, 100, 200, 249, 299);
    assert.deepEqual(entry.lookedAtMs, []);
  });

  it('looks at an entry one slot late at most, and once', () => {
    const wheel = new TimerWheel(0, SLOT_MS);
    const entry = scheduled(wheel, 201);
    turn(wheel, 100, 200, 300, 400);
    assert.deepEqual(entry.lookedAtMs, [300]);
  });

  it('looks at an entry whose time has passed when it is scheduled in the next slot', () => {
    const wheel = new TimerWheel(1_000, SLOT_MS);
    const entry = scheduled(wheel, 10);
    turn(wheel, 1_099, 1_100);
    assert.deepEqual(entry.lookedAtMs, [1_100]);
  });

  it('moves an entry to an earlier time', () => {
    const wheel = new TimerWheel(0, SLOT_MS);
    const entry = scheduled(wheel, 900);
    wheel.schedule(entry, 200);
    turn(wheel, 200, 900, 1_000);
    assert.deepEqual(entry.lookedAtMs, [200]);
  });

  it('leaves an entry where it is when its time moves later: it finds out itself', () => {
    const wheel = new TimerWheel(0, SLOT_MS);
    let deadlineMs = 200;
    const entry = scheduled(wheel, deadlineMs, (nowMs) => (nowMs < deadlineMs ? deadlineMs : NEVER));
    deadlineMs = 500;
    wheel.schedule(entry, deadlineMs);
    assert.equal(entry.lookAtMs, 200);
    turn(wheel, 200, 300, 400, 500, 600);
    assert.deepEqual(entry.lookedAtMs, [200, 500]);
  });

  it('forgets what was removed', () => {
    const wheel = new TimerWheel(0, SLOT_MS);
    const entry = scheduled(wheel, 200);
    wheel.remove(entry);
    wheel.remove(entry);
    turn(wheel, 200, 300);
    assert.deepEqual([entry.lookedAtMs, wheel.size], [[], 0]);
  });

  it('takes a removed entry again', () => {
    const wheel = new TimerWheel(0, SLOT_MS);
    const entry = scheduled(wheel, 200);
    wheel.remove(entry);
    wheel.schedule(entry, 300);
    turn(wheel, 200, 300);
    assert.deepEqual(entry.lookedAtMs, [300]);
  });

  it('keeps an entry that is several turns away', () => {
    const wheel = new TimerWheel(0, SLOT_MS, 4);
    const entry = scheduled(wheel, 1_500);
    turn(wheel, ...Array.from({ length: 16 }, (_, index) => index * SLOT_MS));
    assert.deepEqual(entry.lookedAtMs, [1_500]);
  });

  it('finds everybody after a sleep of many turns, each once', () => {
    const wheel = new TimerWheel(0, SLOT_MS, 4);
    const entries = [100, 200, 900, 5_000].map((atMs) => scheduled(wheel, atMs));
    turn(wheel, 5_050);
    assert.deepEqual(
      entries.map(({ lookedAtMs }) => lookedAtMs),
      [[5_050], [5_050], [5_050], [5_050]],
    );
  });

  it('knows how many wait', () => {
    const wheel = new TimerWheel(0, SLOT_MS);
    scheduled(wheel, 100);
    const twice = scheduled(wheel, 500);
    wheel.schedule(twice, 300);
    scheduled(wheel, NEVER);
    assert.equal(wheel.size, 2);
    wheel.advance(100);
    assert.equal(wheel.size, 1);
  });

  it('looks at an entry again when it asks for that', () => {
    const wheel = new TimerWheel(0, SLOT_MS);
    const entry = scheduled(wheel, 100, (nowMs) => (nowMs < 350 ? nowMs + 150 : NEVER));
    turn(wheel, 100, 200, 300, 400, 500, 600);
    assert.deepEqual(entry.lookedAtMs, [100, 300, 500]);
  });

  it('looks in the next slot at an entry that asks for a time that has passed', () => {
    const wheel = new TimerWheel(0, SLOT_MS);
    const entry = scheduled(wheel, 100, (nowMs) => (nowMs < 200 ? nowMs - 50 : NEVER));
    turn(wheel, 100, 200, 300);
    assert.deepEqual(entry.lookedAtMs, [100, 200]);
  });

  it('looks in the next slot at an entry that an action schedules for a time that has passed, after a sleep too', () => {
    const wheel = new TimerWheel(0, SLOT_MS);
    const other = new Entry();
    scheduled(wheel, 100, (nowMs) => {
      wheel.schedule(other, nowMs - 450);
      return NEVER;
    });
    turn(wheel, 500, 600);
    assert.equal(other.lookedAtMs.length, 1);
  });

  it('lets an action remove the entry behind it', () => {
    const wheel = new TimerWheel(0, SLOT_MS);
    const victim = new Entry();
    scheduled(wheel, 200, () => {
      wheel.remove(victim);
      return NEVER;
    });
    wheel.schedule(victim, 200);
    turn(wheel, 200, 300);
    assert.deepEqual([victim.lookedAtMs, wheel.size], [[], 0]);
  });

  it('lets an action schedule another entry', () => {
    const wheel = new TimerWheel(0, SLOT_MS);
    const other = new Entry();
    scheduled(wheel, 100, (nowMs) => {
      wheel.schedule(other, nowMs + 100);
      return NEVER;
    });
    turn(wheel, 100, 200);
    assert.deepEqual(other.lookedAtMs, [200]);
  });
});

/** What may happen to a wheel with a few entries. An entry that is looked at asks again after `againMs`, or never. */
const step = fc.oneof(
  fc.record({
    do: fc.constant('schedule' as const),
    entry: fc.nat(3),
    inMs: fc.integer({ min: -150, max: 1_500 }),
    againMs: fc.option(fc.integer({ min: 1, max: 900 }), { nil: NEVER }),
  }),
  fc.record({ do: fc.constant('remove' as const), entry: fc.nat(3) }),
  fc.record({ do: fc.constant('advance' as const), byMs: fc.oneof(fc.nat(250), fc.nat(3_000)) }),
);

/** A wheel in its simplest form: a list of wishes. */
interface Wish {
  atMs: number;
  sinceMs: number;
}

describe('a timer wheel beside a plain list', () => {
  it('is never early, at most one slot late, and forgets nobody', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let nowMs = 0;
        const wheel = new TimerWheel(nowMs, SLOT_MS, 4);
        const wishes = new Map<Timed, Wish>();
        const againMs = [NEVER, NEVER, NEVER, NEVER];
        const entries = againMs.map((_, index) => {
          const entry: Timed = new Entry((atMs) => {
            const wish = wishes.get(entry);
            assert.ok(wish !== undefined, 'looked at without a wish');
            assert.ok(atMs >= wish.atMs, `looked at ${wish.atMs - atMs} ms early`);
            wishes.delete(entry);
            const next = atMs + againMs[index]!;
            if (next !== NEVER) wishes.set(entry, { atMs: next, sinceMs: atMs });
            return next;
          });
          return entry;
        });
        for (const what of steps) {
          switch (what.do) {
            case 'schedule': {
              const entry = entries[what.entry]!;
              const atMs = nowMs + what.inMs;
              const before = wishes.get(entry);
              againMs[what.entry] = what.againMs;
              if (before === undefined || atMs < before.atMs) wishes.set(entry, { atMs, sinceMs: nowMs });
              wheel.schedule(entry, atMs);
              break;
            }
            case 'remove':
              wishes.delete(entries[what.entry]!);
              wheel.remove(entries[what.entry]!);
              break;
            case 'advance':
              nowMs += what.byMs;
              wheel.advance(nowMs);
              for (const wish of wishes.values()) {
                const lateMs = nowMs - Math.max(wish.atMs, wish.sinceMs);
                assert.ok(lateMs < 2 * SLOT_MS, `forgotten for ${lateMs} ms`);
              }
          }
          assert.equal(wheel.size, wishes.size);
        }
      }),
      { seed: 20_261_121, numRuns: 2_000 },
    );
  });
});
