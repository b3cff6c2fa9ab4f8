// The next step that a message names is one that helps: the help of the command at hand, the word that was meant, the line to write.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { saidBy } from '../support/said-by.ts';

const TIMEOUT = { timeout: 240_000, concurrency: 2 };

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

function ini(app: readonly string[], server: readonly string[] = [], header = '[server:main]'): Readonly<Record<string, string>> {
  const lines = [
    '[app:main]',
    'use = ./app.js#main',
    ...app,
    header,
    'use = @appserve/server#main',
    'workers = 1',
    ...server,
    '',
  ];
  return { ...FILES, 'app.ini': lines.join('\n') };
}

const SOCKET = 'socket = 127.0.0.1:0';

describe('the next step', TIMEOUT, () => {
  for (const [what, files, step] of [
    [
      'of a log that cannot be written',
      ini([], [SOCKET, 'log = /nope/y.log']),
      /- is standard error for error_log, and standard output for log\n/,
    ],
    ['of a socket of systemd with a name', ini([], ['socket = systemd:shop']), /-l 8080 --fdname=shop appserve CONFIG\n/],
    ['of a field of a format', ini([], [SOCKET, 'access_log_format = %(h)s']), /written with two percent signs: %%\(h\)s\n/],
    [
      'of a level in capitals',
      ini([], [SOCKET, 'log_level = INFO']),
      /must be one of debug, info, warn, error: did you mean info\?\n/,
    ],
    ["of a level in Python's spelling", ini([], [SOCKET, 'log_level = warning']), /did you mean warn\?\n/],
    ['of a misspelt server', ini([], [SOCKET], '[server:mian]'), /there is \[server:mian\]: did you mean that\?\n/],
    ['of a class in a file', ini([], [SOCKET, 'handler_class = app.js#X']), /handler_class = \.\/app\.js#X\n/],
    ['of a section without an end', { ...FILES, 'app.ini': '[app:main\nuse = x\n' }, /has no \]: write \[app:main\]\n/],
    ['of a section without a name', { ...FILES, 'app.ini': '[]\nuse = x\n' }, /the section has no name/],
    [
      'of a section without a name behind its kind',
      { ...FILES, 'app.ini': ini([], [SOCKET])['app.ini']!.replace('[app:main]', '[app:]') },
      /there is \[app:\]: did you mean \[app:main\]\?\n/,
    ],
  ] as const)
    it(what, async () => {
      const { code, stderr } = await saidBy(files, 'app.ini');
      assert.notEqual(code, 0);
      assert.match(stderr, step);
    });

  it('of a default name, of `appserve options`', async () => {
    const { stderr } = await saidBy({ ...FILES, 'app.js': 'export const other = () => 1;' }, 'options', './app.js');
    assert.match(stderr, /app\.js does not export main\n {2}it exports other\n/);
  });
});

describe('a package.json', TIMEOUT, () => {
  const asked = { 'app.ini': '[app:main]\nuse = shop#main\n' };
  for (const [text, says] of [
    ['{ "name": "shop",\n  appserve: {} }', /\/app\/package\.json:2:3: /],
    [
      '{ "name": "shop", "appserve": { "app_factory": "./app.js#main" } }',
      /"app_factory" of "appserve" is no object of names: write \{"main":"\.\/app\.js#main"\}\n/,
    ],
  ] as const)
    it(`is told with what is wrong in it: ${text.replaceAll('\n', '')}`, async () => {
      assert.match((await saidBy({ ...FILES, ...asked, 'package.json': text }, 'check', 'app.ini')).stdout, says);
    });
});

describe('a package that is imported and not installed', TIMEOUT, () => {
  for (const [what, text] of [
    ['by import', `import '@shop/cart/lib.js';\nexport const main = () => 1;`],
    ['by require', `import { createRequire } from 'node:module';\ncreateRequire(import.meta.url)('@shop/cart/lib');`],
  ] as const)
    it(`is to be installed: ${what}`, async () => {
      const { stdout } = await saidBy({ ...FILES, 'app.js': text }, 'check', 'ok.ini');
      assert.match(stdout, /\n {2}install it: npm install @shop\/cart\n/);
    });

  it('is not one where it is a path', async () => {
    const { stdout } = await saidBy({ ...FILES, 'app.js': `import './wrod.js';` }, 'check', 'ok.ini');
    assert.match(stdout, /Cannot find module/);
    assert.doesNotMatch(stdout, /npm install/);
  });
});

describe('appserve options of a package', TIMEOUT, () => {
  it('lists the names that it has, where main is none of them', async () => {
    const { code, stdout } = await saidBy(FILES, 'options', '@appserve/parts');
    assert.equal(code, 0);
    assert.match(stdout, /^@appserve\/parts#static$/m);
    assert.match(stdout, /^@appserve\/parts#urlmap$/m);
    assert.match(stdout, /^@appserve\/parts#gzip$/m);
  });
});

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
