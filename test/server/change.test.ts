// A fleet that changes while it serves, told in microseconds: fresh code, more or fewer workers, one that has served its time or
// hangs. Whoever is to go stays until whoever takes the place is ready.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Fault } from '@appserve/core';
import { newFleet, supervise, type Command, type Fleet, type Happening } from '@appserve/server/machines';

const GRACE_MS = 30_000;

class Story {
  fleet: Fleet;
  /** What the supervisor was told to do, last. */
  commands: readonly Command[] = [];

  constructor(size: number) {
    this.fleet = newFleet(size, GRACE_MS);
    this.tell({ type: 'start' });
    this.allReady();
  }

  tell(happening: Happening): readonly Command[] {
    [this.fleet, this.commands] = supervise(this.fleet, happening, 60_000);
    return this.commands;
  }

  /** Those that load come to serving, one after the other; gives all that was to be done. */
  allReady(): readonly Command[] {
    const commands: Command[] = [];
    for (const { id, state } of this.fleet.members) if (state === 'starting') commands.push(...this.tell({ type: 'ready', id }));
    return commands;
  }

  exit(id: number, error?: Error): readonly Command[] {
    return this.tell({ type: 'exited', id, code: 1, error });
  }

  /** `2.1 serving`: slot and generation. */
  get members(): readonly string[] {
    return this.fleet.members.map(({ slot, generation, state }) => `${slot}.${generation} ${state}`);
  }
}

function words(commands: readonly Command[]): readonly string[] {
  return commands.map((command) => {
    if (command.do === 'spawn') return `spawn ${command.id} for ${command.slot}.${command.generation}: ${command.why}`;
    return 'id' in command ? `${command.do} ${command.id}` : command.do;
  });
}

describe('a reload', () => {
  it('starts a whole new generation, of which nobody is heard yet, and ends nobody', () => {
    const story = new Story(2);
    assert.deepEqual(words(story.tell({ type: 'reload', size: 2 })), ['spawn 3 for 1.2: reload', 'spawn 4 for 2.2: reload']);
    assert.deepEqual(words(story.tell({ type: 'ready', id: 3 })), []);
    assert.deepEqual(story.members, ['1.1 serving', '2.1 serving', '1.2 ready', '2.2 starting']);
  });

  it('lets the old ones finish what they have when all the new ones are ready', () => {
    const story = new Story(2);
    story.tell({ type: 'reload', size: 2 });
    assert.deepEqual(words(story.allReady()), ['accept 3', 'accept 4', 'reloaded', 'drain 1', 'drain 2']);
    assert.deepEqual(words([...story.exit(1), ...story.exit(2)]), []);
    assert.deepEqual(story.members, ['1.2 serving', '2.2 serving']);
  });

  it('terminates an old one that takes longer than its grace', () => {
    const story = new Story(1);
    story.tell({ type: 'reload', size: 1 });
    story.allReady();
    assert.deepEqual(words(story.tell({ type: 'overdue', id: 1 })), ['terminate 1']);
  });

  it('may end with more workers than it began with, or fewer', () => {
    const story = new Story(1);
    story.tell({ type: 'reload', size: 2 });
    story.allReady();
    story.exit(1);
    assert.deepEqual([story.fleet.size, story.members], [2, ['1.2 serving', '2.2 serving']]);
    story.tell({ type: 'reload', size: 1 });
    assert.deepEqual(words(story.allReady()), ['accept 4', 'reloaded', 'drain 2', 'drain 3']);
    assert.equal(story.fleet.size, 1);
  });

  it('may give the old ones another grace', () => {
    const story = new Story(1);
    story.tell({ type: 'reload', size: 1, graceMs: 7 });
    const drain = story.allReady().find((command) => command.do === 'drain');
    assert.deepEqual(drain, { do: 'drain', id: 1, graceMs: 7, isPatient: true });
  });

  it('that fails leaves the old ones alone, and ends the new ones', () => {
    const story = new Story(2);
    story.tell({ type: 'reload', size: 2 });
    story.tell({ type: 'ready', id: 3 });
    const commands = story.tell({ type: 'failed', id: 4, error: new Error('a typo') });
    assert.deepEqual(words(commands), ['reload-failed', 'drain 3', 'drain 4']);
    const { fault } = commands[0] as { readonly fault: Fault };
    assert.deepEqual([fault.code, fault.message], ['WORKER_FAILED', 'worker-2 could not load the app: a typo']);
    assert.deepEqual(words([...story.exit(4), ...story.exit(3)]), []);
    assert.deepEqual(story.members, ['1.1 serving', '2.1 serving']);
    assert.deepEqual(words(story.tell({ type: 'reload', size: 2 })), ['spawn 5 for 1.2: reload', 'spawn 6 for 2.2: reload']);
  });

  it('fails when one of the new ones ends without a word', () => {
    const story = new Story(1);
    story.tell({ type: 'reload', size: 1 });
    assert.deepEqual(words(story.exit(2)), ['reload-failed']);
    assert.deepEqual(story.members, ['1.1 serving']);
  });

  it('replaces an old one that dies meanwhile, until it is done', () => {
    const story = new Story(1);
    story.tell({ type: 'reload', size: 1 });
    assert.deepEqual(words(story.exit(1)), ['spawn 3 for 1.1: death']);
    assert.deepEqual(words(story.tell({ type: 'ready', id: 2 })), ['accept 2', 'reloaded', 'drain 3']);
  });

  it('fails when a new one dies while it waits for the others: with the old ones there is somebody who works', () => {
    const story = new Story(2);
    story.tell({ type: 'reload', size: 2 });
    story.tell({ type: 'ready', id: 3 });
    assert.deepEqual(words(story.exit(3, new Error('a database'))), ['reload-failed', 'drain 4']);
    assert.deepEqual(words(story.exit(4)), []);
    assert.deepEqual(story.members, ['1.1 serving', '2.1 serving']);
  });

  it('fails when a new one hangs while it waits for the others', () => {
    const story = new Story(2);
    story.tell({ type: 'reload', size: 2 });
    story.tell({ type: 'ready', id: 3 });
    const commands = story.tell({ type: 'hung', id: 3 });
    assert.deepEqual(words(commands), ['reload-failed', 'terminate 3', 'drain 4']);
    const { fault } = commands[0] as { readonly fault: Fault };
    assert.deepEqual([fault.code, fault.message], ['WORKER_HUNG', 'worker-1 hangs, before it has served anybody']);
    assert.deepEqual(words([...story.exit(3), ...story.exit(4)]), []);
    assert.deepEqual(story.members, ['1.1 serving', '2.1 serving']);
  });

  it('is not begun while another one is under way, nor before or after serving', () => {
    const story = new Story(1);
    story.tell({ type: 'reload', size: 1 });
    assert.deepEqual(words(story.tell({ type: 'reload', size: 1 })), []);
    const stopped = new Story(1);
    stopped.tell({ type: 'stop' });
    assert.deepEqual(words(stopped.tell({ type: 'reload', size: 1 })), []);
  });

  it('is forgotten when the fleet stops', () => {
    const story = new Story(1);
    story.tell({ type: 'reload', size: 1 });
    assert.deepEqual(words(story.tell({ type: 'stop' })), ['close-sockets', 'drain 1', 'drain 2']);
    assert.deepEqual(words([...story.exit(2), ...story.exit(1)]), ['finish']);
  });
});

describe('more or fewer workers', () => {
  it('are started, or drain', () => {
    const story = new Story(1);
    assert.deepEqual(words(story.tell({ type: 'scale', size: 3 })), ['spawn 2 for 2.1: scale', 'spawn 3 for 3.1: scale']);
    story.allReady();
    assert.deepEqual(words(story.tell({ type: 'scale', size: 1 })), ['drain 2', 'drain 3']);
    assert.deepEqual(words([...story.exit(2), ...story.exit(3)]), []);
    assert.deepEqual(story.members, ['1.1 serving']);
  });

  it('may be told before the last ones are ready', () => {
    const story = new Story(1);
    story.tell({ type: 'scale', size: 2 });
    assert.deepEqual(words(story.tell({ type: 'scale', size: 1 })), ['drain 2']);
  });

  it('go for a reload that is under way too', () => {
    const story = new Story(1);
    story.tell({ type: 'reload', size: 1 });
    assert.deepEqual(words(story.tell({ type: 'scale', size: 2 })), ['spawn 3 for 2.1: scale', 'spawn 4 for 2.2: scale']);
    assert.deepEqual(words(story.allReady()), ['accept 3', 'accept 2', 'accept 4', 'reloaded', 'drain 1', 'drain 3']);
  });

  it('end a reload when only those have been missing that are not wanted any more', () => {
    const story = new Story(2);
    story.tell({ type: 'reload', size: 2 });
    story.tell({ type: 'ready', id: 3 });
    assert.deepEqual(words(story.tell({ type: 'scale', size: 1 })), ['drain 2', 'drain 4', 'accept 3', 'reloaded', 'drain 1']);
  });

  it('do not count one that dies on its way out', () => {
    const story = new Story(2);
    story.tell({ type: 'scale', size: 1 });
    assert.deepEqual(words(story.exit(2, new Error('too late'))), []);
  });

  it('are never none', () => {
    const story = new Story(1);
    assert.deepEqual(words(story.tell({ type: 'scale', size: 0 })), []);
  });
});

describe('a worker that has served its time', () => {
  it('drains when another one is ready in its place', () => {
    const story = new Story(2);
    assert.deepEqual(words(story.tell({ type: 'recycle', id: 1 })), ['spawn 3 for 1.1: recycle']);
    assert.deepEqual(words(story.tell({ type: 'ready', id: 3 })), ['accept 3', 'drain 1']);
    assert.deepEqual(words(story.exit(1)), []);
    assert.deepEqual(story.members, ['2.1 serving', '1.1 serving']);
  });

  it('is told so once', () => {
    const story = new Story(1);
    story.tell({ type: 'recycle', id: 1 });
    assert.deepEqual(words(story.tell({ type: 'recycle', id: 1 })), []);
    story.allReady();
    assert.deepEqual(words(story.tell({ type: 'recycle', id: 1 })), []);
  });

  it('goes on when the other one does not come up', () => {
    const story = new Story(1);
    story.tell({ type: 'recycle', id: 1 });
    assert.deepEqual(words(story.exit(2)), []);
    assert.deepEqual(story.members, ['1.1 serving']);
    assert.deepEqual(words(story.tell({ type: 'recycle', id: 1 })), ['spawn 3 for 1.1: recycle']);
  });

  it('may die before: the other one is on its way', () => {
    const story = new Story(1);
    story.tell({ type: 'recycle', id: 1 });
    assert.deepEqual(words(story.exit(1)), []);
    assert.deepEqual(words(story.allReady()), ['accept 2']);
    assert.deepEqual(story.members, ['1.1 serving']);
  });

  it('waits for a reload that replaces it anyway', () => {
    const story = new Story(1);
    story.tell({ type: 'reload', size: 1 });
    assert.deepEqual(words(story.tell({ type: 'recycle', id: 1 })), []);
  });
});

describe('a worker that hangs', () => {
  it('is terminated when another one is ready in its place', () => {
    const story = new Story(2);
    assert.deepEqual(words(story.tell({ type: 'hung', id: 2 })), ['spawn 3 for 2.1: hung']);
    assert.deepEqual(words(story.tell({ type: 'hung', id: 2 })), []);
    assert.deepEqual(words(story.tell({ type: 'ready', id: 3 })), ['accept 3', 'terminate 2']);
    assert.deepEqual(words(story.exit(2)), []);
  });

  it('is terminated also when the other one does not come up, and gets another one', () => {
    const story = new Story(1);
    story.tell({ type: 'hung', id: 1 });
    assert.deepEqual(words(story.exit(2)), ['terminate 1']);
    assert.deepEqual(words(story.exit(1)), ['spawn 3 for 1.1: death']);
  });

  it('is terminated at once where nobody waits for it: while it drains, and while all stop', () => {
    const draining = new Story(2);
    draining.tell({ type: 'scale', size: 1 });
    assert.deepEqual(words(draining.tell({ type: 'hung', id: 2 })), ['terminate 2']);
    const stopping = new Story(1);
    stopping.tell({ type: 'stop' });
    assert.deepEqual(words(stopping.tell({ type: 'hung', id: 1 })), ['terminate 1']);
  });

  it('is not asked to drain when all stop', () => {
    const story = new Story(1);
    story.tell({ type: 'hung', id: 1 });
    assert.deepEqual(words(story.tell({ type: 'stop' })), ['close-sockets', 'terminate 1', 'drain 2']);
  });
});

describe('workers that die before they have answered anybody', () => {
  const YOUNG_MS = 1;

  function dieYoung(answered: number | undefined): Story {
    const story = new Story(1);
    for (let death = 0; death < 10; death += 1) {
      const { id } = story.fleet.members.at(-1)!;
      if (story.fleet.members[0]?.state === 'starting') story.tell({ type: 'ready', id });
      const exit = { type: 'exited', id, code: 1, error: undefined } as const;
      const happening: Happening = answered === undefined ? exit : { ...exit, answered };
      [story.fleet, story.commands] = supervise(story.fleet, happening, 60_000 + YOUNG_MS);
    }
    return story;
  }

  it('are a crash loop', () => {
    assert.deepEqual(words(dieYoung(0).commands), ['finish']);
  });

  it('are none when they had work, or when that is not known', () => {
    for (const answered of [1, undefined]) assert.equal(dieYoung(answered).commands[0]?.do, 'spawn', String(answered));
  });
});
