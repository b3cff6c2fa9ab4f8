// Words that are passed over since others may mean them, and that are warned of where they are written much as one that is heard: variables
// of the command line, keys of logging sections.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configWarnings, checkConfig } from '@appserve/loader';
import { Command } from '../support/command.ts';
import { appFactory, folderWith, type Tree } from '../support/packages.ts';

const INI = [
  '[app:main]',
  'use = ./app.mjs',
  '[server:main]',
  'use = @appserve/server#main',
  'socket = 127.0.0.1:0',
  'workers = 1',
];

function site(...lines: readonly string[]): Tree {
  return { 'app.mjs': appFactory('main'), 'site.ini': [...INI, ...lines].join('\n') };
}

const FLAGS = { workers: '--workers', max_reuse_count: '--max-reuse-count' };

async function said(tree: Tree, ...names: readonly string[]): Promise<string[]> {
  using folder = folderWith(tree);
  const options = { relativeTo: folder.path, vars: Object.fromEntries(names.map((name) => [name, '1'])) };
  const { warnings } = await checkConfig('site.ini', { ...options, flags: FLAGS });
  assert.deepEqual(
    warnings.map(({ message }) => message),
    (await configWarnings('site.ini', options, FLAGS)).map(({ message }) => message),
  );
  return warnings.map(({ message, at }) => `${at === undefined ? '' : `${at.line}:${at.column} `}${message}`);
}

function told(name: string, like: string): string {
  return `${name}= changes nothing: no section has ${name}, and none asks for %(${name})s; did you mean ${like}?`;
}

describe('a variable of the command line', () => {
  it('that nobody asks for is told where another one may be meant', async () => {
    assert.deepEqual(await said(site(), 'wokers'), [told('wokers', '--workers')]);
    assert.deepEqual(await said(site(), 'max_reuse_cuont'), [told('max_reuse_cuont', '--max-reuse-count')]);
    assert.deepEqual(await said(site('[app:x]', 'use = ./app.mjs', 'a = %(http_port)s'), 'http_prot', 'http_port'), [
      told('http_prot', 'http_port='),
    ]);
  });

  it('that is an option which a section says itself is told: the section counts', async () => {
    assert.deepEqual(await said(site(), 'workers'), [
      'workers= changes nothing: a section says workers itself; did you mean --workers?',
    ]);
    assert.deepEqual(await said(site('[app:x]', 'use = main', 'a = %(workers)s'), 'workers'), []);
  });

  it('that is like nothing may be for a factory, and one that is heard is no mistake', async () => {
    assert.deepEqual(await said(site(), 'tenant', 'socket', 'use'), []);
    assert.deepEqual(await said(site('[DEFAULT]', 'wokers = 2'), 'wokers'), []);
    assert.deepEqual(await said(site('[app:x]', 'use = main', 'set wrkers = 2', 'get y = wokers'), 'wrkers', 'wokers'), []);
  });

  it('is told by the server at the start', async () => {
    using folder = folderWith(site());
    await using command = Command.appserve(['site.ini', 'wokers=3', '--dry-run'], { cwd: folder.path });
    const { code } = await command.ending();
    assert.equal(code, 0, command.stderr);
    assert.match(command.stderr, /^warning: appserve: wokers= changes nothing: .*; did you mean --workers\?\n$/);
  });
});

describe('a key of a logging section', () => {
  const LOGGING = [
    '[loggers]',
    'keys = root',
    '[handlers]',
    'keys = console',
    '[formatters]',
    'keys = generic',
    '[logger_root]',
    'levle = DEBUG',
    'handlers = console',
    'colour = red',
    '[handler_console]',
    'class = StreamHandler',
    'formater = generic',
    'LEVEL = INFO',
    '[formatter_generic]',
    'datfmt = %Y',
  ];

  it('that nobody reads is told where another one may be meant', async () => {
    assert.deepEqual(await said(site(...LOGGING)), [
      '14:1 levle means nothing in the section of a logger; did you mean level?',
      '19:1 formater means nothing in the section of a handler; did you mean formatter?',
      '22:1 datfmt means nothing in the section of a formatter; did you mean datefmt?',
    ]);
  });
});
