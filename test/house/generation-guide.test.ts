// The guide to generation: every command in it says what the page says, and the files that it shows are made.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { faultsOf } from '../support/faults.ts';
import { built } from '../support/building.ts';
import { folderOf, play, readGuide, scenesOf } from '../support/guide.ts';

const { before, chapters } = readGuide('docs/guide/generation.md');
const common = Object.fromEntries(before.map(({ info, text }) => [info, text]));

describe('the guide to generation', { timeout: 120_000 }, () => {
  it('has files that all chapters share', () => {
    assert.deepEqual(Object.keys(common), ['app.js', 'package.json']);
  });

  for (const chapter of chapters.filter(({ fences }) => fences.some(({ language }) => language === 'console'))) {
    it(`shows what is said: ${chapter.title}`, async () => {
      using folder = folderOf(chapter.files);
      const scenes = scenesOf(chapter);
      assert.ok(scenes.length > 0);
      for (const { command, output } of scenes)
        assert.equal((await play(command, folder)).output.slice(0, output.length), output, command);
      for (const { info, text } of chapter.fences.filter((fence) => fence.info.endsWith(' shown')))
        assert.equal(readFileSync(`${folder.path}/${info.replace(' shown', '')}`, 'utf8'), text);
    });
  }

  it('has a recipe that works', async () => {
    const { files } = chapters.find(({ title }) => title === 'Other recipes')!;
    const cfg = '[buildout]\nparts = a\n[a]\nrecipe = ./recipes.js#motd\ntext = Hello\n';
    using folder = folderOf({ ...files, 'buildout.cfg': cfg });
    await built(folder);
    assert.equal(readFileSync(`${folder.path}/parts/a/motd`, 'utf8'), 'Hello\n');
    const [fault] = await faultsOf(built(folder, { given: { 'a:text': '' } }));
    assert.equal(fault!.code, 'PART_OPTION');
  });
});
