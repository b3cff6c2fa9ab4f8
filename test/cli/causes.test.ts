// What an app throws while it is loaded is told with its causes, wherever that is: a message such as `fetch failed` says nothing by itself.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command, write } from '../support/command.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 240_000, concurrency: 2 };

const INI = `[app:main]
use = ./app.mjs#main
[server:main]
use = @appserve/server#main
socket = 127.0.0.1:0
workers = 1
control_socket = control
`;

const HELLO = `export const main = () => () => new Response('hello');`;
const OUTER = `export const main = () => { throw new Error('outer', { cause: new TypeError('inner') }); };`;
const GATHERED = `export const main = () => Promise.any([Promise.reject(new Error('one')), Promise.reject(new RangeError('two'))]);`;
const MODULE = `throw new Error('outer', { cause: new TypeError('inner') });`;

function folderWith(app: string): TemporaryFolder {
  const folder = temporaryFolder();
  write(folder, { 'app.mjs': app, 'app.ini': INI });
  return folder;
}

async function run(folder: TemporaryFolder, ...words: readonly string[]): Promise<{ code: number | null; text: string }> {
  await using command = Command.appserve(words, { cwd: folder.path });
  const { code } = await command.ending();
  return { code, text: command.stdout + command.stderr };
}

const CAUSE = /Error: outer\n {6}at .*app\.mjs:1:\d+(?:.|\n)*\n {2}caused by TypeError: inner\n {6}at .*app\.mjs:1:\d+/;

describe('the causes of an error that keeps an app from loading', TIMEOUT, () => {
  for (const [what, app] of [
    ['a factory', OUTER],
    ['a module', MODULE],
  ] as const)
    it(`are told at the start, of ${what}`, async () => {
      using folder = folderWith(app);
      const { code, text } = await run(folder, 'app.ini');
      assert.notEqual(code, 0);
      assert.match(text, CAUSE);
    });

  it('are told by check, of a module', async () => {
    using folder = folderWith(MODULE);
    assert.match((await run(folder, 'check', 'app.ini')).text, CAUSE);
  });

  it('are told of what an AggregateError gathers, each', async () => {
    using folder = folderWith(GATHERED);
    const { text } = await run(folder, 'app.ini');
    assert.match(
      text,
      /AggregateError: All promises were rejected\n(?:.|\n)*caused by Error: one\n(?:.|\n)*caused by RangeError: two\n/,
    );
  });

  it('are told by the log and by `appserve reload`, of an app that cannot be loaded again', async () => {
    using folder = folderWith(HELLO);
    await using server = Command.appserve(['app.ini'], { cwd: folder.path });
    await server.url();
    write(folder, { 'app.mjs': OUTER });
    const { code, text } = await run(folder, 'reload', 'app.ini');
    assert.equal(code, 1);
    assert.match(text, CAUSE);
    await server.says(
      /reload failed, the old workers go on: .*outer.*\n {2}Error: outer\n {6}at .*\n(?: {6}.*\n)* {2}caused by TypeError: inner\n/,
    );
  });
});
