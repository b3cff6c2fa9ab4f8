// What people read when something is wrong: one block, which names the place and the next step, without a stack; and the exit
// code that scripts read.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import net from 'node:net';
import { describe, it, mock } from 'node:test';
import { main } from 'appserve';
import { Command, write } from '../support/command.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary.ts';
import { withoutProgress } from '../support/without-progress.ts';

const TIMEOUT = { timeout: 120_000 };
/** The configuration is wrong. */
const EXIT_CONFIG = 2;
/** It could not be started. */
const EXIT_START = 1;

const APP = `
export const makeApp = () => (environ, startResponse) => [];
export const failing = () => { throw new Error('no database'); };
export const number = 7;
export const noApp = () => 7;
export const response = () => new Response();
export const fetched = () => (request) => new Response();
export const starting = () => ({ fetch: () => new Response(), start() { throw new Error('no database yet'); } });
export const classy = () => class Shop { fetch() {} };
export class Main {}
export const Shop = { make: makeApp };
const strange = (options) => Object.assign(() => () => new Response(), { options });
export const optionsObject = strange({ size: 1 });
export const optionsText = strange('size');
export const optionsFunction = strange(() => {});
export const optionsPromise = strange(Promise.resolve({}));
export const optionsGap = strange({ size: undefined });
const done = Promise.resolve();
export const silentServer = () => () => undefined;
export const partServer = () => () => ({ url: '', ready: done, close() {} });
export const throwingServer = () => () => { throw new Error('no port'); };
export const lateServer = () => () => ({ url: '', ready: Promise.reject(new Error('not ready')), closed: new Promise(() => {}) });
export const stuckServer = () => () => new Promise(() => {});
`;

interface Said {
  readonly code: number | null;
  readonly text: string;
}

interface Given {
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly args?: readonly string[];
}

/** What the command says in a folder with these files. The folder is called /app in the answer. */
async function said({ files = {}, args = ['app.ini'] }: Given): Promise<Said> {
  using folder = folderWith(files);
  let text = '';
  const before = process.cwd();
  const stderr = mock.method(process.stderr, 'write', (words: string) => {
    text += words;
    return true;
  });
  process.chdir(folder.path);
  try {
    const code = await main(args);
    return { code, text: withoutProgress(text).replaceAll(folder.path, '/app') };
  } finally {
    process.chdir(before);
    stderr.mock.restore();
  }
}

/** The same of a process of its own. */
async function saidByProcess({ files = {}, args = ['app.ini'] }: Given): Promise<Said> {
  using folder = folderWith(files);
  await using command = Command.appserve(args, { cwd: folder.path });
  const { code } = await command.ending();
  assert.equal(command.stdout, '');
  return { code, text: withoutProgress(command.stderr).replaceAll(folder.path, '/app') };
}

function folderWith(files: Given['files'] & object): TemporaryFolder {
  const folder = temporaryFolder();
  mkdirSync(`${folder.path}/folder`);
  mkdirSync(`${folder.path}/node_modules/shop`, { recursive: true });
  write(folder, { 'app.mjs': APP, ...files });
  return folder;
}

const GOOD_APP = ['[app:main]', 'use = ./app.mjs#makeApp'];
const GOOD_SERVER = ['[server:main]', 'use = @appserve/server#main', 'socket = 127.0.0.1:0', 'workers = 1'];

/** An ini whose server section stands in line 3, its own lines from line 5 on. */
function server(...lines: readonly string[]): Given {
  return { files: { 'app.ini': [...GOOD_APP, '[server:main]', 'use = @appserve/server#main', ...lines, ''].join('\n') } };
}

/** An ini whose app section stands in line 1, its own lines from line 2 on. */
function app(...lines: readonly string[]): Given {
  return { files: { 'app.ini': ['[app:main]', ...lines, ...GOOD_SERVER, ''].join('\n') } };
}

/** The same beside a package `shop` with these apps. */
function offering(names: readonly string[], ...lines: readonly string[]): Given {
  const appserve = { app_factory: Object.fromEntries(names.map((name) => [name, `./app.js#${name}`])) };
  const manifest = JSON.stringify({ name: 'shop', version: '1.0.0', appserve });
  return { files: { ...app(...lines).files, 'node_modules/shop/package.json': manifest } };
}

const LONG_PATH = `/tmp/${'x'.repeat(103)}`;

const CONFIG: readonly (readonly [what: string, given: Given, block: readonly string[]])[] = [
  [
    'a file that is not there',
    { args: ['nowhere.ini'] },
    [
      'appserve: there is no file nowhere.ini',
      '  a path is relative to the working directory; in an ini, to the folder of that ini',
    ],
  ],
  [
    'a file whose name is nearly right',
    { ...app('use = ./app.mjs#makeApp'), args: ['ap.ini'] },
    ['appserve: there is no file ap.ini', '  did you mean app.ini?'],
  ],
  ['a folder instead of a file', { args: ['folder'] }, ['appserve: cannot read folder: it is a folder']],
  [
    'a file that is no text',
    { files: { 'app.ini': Buffer.from('[app:main]\xff', 'latin1') } },
    ['app.ini:1:11: cannot read app.ini: it is not UTF-8', '  write it anew: iconv -f latin1 -t utf-8 app.ini, if it is latin1'],
  ],
  [
    'no [app:main]',
    { files: { 'app.ini': ['[app:mian]', 'use = ./app.mjs#makeApp', ...GOOD_SERVER].join('\n') } },
    [
      'app.ini:1:1: there is no section [app:main], and no composite, pipeline or filter-app of that name',
      '  there is [app:mian]: did you mean that?',
    ],
  ],
  [
    'no app of the name that is asked for',
    { ...app('use = ./app.mjs#makeApp'), args: ['app.ini', '-n', 'admin'] },
    [
      'app.ini:1:1: there is no section [app:admin], and no composite, pipeline or filter-app of that name',
      '  there is [app:main]: did you mean that?',
    ],
  ],
  [
    'no server of the name that is asked for',
    { ...app('use = ./app.mjs#makeApp'), args: ['app.ini', '--server-name', 'public'] },
    ['app.ini:1:1: there is no section [server:public]', '  the file has [server:main]'],
  ],
  [
    'a section without use',
    app('greeting = hello'),
    [
      'app.ini:1:1: [app:main] has no use =',
      '  1 | [app:main]',
      '    | ^^^^^^^^^^',
      '  add a line such as use = my-package#main, use = ./app.js#main, or paste.app_factory = ./app.js:main',
    ],
  ],
  [
    'a package that is not installed',
    app('use = no-such-package#main'),
    [
      'app.ini:2:7: there is no package no-such-package (looked up from /app)',
      '  2 | use = no-such-package#main',
      '    |       ^^^^^^^^^^^^^^^^^^^^',
      '  install it there: npm install no-such-package',
      '  in [app:main] app.ini:1',
    ],
  ],
  [
    'a package without that entry point',
    offering(['main', 'admin'], 'use = shop#cat'),
    [
      'app.ini:2:7: shop has no app_factory or composite_factory named cat',
      '  2 | use = shop#cat',
      '    |       ^^^^^^^^',
      '  it has main, admin',
      '  in [app:main] app.ini:1',
    ],
  ],
  [
    'an entry point that is nearly right',
    app('use = @appserve/parts#redirct'),
    [
      'app.ini:2:7: @appserve/parts has no app_factory or composite_factory named redirct',
      '  2 | use = @appserve/parts#redirct',
      '    |       ^^^^^^^^^^^^^^^^^^^^^^^',
      '  did you mean @appserve/parts#redirect?',
      '  in [app:main] app.ini:1',
    ],
  ],
  [
    'an app where a server should be',
    { files: { 'app.ini': [...GOOD_APP, '[server:main]', 'use = @appserve/parts#redirect'].join('\n') } },
    [
      'app.ini:4:7: @appserve/parts has no server_factory or server_runner named redirect',
      '  4 | use = @appserve/parts#redirect',
      '    |       ^^^^^^^^^^^^^^^^^^^^^^^^',
      '  @appserve/parts#redirect is an app_factory: it belongs into another kind of section',
      '  in [server:main] app.ini:3',
    ],
  ],
  [
    'a file of the app that is not there',
    app('use = ./ap.mjs#makeApp'),
    [
      'app.ini:2:7: there is no module /app/ap.mjs',
      '  2 | use = ./ap.mjs#makeApp',
      '    |       ^^^^^^^^^^^^^^^^',
      '  did you mean app.mjs?',
      '  in [app:main] app.ini:1',
    ],
  ],
  [
    'an export that is not there',
    app('use = ./app.mjs#makeAp'),
    [
      'app.ini:2:7: /app/app.mjs does not export makeAp',
      '  2 | use = ./app.mjs#makeAp',
      '    |       ^^^^^^^^^^^^^^^^',
      '  did you mean makeApp?',
      '  in [app:main] app.ini:1',
    ],
  ],
  [
    'an ini that is none',
    app('use = ./app.mjs#makeApp', 'this is not ini'),
    [
      'app.ini:3:1: this line is neither a section nor key = value',
      '  3 | this is not ini',
      '    | ^^^^^^^^^^^^^^^',
      '  write key = value; indent a line that continues a value; start comments with #',
    ],
  ],
  [
    'YAML without quotes where they are needed',
    { files: { 'app.yaml': 'server:main:\n  use: @appserve/server#main\n' }, args: ['app.yaml'] },
    [
      'app.yaml:2:8: plain value cannot start with reserved character @',
      '  2 |   use: @appserve/server#main',
      '    |        ^',
      '  in YAML a text that begins with @ or % needs quotes: "@appserve/server#main"',
    ],
  ],
  [
    'a heading that is not closed',
    { files: { 'app.ini': [...GOOD_APP, '[app:other', 'use = ./app.mjs#makeApp', ...GOOD_SERVER].join('\n') } },
    [
      'app.ini:4:1: use stands already at line 2',
      '  4 | use = ./app.mjs#makeApp',
      '    | ^^^',
      '  line 3 begins as a [section] and has no ]: is it meant to be one?',
    ],
  ],
  [
    'a value that refers to nothing',
    app('use = ./app.mjs#makeApp', 'data = %(her)s/data'),
    [
      'app.ini:3:8: there is no value for %(her)s',
      '  3 | data = %(her)s/data',
      '    |        ^^^^^^^',
      '  did you mean here?',
      '  in [app:main] app.ini:1',
    ],
  ],
  [
    'an option that there is not',
    server('socket = 127.0.0.1:0', 'workers = 1', 'keepalive_timout = 3'),
    [
      'app.ini:7:1: unknown option keepalive_timout',
      '  7 | keepalive_timout = 3',
      '    | ^^^^^^^^^^^^^^^^',
      '  did you mean keepalive_timeout?',
      '  in [server:main] app.ini:3',
    ],
  ],
  [
    'workers = 0',
    server('socket = 127.0.0.1:0', 'workers = 0'),
    [
      'app.ini:6:1: workers = 0: must be a whole number from 1 to 1024 or auto',
      '  6 | workers = 0',
      '    | ^^^^^^^',
      '  in [server:main] app.ini:3',
    ],
  ],
  [
    'no workers',
    server('socket = 127.0.0.1:0'),
    [
      'app.ini:3:1: workers is required: a whole number from 1 to 1024 or auto',
      '  3 | [server:main]',
      '    | ^^^^^^^^^^^^^',
      '  in [server:main] app.ini:3',
    ],
  ],
  [
    'qmon_warn_threshold = 0',
    server('socket = 127.0.0.1:0', 'workers = 1', 'qmon_warn_threshold = 0'),
    [
      'app.ini:7:1: qmon_warn_threshold = 0: must be a whole number >= 1 or None',
      '  7 | qmon_warn_threshold = 0',
      '    | ^^^^^^^^^^^^^^^^^^^',
      '  in [server:main] app.ini:3',
    ],
  ],
  [
    'send_timeout = -1',
    server('socket = 127.0.0.1:0', 'workers = 1', 'send_timeout = -1'),
    [
      'app.ini:7:1: send_timeout = -1: must be a time such as 30, 30s, 500ms or 2m, at least 1000ms: it is negative',
      '  7 | send_timeout = -1',
      '    | ^^^^^^^^^^^^',
      '  in [server:main] app.ini:3',
    ],
  ],
  [
    'chunked_transfer = maybe',
    server('socket = 127.0.0.1:0', 'workers = 1', 'chunked_transfer = maybe'),
    [
      'app.ini:7:1: chunked_transfer = maybe: must be true or false (yes, on, y, t, 1 / no, off, n, f, 0)',
      '  7 | chunked_transfer = maybe',
      '    | ^^^^^^^^^^^^^^^^',
      '  in [server:main] app.ini:3',
    ],
  ],
  [
    'a port beyond the last one',
    server('port = 65536', 'workers = 1'),
    [
      'app.ini:5:1: port = 65536: must be a whole number from 0 to 65535',
      '  5 | port = 65536',
      '    | ^^^^',
      '  in [server:main] app.ini:3',
    ],
  ],
  [
    'all that is wrong with the options, at once',
    server('socket = 127.0.0.1:0', 'workers = none', 'wokers = 1'),
    [
      'app.ini:7:1: unknown option wokers',
      '  7 | wokers = 1',
      '    | ^^^^^^',
      '  did you mean workers?',
      '  in [server:main] app.ini:3',
      '',
      'app.ini:6:1: workers = none: must be a whole number from 1 to 1024 or auto',
      '  6 | workers = none',
      '    | ^^^^^^^',
      '  in [server:main] app.ini:3',
    ],
  ],
  [
    'all that is wrong with the server and with the app, at once',
    {
      files: {
        'app.ini': [
          '[pipeline:main]',
          'pipeline = auth',
          '  nothing_like_it',
          '[server:main]',
          'use = @appserve/server#main',
          'socket = 127.0.0.1:0',
          'workers = 0',
        ].join('\n'),
      },
    },
    [
      'app.ini:7:1: workers = 0: must be a whole number from 1 to 1024 or auto',
      '  7 | workers = 0',
      '    | ^^^^^^^',
      '  in [server:main] app.ini:4',
      '',
      'app.ini:2:12: there is no section [filter:auth]',
      '  2 | pipeline = auth',
      '    |            ^^^^',
      '  add [filter:auth] with a line such as use = ./filter.js#main',
      '  in [pipeline:main] app.ini:1',
      '',
      'app.ini:3:3: there is no section [app:nothing_like_it], and no composite, pipeline or filter-app of that name',
      '  3 |   nothing_like_it',
      '    |   ^^^^^^^^^^^^^^^',
      '  the file has [pipeline:main]; a package of that name would be nothing_like_it#main',
      '  in [pipeline:main] app.ini:1',
    ],
  ],
  [
    'what is wrong with the file itself, once, though both need it',
    {
      files: {
        'app.ini': [
          '[DEFAULT]',
          'x = %',
          '[app:main]',
          'use = ./app.mjs#makeApp',
          '[server:main]',
          'use = @appserve/server#main',
        ].join('\n'),
      },
    },
    [
      'app.ini:2:5: % must be followed by % or (',
      '  2 | x = %',
      '    |     ^',
      '  write %% for a percent sign and %(name)s for a value',
      '  in [DEFAULT] app.ini:1',
    ],
  ],
  [
    'a filter that is not there',
    app('use = ./app.mjs#makeApp', 'filter-with = auth'),
    [
      'app.ini:3:15: there is no section [filter:auth]',
      '  3 | filter-with = auth',
      '    |               ^^^^',
      '  add [filter:auth] with a line such as use = ./filter.js#main',
      '  in [app:main] app.ini:1',
    ],
  ],
  [
    'an address that is none',
    server('socket = 127.0.0.1', 'workers = 1'),
    [
      'app.ini:5:1: socket = 127.0.0.1: must be host:port, [v6]:port, :port, /path.sock, unix:path, fd:N, systemd or systemd:NAME',
      '  5 | socket = 127.0.0.1',
      '    | ^^^^^^',
      '  in [server:main] app.ini:3',
    ],
  ],
  [
    'a unix socket with too long a path',
    server(`socket = ${LONG_PATH}`, 'workers = 1'),
    [
      `app.ini:5:1: the socket path ${LONG_PATH} has 108 bytes, 107 are possible`,
      `  5 | socket = ${LONG_PATH}`,
      '    | ^^^^^^',
      '  choose a shorter path, such as /run/NAME.sock',
      '  in [server:main] app.ini:3',
    ],
  ],
  [
    'socket and port together',
    server('socket = 127.0.0.1:0', 'port = 8080', 'workers = 1'),
    [
      'app.ini:6:1: socket and port: two spellings of one thing; keep socket',
      '  6 | port = 8080',
      '    | ^^^^',
      '  in [server:main] app.ini:3',
    ],
  ],
  [
    'a flag that there is not',
    { args: ['app.ini', '--app-nam', 'x'] },
    ['appserve: --app-nam: there is no such option; did you mean --app-name?', '  appserve --help lists what the command takes'],
  ],
  [
    'a flag without its value',
    { args: ['app.ini', '--app-name'] },
    ['appserve: --app-name: needs a value', '  appserve --help lists what the command takes'],
  ],
  [
    'a flag with another flag for its value',
    { args: ['app.ini', '-n', '--help'] },
    ['appserve: -n: needs a value', '  appserve --help lists what the command takes'],
  ],
  [
    'a flag with a value that it does not take',
    { args: ['app.ini', '--trace=yes'] },
    ['appserve: --trace: takes no value', '  appserve --help lists what the command takes'],
  ],
  [
    'a letter that there is not',
    { args: ['app.ini', '-x'] },
    ['appserve: -x: there is no such option', '  appserve --help lists what the command takes'],
  ],
  [
    'what is no assignment',
    { args: ['app.ini', 'debug'] },
    [
      'appserve: debug: after the configuration file come assignments, name=value',
      '  appserve --help lists what the command takes',
    ],
  ],
  [
    'no arguments',
    { args: [] },
    [
      'appserve: there is no configuration: looked for development.ini, appserve.ini, production.ini, ' +
        '"appserve": {"config": ...} in package.json, .appserverc or appserve.config.* in /app',
      '  name one: appserve path/to.ini',
    ],
  ],
];

/** What is said of a line that names an export of app.mjs, in the app's or in the server's section. */
const EXPORTS: readonly (readonly [
  section: 'app' | 'server',
  name: string,
  code: number,
  says: string,
  hint: string | undefined,
])[] = [
  ['app', 'noApp', EXIT_START, ' returned a number, which is no app', undefined],
  ['app', 'response', EXIT_START, ' returned an instance of Response, which is no app', 'did you export the app'],
  ['app', 'classy', EXIT_START, ' returned the class Shop, which is no app', 'return an instance: new Shop()'],
  ['app', 'Main', EXIT_CONFIG, ' is a class, not a function', 'export a function (globalConf, settings) that returns the app'],
  ['app', 'starting', EXIT_START, ' failed: no database yet', undefined],
  ['app', 'optionsObject', EXIT_CONFIG, '.options is an object, but no schema, and its size is no option of a table', 'z.object'],
  ['app', 'optionsGap', EXIT_CONFIG, '.options is an object, but no schema, and its size is no option of a table', 'z.object'],
  ['app', 'optionsText', EXIT_CONFIG, '.options is a string, but no schema', 'z.object'],
  ['app', 'optionsFunction', EXIT_CONFIG, '.options is a function, but no schema', 'z.object'],
  ['app', 'optionsPromise', EXIT_CONFIG, '.options is a promise, but no schema', 'z.object'],
  ['server', 'silentServer', EXIT_CONFIG, ' returned undefined instead of a handle', '{ url, ready, closed, close() }'],
  [
    'server',
    'partServer',
    EXIT_CONFIG,
    ' returned an object without closed instead of a handle',
    'an app belongs into [app:NAME]',
  ],
  ['server', 'fetched', EXIT_CONFIG, ' returned an instance of Response instead of a handle', 'an app belongs into [app:NAME]'],
  ['server', 'throwingServer', EXIT_START, ' failed: no port', undefined],
];

describe('what a module exports', TIMEOUT, () => {
  for (const [section, name, exitCode, says, hint] of EXPORTS) {
    it(`is told at the line that names it where it will not do: ${section} ${name}`, async () => {
      const use = `use = ./app.mjs#${name}`;
      const lines = section === 'app' ? ['[app:main]', use, ...GOOD_SERVER] : [...GOOD_APP, '[server:main]', use];
      const { text, code } = await said({ files: { 'app.ini': lines.join('\n') } });
      assert.equal(text.split('\n')[0], `app.ini:${section === 'app' ? 2 : 4}:7: /app/app.mjs#${name}${says}`);
      if (hint !== undefined) assert.ok(text.split('\n')[3]!.includes(hint), text);
      assert.equal(code, exitCode);
    });
  }

  it('is told of a filter that is an app', async () => {
    const { text } = await said(app('use = ./app.mjs#makeApp', 'filter-with = ./app.mjs#fetched'));
    assert.match(
      text,
      /^app\.ini:3:15: the filter of \/app\/app\.mjs#fetched returned an instance of Response, which is no app$/m,
    );
    assert.match(text, /^ {2}a filter_factory returns a function \(app\) => app; is this a factory of apps\?/m);
  });

  it('may be a server whose ready is rejected', async () => {
    const lines = [...GOOD_APP, '[server:main]', 'use = ./app.mjs#lateServer'];
    const { text, code } = await saidByProcess({ files: { 'app.ini': lines.join('\n') } });
    assert.match(text, /^appserve: .*not ready/);
    assert.equal(code, EXIT_START);
  });

  it('may be a server that waits for ever, or a configuration that does', async () => {
    const stuck = { 'app.ini': [...GOOD_APP, '[server:main]', 'use = ./app.mjs#stuckServer'].join('\n') };
    const config = { 'stuck.mjs': 'await new Promise(() => {});' };
    for (const [files, args] of [
      [stuck, ['app.ini']],
      [config, ['stuck.mjs']],
    ] as const) {
      const { text, code } = await saidByProcess({ files, args });
      assert.match(text, /^appserve: starting waits for something that never happens\n {2}look for /);
      assert.equal(code, EXIT_START);
    }
  });
});

describe('a configuration that is wrong', TIMEOUT, () => {
  for (const [what, given, block] of CONFIG) {
    it(`is told in words: ${what}`, async () => {
      const { text, code } = await said(given);
      assert.equal(text, block.map((line) => `${line}\n`).join(''));
      assert.equal(code, EXIT_CONFIG);
    });
  }
});

function firstLine({ text }: Said): string | undefined {
  return text.split('\n')[0];
}

/** A section is asked for that is not there: by what the ini has instead, the hint. */
const MISSING: readonly (readonly [lines: readonly string[], args: readonly string[], hint: string])[] = [
  [GOOD_APP, [], 'add [server:main] with use = @appserve/server#main, socket = 127.0.0.1:8080 and workers = 2'],
  [GOOD_SERVER, [], 'add [app:main] with a line such as use = ./app.js#main'],
  [['[App:main]', ...GOOD_SERVER], [], 'there is [App:main]: did you mean [app:main]?'],
  [['[apps:main]', ...GOOD_SERVER], [], 'there is [apps:main]: did you mean [app:main]?'],
  [['[ app:main ]', ...GOOD_SERVER], [], 'there is [ app:main ]: did you mean [app:main]?'],
  [['[Pipeline:main]', ...GOOD_SERVER], [], 'there is [Pipeline:main]: did you mean [pipeline:main]?'],
  [['[app:on]', '[filter:one]', ...GOOD_SERVER], ['-n', 'one'], 'there is [filter:one], but an app is asked for here'],
];

/** What somebody writes behind `use =`, and what is said of it. */
const USES: readonly (readonly [use: string, says: string])[] = [
  ['comp.ini', 'there is a file of that name: write config:comp.ini#main'],
  ['comp.ini#home', 'there is a file of that name: use = config:comp.ini#home'],
  ['app.mjs#Shop.make', 'there is a file of that name: use = ./app.mjs#Shop.make'],
  ['kiosk.index:makeApp', 'write kiosk#makeApp for an export of a package, or ./file.js#makeApp'],
  ['kiosk:makeApp', 'an export of a package is written kiosk#makeApp'],
  ['./folder', '/app/folder is a folder, not a module'],
  ['./app.mjs:makeApp', 'did you mean ./app.mjs#makeApp?'],
  ['"./app.mjs#makeApp"', 'an ini has no quotes around a value'],
  ["'./app.mjs'", 'an ini has no quotes around a value'],
  ['./app.mjs ; the app', 'there are no comments behind a value'],
  ['./app.mjs#makeApp # the app', 'there are no comments behind a value'],
  ['./default.mjs', 'it has a default export: write ./default.mjs#default'],
  ['./app.mjs#Shop.mke', 'did you mean Shop.make?'],
  ['./app.mjs#Shp.make', 'did you mean Shop.make?'],
  ['misnamed#main', 'its package.json offers it as app_factry: did you mean app_factory?'],
  ['misnamed#keys', 'did you mean options?'],
];

const USED_FILES = {
  'comp.ini': '[app:home]\nuse = ./app.mjs#makeApp\n',
  'default.mjs': 'export default () => () => new Response();\n',
  'package.json': JSON.stringify({
    name: 'misnamed',
    appserve: {
      app_factry: { main: './app.mjs#makeApp' },
      app_factory: { keys: { factory: './app.mjs#makeApp', option: './app.mjs#number' } },
    },
  }),
};

describe('a mistake in a name', TIMEOUT, () => {
  for (const [lines, args, hint] of MISSING) {
    it(`is told with what is there: ${lines[0]} ${args.join(' ')}`, async () => {
      const { text, code } = await said({ files: { 'app.ini': lines.join('\n') }, args: ['app.ini', ...args] });
      assert.equal(text.split('\n')[1], `  ${hint}`, text);
      assert.equal(code, EXIT_CONFIG);
    });
  }

  for (const [use, says] of USES) {
    it(`is told with what to write: use = ${use}`, async () => {
      const given = app(`use = ${use}`);
      const { text, code } = await said({ files: { ...given.files, ...USED_FILES } });
      assert.match(text, /^app\.ini:2:7: /);
      assert.ok(text.includes(says), text);
      assert.equal(code, EXIT_CONFIG);
    });
  }

  it('is told of an option with a comment behind it', async () => {
    for (const lines of [
      ['socket = 127.0.0.1:0 ; the front', 'workers = 1'],
      ['socket = 127.0.0.1:0', 'workers = 1', 'log = - # stdout'],
    ]) {
      const { text } = await said(server(...lines));
      assert.match(text, /^ {2}there are no comments behind a value: put it in a line of its own$/m);
    }
  });

  it('is told of a value that is not there', async () => {
    const values = [
      ['dta = %(data)s/x', 'set it in this section, in [DEFAULT], or on the command line as name=value'],
      ['data = %(PATH)s/x', 'the environment has it: write %(env:PATH)s'],
      ['data = %(root)s/x\n[Default]\nroot = /srv', '[Default] has it, but the section for all others is written [DEFAULT]'],
    ] as const;
    for (const [line, hint] of values) {
      const { text } = await said(app('use = ./app.mjs#makeApp', line));
      assert.equal(text.split('\n')[3], `  ${hint}`, text);
    }
  });
});

describe('a mistake in an ini', TIMEOUT, () => {
  const PLACED: readonly (readonly [what: string, given: Given, place: string])[] = [
    ['no address at all', server('workers = 1'), 'app.ini:3'],
    ['a setting that the app misses', app('use = @appserve/parts#redirect'), 'app.ini:1'],
    ['a setting that the app refuses', app('use = @appserve/parts#redirect', 'to = nowhere'), 'app.ini:3'],
    ['what is no app', app('use = ./app.mjs#noApp'), 'app.ini:1'],
    ['a factory that throws', app('use = ./app.mjs#failing'), 'app.ini:1'],
  ];
  for (const [what, given, place] of PLACED) {
    it(`is told with its place: ${what}`, async () => {
      const { text } = await said(given);
      assert.ok(text.includes(place), text);
    });
  }
});

describe('a process that cannot start', TIMEOUT, () => {
  const ENDINGS: readonly (readonly [what: string, given: Given, code: number])[] = [
    ['its configuration is wrong', server('socket = 127.0.0.1:0', 'workers = 0'), EXIT_CONFIG],
    ['its address is refused', server('socket = unix:%(here)s/app.mjs', 'workers = 1'), EXIT_START],
    ['its app cannot be loaded', app('use = ./app.mjs#failing'), EXIT_START],
  ];
  for (const [what, given, code] of ENDINGS) {
    it(`ends with exit code ${code} when ${what}, and says what main() says`, async () => {
      const ending = await saidByProcess(given);
      assert.equal(ending.code, code);
      assert.equal(firstLine(ending), firstLine(await said(given)));
    });
  }
});

/** What stands in line 5 of the ini is refused: `word` of it. */
function refused(written: string, word: string, what: string, ...hint: readonly string[]): Said {
  const before = written.slice(0, written.lastIndexOf(word));
  const lines = [
    `app.ini:5:${before.length + 1}: ${what}`,
    `  5 | ${written}`,
    `    | ${' '.repeat(before.length)}${'^'.repeat(word.length)}`,
    ...hint.map((line) => `  ${line}`),
    '  in [server:main] app.ini:3',
  ];
  return { code: EXIT_START, text: lines.map((line) => `${line}\n`).join('') };
}

describe('a start that fails', TIMEOUT, () => {
  it('says that the address is in use, and where it stands', async () => {
    const listener = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => listener.once('listening', resolve));
    const { port } = listener.address() as net.AddressInfo;
    const address = `127.0.0.1:${port}`;
    const another = 'stop the other process, or choose another socket (port 0 takes any free port)';
    const WAYS: readonly Parameters<typeof refused>[] = [
      [`socket = ${address}`, address, `${address} is in use`, another],
      [`socket = 127.0.0.1:0 ${address}`, address, `${address} is in use`, another],
      [`port = ${port}`, `${port}`, `${address} is in use`, another],
      [
        `metrics = ${address}`,
        address,
        `metrics: ${address} is in use`,
        'stop the other process, or choose another address for metrics',
      ],
    ];
    for (const way of WAYS) {
      const place = way[0].startsWith('metrics') ? ['socket = 127.0.0.1:0'] : [];
      assert.deepEqual(await said(server(way[0], 'workers = 1', ...place)), refused(...way));
    }
    listener.close();
  });

  it('has no place where no file says the address', async () => {
    const given = server('socket = 127.0.0.1:0', 'workers = 1');
    const { text } = await said({ ...given, args: ['app.ini', '--socket', '192.0.2.1:0'] });
    assert.match(text, /^appserve: cannot listen on 192\.0\.2\.1:0: this machine has no such address\n/);
  });

  const HERE = 'take one of its own, such as 127.0.0.1, or leave the host out for all of them: :0';
  const REFUSED: readonly (readonly [what: string, ...Parameters<typeof refused>])[] = [
    [
      'there is no such folder',
      'socket = unix:%(here)s/missing/app.sock',
      'unix:%(here)s/missing/app.sock',
      'cannot listen on unix:/app/missing/app.sock: there is no folder /app/missing',
      'create the folder (RuntimeDirectory= of a systemd service does), or choose another path',
    ],
    [
      'a file is in the way',
      'socket = unix:%(here)s/app.mjs',
      'unix:%(here)s/app.mjs',
      '/app/app.mjs exists and is no socket',
      'move it away, or choose another path',
    ],
    [
      'the machine has no such address',
      'socket = 192.0.2.1:0',
      '192.0.2.1:0',
      'cannot listen on 192.0.2.1:0: this machine has no such address',
      HERE,
    ],
    [
      'the name is not known',
      'socket = nowhere.invalid:0',
      'nowhere.invalid:0',
      'cannot listen on nowhere.invalid:0: the name nowhere.invalid is not known',
      HERE,
    ],
    [
      'the descriptor is none',
      'socket = fd:999',
      'fd:999',
      'cannot listen on fd:999: descriptor 999 is not open',
      'whoever starts the server must bind the socket, listen on it, and pass it on under that number',
    ],
    [
      'the group of the socket is none',
      'socket_group = nobody-has-it',
      'nobody-has-it',
      'socket_group = nobody-has-it: there is no such group',
      'create it: groupadd --system NAME; or name another one',
    ],
  ];
  for (const [what, written, ...block] of REFUSED) {
    it(`says that ${what}`, async () => {
      const place = written.startsWith('socket =') ? [] : ['socket = unix:%(here)s/app.sock'];
      assert.deepEqual(await said(server(written, 'workers = 1', ...place)), refused(written, ...block));
    });
  }

  it('names the line of the app that threw while it was imported', async () => {
    const given = app('use = ./broken.mjs#makeApp');
    const { code, text } = await said({ files: { ...given.files, 'broken.mjs': '\nthrow new Error("at import");\n' } });
    assert.equal(code, EXIT_START);
    assert.ok(
      text.startsWith(
        [
          'app.ini:2:7: /app/broken.mjs failed while it was imported: at import',
          '  2 | use = ./broken.mjs#makeApp',
          '    |       ^^^^^^^^^^^^^^^^^^^^',
          '  in [app:main] app.ini:1',
          '',
          '  Error: at import',
          '      at file:///app/broken.mjs:2:7',
          '',
        ].join('\n'),
      ),
      text,
    );
  });

  it('names the line of the factory that threw, once, however many workers tried', async () => {
    const { code, text } = await said(app('use = ./app.mjs#failing'));
    assert.equal(code, EXIT_START);
    assert.ok(
      text.startsWith(
        [
          'app.ini:2:7: /app/app.mjs#failing failed: no database',
          '  2 | use = ./app.mjs#failing',
          '    |       ^^^^^^^^^^^^^^^^^',
          '  in [app:main] app.ini:1',
          '',
          '  Error: no database',
          '      at failing (file:///app/app.mjs:3:',
        ].join('\n'),
      ),
      text,
    );
    assert.equal(text.split('Error: no database').length, 2);
  });

  it('names the line of the app that cannot be parsed', async () => {
    const given = app('use = ./broken.mjs#makeApp');
    const { text } = await said({ files: { ...given.files, 'broken.mjs': '\nexport const makeApp = ( => 7;\n' } });
    assert.match(text, /broken\.mjs:2/);
  });

  it('runs nothing of the app a second time to find the line of a syntax error', async () => {
    const given = app('use = ./app.mjs#makeApp');
    const files = {
      ...given.files,
      'app.mjs': "import './other.mjs';\nconsole.log('runs');\n",
      'other.mjs': '\nexport const x = ( => 7;\n',
    };
    assert.match((await said({ files })).text, /other\.mjs:2\n/);
    const running = { ...given.files, 'app.mjs': "console.error('runs');\nnew Function('( => 7');\n" };
    const { text } = await said({ files: running });
    assert.equal(text.match(/^runs$/gm)?.length, 1, text);
  });

  it('says what is no app', async () => {
    const { code, text } = await said(app('use = ./app.mjs#noApp'));
    assert.equal(code, EXIT_START);
    assert.ok(
      text.includes(
        [
          'app.ini:2:7: /app/app.mjs#noApp returned a number, which is no app',
          '  2 | use = ./app.mjs#noApp',
          '    |       ^^^^^^^^^^^^^^^',
          '  return a gateway app (environ, startResponse) => ..., a function (request) => Response, an object with fetch(request) or message(socket, message), or the app of a framework such as Express, Koa or Fastify',
          '  in [app:main] app.ini:1',
          '',
        ].join('\n'),
      ),
      text,
    );
  });

  it('shows stacks where somebody asks for them', async () => {
    const { text, code } = await said({ args: ['nowhere.ini', '--trace'] });
    assert.equal(code, EXIT_CONFIG);
    assert.match(text, /^appserve: there is no file nowhere\.ini\n.*\n\n {2}Fault: there is no file nowhere\.ini\n {6}at /);
  });
});
