// `interface` in an ini: what an app's shape does not say.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from '../support/command.ts';
import { folderOf } from '../support/guide.ts';

const TIMEOUT = { timeout: 240_000 };

/** As a minifier leaves it: no name says what the parameters are. */
const APP = "export const makeApp = () => (a, b) => b.end('node');\n";

function ini(line: string): string {
  return `[app:main]\nuse = ./app.js#makeApp\n\n[server:main]\nuse = @appserve/server#main\nsocket = 127.0.0.1:0\nworkers = 1\n${line}\n`;
}

describe('interface in an ini', TIMEOUT, () => {
  it('says which contract an app keeps', async () => {
    using folder = folderOf({ 'package.json': { type: 'module' }, 'app.js': APP, 'site.ini': ini('interface = node') });
    await using command = Command.appserve(['site.ini'], { cwd: folder.path });
    assert.equal((await command.get('/'))?.body, 'node');
  });

  it('is refused where an app cannot keep it, and the message says what was found', async () => {
    const app = 'export const makeApp = () => ({ fetch: () => new Response() });\n';
    using folder = folderOf({ 'package.json': { type: 'module' }, 'app.js': app, 'site.ini': ini('interface = gateway') });
    await using command = Command.appserve(['site.ini'], { cwd: folder.path });
    assert.equal((await command.ending()).code, 1);
    assert.match(command.stderr, /this is no gateway app: an object/);
  });

  it('is one of few words', async () => {
    using folder = folderOf({ 'package.json': { type: 'module' }, 'app.js': APP, 'site.ini': ini('interface = nodejs') });
    await using command = Command.appserve(['site.ini'], { cwd: folder.path });
    assert.equal((await command.ending()).code, 2);
    assert.match(command.stderr, /interface.*must be one of auto, gateway, fetch, node/s);
  });
});
