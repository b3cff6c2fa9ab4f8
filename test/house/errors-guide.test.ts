// The guide to mistakes in an ini shows what the command really says.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { folderOf, play, readGuide, scenesOf, type Chapter } from '../support/guide.ts';
import type { Tree } from '../support/packages.ts';
import { withoutProgress } from '../support/without-progress.ts';

/** The configuration is wrong. */
const EXIT_CONFIG = 2;

const { before, chapters } = readGuide('docs/guide/errors.md');

/** The page shows the server's section once. */
const SERVER = before.find(({ info }) => info === 'part')!.text;

function filesOf({ files }: Chapter): Tree {
  const { 'site.ini': ini = '', ...others } = files as Readonly<Record<string, string>>;
  return { ...others, 'site.ini': ini.includes('[server:main]') ? ini : `${ini}\n${SERVER}` };
}

describe('the guide to errors', { timeout: 240_000, concurrency: 4 }, () => {
  it('has a mistake for each place where one can be made', () => {
    assert.ok(chapters.length > 20);
    assert.deepEqual(
      chapters.filter((chapter) => scenesOf(chapter).length !== 1).map(({ title }) => title),
      [],
    );
  });

  for (const chapter of chapters) {
    it(`shows what is said of: ${chapter.title}`, async () => {
      using folder = folderOf(filesOf(chapter));
      const [{ command, output }] = scenesOf(chapter) as [{ command: string; output: string }];
      const played = await play(command, folder);
      assert.deepEqual({ ...played, output: withoutProgress(played.output) }, { code: EXIT_CONFIG, output });
    });
  }
});
