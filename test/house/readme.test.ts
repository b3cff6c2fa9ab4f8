// The example that the README begins with: it is served as it stands there.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from '../support/command.ts';
import { folderOf, readGuide } from '../support/guide.ts';

const { before } = readGuide('README.md');
const files = Object.fromEntries(before.map(({ info, text }) => [info, text]));

describe('the README', { timeout: 240_000 }, () => {
  it('begins with an example that is served', async () => {
    assert.deepEqual(Object.keys(files), ['development.ini', 'app.ts']);
    using folder = folderOf({ 'package.json': { type: 'module' }, ...files });
    await using command = Command.appserve(['development.ini', '--port', '0'], { cwd: folder.path });
    await command.url();
    assert.equal((await command.get('/Ada'))?.body, 'Hello, http://test/Ada\n');
  });
});
