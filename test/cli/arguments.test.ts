// What the command does when it serves nothing.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Command } from '../support/command.ts';
import { listingModules, loadedModules } from '../support/module-list.ts';
import { inRepository } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 30_000, concurrency: 2 };

describe('appserve', TIMEOUT, () => {
  for (const flag of ['--help', '-h']) {
    it(`${flag} says what it takes, on stdout`, async () => {
      await using command = Command.appserve([flag]);
      assert.deepEqual(await command.ending(), { code: 0, signal: null });
      assert.equal(command.stderr, '');
      assert.equal(
        command.stdout,
        [
          'Usage: appserve [CONFIG] [name=value ...] [options]',
          '',
          'Serves the app that an ini file names: [app:main] on [server:main].',
          '',
          '  CONFIG                the ini file; CONFIG#NAME takes [app:NAME]. It may be left out: then development.ini,',
          '                        appserve.ini and others are looked for, here and upward as far as the project',
          '  name=value            a variable: wins over the value that the file has for it',
          '',
          'Options:',
          '  -n, --app-name NAME     serve [app:NAME] instead of [app:main]',
          '      --server-name NAME  serve with [server:NAME] instead of [server:main]',
          '      --trace             print stack traces with errors of configuration',
          '      --version           print the version',
          '  -h, --help              print this text',
          '',
          'Examples:',
          '  appserve',
          '  appserve development.ini',
          '  appserve production.ini http_port=8081',
          '',
        ].join('\n'),
      );
    });
  }

  it('--version says the version of its package', async () => {
    const { version } = JSON.parse(readFileSync(inRepository('packages/cli/package.json'), 'utf8')) as { version: string };
    await using command = Command.appserve(['--version']);
    assert.deepEqual(await command.ending(), { code: 0, signal: null });
    assert.deepEqual([command.stdout, command.stderr], [`appserve ${version}\n`, '']);
  });

  it('--version loads neither zod nor the server nor the loader', async () => {
    using folder = temporaryFolder();
    await using command = Command.appserve(['--version'], listingModules(folder));
    await command.ending();
    const [modules] = loadedModules(folder) as [string[]];
    assert.ok(
      modules.some((url) => url.endsWith('/packages/cli/dist/version.js')),
      'the list is a list',
    );
    assert.deepEqual(
      modules.filter((url) => /\/zod\/|\/packages\/(server|loader|parts)\//.test(url)),
      [],
    );
  });
});
