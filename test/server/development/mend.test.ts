// A fleet for development, told in microseconds: nobody is answered by old code, and what is broken waits to be mended.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newFleet, supervise, type Command, type Fleet, type Happening } from '@appserve/server/machines';

const GRACE_MS = 5_000;

class Story {
  fleet: Fleet;

  constructor(size: number) {
    this.fleet = newFleet(size, GRACE_MS, true);
  }

  tell(happening: Happening): readonly string[] {
    const [fleet, commands] = supervise(this.fleet, happening, 60_000);
    this.fleet = fleet;
    return commands.map(words);
  }

  renew(size: number, isStandIn = false): readonly string[] {
    return this.tell({ type: 'renew', size, graceMs: GRACE_MS, isStandIn });
  }

  fail(id: number): readonly string[] {
    return this.tell({ type: 'failed', id, error: new Error('half a thought') });
  }

  exit(id: number): readonly string[] {
    return this.tell({ type: 'exited', id, code: 1, error: undefined });
  }

  get members(): readonly string[] {
    return this.fleet.members.map(({ id, state }) => `${id} ${state}`);
  }
}

function words(command: Command): string {
  return 'id' in command ? `${command.do} ${command.id}` : command.do;
}

/** One worker serves. */
function serving(): Story {
  const story = new Story(1);
  story.tell({ type: 'start' });
  story.tell({ type: 'ready', id: 1 });
  return story;
}

describe('a fleet for development', () => {
  it('begins with the first workers, and hears clients when all are ready', () => {
    const story = new Story(2);
    assert.deepEqual(story.tell({ type: 'start' }), ['spawn 1', 'spawn 2']);
    assert.deepEqual(story.tell({ type: 'ready', id: 1 }), []);
    assert.deepEqual(story.tell({ type: 'ready', id: 2 }), ['accept 1', 'accept 2', 'reloaded']);
    assert.equal(story.fleet.phase, 'serving');
  });

  it('ends nobody for a first worker that fails: it says so, and waits', () => {
    const story = new Story(2);
    story.tell({ type: 'start' });
    assert.deepEqual(story.fail(1), ['drain 1', 'drain 2', 'broken']);
    assert.deepEqual(story.exit(1), []);
    assert.deepEqual(story.exit(2), []);
    assert.equal(story.fleet.phase, 'serving');
    assert.deepEqual(story.renew(1, true), ['spawn 3']);
    assert.deepEqual(story.tell({ type: 'ready', id: 3 }), ['accept 3', 'reloaded']);
  });

  it('lets go of the old workers when it is held, before there are others', () => {
    const story = serving();
    assert.deepEqual(story.tell({ type: 'hold' }), ['drain 1']);
    assert.deepEqual(story.renew(1), ['spawn 2']);
    assert.deepEqual(story.members, ['1 draining', '2 starting']);
    assert.deepEqual(story.tell({ type: 'ready', id: 2 }), ['accept 2', 'reloaded']);
  });

  it('that changes again while it loads lets go of those who load, whatever becomes of them', () => {
    const story = serving();
    story.renew(1);
    assert.deepEqual(story.renew(1), ['drain 2', 'spawn 3']);
    assert.deepEqual(story.fail(2), []);
    assert.deepEqual(story.tell({ type: 'ready', id: 2 }), []);
    assert.deepEqual(story.exit(2), []);
    assert.deepEqual(story.tell({ type: 'ready', id: 3 }), ['accept 3', 'reloaded']);
  });

  it('ends by force who loads for ever, when something else has taken the place', () => {
    const story = serving();
    story.renew(1);
    story.renew(1);
    assert.deepEqual(story.tell({ type: 'overdue', id: 2 }), ['terminate 2']);
  });

  it('does not start a crashed worker again: it waits for a change', () => {
    const story = serving();
    assert.deepEqual(story.exit(1), ['broken']);
    assert.deepEqual(story.members, []);
  });

  it('lets go of the others when one of several crashes', () => {
    const story = new Story(2);
    story.tell({ type: 'start' });
    story.tell({ type: 'ready', id: 1 });
    story.tell({ type: 'ready', id: 2 });
    assert.deepEqual(story.exit(1), ['drain 2', 'broken']);
  });

  it('gives up when not even those who stand in can be started', () => {
    const story = serving();
    story.exit(1);
    story.renew(1, true);
    assert.deepEqual(story.fail(2), ['close-sockets', 'drain 2']);
    assert.deepEqual(story.exit(2), ['finish']);
    assert.equal(story.fleet.fault?.code, 'WORKER_FAILED');
  });

  it('adds workers of the new code alone while it loads', () => {
    const story = serving();
    story.renew(1);
    assert.deepEqual(story.tell({ type: 'scale', size: 2 }), ['spawn 3']);
    assert.deepEqual(
      story.fleet.members.filter(({ state }) => state === 'starting').map(({ generation }) => generation),
      [2, 2],
    );
  });

  it('can be stopped while nobody serves', () => {
    const story = serving();
    story.tell({ type: 'hold' });
    story.exit(1);
    assert.deepEqual(story.tell({ type: 'stop' }), ['finish']);
    assert.deepEqual(story.renew(1), []);
    assert.deepEqual(story.tell({ type: 'hold' }), []);
  });
});

describe('a fleet in production', () => {
  it('is neither held nor renewed', () => {
    const [started] = supervise(newFleet(1, GRACE_MS), { type: 'start' }, 0);
    const [fleet] = supervise(started, { type: 'ready', id: 1 }, 0);
    for (const happening of [{ type: 'hold' }, { type: 'renew', size: 1, graceMs: 1, isStandIn: false }] as const)
      assert.deepEqual(supervise(fleet, happening, 0), [fleet, []]);
  });
});
