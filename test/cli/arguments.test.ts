// What the command does when it serves nothing.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { COMMANDS, parseArguments } from 'appserve';
import { APPSERVE, Command } from '../support/command.ts';
import { listingModules, loadedModules } from '../support/module-list.ts';
import { inRepository } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 120_000, concurrency: 2 };

describe('appserve', TIMEOUT, () => {
  for (const flag of ['--help', '-h']) {
    it(`${flag} says what it takes, on stdout`, async () => {
      await using command = Command.appserve([flag]);
      assert.deepEqual(await command.ending(), { code: 0, signal: null });
      assert.equal(command.stderr, '');
      assert.match(command.stdout, /^Usage: appserve \[CONFIG\] \[ADDRESS\] \[name=value \.\.\.\] \[options\]$/m);
      for (const row of [
        /^ {2}CONFIG {2,}the ini file, or an app without one: /m,
        /^ {2}serve {2,}Serves the app/m,
        /^ {2}-n, --app-name NAME {2,}\[app:NAME\] instead of \[app:main\]$/m,
        /^ {2}-h, --help {2,}print this text$/m,
        /^ {2}appserve development\.ini$/m,
      ])
        assert.match(command.stdout, row);
      assert.deepEqual(
        command.stdout.split('\n').filter((line) => line.length > 110),
        [],
      );
    });
  }

  it('COMMAND --help says what each command takes', async () => {
    const names = Object.keys(COMMANDS);
    assert.ok(names.includes('serve'));
    for (const name of names) {
      await using command = Command.appserve([name, '--help']);
      assert.deepEqual(await command.ending(), { code: 0, signal: null });
      assert.match(command.stdout, new RegExp(`^Usage: appserve ${name === 'serve' ? '' : name}.*\\n`));
    }
  });

  it('takes the name of a command from among flags and their values', async () => {
    const asked = await Promise.all(
      [
        ['serve', 'x.ini'],
        ['--trace', 'serve', 'x.ini'],
        ['-n', 'serve', 'x.ini'],
        ['--app-name=serve', 'x.ini'],
        ['./serve', 'x=serve'],
        ['--', 'serve'],
      ].map(parseArguments),
    );
    assert.deepEqual(
      asked.map(({ name, given }) => [name, given.operands, given.flags['app-name' as never]]),
      [
        ['serve', ['x.ini'], undefined],
        ['serve', ['x.ini'], undefined],
        ['serve', ['x.ini'], 'serve'],
        ['serve', ['x.ini'], 'serve'],
        ['serve', ['./serve'], undefined],
        ['serve', ['serve'], undefined],
      ],
    );
  });

  it('finds the command behind flags of the server', async () => {
    const asked = await Promise.all(
      [
        ['--workers', '4', 'check', 'x.ini'],
        ['--port', '18090', 'config', 'x.ini', '--explain', 'server:main.port'],
        ['--no-date', 'check', 'x.ini'],
        ['--date=false', 'check', 'x.ini'],
        ['--pidfile', 'check', 'x.ini'],
        ['--workers=4', 'x.ini'],
      ].map(parseArguments),
    );
    assert.deepEqual(
      asked.map(({ name, given }) => [name, given.operands, given.further.map(({ written, value }) => [written, value])]),
      [
        ['check', ['x.ini'], [['--workers', '4']]],
        ['config', ['x.ini'], [['--port', '18090']]],
        ['check', ['x.ini'], [['--no-date', undefined]]],
        ['check', ['x.ini'], [['--date', 'false']]],
        ['serve', ['x.ini'], [['--pidfile', 'check']]],
        ['serve', ['x.ini'], [['--workers', '4']]],
      ],
    );
  });

  it('knows help, with the name of a command and without', async () => {
    for (const [args, usage] of [
      [['help'], /^Usage: appserve \[CONFIG\]/],
      [['help', 'check'], /^Usage: appserve check /],
    ] as const) {
      await using command = Command.appserve(args);
      assert.deepEqual(await command.ending(), { code: 0, signal: null });
      assert.match(command.stdout, usage);
    }
  });

  it('sends who is mistaken to the help of the command', async () => {
    await using command = Command.appserve(['check', '--nosuch']);
    assert.equal((await command.ending()).code, 2);
    assert.match(command.stderr, /\n {2}appserve check --help lists what the command takes\n/);
  });

  it('says which command, or what address, may have been meant', async () => {
    using folder = temporaryFolder();
    for (const [args, says] of [
      [['statu'], /^appserve: statu: there is no such file, and no such command; did you mean appserve status\?\n/],
      [['chek', 'x.ini'], /did you mean appserve check\?\n/],
      [['./app.js#app', 'nonsense'], /^appserve: nonsense: is no address: a port, host:port, /],
      [['./app.js#app', 'dir.sock'], /^appserve: dir\.sock: is no address: .* or unix:path\n/],
    ] as const) {
      await using command = Command.appserve(args, { cwd: folder.path });
      assert.equal((await command.ending()).code, 2);
      assert.match(command.stderr, says);
    }
  });

  it('takes - and numbers for values', async () => {
    const { given } = await parseArguments(['x.ini', '--log', '-', '--error-log', '-', '--workers', '-1', '-n', '-']);
    assert.deepEqual(
      given.further.map(({ written, value }) => [written, value]),
      [
        ['--log', '-'],
        ['--error-log', '-'],
        ['--workers', '-1'],
      ],
    );
    assert.equal(given.flags['app-name' as never], '-');
    await assert.rejects(parseArguments(['x.ini', '--log', '--trace']), /--log: needs a value/);
    await assert.rejects(parseArguments(['x.ini', '--log', '-v']), /--log: needs a value/);
    await assert.rejects(parseArguments(['x.ini', '--log']), /--log: needs a value/);
  });

  it('does not mind when nobody reads on, and says when nothing can be written', async () => {
    for (const args of [['--help'], ['completion', 'bash']]) {
      await using command = Command.program('sh', [
        '-c',
        'set -- "$@"; { "$@"; echo "code $?" >&2; } | true',
        'sh',
        process.execPath,
        APPSERVE,
        ...args,
      ]);
      await command.ending();
      assert.equal(command.stderr, 'code 0\n');
    }
    for (const args of [['completion', 'bash'], ['--version'], ['check', '--version'], ['--help']]) {
      await using full = Command.program('sh', ['-c', '"$@" > /dev/full', 'sh', process.execPath, APPSERVE, ...args]);
      assert.deepEqual(await full.ending(), { code: 1, signal: null });
      assert.match(full.stderr, /^appserve: what is said cannot be written: ENOSPC[^\n]*\n$/);
    }
  });

  it('--version says the version of its package', async () => {
    const { version } = JSON.parse(readFileSync(inRepository('packages/cli/package.json'), 'utf8')) as { version: string };
    await using command = Command.appserve(['--version']);
    assert.deepEqual(await command.ending(), { code: 0, signal: null });
    assert.deepEqual([command.stdout, command.stderr], [`appserve ${version}\n`, '']);
  });

  it('--version loads nothing but the command', async () => {
    using folder = temporaryFolder();
    await using command = Command.appserve(['--version'], listingModules(folder));
    await command.ending();
    const [modules] = loadedModules(folder) as [string[]];
    assert.ok(
      modules.some((url) => url.endsWith('/packages/cli/dist/main.js')),
      'the list is a list',
    );
    assert.deepEqual(
      modules.filter((url) => /\/packages\/(?:core|server|loader|parts)\//.test(url)),
      [],
    );
  });
});
