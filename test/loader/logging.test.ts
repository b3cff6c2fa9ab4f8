// The logging sections of an ini: what they mean to CPython they mean here, and what is wrong with them is said where it stands.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { LoggerTree, rendererOf, type LogEvent, type LoggingConfig } from '@appserve/core/log';
import { loadLogging } from '@appserve/loader';
import { parseLiteral } from '@appserve/loader/logging';
import { faultsOf, pointed } from '../support/faults.ts';
import { folderWith } from '../support/packages.ts';
import { absent } from '../support/programs.ts';
import { asPython, askLogging, event } from '../support/python-logging.ts';

const GENERIC = '%(asctime)s %(levelname)-5.5s [%(name)s:%(lineno)s][%(threadName)s] %(message)s';

/** As the starter of a Pyramid project with SQLAlchemy has it. */
const DEVELOPMENT = `
[app:main]
use = egg:bookshop
sqlalchemy.url = sqlite:///%(here)s/bookshop.sqlite

[alembic]
file_template = %%(year)d%%(month).2d_%%(rev)s

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
# INFO logs the queries, DEBUG their results too

[handler_console]
class = StreamHandler
args = (sys.stderr,)
level = NOTSET
formatter = generic

[formatter_generic]
format = ${GENERIC}
`;

/** As a wsgi.ini of Zope has it. */
const ZOPE = `
[loggers]
keys = root, waitress.queue, wsgi

[handlers]
keys = console, accesslog, eventlog

[formatters]
keys = generic, message

[logger_root]
level = INFO
handlers = console, eventlog

[logger_waitress.queue]
level = INFO
handlers = eventlog
qualname = waitress.queue
propagate = 0

[logger_wsgi]
level = WARN
handlers = accesslog
qualname = wsgi
propagate = 0

[handler_console]
class = StreamHandler
args = (sys.stderr,)
level = NOTSET
formatter = generic

[handler_accesslog]
class = handlers.RotatingFileHandler
args = (r'%(here)s/access.log', 'a')
kwargs = {"maxBytes": 10000000, "backupCount": 7}
level = INFO
formatter = message

[handler_eventlog]
class = FileHandler
args = (r'%(here)s/event.log', 'a')
level = WARNING
formatter = generic

[formatter_generic]
format = %(asctime)s %(levelname)s [%(name)s:%(lineno)s][%(threadName)s] %(message)s
datefmt = %Y-%m-%d %H:%M:%S

[formatter_message]
format = %(message)s
`;

const RECORDS: readonly LogEvent[] = [
  'root',
  'bookshop',
  'bookshop.views',
  'sqlalchemy.engine',
  'sqlalchemy.engine.Engine',
  'waitress.queue',
  'wsgi',
  'other',
].flatMap((name) => [10, 20, 30, 40, 50].map((level) => event({ name, level, message: `${name} says ${level}` })));

/** What each destination has, by its path or stream. */
function written(config: LoggingConfig, records: readonly LogEvent[]): Map<string, string> {
  const tree = new LoggerTree();
  tree.configure(config);
  const texts = new Map<string, string>();
  for (const record of records) {
    if (record.level < tree.levelOf(record.name)) continue;
    for (const name of tree.handlersOf(record.name)) {
      const { to, level, formatter } = config.handlers[name]!;
      const where = 'path' in to ? to.path : 'stream' in to ? to.stream : to.type;
      if (record.level >= level) texts.set(where, (texts.get(where) ?? '') + rendererOf(formatter).render(record));
    }
  }
  return texts;
}

describe('the logging sections of an ini', { skip: absent('python3') }, () => {
  for (const [name, ini] of Object.entries({ 'development.ini of a starter': DEVELOPMENT, 'wsgi.ini of Zope': ZOPE })) {
    it(`write what CPython writes: ${name}`, async () => {
      using folder = folderWith({ 'site.ini': ini });
      const config = await loadLogging('site.ini', { relativeTo: folder.path });
      const here = folder.path;
      const [answer] = askLogging<{ stderr: string; levels: Readonly<Record<string, number>> }>([
        { ini: `${here}/site.ini`, here, records: RECORDS.map(asPython) },
      ]);
      const ours = written(config!, RECORDS);
      assert.equal(ours.get('stderr'), answer!.stderr);
      const tree = new LoggerTree();
      tree.configure(config!);
      for (const [logger, level] of Object.entries(answer!.levels)) assert.equal(tree.levelOf(logger), level, logger);
      for (const file of [...ours.keys()].filter((path) => path.startsWith('/')))
        assert.equal(ours.get(file), readFileSync(file, 'utf8'), file);
    });
  }
});

/** What the arguments of a handler come to. */
async function destination(lines: readonly string[]): Promise<unknown> {
  using folder = folderWith({ 'site.ini': sections(lines).join('\n') });
  const config = await loadLogging('site.ini', { relativeTo: folder.path });
  const { to } = config!.handlers['x']!;
  return 'path' in to ? { ...to, path: to.path.replace(folder.path, '') } : to;
}

function sections(handler: readonly string[]): string[] {
  return [
    '[loggers]',
    'keys = root',
    '[handlers]',
    'keys = x',
    '[formatters]',
    'keys =',
    '[logger_root]',
    'handlers = x',
    '[handler_x]',
    ...handler,
  ];
}

const FILE = { isTruncated: false, isDelayed: false };

describe('a handler of an ini', () => {
  const KNOWN: readonly (readonly [lines: readonly string[], to: object])[] = [
    [['class = StreamHandler'], { type: 'stream', stream: 'stderr' }],
    [['class = logging.StreamHandler', 'args = (sys.stdout,)'], { type: 'stream', stream: 'stdout' }],
    [['class = StreamHandler', "args = ('ext://sys.stdout',)"], { type: 'stream', stream: 'stdout' }],
    [['class = NullHandler', 'args = ()'], { type: 'null' }],
    [['class = FileHandler', "args = ('x.log',)"], { type: 'file', path: '/x.log', ...FILE }],
    [
      ['class = FileHandler', "args = ('x.log', 'w')", "kwargs = {'delay': True}"],
      { type: 'file', path: '/x.log', isTruncated: true, isDelayed: true },
    ],
    [['class = handlers.WatchedFileHandler', "args = ('logs/' 'x.log',)"], { type: 'watched', path: '/logs/x.log', ...FILE }],
    [
      ['class = handlers.RotatingFileHandler', "args = ('x.log', 'w', 10 * 1024 ** 1, 0x5)".replace(' ** 1', '')],
      { type: 'rotating', path: '/x.log', ...FILE, maxBytes: 10_240, backupCount: 5 },
    ],
    [
      [
        'class = handlers.TimedRotatingFileHandler',
        "args = ('x.log',)",
        "kwargs = {'when': 'midnight', 'backupCount': 7, 'utc': 1}",
      ],
      { type: 'timed', path: '/x.log', ...FILE, when: 'MIDNIGHT', interval: 1, backupCount: 7, isUtc: true },
    ],
    [['class = handlers.SysLogHandler'], { type: 'syslog', address: { host: 'localhost', port: 514 }, facility: 1 }],
    [
      ['class = handlers.SysLogHandler', "args = (('log.example', 1514), handlers.SysLogHandler.LOG_LOCAL3)"],
      { type: 'syslog', address: { host: 'log.example', port: 1_514 }, facility: 19 },
    ],
    [
      ['class = handlers.SysLogHandler', "args = ('/dev/log', 'daemon')"],
      { type: 'syslog', address: { path: '/dev/log' }, facility: 3 },
    ],
  ];
  for (const [lines, to] of KNOWN) {
    it(`is known: ${lines.join('; ')}`, async () => assert.deepEqual(await destination(lines), to));
  }

  const WRONG: readonly (readonly [lines: readonly string[], fault: string])[] = [
    [['class = notes.logging.Handler'], 'LOGGING_CLASS_UNKNOWN 10:9 notes.logging.Handler'],
    [['class = FileHandler', "args = (os.system('reboot'),)"], 'LOGGING_LITERAL_INVALID 11:9 o'],
    [['class = FileHandler', "args = (__import__('os').getcwd(),)"], 'LOGGING_LITERAL_INVALID 11:9 _'],
    [['class = FileHandler', "args = ([x for x in 'ab'],)"], 'LOGGING_LITERAL_INVALID 11:12 f'],
    [['class = FileHandler', "args = (f'{1+1}',)"], 'LOGGING_LITERAL_INVALID 11:9 f'],
    [['class = FileHandler', "args = ('x.log'"], 'LOGGING_LITERAL_INVALID 11:16 '],
    [['class = FileHandler', `args = ${'('.repeat(99)}`], 'LOGGING_LITERAL_INVALID 11:40 ('],
    [['class = FileHandler', "args = ('x.log')"], "LOGGING_VALUE_INVALID 11:8 ('x.log')"],
    [['class = FileHandler', 'args = ()'], 'LOGGING_ARGUMENTS_INVALID 11:8 args'],
    [['class = FileHandler', "args = ('x.log', 'a', None, False, None, 7)"], 'LOGGING_ARGUMENTS_INVALID 11:8 args'],
    [['class = StreamHandler', 'level = LOUD'], 'LOGGING_VALUE_INVALID 11:9 LOUD'],
    [['class = StreamHandler', 'formatter = generic'], 'LOGGING_NAME_UNKNOWN 11:13 generic'],
    [['level = INFO'], 'LOGGING_KEY_MISSING 9:1 [handler_x]'],
  ];
  for (const [lines, fault] of WRONG) {
    it(`is refused, and nothing is executed: ${lines.join('; ').slice(0, 60)}`, async () => {
      const faults = await faultsOf(destination(lines));
      const [code = '', place = ''] = fault.split(' ');
      assert.deepEqual(
        faults.map((one) => pointed(one).split(' ').slice(0, 2).join(' ')),
        [`${code} ${place}`],
        faults.map((one) => one.message).join('\n'),
      );
    });
  }
});

describe('arguments of a handler', { skip: absent('python3') }, () => {
  const TEXTS = [
    `('a',)`,
    `(r'C:\\new', "it's", '\\x41\\u00e9\\101\\n', '''three ' quotes''')`,
    `('a' "b" r'c', -1, +2, 1_000, 0x1F, 0o17, 0b101, 1.5, .5, 2e3, True, False, None)`,
    `[1, (2,), {'a': [3, {'b': ()}]}]`,
    `{'maxBytes': 10 * 1024 * 1024, "backupCount": 5 + 2 - 1,}`,
    `(\n  'over',  # a comment\n  'lines',\n)`,
    `'a', 'b'`,
    `('\\q', '\\\\', '\\'')`,
  ];
  it('are what Python reads', () => {
    const answers = askLogging<{ readonly value?: unknown; readonly error?: string }>(TEXTS.map((args) => ({ args })));
    for (const [index, text] of TEXTS.entries()) {
      assert.equal(answers[index]!.error, undefined, text);
      assert.deepEqual(plain(parseLiteral(text)), answers[index]!.value, text);
    }
  });
});

/** As Python's JSON has it. */
function plain(literal: unknown): unknown {
  if (typeof literal !== 'object' || literal === null) return literal;
  const { type, items, entries } = literal as { type: string; items: unknown[]; entries: [unknown, unknown][] };
  return type === 'dict' ? Object.fromEntries(entries.map(([key, value]) => [key, plain(value)])) : items.map(plain);
}

describe('logging sections that do not fit together', () => {
  const BASE = sections(['class = StreamHandler']);
  const WRONG: readonly (readonly [what: string, lines: readonly string[], faults: readonly string[]])[] = [
    ['no [handlers]', ['[loggers]', 'keys = root'], ['LOGGING_SECTION_MISSING']],
    ['no root', BASE.map((line) => line.replace('keys = root', 'keys = shop')), ['LOGGING_VALUE_INVALID']],
    [
      'a section that is not there',
      BASE.map((line) => line.replace('keys = root', 'keys = root, shop')),
      ['LOGGING_SECTION_MISSING'],
    ],
    ['a handler that is not listed', BASE.map((line) => line.replace('handlers = x', 'handlers = y')), ['LOGGING_NAME_UNKNOWN']],
    ['a comma too many', BASE.map((line) => line.replace('keys = x', 'keys = x,')), ['LOGGING_VALUE_INVALID']],
    [
      'a logger without a name',
      [...BASE.map((line) => line.replace('keys = root', 'keys = root, a')), '[logger_a]', 'handlers ='],
      ['LOGGING_KEY_MISSING'],
    ],
    [
      'propagate = false',
      [
        ...BASE.map((line) => line.replace('keys = root', 'keys = root, a')),
        '[logger_a]',
        'handlers =',
        'qualname = a',
        'propagate = false',
      ],
      ['LOGGING_VALUE_INVALID'],
    ],
  ];
  for (const [what, lines, codes] of WRONG) {
    it(`are refused: ${what}`, async () => {
      using folder = folderWith({ 'site.ini': lines.join('\n') });
      const faults = await faultsOf(loadLogging('site.ini', { relativeTo: folder.path }));
      assert.deepEqual(
        faults.map(({ code }) => code),
        codes,
      );
      for (const { at } of faults) assert.notEqual(at, undefined);
    });
  }

  it('are all told at once', async () => {
    const lines = BASE.map((line) => line.replace('keys = root', 'keys = root, a, b'));
    using folder = folderWith({ 'site.ini': lines.join('\n') });
    const faults = await faultsOf(loadLogging('site.ini', { relativeTo: folder.path }));
    assert.equal(faults.length, 2);
  });
});
