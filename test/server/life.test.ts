// The life of a fleet of workers, told in microseconds: no thread is started here.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newFleet, supervise, type Command, type Fleet, type Happening } from '@appserve/server/machines';

const GRACE_MS = 30_000;
/** The machine's own numbers, written out: who changes a policy changes a sentence here. */
const YOUNG_MS = 5_000;
const FAILED_STARTS_MAX = 10;

/** A fleet and what the supervisor was told to do last. */
interface Scene {
  readonly fleet: Fleet;
  readonly commands: readonly Command[];
}

function happens({ fleet }: Scene, happening: Happening, nowMs = 0): Scene {
  const [next, commands] = supervise(fleet, happening, nowMs);
  return { fleet: next, commands };
}

/** A worker has ended; with code 1 when something was thrown. */
function exited(id: number, error?: Error): Happening {
  return { type: 'exited', id, code: error === undefined ? 7 : 1, error };
}

function started(size: number): Scene {
  return happens({ fleet: newFleet(size, GRACE_MS), commands: [] }, { type: 'start' });
}

/** All workers are ready, at 0 ms. */
function serving(size: number): Scene {
  return started(size).fleet.members.reduce((scene, { id }) => happens(scene, { type: 'ready', id }), started(size));
}

/** So many workers of slot 1 die, one after the other, each as soon as it is ready. */
function afterYoungDeaths(scene: Scene, deaths: number, nowMs = 0): Scene {
  let now = scene;
  for (let death = 0; death < deaths; death += 1) {
    const { id } = now.fleet.members.find(({ slot }) => slot === 1)!;
    now = happens(happens(now, { type: 'ready', id }, nowMs), exited(id), nowMs);
  }
  return now;
}

/** The worker of slot 1 dies, and so many in its place, none of which is ever ready. */
function afterFailedStarts(scene: Scene, deaths: number): Scene {
  let now = happens(scene, exited(1), YOUNG_MS);
  for (let death = 0; death < deaths; death += 1) {
    now = happens(now, exited(now.fleet.members.find(({ slot }) => slot === 1)!.id), YOUNG_MS);
  }
  return now;
}

function deathsOf({ fleet }: Scene): number {
  return fleet.members.find(({ slot }) => slot === 1)!.youngDeaths;
}

describe('a fleet that starts', () => {
  it('spawns a worker for each slot, at once', () => {
    assert.deepEqual(started(2).commands, [
      { do: 'spawn', id: 1, slot: 1, generation: 1, afterMs: 0, why: 'first' },
      { do: 'spawn', id: 2, slot: 2, generation: 1, afterMs: 0, why: 'first' },
    ]);
  });

  it('says nothing while one is still loading', () => {
    const { fleet, commands } = happens(started(2), { type: 'ready', id: 1 });
    assert.deepEqual([fleet.phase, commands], ['starting', []]);
  });

  it('is announced when the last one is ready', () => {
    const { fleet, commands } = happens(happens(started(2), { type: 'ready', id: 2 }), { type: 'ready', id: 1 });
    const accepting: readonly Command[] = [
      { do: 'accept', id: 1 },
      { do: 'accept', id: 2 },
    ];
    assert.deepEqual([fleet.phase, commands], ['serving', [...accepting, { do: 'announce' }]]);
  });

  it('is announced once, whoever becomes ready later', () => {
    const replaced = happens(serving(2), exited(1), YOUNG_MS);
    assert.deepEqual(happens(replaced, { type: 'ready', id: 3 }, YOUNG_MS).commands, [{ do: 'accept', id: 3 }]);
  });

  it('ends with the reason when a worker cannot load the app', () => {
    const cause = new Error('no database');
    const failed = happens(happens(started(2), { type: 'ready', id: 2 }), { type: 'failed', id: 1, error: cause });
    assert.deepEqual(failed.commands, [
      { do: 'close-sockets' },
      { do: 'drain', id: 1, graceMs: 0, isPatient: false },
      { do: 'drain', id: 2, graceMs: 0, isPatient: false },
    ]);
    const { fleet, commands } = happens(happens(failed, exited(1)), exited(2));
    const [finish] = commands as readonly [Command & { do: 'finish' }];
    assert.equal(fleet.phase, 'over');
    assert.equal(finish.fault?.code, 'WORKER_FAILED');
    assert.equal(finish.fault.message, 'worker-1 could not load the app: no database');
    assert.equal(finish.fault.cause, cause);
  });

  it('keeps the first reason when two workers fail', () => {
    const first = happens(started(2), { type: 'failed', id: 2, error: new Error('first') });
    const second = happens(first, { type: 'failed', id: 1, error: new Error('second') });
    assert.deepEqual(second.commands, []);
    assert.match(second.fleet.fault!.message, /^worker-2 could not load the app: first$/);
  });

  it('ends when a worker ends without a word while it loads: it would do so again', () => {
    const { fleet, commands } = happens(started(2), exited(1));
    assert.deepEqual(commands, [{ do: 'close-sockets' }, { do: 'drain', id: 2, graceMs: 0, isPatient: false }]);
    assert.equal(fleet.fault?.message, 'worker-1 ended with code 7 before it was ready');
  });

  it('ends with what was thrown where nobody listened while it loaded', () => {
    const cause = new Error('no database');
    const { fault } = happens(started(1), exited(1, cause)).fleet;
    assert.deepEqual([fault?.code, fault?.cause], ['WORKER_FAILED', cause]);
  });
});

describe('a fleet of which one dies before all are ready', () => {
  it('does not start, also when that one was ready', () => {
    const half = happens(started(2), { type: 'ready', id: 1 });
    const { fleet, commands } = happens(half, exited(1, new Error('just now')));
    assert.deepEqual(
      [fleet.phase, commands],
      ['stopping', [{ do: 'close-sockets' }, { do: 'drain', id: 2, graceMs: 0, isPatient: false }]],
    );
    assert.equal(fleet.fault?.code, 'WORKER_FAILED');
  });
});

describe('a fleet that serves', () => {
  it('replaces a worker that has died, in its slot', () => {
    const { commands } = happens(serving(3), exited(2), YOUNG_MS);
    assert.deepEqual(commands, [{ do: 'spawn', id: 4, slot: 2, generation: 1, afterMs: 0, why: 'death' }]);
  });

  it('does not end because a replacement cannot load the app', () => {
    const replaced = happens(serving(1), exited(1), YOUNG_MS);
    const failed = happens(replaced, { type: 'failed', id: 2, error: new Error('just now') }, YOUNG_MS);
    assert.deepEqual([failed.fleet.phase, failed.commands], ['serving', []]);
    assert.deepEqual(happens(failed, exited(2), YOUNG_MS).commands, [
      { do: 'spawn', id: 3, slot: 1, generation: 1, afterMs: 0, why: 'death' },
    ]);
  });

  it('waits twice as long after each further young death, 10 s at most', () => {
    const waits = Array.from({ length: 12 }, (_, index) => {
      const [spawn] = afterYoungDeaths(serving(1), index + 1).commands as readonly [Command & { do: 'spawn' }];
      return spawn.afterMs;
    });
    assert.deepEqual(waits, [0, 100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000, 10_000]);
  });

  it('gives up when ten in a row never came to serving', () => {
    assert.equal(afterFailedStarts(serving(1), FAILED_STARTS_MAX - 1).fleet.phase, 'serving');
    const { fleet, commands } = afterFailedStarts(serving(1), FAILED_STARTS_MAX);
    const [finish] = commands as readonly [Command & { do: 'finish' }];
    assert.equal(fleet.phase, 'over');
    assert.deepEqual([finish.do, finish.fault?.code], ['finish', 'WORKERS_CRASHING']);
  });

  it('lets the others answer what they have under way before it gives up', () => {
    const given = afterFailedStarts(serving(2), FAILED_STARTS_MAX);
    assert.deepEqual(given.commands, [{ do: 'close-sockets' }, { do: 'drain', id: 2, graceMs: GRACE_MS, isPatient: false }]);
    const [finish] = happens(given, exited(2)).commands as readonly [Command & { do: 'finish' }];
    assert.deepEqual([finish.do, finish.fault?.code], ['finish', 'WORKERS_CRASHING']);
  });

  it('never gives up for workers that served: a request that crashes its worker does not end the others', () => {
    const { fleet } = afterYoungDeaths(serving(2), 100);
    assert.deepEqual([fleet.phase, fleet.members.length], ['serving', 2]);
  });

  it('does not add up the deaths of different slots', () => {
    const one = happens(serving(2), exited(1));
    assert.deepEqual(happens(one, exited(2)).commands, [
      { do: 'spawn', id: 4, slot: 2, generation: 1, afterMs: 0, why: 'death' },
    ]);
  });

  it('forgives the young deaths when a worker has lived for 5 s', () => {
    const before = afterYoungDeaths(serving(1), 9);
    const { id } = before.fleet.members[0]!;
    const old = happens(happens(before, { type: 'ready', id }, 0), exited(id), YOUNG_MS);
    assert.deepEqual(
      [deathsOf(old), old.commands],
      [0, [{ do: 'spawn', id: id + 1, slot: 1, generation: 1, afterMs: 0, why: 'death' }]],
    );
  });

  it('counts a death a moment before that', () => {
    assert.equal(deathsOf(happens(serving(1), exited(1), YOUNG_MS - 1)), 1);
  });

  it('counts a death while loading as a young one, however long it loaded', () => {
    const loading = happens(serving(1), exited(1), YOUNG_MS);
    assert.equal(deathsOf(happens(loading, exited(2), 10 * YOUNG_MS)), 1);
  });

  for (const news of [{ type: 'ready', id: 1 }, exited(1)] as const) {
    it(`passes over the news that a worker is ${news.type} which is gone`, () => {
      const replaced = happens(serving(1), exited(1), YOUNG_MS);
      assert.deepEqual(happens(replaced, news, YOUNG_MS), { fleet: replaced.fleet, commands: [] });
    });
  }

  it('is not impressed by the end of a grace that nobody began', () => {
    assert.deepEqual(happens(serving(1), { type: 'overdue', id: 1 }), { fleet: serving(1).fleet, commands: [] });
  });
});

describe('a fleet that stops', () => {
  it('lets no new connection in, and drains its workers', () => {
    assert.deepEqual(happens(serving(2), { type: 'stop' }).commands, [
      { do: 'close-sockets' },
      { do: 'drain', id: 1, graceMs: GRACE_MS, isPatient: false },
      { do: 'drain', id: 2, graceMs: GRACE_MS, isPatient: false },
    ]);
  });

  it('drains those that serve, and those that still load without any grace', () => {
    const half = happens(started(2), { type: 'ready', id: 1 });
    assert.deepEqual(happens(half, { type: 'stop' }).commands, [
      { do: 'close-sockets' },
      { do: 'drain', id: 1, graceMs: GRACE_MS, isPatient: false },
      { do: 'drain', id: 2, graceMs: 0, isPatient: false },
    ]);
  });

  it('ends a respawn that is still waiting', () => {
    const waiting = afterYoungDeaths(serving(1), 3);
    const { id } = waiting.fleet.members[0]!;
    assert.deepEqual(happens(waiting, { type: 'stop' }).commands[1], { do: 'drain', id, graceMs: 0, isPatient: false });
  });

  it('finishes when the last worker has ended, without a fault', () => {
    const first = happens(happens(serving(2), { type: 'stop' }), exited(2));
    assert.deepEqual(first.commands, []);
    assert.deepEqual(happens(first, exited(1)).commands, [{ do: 'finish', fault: undefined }]);
  });

  it('of itself answers what is under way also when an operator then asks it to; only the next one cuts', () => {
    const alone = happens(serving(2), { type: 'stop', isAsked: false });
    assert.equal(alone.fleet.isAsked, false);
    const again = happens(alone, { type: 'stop', isAsked: false });
    assert.deepEqual(again.commands, []);
    const asked = happens(again, { type: 'stop' });
    assert.equal(asked.fleet.isAsked, true);
    assert.deepEqual(asked.commands, []);
    assert.deepEqual(happens(asked, { type: 'stop', isAsked: false }).commands, []);
    assert.deepEqual(happens(asked, { type: 'stop' }).commands, [
      { do: 'terminate', id: 1 },
      { do: 'terminate', id: 2 },
    ]);
  });

  it('terminates all at the second stop', () => {
    const twice = happens(happens(serving(2), { type: 'stop' }), { type: 'stop' });
    assert.deepEqual(twice.commands, [
      { do: 'terminate', id: 1 },
      { do: 'terminate', id: 2 },
    ]);
  });

  it('terminates who has used up the grace', () => {
    const one = happens(happens(serving(2), { type: 'stop' }), exited(1));
    assert.deepEqual(happens(one, { type: 'overdue', id: 2 }).commands, [{ do: 'terminate', id: 2 }]);
    assert.deepEqual(happens(one, { type: 'overdue', id: 1 }).commands, []);
  });

  it('replaces nobody', () => {
    const crashed = happens(happens(serving(2), { type: 'stop' }), exited(1));
    assert.deepEqual(
      crashed.fleet.members.map(({ id }) => id),
      [2],
    );
  });

  it('keeps draining a worker whose readiness arrives late', () => {
    const late = happens(happens(serving(1), { type: 'stop' }), { type: 'ready', id: 1 });
    assert.deepEqual([late.fleet.members[0]!.state, late.commands], ['draining', []]);
  });

  it('is not failed by a worker that was loading', () => {
    const stopped = happens(started(1), { type: 'stop' });
    const failed = happens(stopped, { type: 'failed', id: 1, error: new Error('interrupted') });
    assert.deepEqual(happens(failed, exited(1)).commands, [{ do: 'finish', fault: undefined }]);
  });

  it('finishes at once before it has started', () => {
    assert.deepEqual(happens({ fleet: newFleet(2, GRACE_MS), commands: [] }, { type: 'stop' }).commands, [
      { do: 'finish', fault: undefined },
    ]);
  });

  for (const type of ['stop', 'stop-now'] as const) {
    it(`finishes once: ${type} finds nothing to do when it is over`, () => {
      const over = happens(happens(serving(1), { type: 'stop' }), exited(1));
      assert.deepEqual(happens(over, { type }), { fleet: over.fleet, commands: [] });
    });
  }
});
