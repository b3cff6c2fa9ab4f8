// The access log from inside of an app: what Paste's translogger writes, to whom, and what no client can write into it.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { provideLoggers, type AppLogger } from '@appserve/core/log';
import { CATALOGUE } from '@appserve/parts/catalogue';
import { handshake } from '../../support/frame-client.ts';
import { Command, write } from '../../support/command.ts';
import { eventually } from '../../support/eventually.ts';
import { faultOf } from '../../support/faults.ts';
import { filtered } from '../../support/filtered.ts';
import { siteOf, type Site } from '../../support/parts.ts';
import { linkPackages, temporaryFolder } from '../../support/temporary.ts';

const TIMEOUT = { timeout: 240_000 };

/** What was said: the logger, the level, the line. */
let said: string[] = [];

const ORDER = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** A logger of the server's, as far as this filter may use one. */
function loggerNamed(name: string, level = 'info'): AppLogger {
  const say = (of: string) => (line: unknown) => {
    if (logger.isLevelEnabled(of)) said.push(`${name} ${of} ${String(line)}`);
  };
  const methods = Object.fromEntries(ORDER.map((of) => [of, say(of)])) as unknown as AppLogger;
  const logger: AppLogger = {
    ...methods,
    level,
    child: () => loggerNamed(name, logger.level),
    isLevelEnabled: (of) => ORDER.indexOf(of) >= ORDER.indexOf(logger.level),
  };
  return logger;
}

/** By name: what the ini says of them. */
let loggers = new Map<string, AppLogger>();

beforeEach(() => {
  said = [];
  loggers = new Map();
  provideLoggers((name) => {
    const logger = loggers.get(name) ?? loggerNamed(name);
    loggers.set(name, logger);
    return logger;
  });
});

afterEach(() => provideLoggers(undefined));

const APP = `export const make = () => (environ, startResponse) => {
  const begin = (...more) => startResponse('200 OK', [['Content-Length', '5'], ...more]);
  const HOW = {
    '/': () => { begin(); return [Buffer.from('hello')]; },
    '/user': () => { environ.REMOTE_USER = 'ada "l" lovelace'; environ.PATH_INFO = '/'; begin(); return [Buffer.from('hello')]; },
    '/stream': function* () { startResponse('201 Created', []); yield Buffer.from('hello'); },
    '/fails': () => { throw new Error('broken'); },
  };
  return (HOW[environ.PATH_INFO] ?? HOW['/'])();
};`;

const TIME = String.raw`\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]`;

describe('translogger', TIMEOUT, () => {
  it('writes a line for each answer, as Paste does', async () => {
    await using site = await filtered('translogger', [], APP, { listen: 'tcp' });
    await site.ask('/a%20b/?c=d&e', ['Referer: https://example.com/', 'User-Agent: curl/7.88.1']);
    await site.ask('/stream');
    await site.ask('/user');
    const expected = [
      `127\\.0\\.0\\.1 - - ${TIME} "GET /a%20b/\\?c=d&e HTTP/1\\.1" 200 5 "https://example\\.com/" "curl/7\\.88\\.1"`,
      `127\\.0\\.0\\.1 - - ${TIME} "GET /stream HTTP/1\\.1" 201 - "-" "-"`,
      `127\\.0\\.0\\.1 - ada\\\\x20\\\\"l\\\\"\\\\x20lovelace ${TIME} "GET /user HTTP/1\\.1" 200 5 "-" "-"`,
    ];
    assert.equal(said.length, expected.length);
    for (const [index, pattern] of expected.entries()) assert.match(said[index]!, new RegExp(`^wsgi info ${pattern}$`));
  });

  it('has the path that was sent, wherever the app below is mounted', async () => {
    const ini = ['[app:main]', 'use = ./app.mjs#make', 'filter-with = log', '[filter:log]', 'use = egg:Paste#translogger'];
    const mounted = [
      '[composite:main]',
      'use = egg:Paste#urlmap',
      '/shop = app',
      'filter-with = log',
      '[app:app]',
      ...ini.slice(1, 2),
    ];
    await using site = await siteOf([...mounted, ...ini.slice(3)], { files: { 'app.mjs': APP } });
    await site.ask('/shop/%66oo?x');
    assert.match(said[0]!, /"GET \/shop\/%66oo\?x HTTP\/1\.1" 200 5/);
  });

  it('has a line of the form that the ini says, of its logger and level', async () => {
    const lines = [
      'logger_name = site.access',
      'logging_level = warning',
      'format = %%(status)s|%%(bytes)6s|%%(HTTP_X_TRACE)s|%%(HTTP_HOST)-14s|100%%%%|%%(REMOTE_ADDR)s',
    ];
    await using site = await filtered('translogger', lines, APP);
    await site.ask('/', ['X-Trace: 7']);
    assert.deepEqual(said, ['site.access warn 200|     5|7|example.test  |100%|-']);
  });

  it('obeys the level of the logger, unless it is told its own', async () => {
    loggers.set('quiet', loggerNamed('quiet', 'warn'));
    const lines = ['logger_name = quiet', 'format = %%(status)s'];
    await using quiet = await filtered('translogger', lines, APP);
    await quiet.ask('/');
    assert.deepEqual(said, []);
    loggers.get('quiet')!.level = 'debug';
    await quiet.ask('/');
    assert.deepEqual(said, ['quiet info 200']);
    loggers.get('quiet')!.level = 'error';
    await using loud = await filtered('translogger', [...lines, 'set_logger_level = DEBUG'], APP);
    await loud.ask('/');
    assert.deepEqual(said, ['quiet info 200', 'quiet info 200']);
    assert.equal(loggers.get('quiet')!.level, 'error', 'the logger of others is as it was');
  });

  it('writes to standard error instead, as the line is', async () => {
    const error = mock.method(console, 'error', () => undefined);
    try {
      await using site = await filtered('translogger', ['setup_console_handler = True', 'format = %%(status)s %%%%s'], APP);
      await site.ask('/');
      assert.deepEqual(
        error.mock.calls.map(({ arguments: words }) => words),
        [['200 %s']],
      );
      assert.deepEqual(said, []);
    } finally {
      error.mock.restore();
    }
  });

  it('says nothing of an app that fails before it answers', async () => {
    await using site = await filtered('translogger', [], APP);
    assert.equal((await site.ask('/fails')).status, 500);
    assert.deepEqual(said, []);
  });

  for (const [contract, app] of [
    ['gateway', `(environ, startResponse) => environ['appserve.websocket'](startResponse, { message() {} }, { origins: 'any' })`],
    ['fetch', `({ fetch: (request, context) => context.upgrade({ message() {} }) })`],
    ['websocket', `({ message() {} })`],
    [
      'node',
      `http.createServer().on('upgrade', (request, socket) => setImmediate(() => socket.end('HTTP/1.1 101 -\\r\\n\\r\\n')))`,
    ],
  ] as const)
    it(`has a line for a WebSocket of a ${contract} app`, async () => {
      const text = `import http from 'node:http';\nexport const make = () => ${app};`;
      await using site = await filtered('translogger', ['format = %%(REQUEST_URI)s %%(status)s %%(bytes)s'], text);
      await using client = await site.server.client();
      await client.send(handshake('/ws'));
      await client.until((received) => received.includes('\r\n\r\n'));
      await eventually('the line is written', () => said.length > 0);
      assert.deepEqual(said, ['wsgi info /ws 101 -']);
    });

  it('has the line of the answer where there is no WebSocket', async () => {
    await using site = await filtered('translogger', ['format = %%(REQUEST_URI)s %%(status)s'], APP);
    await using client = await site.server.client();
    await client.send(handshake('/ws'));
    assert.equal((await client.response())?.status, 200);
    assert.deepEqual(said, ['wsgi info /ws 200']);
  });

  for (const [what, lines, seen] of [
    ['a quote', ['User-Agent: a" 200 1 "b'], String.raw`"a\" 200 1 \"b"`],
    ['a backslash', ['User-Agent: \\'], String.raw`"\\"`],
    ['bytes of a terminal', ['User-Agent: \u009b2J\u00e9'], String.raw`"\x9b2J\xe9"`],
    ['a field that looks like one of ours', ['User-Agent: %(status)s'], '"%(status)s"'],
  ] as const) {
    it(`cannot be forged by ${what}`, async () => {
      await using site = await filtered('translogger', ['format = "%%(HTTP_USER_AGENT)s"'], APP);
      await site.ask('/', lines);
      assert.deepEqual(said, [`wsgi info ${seen}`]);
    });
  }

  it('believes nobody who says where he comes from, but the filter that does', async () => {
    const forwarded = ['X-Forwarded-For: 192.0.2.7'];
    await using bare = await filtered('translogger', ['format = %%(REMOTE_ADDR)s'], APP, { listen: 'tcp' });
    await bare.ask('/', forwarded);
    const ini = [
      '[pipeline:main]',
      'pipeline = proxy log app',
      '[filter:proxy]',
      'use = @appserve/parts#proxy_headers',
      'trusted = 127.0.0.1',
      '[filter:log]',
      'use = @appserve/parts#translogger',
      'format = %%(REMOTE_ADDR)s',
      '[app:app]',
      'use = ./app.mjs#make',
    ];
    await using behind: Site = await siteOf(ini, { files: { 'app.mjs': APP }, listen: 'tcp' });
    await behind.ask('/', forwarded);
    assert.deepEqual(said, ['wsgi info 127.0.0.1', 'wsgi info 192.0.2.7']);
  });

  for (const line of [
    'format = %%(nope)s',
    'format = no field',
    'format = 100%% of %%(status)s',
    'format = %%(status)s\n  and more',
    'logging_level = LOUD',
    'logging_level = NOTSET',
    'set_logger_level = 10',
    'setup_console_handler = perhaps',
    'logger_name =',
  ]) {
    it(`refuses ${JSON.stringify(line)} at its line`, async () => {
      const fault = await faultOf(filtered('translogger', [line], APP));
      assert.deepEqual([fault.code, fault.at?.line], ['OPTION_INVALID', 6]);
    });
  }
});

it('writes the file that the logging sections of its example say', TIMEOUT, async () => {
  using folder = temporaryFolder();
  linkPackages(folder);
  const server = '[server:main]\nuse = @appserve/server#main\nsocket = 127.0.0.1:0\nworkers = 1\n';
  write(folder, { 'site.ini': `${CATALOGUE.translogger.example}${server}` });
  await using command = Command.appserve(['site.ini'], { cwd: folder.path });
  await command.url();
  const log = (): string => (existsSync(`${folder.path}/access.log`) ? readFileSync(`${folder.path}/access.log`, 'utf8') : '');
  assert.equal((await command.get('/a?b'))?.status, 200);
  await eventually('it is written', () => log() === '127.0.0.1 "GET /a?b" 200\n');
});
