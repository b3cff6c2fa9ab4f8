// The next step that a message names is one that helps: the help of the command at hand, the word that was meant, the line to write.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { saidBy } from '../support/said-by.ts';

const TIMEOUT = { timeout: 90_000, concurrency: 2 };

const FILES = {
  'app.js': `export const main = () => () => new Response('hello');`,
  'package.json': '{ "type": "module" }',
  'ok.ini': `[app:main]
use = ./app.js#main
[server:main]
use = @appserve/server#main
socket = 127.0.0.1:0
workers = 1
`,
};

describe('what is wrong with an argument', TIMEOUT, () => {
  for (const words of [
    ['check', 'ok.ini', '--format', 'xml'],
    ['graph', 'ok.ini', '--format', 'svg'],
    ['config', 'ok.ini', '--explain', 'foo'],
    ['request', 'ok.ini', '/', '-H', 'foo'],
    ['request', 'ok.ini', 'nothing'],
    ['scale', 'x', 'ok.ini'],
    ['scale', '0', 'ok.ini'],
    ['init', 'nope'],
  ])
    it(`leads to the help of its command: ${words.join(' ')}`, async () => {
      const { code, stderr } = await saidBy(FILES, ...words);
      assert.equal(code, 2);
      assert.match(stderr, new RegExp(`\\n  appserve ${words[0]!} --help lists what the command takes\n`));
    });

  it('says what a command needs that speaks to a server', async () => {
    const { code, stderr } = await saidBy(FILES, 'status', 'ok.ini');
    assert.equal(code, 2);
    assert.match(stderr, /write control_socket = PATH into \[server:main\] and start the server again, or .*--control PATH\n/);
  });

  it('is told of a command to help with that there is not', async () => {
    const nope = await saidBy(FILES, 'help', 'nope');
    assert.deepEqual([nope.code, nope.stdout], [2, '']);
    assert.match(nope.stderr, /^appserve: nope: there is no such command\n {2}appserve --help lists/);
    assert.match((await saidBy(FILES, 'help', 'chek')).stderr, /there is no such command; did you mean check\?/);
    assert.equal((await saidBy(FILES, 'help', 'check')).code, 0);
  });

  it('is the first word where that is neither a file nor a command', async () => {
    for (const [word, guess] of [
      ['start', '; appserve ok.ini serves'],
      ['strat', '; appserve ok.ini serves'],
      ['restart', '; appserve reload ok.ini brings fresh code'],
      ['chek', '; did you mean appserve check?'],
      ['marvellous', ''],
    ]) {
      const { code, stderr } = await saidBy(FILES, word!, 'ok.ini');
      assert.equal(code, 2);
      assert.equal(stderr.split('\n')[0], `appserve: ${word}: there is no such file, and no such command${guess}`);
    }
  });
});
