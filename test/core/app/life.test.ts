// What is made for an app starts and closes with it: in which order, how often, and what happens when one of them fails.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { Life, livingApp } from '@appserve/core/app';

/** Things whose start and close are noted; those in `failing` fail, such as `close b`. */
function things(names: string, failing: readonly string[] = []): { readonly life: Life; readonly notes: string[] } {
  const life = new Life();
  const notes: string[] = [];
  for (const name of names) {
    const note = (what: string) => async (): Promise<void> => {
      await Promise.resolve();
      notes.push(`${what} ${name}`);
      if (failing.includes(`${what} ${name}`)) throw new RangeError(`${what} ${name}`);
    };
    life.add({ start: note('start'), close: note('close') });
  }
  return { life, notes };
}

describe('a life', () => {
  it('starts what was made in the order of its making, and closes it in the opposite one', async () => {
    const { life, notes } = things('abc');
    await life.start();
    assert.deepEqual(await life.close(), []);
    assert.deepEqual(notes, ['start a', 'start b', 'start c', 'close c', 'close b', 'close a']);
  });

  it('starts each once and closes each once', async () => {
    const { life, notes } = things('a');
    await life.start();
    await life.start();
    await life.close();
    assert.deepEqual(await life.close(), []);
    assert.deepEqual(notes, ['start a', 'close a']);
  });

  it('starts each once also when it is asked twice at a time', async () => {
    const { life, notes } = things('ab');
    await Promise.all([life.start(), life.start()]);
    assert.deepEqual(notes, ['start a', 'start b']);
  });

  it('fails for both who ask it to start', async () => {
    const { life, notes } = things('ab', ['start b']);
    const results = await Promise.allSettled([life.start(), life.start()]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    assert.deepEqual(notes, ['start a', 'start b', 'close a']);
  });

  it('that is closed while it starts begins no more, and closes what has started', async () => {
    const { life, notes } = things('ab');
    const starting = life.start();
    await life.close();
    assert.deepEqual(notes, ['start a', 'close a']);
    await starting;
    await life.start();
    await life.adopt({ start: () => void notes.push('start late') });
    assert.deepEqual(notes, ['start a', 'close a']);
  });

  it('starts at once what is made while it runs, once, and closes it first', async () => {
    const { life, notes } = things('a');
    const late = { start: () => void notes.push('start late'), close: () => void notes.push('close late') };
    await life.start();
    await Promise.all([life.adopt(late), life.adopt(late)]);
    assert.deepEqual(notes, ['start a', 'start late']);
    await life.close();
    assert.deepEqual(notes.slice(2), ['close late', 'close a']);
  });

  it('starts in its turn what is made while it starts, also by what waits for it', async () => {
    const { life, notes } = things('');
    const late = { start: () => void notes.push('start late') };
    life.add({
      start: async () => {
        await life.adopt(late);
        notes.push('start early');
      },
    });
    await life.start();
    assert.deepEqual(notes, ['start early', 'start late']);
  });

  it('waits with closing for what starts late', async () => {
    const { life, notes } = things('');
    await life.start();
    const slow = {
      start: async () => {
        await new Promise(setImmediate);
        notes.push('start');
      },
      close: () => void notes.push('close'),
    };
    await Promise.all([life.adopt(slow), life.close()]);
    assert.deepEqual(notes, ['start', 'close']);
  });

  it('starts and closes once what a filter has copied, as the thing that it is of', async () => {
    const life = new Life();
    const notes: string[] = [];
    const app = {
      name: 'app',
      start(): void {
        notes.push(`start ${this.name}`);
      },
      close(): void {
        notes.push(`close ${this.name}`);
      },
    };
    life.add(app);
    life.add({ ...app, name: 'copy' });
    life.add({ ...app, name: 'other', close: () => void notes.push('close other') });
    await life.start();
    await life.close();
    assert.deepEqual(notes, ['start app', 'close other', 'close app']);
  });

  it('tells two things of one class apart', async () => {
    const life = new Life();
    const notes: string[] = [];
    class Pool {
      start(): void {
        notes.push('start');
      }
      [Symbol.dispose](): void {
        notes.push('close');
      }
    }
    life.add(new Pool());
    life.add(new Pool());
    await life.start();
    await life.close();
    assert.deepEqual(notes, ['start', 'start', 'close', 'close']);
  });

  it('closes each once also when it is asked twice at a time', async () => {
    const { life, notes } = things('ab');
    await life.start();
    await Promise.all([life.close(), life.close()]);
    assert.deepEqual(notes.slice(2), ['close b', 'close a']);
  });

  it('has a thing once that was added twice', async () => {
    const { life, notes } = things('');
    const thing = { start: () => void notes.push('start') };
    assert.equal(life.add(thing), thing);
    life.add(thing);
    await life.start();
    assert.deepEqual(notes, ['start']);
  });

  it('closes nothing that was never started', async () => {
    const { life, notes } = things('ab');
    assert.deepEqual(await life.close(), []);
    assert.deepEqual(notes, []);
  });

  it('that cannot start closes what has started, and fails as it failed', async () => {
    const { life, notes } = things('abc', ['start b', 'close a']);
    await assert.rejects(life.start(), { name: 'RangeError', message: 'start b' });
    assert.deepEqual(notes, ['start a', 'start b', 'close a']);
    assert.deepEqual(await life.close(), []);
  });

  it('gives what went wrong with closing, and closes the rest', async () => {
    const { life, notes } = things('abc', ['close b', 'close a']);
    await life.start();
    const errors = (await life.close()) as Error[];
    assert.deepEqual(
      errors.map(({ message }) => message),
      ['close b', 'close a'],
    );
    assert.deepEqual(notes.slice(3), ['close c', 'close b', 'close a']);
  });

  it('may be that of functions, and of things without a start or without a close', async () => {
    const life = new Life();
    const notes: string[] = [];
    life.add(Object.assign(() => new Response(), { start: () => void notes.push('start') }));
    life.add(Object.assign(() => new Response(), { close: () => void notes.push('close') }));
    life.add(() => new Response());
    await life.start();
    await life.close();
    assert.deepEqual(notes, ['start', 'close']);
  });

  for (const nothing of [undefined, null, 7, 'text', { start: 7, close: 7 }, Object.assign(() => 0, { start: 'now' })]) {
    it(`is not that of ${typeof nothing} without one: ${inspect(nothing)}`, async () => {
      const life = new Life();
      assert.equal(life.add(nothing), nothing);
      await life.start();
      assert.deepEqual(await life.close(), []);
    });
  }

  it('ends as things are disposed of, where they have no close', async () => {
    const notes: string[] = [];
    const ways = {
      close: () => void notes.push('close'),
      [Symbol.asyncDispose]: async () => void notes.push('asyncDispose'),
      [Symbol.dispose]: () => void notes.push('dispose'),
    };
    const { close: _close, ...withoutClose } = ways;
    const { [Symbol.asyncDispose]: _dispose, ...withoutBoth } = withoutClose;
    const life = new Life();
    for (const thing of [ways, withoutClose, withoutBoth]) life.add(thing);
    await life.start();
    await life.close();
    assert.deepEqual(notes, ['dispose', 'asyncDispose', 'close']);
  });

  it('calls them as methods', async () => {
    class Pool {
      #open = 0;
      start(): void {
        this.#open += 1;
      }
      close(): void {
        this.#open -= 1;
      }
      get open(): number {
        return this.#open;
      }
    }
    const life = new Life();
    const pool = life.add(new Pool());
    await life.start();
    assert.equal(pool.open, 1);
    await life.close();
    assert.equal(pool.open, 0);
  });
});

describe('an app as a script gives it', () => {
  it('has its own life', async () => {
    const notes: string[] = [];
    const app = { fetch: () => new Response(), start: () => void notes.push('start'), close: () => void notes.push('close') };
    const living = livingApp(app);
    assert.equal(living.app, app);
    await living.start();
    assert.deepEqual(await living.close(), []);
    assert.deepEqual(notes, ['start', 'close']);
  });

  it('may be a function, or no app at all: that is not said here', async () => {
    for (const made of [() => new Response(), undefined, null, 7, {}]) {
      const living = livingApp(made);
      assert.equal(living.app, made);
      await living.start();
      assert.deepEqual(await living.close(), []);
    }
  });

  it('is taken as it is, where it comes with the life of what was made for it', () => {
    const made = { app: () => new Response(), start: async () => undefined, close: async () => [] };
    assert.equal(livingApp(made), made);
  });

  it('that answers itself is no such thing, whatever else it is called', () => {
    const made = { fetch: () => new Response(), app: 1, start: () => undefined, close: () => undefined };
    assert.equal(livingApp(made).app, made);
  });
});
