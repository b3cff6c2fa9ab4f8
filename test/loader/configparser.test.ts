// The loader reads an ini as CPython's configparser does: the same sections, keys, values and errors, in thousands of files that
// nobody would write. What is different on purpose: a byte order mark is passed over, and all errors of a file are reported.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { askPython, differences, isUnderstood, type Answer } from '../support/configparser.ts';
import { nastyInis } from '../support/nasty-ini.ts';
import { appFactory, folderWith } from '../support/packages.ts';
import { inRepository } from '../support/repository.ts';
import { absent } from '../support/programs.ts';
import type { TemporaryFolder } from '../support/temporary.ts';

interface Corpus {
  readonly python: string;
  readonly entries: readonly { readonly text: string; readonly answer: Answer }[];
}

const SEED = 20_261_121;
const FILES = 20_000;

describe('an ini file means what it means to ConfigParser', () => {
  let folder: TemporaryFolder;
  before(() => {
    folder = folderWith({ 'app.mjs': appFactory('main') });
  });
  after(() => {
    folder[Symbol.dispose]();
  });

  it(`in ${FILES} generated files, asking python3`, { skip: absent('python3') }, async () => {
    const texts = nastyInis(SEED, FILES);
    const answers = askPython(texts);
    await assertSame(
      texts.map((text, index) => ({ text, answer: answers[index]! })),
      folder.path,
    );
    const understood = answers.filter(isUnderstood).length;
    assert.ok(
      understood > FILES / 3 && understood < FILES * (2 / 3),
      `${understood} of ${FILES} are valid: the generator has both`,
    );
  });

  it('in a corpus of files, with the answers that python3 gave', async () => {
    const { entries } = JSON.parse(readFileSync(inRepository('test/fixtures/configparser_corpus.json'), 'utf8')) as Corpus;
    assert.ok(entries.length >= 150);
    await assertSame(entries, folder.path);
  });
});

/** Of what differs, the shortest text is shown: it is the easiest to understand. */
async function assertSame(entries: Corpus['entries'], folder: string): Promise<void> {
  const different: { text: string; found: readonly string[] }[] = [];
  for (const { text, answer } of entries) {
    const found = await differences(text, answer, folder);
    if (found.length > 0) different.push({ text, found });
  }
  const [shortest] = different.toSorted((one, other) => one.text.length - other.text.length);
  assert.equal(
    different.length,
    0,
    `${different.length} of ${entries.length} differ; the shortest:\n${JSON.stringify(shortest?.text)}\n${shortest?.found.join('\n')}`,
  );
}
