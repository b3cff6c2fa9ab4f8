// The tutorial: its files are written and its commands are played in their order, in one folder, with nginx and systemd's socket.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { Crowd } from '../support/crowd.ts';
import { readGuide, scenesOf, type Fence } from '../support/guide.ts';
import { absent } from '../support/programs.ts';
import { TutorialReader } from '../support/tutorial-reader.ts';

const { chapters } = readGuide('docs/guide/tutorial.md');
const RELOAD = 'Reload it';

function fenceOf(file: string): Fence {
  return chapters.flatMap(({ fences }) => fences).find(({ info }) => info === file)!;
}

describe('the tutorial', { timeout: 400_000 }, () => {
  let reader: TutorialReader;
  before(() => {
    reader = new TutorialReader();
  });
  after(async () => reader[Symbol.asyncDispose]());

  for (const chapter of chapters.filter(({ title }) => title !== 'From here')) {
    it(chapter.title, async () => {
      // Somebody asks all the while.
      const crowd = chapter.title === RELOAD ? new Crowd(reader.urlOf('http://localhost/Ada'), { keepAlive: true }) : undefined;
      try {
        await crowd?.hears('200 Hello, Ada!\n');
        for (const fence of chapter.fences) {
          if (/^[^\s]+\.[a-z]+$/.test(fence.info)) reader.save(fence.info, fence.text);
          const code = Number(/^exits ([0-9])$/.exec(fence.info)?.[1] ?? 0);
          for (const scene of scenesOf({ ...chapter, fences: [fence] })) await reader.plays(scene, code);
        }
        await crowd?.hears('200 Welcome, Ada!\n');
      } finally {
        await crowd?.stop();
      }
      assert.deepEqual(crowd?.failures ?? [], []);
      assert.deepEqual(new Set(crowd?.answers.keys()), new Set(crowd && ['200 Hello, Ada!\n', '200 Welcome, Ada!\n']));
    });
  }

  it('has units that are right to systemd-analyze verify', { skip: absent('systemd-analyze') }, () => {
    const units = ['shop.socket', 'shop.service'];
    const { stderr, error } = spawnSync('systemd-analyze', ['verify', '--man=no', ...reader.units(units)], { encoding: 'utf8' });
    assert.equal(error, undefined);
    // It also looks at units of this machine, which are not ours.
    assert.deepEqual(
      stderr.split('\n').filter((line) => units.some((name) => line.includes(name))),
      [],
    );
  });

  it('has a workflow of commands that are played', () => {
    const commands = chapters.flatMap(scenesOf).map(({ command }) => command);
    const runs = Array.from(fenceOf('.github/workflows/check.yml').text.matchAll(/^ +- run: (.+)$/gm), ([, run]) => run!);
    assert.equal(runs.length, 3);
    assert.deepEqual(
      runs.filter((run) => !commands.includes(run)),
      [],
    );
  });
});
