// The guide to factories: its commands say what the page says they say, and everything in its inis can be made.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as loader from '@appserve/loader';
import { folderOf, makeAll, play, readGuide, scenesOf } from '../support/guide.ts';

const { chapters } = readGuide('docs/guide/app-factories.md');

describe('the guide to factories', { timeout: 60_000, concurrency: 4 }, () => {
  for (const chapter of chapters) {
    for (const { command, output } of scenesOf(chapter)) {
      it(`shows what is said: ${command}`, async () => {
        using folder = folderOf(chapter.files);
        assert.equal((await play(command, folder)).output, output);
      });
    }
  }

  it('has an ini with a factory of each group', async () => {
    using folder = folderOf(chapters[0]!.files);
    await makeAll(folder, 'site.ini');
  });

  it('has a line for each function of the loader', () => {
    const rows = chapters.flatMap(({ text }) => Array.from(text.matchAll(/^\| `(\w+)\(/gm), ([, name]) => name));
    assert.deepEqual(new Set(rows), new Set(Object.keys(loader)));
  });
});
