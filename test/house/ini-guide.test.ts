// The guide to the ini: every whole file in it is loaded, and gives what the page says.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { appConfig, type AppConfig } from '@appserve/loader';
import { folderOf, makeAll, READERS_FOLDER, readGuide, type Chapter, type Fence } from '../support/guide.ts';
import type { TemporaryFolder } from '../support/temporary.ts';

const { chapters } = readGuide('docs/guide/ini.md');

function inisOf({ fences }: Chapter): string[] {
  return fences.filter(({ language, info }) => language === 'ini' && info.endsWith('.ini')).map(({ info }) => info);
}

/** `settings` or `globals`, of the last ini above, or of the one that is named. */
async function shown(folder: TemporaryFolder, chapter: Chapter, fence: Fence): Promise<unknown> {
  const [what, named] = fence.info.split(' ');
  const above = inisOf({ ...chapter, fences: chapter.fences.slice(0, chapter.fences.indexOf(fence)) });
  const { globalConf, localConf } = await appConfig(named ?? above.at(-1)!, { relativeTo: folder.path });
  const conf = what === 'globals' ? globalConf : localConf;
  return JSON.parse(JSON.stringify(conf).replaceAll(folder.path, READERS_FOLDER));
}

/** Who can say what `n` is, and where: in site.ini, in base.ini, which it includes, or outside. */
const SAYERS = {
  'the command line': 'vars',
  'the address': 'query',
  'the section that says use': ['site.ini', '[app:main]', 'n'],
  'its set': ['site.ini', '[app:main]', 'set n'],
  'the DEFAULT of the file that includes': ['site.ini', '[DEFAULT]', 'n'],
  'the section that is used': ['base.ini', '[app:main]', 'n'],
  'the set of the section that is used': ['base.ini', '[app:main]', 'set n'],
  DEFAULT: ['base.ini', '[DEFAULT]', 'n'],
} as const;

type Sayer = keyof typeof SAYERS;

/** What the app of base.ini is given, when these say what `n` is, each with its own name. */
async function confWith(sayers: readonly Sayer[]): Promise<AppConfig> {
  const lines = (file: string, section: string): string[] =>
    sayers.flatMap((sayer) => {
      const where = SAYERS[sayer];
      return typeof where !== 'string' && where[0] === file && where[1] === section ? [`${where[2]} = ${sayer}`] : [];
    });
  const ini = (file: string, ...own: readonly string[]): string =>
    ['[DEFAULT]', ...lines(file, '[DEFAULT]'), '[app:main]', ...own, ...lines(file, '[app:main]')].join('\n');
  const files = {
    'app.mjs': 'export const main = () => () => new Response();',
    'site.ini': ini('site.ini', 'use = config:base.ini'),
    'base.ini': ini('base.ini', 'use = ./app.mjs', 'value = %(n)s'),
  };
  using folder = folderOf(files);
  const uri = sayers.includes('the address') ? 'site.ini?n=the address' : 'site.ini';
  const vars: Record<string, string> = sayers.includes('the command line') ? { n: 'the command line' } : {};
  return await appConfig(uri, { relativeTo: folder.path, vars });
}

/** As the table of the page has them. */
const WINNERS: readonly (readonly [what: string, asked: (conf: AppConfig) => string | undefined, sayers: readonly Sayer[]])[] = [
  [
    '%(n)s',
    ({ localConf }) => localConf['value'],
    ['the command line', 'the section that is used', 'DEFAULT', 'the DEFAULT of the file that includes'],
  ],
  ['a setting', ({ localConf }) => localConf['n'], ['the command line', 'the section that says use', 'the section that is used']],
  [
    'a global',
    ({ globalConf }) => globalConf['n'],
    [
      'the command line',
      'its set',
      'the set of the section that is used',
      'the address',
      'the DEFAULT of the file that includes',
      'DEFAULT',
    ],
  ],
];

describe('the guide to the ini', () => {
  it('marks what is not a whole file', () => {
    const inis = chapters.flatMap(({ fences }) => fences).filter(({ language }) => language === 'ini');
    assert.ok(inis.length > 10);
    assert.deepEqual(
      inis.filter(({ info }) => info !== 'part' && !info.endsWith('.ini')),
      [],
    );
  });

  for (const [what, asked, sayers] of WINNERS) {
    it(`says who wins: ${what}`, async () => {
      for (const [index, winner] of sayers.entries()) {
        const weaker = sayers.slice(index);
        // base.ini has %(n)s, so somebody must say it.
        assert.equal(asked(await confWith(what === 'a setting' ? [...weaker, 'DEFAULT'] : weaker)), winner);
      }
    });
  }

  for (const chapter of chapters.filter((candidate) => inisOf(candidate).length > 0)) {
    it(`shows files that load: ${chapter.title}`, async () => {
      using folder = folderOf(chapter.files);
      for (const ini of inisOf(chapter)) await makeAll(folder, ini);
    });

    for (const fence of chapter.fences.filter(({ info }) => /^(?:settings|globals)\b/.test(info))) {
      it(`shows the ${fence.info} that a factory is given: ${chapter.title}`, async () => {
        using folder = folderOf(chapter.files);
        assert.deepEqual(await shown(folder, chapter, fence), JSON.parse(fence.text));
      });
    }
  }
});
