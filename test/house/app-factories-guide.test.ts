// The guide to factories: its commands say what the page says they say, and everything in its inis can be made.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import * as loader from '@appserve/loader';
import { folderOf, makeAll, play, readGuide, scenesOf } from '../support/guide.ts';
import { inRepository } from '../support/repository.ts';

const DEVELOPMENT = `
[app:main]
use = ./app.js
[app:admin]
use = ./app.js
[filter:auth]
use = ./app.js#filter
[alembic]
script_location = alembic
[server:main]
use = @appserve/server#main
socket = 127.0.0.1:0
workers = 1
`;

const { chapters } = readGuide('docs/guide/app-factories.md');

describe('the guide to factories', { timeout: 240_000, concurrency: 4 }, () => {
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

  it('is what the README of the loader says in short', async () => {
    const [, example] = /^```js\n([^]*?)^```$/m.exec(readFileSync(inRepository('packages/loader/README.md'), 'utf8'))!;
    using folder = folderOf({
      'package.json': { type: 'module' },
      'development.ini': DEVELOPMENT,
      'app.js': 'export const main = () => () => new Response();\nexport const filter = () => (app) => app;\n',
      'readme.js': `${example}\nconsole.log(server.url, plan.type, alembic);\nawait server.close();\n`,
    });
    const { code, output } = await play('node readme.js', folder);
    assert.match(output, /^http:\/\/127\.0\.0\.1:\d+ factory \{ script_location: 'alembic' \}$/m);
    assert.equal(code, 0);
  });

  it('has a line for each function of the loader', () => {
    const rows = chapters.flatMap(({ text }) => Array.from(text.matchAll(/^\| `(\w+)\(/gm), ([, name]) => name));
    assert.deepEqual(new Set(rows), new Set(Object.keys(loader)));
  });
});
