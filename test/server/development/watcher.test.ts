// What is told of files that change, with real files: each change once, however an editor saves, and none for a touch.

import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { Patterns, readsOf, Watcher } from '@appserve/server/development';
import { eventually } from '../../support/eventually.ts';
import { temporaryFolder, type TemporaryFolder } from '../../support/temporary.ts';

const TIMEOUT = { timeout: 120_000 };

class Watched implements Disposable {
  readonly changes: string[] = [];
  readonly watcher = new Watcher({
    changed: (path) => this.changes.push(path.slice(this.folder.path.length + 1)),
    polls: assert.fail,
  });
  readonly folder: TemporaryFolder;

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.folder = temporaryFolder();
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  at(name: string): string {
    return join(this.folder.path, name);
  }

  write(name: string, text: string): void {
    mkdirSync(join(this.at(name), '..'), { recursive: true });
    writeFileSync(this.at(name), text);
  }

  follow(...names: readonly string[]): void {
    for (const name of names) this.watcher.follow(readsOf(this.at(name)));
  }

  async changed(...names: readonly string[]): Promise<void> {
    await eventually(`changes of ${names.join(', ')}`, () => names.every((name) => this.changes.includes(name)));
    this.changes.length = 0;
  }

  /** Whatever happened before, told or not, is known when this one is. */
  async nothingBut(name: string): Promise<void> {
    this.write(name, `${performance.now()}`);
    await eventually(`a change of ${name}`, () => this.changes.includes(name));
    assert.deepEqual([...new Set(this.changes)], [name]);
    this.changes.length = 0;
  }

  [Symbol.dispose](): void {
    this.watcher.close();
    this.folder[Symbol.dispose]();
  }
}

describe('a file that is watched', TIMEOUT, () => {
  it('has changed when something else stands in it, not when it was touched or written as it was', async () => {
    using watched = new Watched({ a: 'one', b: 'one' });
    watched.follow('a', 'b');
    utimesSync(watched.at('a'), 1, 1);
    watched.write('a', 'one');
    await watched.nothingBut('b');
    watched.write('a', 'two');
    await watched.changed('a');
  });

  it('has changed however it is saved', async () => {
    using watched = new Watched({ a: 'one' });
    watched.follow('a');
    // vim: the old one is put aside, and a new one is written.
    renameSync(watched.at('a'), watched.at('a~'));
    watched.write('a', 'two');
    await watched.changed('a');
    // An atomic write: a new one takes its place.
    watched.write('.a.tmp', 'three');
    renameSync(watched.at('.a.tmp'), watched.at('a'));
    await watched.changed('a');
    unlinkSync(watched.at('a'));
    watched.write('a', 'four');
    await watched.changed('a');
    watched.write('a', 'five');
    await watched.changed('a');
  });

  it('is told once when it is gone for a moment and comes back as it was', async () => {
    using watched = new Watched({ a: 'one', b: 'one' });
    watched.follow('a', 'b');
    renameSync(watched.at('a'), watched.at('aside'));
    renameSync(watched.at('aside'), watched.at('a'));
    await watched.nothingBut('b');
  });

  it('has changed when it is gone for good, and when it comes', async () => {
    using watched = new Watched({ a: 'one' });
    watched.follow('a', 'not-yet', 'sub/deep/not-yet');
    unlinkSync(watched.at('a'));
    await watched.changed('a');
    watched.write('not-yet', 'here');
    await watched.changed('not-yet');
    watched.write('sub/deep/not-yet', 'here');
    await watched.changed('sub/deep/not-yet');
    watched.write('sub/deep/not-yet', 'otherwise');
    await watched.changed('sub/deep/not-yet');
  });

  it('is found again when its folder was replaced', async () => {
    using watched = new Watched({ 'lib/a': 'one' });
    watched.follow('lib/a');
    renameSync(watched.at('lib'), watched.at('lib2'));
    watched.write('lib/a', 'two');
    await watched.changed('lib/a');
    watched.write('lib/a', 'three');
    await watched.changed('lib/a');
    rmSync(watched.at('lib'), { recursive: true });
    await watched.changed('lib/a');
    watched.write('lib/a', 'four');
    await watched.changed('lib/a');
  });

  it('is watched where a link leads', async () => {
    using watched = new Watched({ 'real/a': 'one' });
    symlinkSync(watched.at('real/a'), watched.at('a'));
    watched.follow('a');
    watched.write('real/a', 'two');
    await watched.changed('real/a');
  });

  it('has changed when it was written between being read and being watched', () => {
    using watched = new Watched({ a: 'one' });
    const reads = readsOf(watched.at('a'));
    watched.write('a', 'another');
    watched.watcher.follow(reads);
    assert.deepEqual(watched.changes, ['a']);
  });

  it('is not lost among hundreds that a checkout writes', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `f${index}`);
    using watched = new Watched(Object.fromEntries(names.map((name) => [name, 'one'])));
    watched.follow(...names);
    for (const name of names) {
      unlinkSync(watched.at(name));
      watched.write(name, 'two');
    }
    await watched.changed(...names);
  });

  it('is watched no more when nobody has read it the last time', async () => {
    using watched = new Watched({ a: 'one', b: 'one' });
    watched.follow('a', 'b');
    watched.watcher.begin();
    watched.follow('b');
    watched.write('a', 'two');
    await watched.changed('a');
    watched.watcher.settle();
    watched.write('a', 'three');
    await watched.nothingBut('b');
  });

  it('is none of what is installed', () => {
    using watched = new Watched({ 'node_modules/a/index.js': 'one' });
    watched.follow('node_modules/a/index.js');
    assert.equal(watched.watcher.size, 0);
  });
});

function patterns({ folder }: Watched, include: readonly string[], ignore: readonly string[] = []): Patterns {
  const all = (globs: readonly string[]) => globs.map((glob) => ({ glob, folder: folder.path }));
  return new Patterns(all(include), all(ignore));
}

describe('what patterns name', TIMEOUT, () => {
  it('is watched: what is there, what comes, what goes', async () => {
    using watched = new Watched({ 't/a.html': 'one', 't/sub/b.html': 'one', 't/c.txt': 'one', 'one.txt': 'one' });
    watched.watcher.name(patterns(watched, ['t/**/*.html', 'one.txt', 'later.txt']));
    watched.write('t/a.html', 'two');
    await watched.changed('t/a.html');
    watched.write('t/c.txt', 'two');
    await watched.nothingBut('t/sub/b.html');
    watched.write('t/new/deep/d.html', 'one');
    await watched.changed('t/new/deep/d.html');
    watched.write('t/new/deep/d.html', 'two');
    await watched.changed('t/new/deep/d.html');
    watched.write('later.txt', 'one');
    await watched.changed('later.txt');
    unlinkSync(watched.at('one.txt'));
    await watched.changed('one.txt');
  });

  it('may be a whole folder, without node_modules and what is ignored', async () => {
    using watched = new Watched({ 'd/a': 'one', 'd/a.log': 'one', 'd/node_modules/x': 'one', 'd/skip/y': 'one' });
    watched.watcher.name(patterns(watched, ['d'], ['*.log', 'd/skip']));
    watched.write('d/a.log', 'two');
    watched.write('d/node_modules/x', 'two');
    watched.write('d/skip/y', 'two');
    await watched.nothingBut('d/a');
  });

  it('is ignored whoever reads it', async () => {
    using watched = new Watched({ a: 'one', 'made.js': 'one' });
    watched.watcher.name(patterns(watched, [], ['made.*']));
    watched.follow('a', 'made.js');
    watched.write('made.js', 'two');
    await watched.nothingBut('a');
  });

  it('may be absolute, and in a folder whose name looks like a pattern', async () => {
    using watched = new Watched({ '[x] (y)/t/a.html': 'one' });
    const folder = watched.at('[x] (y)');
    watched.watcher.name(new Patterns([{ glob: 't/*.html', folder }], []));
    watched.write('[x] (y)/t/a.html', 'two');
    await watched.changed('[x] (y)/t/a.html');
  });

  for (const [glob, file] of [
    ['*.txt', 'a.txt'],
    ['./*.txt', 'a.txt'],
    ['*/*.txt', 'a/b.txt'],
    ['**/*.txt', 'a/b.txt'],
    ['[ab]/*.txt', 'a/b.txt'],
    ['{a,b}.txt', 'a.txt'],
    ['?.txt', 'a.txt'],
  ] as const) {
    it(`may begin with what stands for others: ${glob}`, async () => {
      using watched = new Watched({ '[x]/a.txt': 'one', '[x]/a/b.txt': 'one', '[x]/a.html': 'one', 'a.txt': 'one' });
      watched.watcher.name(new Patterns([{ glob, folder: watched.at('[x]') }], []));
      watched.write('[x]/a.html', 'two');
      // What is above the folder is none of its files.
      watched.write('a.txt', 'two');
      await watched.nothingBut(`[x]/${file}`);
    });
  }

  it('is ignored by a path that begins with a star, in the folder', () => {
    const one = new Patterns([], [{ glob: '*/cache', folder: '/app' }]);
    assert.deepEqual(
      ['/app/x/cache', '/app/x/cache/deep', '/app/x/y/cache', '/cache'].map((path) => one.ignores(path)),
      [true, true, false, false],
    );
    assert.ok(new Patterns([], [{ glob: '**/cache', folder: '/app' }]).ignores('/elsewhere/x/cache'));
  });

  it('is matched as Python does it where pserve says it', () => {
    const { ignores } = { ignores: (glob: string) => new Patterns([], [{ glob, folder: '/app', isFnmatch: true }]) };
    assert.ok(ignores('*/cache/*').ignores('/app/var/cache/deep/file'));
    assert.ok(ignores('*.pyc').ignores('/app/deep/file.pyc'));
    assert.ok(!ignores('*.pyc').ignores('/app/deep/file.py'));
  });
});

describe('a watcher that is closed', TIMEOUT, () => {
  it('tells nothing more', async () => {
    using watched = new Watched({ a: 'one' });
    watched.follow('a');
    watched.watcher.close();
    watched.write('a', 'two');
    await later(50);
    assert.deepEqual(watched.changes, []);
  });
});
