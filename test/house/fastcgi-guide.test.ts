// The guide to web servers says what the tests run: test/support/web-server.ts takes the configurations from it. Here is the rest of it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { folderOf, makeAll, readGuide } from '../support/guide.ts';
import { inRepository } from '../support/repository.ts';
import { connectingLines, WEB_SERVERS } from '../support/web-server.ts';

const PAGE = 'docs/guide/fastcgi.md';
const APP = 'export const makeApp = () => () => [];\n';

describe('the guide to FastCGI', () => {
  it('has an ini that is right', async () => {
    const { text } = readGuide(PAGE).before.find(({ info }) => info === 'site.ini')!;
    using folder = folderOf({ 'site.ini': text, 'app.js': APP, 'package.json': '{ "type": "module" }' });
    await makeAll(folder, 'site.ini');
  });

  it('connects over TCP as the tests do', () => {
    const table = readFileSync(inRepository(PAGE), 'utf8').split('\n## Over TCP\n')[1]!;
    const lines = WEB_SERVERS.flatMap((name) => connectingLines(name, 9_000));
    assert.ok(lines.length >= WEB_SERVERS.length);
    assert.deepEqual(
      lines.filter((line) => !table.includes(line)),
      [],
    );
  });
});
