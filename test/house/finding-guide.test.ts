// The guide to what is served when nothing is named: every example of a configuration is found where the page says, and starts.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findConfig } from '@appserve/loader';
import { folderOf, makeAll, readGuide } from '../support/guide.ts';

const SITE = {
  'app.js': 'export const makeApp = () => () => new Response();\n',
  'etc/site.ini': `
[app:main]
use = ../app.js#makeApp
[server:main]
use = @appserve/server#main
socket = 127.0.0.1:0
workers = 1
`,
};

const { chapters } = readGuide('docs/guide/finding.md');
const examples = chapters.flatMap(({ fences }) => fences).filter(({ language }) => language !== 'console');

describe('the guide to finding', () => {
  it('has examples in all languages', () => {
    assert.deepEqual(new Set(examples.map(({ language }) => language)), new Set(['json', 'yaml', 'ts']));
  });

  for (const { info, text } of examples) {
    it(`shows what starts, from its first key to its last: ${info}, ${text.slice(0, 50).replaceAll(/\s+/g, ' ')}`, async () => {
      // Whose modules they are, where the example is not about that.
      using folder = folderOf({ 'package.json': { type: 'module' }, ...SITE, [info]: text });
      const { name } = await findConfig(folder.path);
      await makeAll(folder, name);
    });
  }
});
