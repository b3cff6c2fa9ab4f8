// The ini dialect, rule by rule, as scenes to read: test/transcripts/loader/. It is that of Python's ConfigParser, strict and
// with keys as they are written; test/loader/configparser.test.ts asks Python itself.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { appConfig } from '@appserve/loader';
import { faultsOf, pointed } from '../support/faults.ts';
import { readTranscripts, renderConf, type Scene } from '../support/ini-scenes.ts';
import { appFactory, folderWith } from '../support/packages.ts';
import type { TemporaryFolder } from '../support/temporary.ts';

const transcripts = readTranscripts('loader');
const scenes = transcripts.flatMap((transcript) => transcript.scenes);

describe('the ini dialect', () => {
  let folder: TemporaryFolder;
  before(() => {
    folder = folderWith({ 'app.mjs': appFactory('main') });
  });
  after(() => {
    folder[Symbol.dispose]();
  });

  for (const { title, scenes: ofPage } of transcripts) {
    describe(title, () => {
      for (const scene of ofPage) {
        it(scene.title, async () => {
          assert.equal(await outcome(scene, scene.ini, folder.path), scene.expected);
        });
      }
    });
  }

  for (const [name, lineEnd] of [
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ] as const) {
    it(`is the same when all lines end with ${name}`, async () => {
      for (const scene of scenes) {
        const ini = scene.ini.replaceAll(/\r\n|\r|\n/g, lineEnd);
        assert.equal(await outcome(scene, ini, folder.path), scene.expected, scene.title);
      }
    });
  }

  it('is the same without an end of the last line', async () => {
    for (const scene of scenes) {
      assert.equal(await outcome(scene, scene.ini.replace(/[\r\n]+$/, ''), folder.path), scene.expected, scene.title);
    }
  });

  it('is the same with a byte order mark in front', async () => {
    for (const scene of scenes.filter(({ ini }) => !ini.startsWith('\ufeff'))) {
      assert.equal(await outcome(scene, `\ufeff${scene.ini}`, folder.path), scene.expected, scene.title);
    }
  });

  it('is the same with a comment between all lines', async () => {
    for (const scene of scenes.filter(({ expects }) => expects === 'conf')) {
      const ini = scene.ini.replaceAll(/\r\n|\r|\n/g, '\n   # a = 1\n;[app:main]\n');
      assert.equal(await outcome(scene, ini, folder.path), scene.expected, scene.title);
    }
  });
});

/** What becomes of an ini, in the words of the scene: sections that it names, or faults. */
async function outcome({ expects, expected }: Scene, ini: string, folder: string): Promise<string> {
  writeFileSync(`${folder}/site.ini`, ini);
  if (expects === 'fault') {
    return (await faultsOf(appConfig('site.ini', { relativeTo: folder }))).map(pointed).join('\n');
  }
  const sections = [...expected.matchAll(/^\[(app:(.+))\]$/gm)].map(([, section, name]) => [section!, name!] as const);
  const confs = await Promise.all(
    sections.map(async ([section, name]) =>
      renderConf(await appConfig('site.ini', { relativeTo: folder, name: name.trim() }), section, folder),
    ),
  );
  return withoutRepeatedDefaults(confs);
}

/** DEFAULT is the same for all sections of a file: it is shown once. */
function withoutRepeatedDefaults(confs: readonly string[]): string {
  const [first, ...others] = confs;
  return [first, ...others.map((conf) => conf.replace(/^\[DEFAULT\]\n(?:[^[].*\n)+/, ''))].join('\n');
}
