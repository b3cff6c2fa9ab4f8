// What whole servers log: by loggers that an ini configures, whatever their workers are, and whatever becomes of them.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { createSocket } from 'node:dgram';
import { describe, it } from 'node:test';
import { Command, write } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { linkPackages, temporaryFolder, type TemporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 240_000, concurrency: 2 };

const APP = `
import { getLogger } from '@appserve/core/log';
const log = getLogger('bookshop.views');
const ring = {}; ring.ring = ring;
const ODD = [
  { name: 5 }, { name: null }, { name: {} }, { err: null }, { err: { stack: {} } }, { err: { message: 7 } }, { level: 'x' }, { time: 'x' },
  { caller: null }, { requestId: {} }, { msg: {} }, { big: 10n }, { ring }, [1, 2], { toJSON() { throw new Error('no'); } },
];
export function makeApp() {
  return async (environ, startResponse) => {
    const many = Number(environ.QUERY_STRING);
    switch (environ.PATH_INFO) {
      case '/levels':
        log.debug('a debug message');
        getLogger('sqlalchemy.engine').info('a query');
        getLogger('sqlalchemy.engine').warn('a slow query');
        getLogger('other').debug('nobody wants it');
        getLogger('other').info('somebody wants it');
        break;
      case '/request':
        getLogger('bookshop', environ).info({ order: 7 }, 'placed');
        break;
      case '/implicit':
        await new Promise((resolve) => setTimeout(resolve, 1));
        log.info('later');
        break;
      case '/forge':
        log.info('a\\n2026-11-20 22:30:01,007 INFO  [appserve][main] all is well\\u001b[2J');
        break;
      case '/odd':
        for (const odd of ODD) log.info(odd, 'odd');
        log.error({ name: 'Bob' }, 'and on');
        break;
      case '/throw':
        throw new TypeError('not today');
      case '/error':
        log.error(new Error('broken'), 'not placed');
        break;
      case '/many':
        for (let index = 0; index < many; index += 1) log.info('record %d of many', index);
        break;
      case '/crash':
        for (let index = 0; index < many; index += 1) log.info('last word %d', index);
        setImmediate(() => { throw new Error('nobody catches it'); });
        return new Promise(() => undefined);
      case '/kill':
        for (let index = 0; index < many; index += 1) log.info('last word %d', index);
        process.kill(process.pid, 'SIGKILL');
        return new Promise(() => undefined);
    }
    startResponse('200 OK', [['Content-Type', 'text/plain']]);
    return [Buffer.from('hello')];
  };
}
`;

const SECTIONS = `
[loggers]
keys = root, bookshop, sqlalchemy
[handlers]
keys = console
[formatters]
keys = generic
[logger_root]
level = INFO
handlers = console
[logger_bookshop]
level = DEBUG
handlers =
qualname = bookshop
[logger_sqlalchemy]
level = WARN
handlers =
qualname = sqlalchemy.engine
[handler_console]
class = StreamHandler
args = (sys.stderr,)
level = NOTSET
formatter = generic
[formatter_generic]
format = %(asctime)s %(levelname)-5.5s [%(name)s:%(lineno)s][%(threadName)s] %(message)s
`;

interface Logging extends AsyncDisposable {
  readonly folder: TemporaryFolder;
  readonly command: Command;
  read(name: string): string;
}

/** What is looked at while it is being renamed is not there, for a moment. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** `prepare`: puts into its folder what is there when it starts. */
function served(lines: readonly string[], sections = '', prepare = (_folder: TemporaryFolder): void => undefined): Logging {
  const folder = temporaryFolder();
  linkPackages(folder);
  prepare(folder);
  const ini = [
    '[app:main]',
    'use = ./app.mjs#makeApp',
    '[server:main]',
    'use = @appserve/server#main',
    'socket = 127.0.0.1:0',
    ...lines,
  ];
  write(folder, { 'app.mjs': APP, 'site.ini': `${ini.join('\n')}\n${sections}` });
  const command = Command.appserve(['site.ini'], { cwd: folder.path });
  return {
    folder,
    command,
    read: (name) => readOrNothing(`${folder.path}/${name}`),
    [Symbol.asyncDispose]: async () => {
      await command[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

async function ask({ command }: Logging, path: string): Promise<void> {
  assert.equal((await command.get(path))?.status, 200);
}

/** In the app. */
function lineOf(text: string): number {
  return APP.split('\n').findIndex((line) => line.includes(text)) + 1;
}

const STAMP = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}`;

describe('a server with the logging sections of a development.ini', TIMEOUT, () => {
  for (const workerClass of ['thread', 'process', 'inline']) {
    it(`logs what Python would: ${workerClass}`, async () => {
      await using server = served([`worker_class = ${workerClass}`, 'workers = 1'], SECTIONS);
      await server.command.url();
      await ask(server, '/levels');
      await server.command.says(/somebody wants it/);
      const lines = server.command.stderr.split('\n').filter((line) => / \[(?:bookshop|sqlalchemy|other)/.test(line));
      const expected = [
        String.raw`DEBUG \[bookshop\.views:${lineOf('a debug message')}\]\[worker-1\] a debug message`,
        String.raw`WARNI \[sqlalchemy\.engine:\d+\]\[worker-1\] a slow query`,
        String.raw`INFO  \[other:\d+\]\[worker-1\] somebody wants it`,
      ];
      assert.equal(lines.length, expected.length, lines.join('\n'));
      for (const [index, pattern] of expected.entries()) assert.match(lines[index]!, new RegExp(`^${STAMP} ${pattern}$`));
      // The line of the app that said it.
      const [, line] = /views:(\d+)\]/.exec(lines[0]!) ?? [];
      assert.match(APP.split('\n')[Number(line) - 1]!, /a debug message/);
    });
  }

  it('is refused with all that is wrong in them, before anything is opened', async () => {
    await using server = served(
      ['workers = 1'],
      SECTIONS.replace('= DEBUG', '= LOUD').replace('(sys.stderr,)', "(open('x', 'w'),)"),
    );
    assert.deepEqual(await server.command.ending(), { code: 2, signal: null });
    assert.match(
      server.command.stderr,
      /site\.ini:\d+:\d+: level = LOUD: must be DEBUG, INFO|args: open\( would have to be executed/,
    );
    assert.equal(existsSync(`${server.folder.path}/x`), false);
  });

  it('obeys them anew after a reload', async () => {
    await using server = served(['workers = 1'], SECTIONS);
    await server.command.url();
    const ini = server
      .read('site.ini')
      .replace('level = WARN', 'level = INFO')
      .replace('(sys.stderr,)', "('new.log',)")
      .replace('= StreamHandler', '= FileHandler');
    write(server.folder, { 'site.ini': ini });
    server.command.signal('SIGHUP');
    await eventually('the new file is there', () => existsSync(`${server.folder.path}/new.log`));
    // For a moment the old workers may still answer.
    while (!server.read('new.log').includes('a query')) await ask(server, '/levels');
    server.command.signal('SIGTERM');
    await server.command.ending();
    assert.doesNotMatch(server.command.stderr, /Warning:/);
  });
});

function withHandler(name: string, args: string): string {
  return SECTIONS.replace('class = StreamHandler', `class = ${name}`).replace('args = (sys.stderr,)', `args = ${args}`);
}

describe('the handlers of an ini', TIMEOUT, () => {
  it('rotate by size, and lose nothing', async () => {
    await using server = served(['workers = 2'], withHandler('handlers.RotatingFileHandler', "('r.log', 'a', 4000, 99)"));
    await server.command.url();
    await ask(server, '/many?200');
    await ask(server, '/many?200');
    const all = (): string =>
      readdirSync(server.folder.path)
        .filter((name) => name.startsWith('r.log'))
        .map((name) => server.read(name))
        .join('');
    await eventually('all is written', () => all().split(/record \d+ of many\n/).length === 401);
    const files = readdirSync(server.folder.path).filter((name) => name.startsWith('r.log'));
    assert.ok(files.length > 5, files.join());
    for (const name of files) assert.ok(server.read(name).length <= 4_000, name);
  });

  for (const [name, args, isThere] of [
    ['handlers.RotatingFileHandler', "('gone/x.log', 'a', 1000, 3, None, True)", false],
    ['handlers.TimedRotatingFileHandler', "('gone/x.log', 'S', 1, 2)", true],
    ['handlers.WatchedFileHandler', "('gone/x.log',)", true],
  ] as const) {
    it(`go on where a folder is gone, and say so: ${name}`, async () => {
      await using server = served(['workers = 1'], withHandler(name, args), ({ path }) => {
        if (isThere) mkdirSync(`${path}/gone`);
      });
      const folder = `${server.folder.path}/gone`;
      await server.command.url();
      // Nothing can be made below a file, nor can it be looked into.
      rmSync(folder, { recursive: true, force: true });
      write(server.folder, { gone: '' });
      while (!/x\.log.*ENOTDIR/.test(server.command.stderr)) await ask(server, '/levels');
      rmSync(folder);
      mkdirSync(folder);
      while (!server.read('gone/x.log').includes('somebody wants it')) await ask(server, '/levels');
      assert.doesNotMatch(server.command.stderr, /the log thread failed|Warning:/);
    });
  }

  it('empty a file of mode w at the start, and never again', async () => {
    await using server = served(['workers = 1'], withHandler('FileHandler', "('w.log', 'w')"), (folder) =>
      write(folder, { 'w.log': 'of yesterday\n' }),
    );
    const said =
      (what: string): (() => boolean) =>
      () =>
        server.read('w.log').includes(what);
    await server.command.url();
    await ask(server, '/levels');
    await eventually('the worker has said so', said('a slow query'));
    server.command.signal('SIGHUP');
    await eventually('it has reloaded', said('reloaded: '));
    server.command.signal('SIGUSR2');
    await eventually('another process serves', said(' serves: this one finishes what it has'));
    const [, heir] = /process (\d+) serves/.exec(server.read('w.log'))!;
    process.kill(Number(heir), 'SIGTERM');
    await eventually('that one has stopped', said('SIGTERM: stopping'));
    assert.match(server.read('w.log'), /a slow query[^]*SIGHUP[^]*reloaded[^]*serves: /);
    assert.doesNotMatch(server.read('w.log'), /of yesterday/);
  });

  it('send datagrams to syslog, by UDP', async () => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    try {
      const messages: string[] = [];
      socket.on('message', (bytes) => messages.push(bytes.toString()));
      const args = `(('127.0.0.1', ${socket.address().port}), handlers.SysLogHandler.LOG_LOCAL0)`;
      await using server = served(['workers = 1'], withHandler('handlers.SysLogHandler', args));
      await server.command.url();
      await ask(server, '/levels');
      await eventually('it arrives', () => messages.some((text) => text.includes('a slow query')));
      const slow = messages.find((text) => text.includes('a slow query'))!;
      assert.match(slow, new RegExp(`^<132>${STAMP} WARNI \\[sqlalchemy\\.engine:\\d+\\]\\[worker-1\\] a slow query\\0$`));
    } finally {
      socket.close();
    }
  });

  for (const args of ["('nolog',)", "(('nobody.invalid', 514),)"]) {
    it(`come to standard error where no syslog is, which is said once: ${args}`, async () => {
      await using server = served(['workers = 1'], withHandler('handlers.SysLogHandler', args));
      await server.command.url();
      await ask(server, '/levels');
      await ask(server, '/levels');
      await server.command.says(/WARNI.* a slow query\n/, 2);
      assert.equal(server.command.stderr.split(/syslog .* cannot be written: /).length, 2, server.command.stderr);
      assert.doesNotMatch(server.command.stderr, /were lost/);
    });
  }

  it('send datagrams to a unix socket', async () => {
    const listener = [
      'import socket, sys',
      's = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)',
      's.bind(sys.argv[1])',
      'sys.stderr.write("bound\\n"); sys.stderr.flush()',
      'while True:',
      '    sys.stderr.write(repr(s.recv(9000)) + "\\n"); sys.stderr.flush()',
    ].join('\n');
    using folder = temporaryFolder();
    const devlog = `${folder.path}/devlog`;
    await using syslog = Command.program('python3', ['-c', listener, devlog]);
    await syslog.says(/bound/);
    await using server = served(
      ['workers = 1', 'log_level = info'],
      withHandler('handlers.SysLogHandler', `('${devlog}', 'daemon')`),
    );
    await server.command.url();
    await ask(server, '/levels');
    await syslog.says(/b'<28>.*a slow query\\x00'/);
  });
});

describe('a logger of an app', TIMEOUT, () => {
  it('writes beside the server’s own, with what was logged and the id of the request', async () => {
    await using server = served(['workers = 1']);
    await server.command.url();
    await ask(server, '/request');
    await server.command.says(
      new RegExp(`^${STAMP} INFO  \\[bookshop\\]\\[worker-1\\] placed order=7 \\([0-9a-f]{12}-\\w+\\)$`, 'm'),
    );
    await ask(server, '/error');
    await server.command.says(/ERROR \[bookshop\.views\]\[worker-1\] not placed\n {2}Error: broken\n {4}at /);
  });

  it('is told of with the id of its request when it fails, and with its error, where log_request_id says so', async () => {
    for (const format of ['json', 'text']) {
      await using server = served(['workers = 1', 'log_request_id = true', `log_format = ${format}`]);
      await server.command.url();
      assert.equal((await server.command.get('/throw'))?.status, 500);
      if (format === 'text') {
        await server.command.says(
          /ERROR .* GET \/throw: the app failed: not today \([0-9a-f]{12}-\w+\)\n {2}TypeError: not today\n {4,}at /,
        );
        continue;
      }
      const [line] = await server.command.says(/^.*the app failed.*$/m);
      const { msg, requestId, err } = JSON.parse(line) as { msg: string; requestId: string; err: Record<string, string> };
      assert.match(requestId, /^[0-9a-f]{12}-\w+$/);
      assert.deepEqual([msg, err['type'], err['message']], ['GET /throw: the app failed: not today', 'TypeError', 'not today']);
      assert.match(err['stack']!, /^TypeError: not today\n +at /);
    }
  });

  it('knows the request without being told, where log_request_id says so', async () => {
    await using server = served(['workers = 1', 'log_request_id = true', 'log_format = json']);
    await server.command.url();
    await ask(server, '/implicit');
    await server.command.says(/"name":"bookshop\.views","thread":"worker-1","requestId":"[0-9a-f]{12}-\w+","msg":"later"/);
  });

  for (const handlers of ['console, broken', 'broken']) {
    it(`is told of where it cannot be written: ${handlers}`, async () => {
      // No text can be so long.
      const broken = '[handler_broken]\nclass = StreamHandler\nargs = (sys.stderr,)\nformatter = broken\n';
      const sections = SECTIONS.replace('keys = console', `keys = ${handlers}`)
        .replace('handlers = console', `handlers = ${handlers}`)
        .replace('keys = generic', 'keys = generic, broken');
      await using server = served(['workers = 1'], `${sections}${broken}[formatter_broken]\nformat = %(message)999999999s\n`);
      await server.command.url();
      await ask(server, '/levels');
      await server.command.says(/dropped \d+ log records? that could not be written: Invalid string length/);
      await ask(server, '/levels');
      if (handlers.startsWith('console')) await server.command.says(/somebody wants it/, 2);
      assert.equal(server.command.stderr.split('that could not be written').length, 2);
      assert.doesNotMatch(server.command.stderr, /the log thread failed/);
    });
  }

  for (const format of ['text', 'pretty', 'json']) {
    it(`may log anything, and the log goes on: ${format}`, async () => {
      await using server = served(['workers = 1', `log_format = ${format}`]);
      await server.command.url();
      await ask(server, '/odd');
      await server.command.says(/and on/);
      assert.equal(server.command.stderr.split('odd').length, 16, server.command.stderr);
      assert.doesNotMatch(server.command.stderr, /the log thread failed|undefined|NaN/);
      assert.match(server.command.stderr, /bookshop\.views.*and on/);
    });
  }

  it('forges no line and commands no terminal', async () => {
    await using server = served(['workers = 1']);
    await server.command.url();
    await ask(server, '/forge');
    await server.command.says(/a\\x0a2026-11-20 22:30:01,007 INFO {2}\[appserve\]\[main\] all is well\\x1b\[2J$/m);
  });
});

describe('what was said before an end', TIMEOUT, () => {
  const MANY = 500;
  const last = new RegExp(`last word ${MANY - 1}\\n`);

  for (const [what, lines, path] of [
    ['a worker that crashes', ['worker_class = thread'], '/crash'],
    ['a process that crashes', ['worker_class = process'], '/crash'],
    ['a process that is killed', ['worker_class = process'], '/kill'],
  ] as const) {
    it(`is written: ${what}`, async () => {
      await using server = served([...lines, 'workers = 1', 'error_log = e.log']);
      await server.command.url();
      // Nobody answers: the worker has gone.
      await server.command.get(`${path}?${MANY}`).catch(() => undefined);
      await eventually('it is there', () => last.test(server.read('e.log')));
      assert.equal(server.read('e.log').split('last word').length, MANY + 1);
    });
  }

  it('is written: a server that stops, up to its last request', async () => {
    await using server = served(['workers = 2', 'error_log = e.log', 'log = a.log']);
    await server.command.url();
    // All of them have room in the memory of one worker: none is lost, however late the log thread comes.
    for (let request = 0; request < 20; request += 1) await ask(server, '/many?50');
    server.command.signal('SIGTERM');
    await server.command.ending();
    assert.equal(server.read('e.log').split('of many').length, 20 * 50 + 1);
    assert.match(server.read('e.log'), /SIGTERM: stopping\n/);
    assert.equal(server.read('a.log').split('\n').length, 21);
  });

  it('is written: async_logging = false, before the request is answered', async () => {
    await using server = served(['workers = 1', 'error_log = e.log', 'async_logging = false']);
    await server.command.url();
    await ask(server, '/many?5');
    assert.match(server.read('e.log'), /record 4 of many\n/);
  });
});

/** A pipe with a name, and our end of it. */
function pipeIn(folder: string): number {
  execFileSync('mkfifo', [`${folder}/pipe`]);
  return openSync(`${folder}/pipe`, constants.O_RDWR | constants.O_NONBLOCK);
}

function writeUntilFull(pipe: number): void {
  const bytes = Buffer.alloc(4_096, 'x');
  for (;;) {
    try {
      writeSync(pipe, bytes);
    } catch {
      return;
    }
  }
}

function drained(pipe: number): string {
  const bytes = Buffer.alloc(64 * 1_024);
  let text = '';
  for (;;) {
    try {
      text += bytes.toString('utf8', 0, readSync(pipe, bytes));
    } catch {
      return text;
    }
  }
}

describe('a log that nobody reads', TIMEOUT, () => {
  it('makes no request wait; what is lost is counted, and said when it is read again', async () => {
    const folder = temporaryFolder();
    const pipe = pipeIn(folder.path);
    try {
      await using server = served(['workers = 1', `error_log = ${folder.path}/pipe`, `log = ${folder.path}/pipe`]);
      await server.command.url();
      // More than a pipe, a ring and what the log thread holds have room for: a request that waited would wait for ever.
      for (let request = 0; request < 40; request += 1) await ask(server, '/many?2000');
      let text = '';
      await eventually('it is said', () => {
        text += drained(pipe);
        return /WARN {2}\[appserve\]\[log\] \d+ log records .*were lost/.test(text);
      });
      await ask(server, '/many?3');
      await eventually(
        'it goes on',
        () => /record 2 of many\n/.test((text += drained(pipe)).slice(-2_000)) && text.includes('GET /many?3 '),
      );
      const lost = Array.from(text.matchAll(/\] (\d+) log records .*lost/g), ([, count]) => Number(count)).reduce(
        (sum, count) => sum + count,
        0,
      );
      const lines = text.split('\n').filter((line) => /of many$|"GET /.test(line)).length;
      assert.equal(lines + lost, 40 * 2_001 + 4);
    } finally {
      closeSync(pipe);
      folder[Symbol.dispose]();
    }
  });

  it('has what a worker said that has ended meanwhile, when it is read again', async () => {
    const folder = temporaryFolder();
    const pipe = pipeIn(folder.path);
    try {
      await using server = served(['workers = 1', `log = ${folder.path}/pipe`]);
      await server.command.url();
      writeUntilFull(pipe);
      for (let request = 0; request < 30; request += 1) await ask(server, `/?${request}`);
      const threads = (): number => readdirSync(`/proc/${server.command.pid}/task`).length;
      const before = threads();
      server.command.signal('SIGHUP');
      await server.command.says(/ reloaded: /);
      await eventually('the old worker has ended', () => threads() === before);
      await ask(server, '/');
      let text = '';
      await eventually('all of it is taken', () => (text += drained(pipe)).includes('"GET /?29 '));
      for (let request = 0; request < 30; request += 1) assert.ok(text.includes(`"GET /?${request} `), `/?${request} is lost`);
    } finally {
      closeSync(pipe);
      folder[Symbol.dispose]();
    }
  });

  it('is waited for once, where each record is waited for', async () => {
    const folder = temporaryFolder();
    const pipe = pipeIn(folder.path);
    try {
      await using server = served(['workers = 1', `error_log = ${folder.path}/pipe`, 'async_logging = false']);
      await server.command.url();
      writeUntilFull(pipe);
      // For each of them the wait would be a second, and longer in all than the client has patience.
      await ask(server, '/many?100');
      let text = '';
      await eventually('all of it is taken', () => /record 99 of many\n/.test((text += drained(pipe))));
      for (let request = 0; request < 5; request += 1) {
        await ask(server, '/many?16');
        assert.match(drained(pipe), /record 15 of many\n/, 'it is waited for again');
      }
    } finally {
      closeSync(pipe);
      folder[Symbol.dispose]();
    }
  });

  it('does not keep a server from stopping', async () => {
    const folder = temporaryFolder();
    const pipe = pipeIn(folder.path);
    try {
      await using server = served(['workers = 1', `error_log = ${folder.path}/pipe`]);
      await server.command.url();
      for (let request = 0; request < 5; request += 1) await ask(server, '/many?2000');
      server.command.signal('SIGTERM');
      assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
    } finally {
      closeSync(pipe);
      folder[Symbol.dispose]();
    }
  });
});

describe('the access log', TIMEOUT, () => {
  for (const workerClass of ['thread', 'process', 'inline']) {
    it(`has a line for each answer, in a file that is opened again: ${workerClass}`, async () => {
      await using server = served([
        'workers = 1',
        `worker_class = ${workerClass}`,
        'log = a.log',
        'access_log_format = %%(r)s %%(s)s',
      ]);
      await server.command.url();
      const before = server.read('a.log').split('\n').length;
      await ask(server, '/a?b');
      await eventually('it is written', () => server.read('a.log').includes('GET /a?b HTTP/1.1 200\n'));
      assert.equal(server.read('a.log').split('\n').length, before + 1);
      execFileSync('mv', [`${server.folder.path}/a.log`, `${server.folder.path}/a.log.1`]);
      server.command.signal('SIGUSR1');
      await server.command.says(/a\.log was opened again/);
      await ask(server, '/c');
      await eventually('the new one has it', () => server.read('a.log') === 'GET /c HTTP/1.1 200\n');
    });
  }

  it('goes to standard output, or to a logger of the ini', async () => {
    await using server = served(['workers = 1', 'log = -']);
    await server.command.url();
    await ask(server, '/a');
    await eventually('it is there', () => server.command.stdout.includes('"GET /a HTTP/1.1" 200 5'));
    await using other = served(['workers = 1', 'log = bookshop', 'access_log_format = common'], SECTIONS);
    await other.command.url();
    await ask(other, '/a');
    await other.command.says(/INFO {2}\[bookshop:0\]\[worker-1\] .*"GET \/a HTTP\/1\.1" 200 5/);
  });

  it('is refused with a format that is none', async () => {
    await using server = served(['workers = 1', 'log = -', 'access_log_format = %%(nope)s']);
    assert.deepEqual(await server.command.ending(), { code: 2, signal: null });
    assert.match(server.command.stderr, /access_log_format = %\(nope\)s: must be .*: there is no atom nope/);
  });
});
