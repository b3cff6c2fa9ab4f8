// `appserve` without CONFIG: it says what it has found, then does with it what it would do if it had been named.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from '../support/command.ts';
import { inRepository } from '../support/repository.ts';
import { folderWith, type Tree } from '../support/packages.ts';
import { withoutProgress } from '../support/without-progress.ts';

const TIMEOUT = { timeout: 120_000, concurrency: 2 };

const SITE = '[app:main]\nuse = ./app.mjs\n[server:main]\nuse = ./server.mjs\n';
/** It ends at once, and says on the way what the app was given. */
const SERVER = `export const main = ({ greeting }) => ({ args }) => {
  console.log(args.blueprint.context.section, greeting);
  return { url: '', ready: Promise.resolve(), closed: Promise.resolve() };
};`;

interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `appserve ARGS` says in a folder of a project, which is called /site in the answer. */
async function said(
  tree: Tree,
  args: readonly string[] = [],
  from = '.',
  env: Readonly<Record<string, string>> = {},
): Promise<Said> {
  using folder = folderWith({ 'package.json': {}, 'app.mjs': 'export const main = () => {};', 'server.mjs': SERVER, ...tree });
  await using command = Command.appserve(args, { cwd: `${folder.path}/${from}`, env });
  const { code } = await command.ending();
  return { code, stdout: command.stdout, stderr: withoutProgress(command.stderr).replaceAll(folder.path, '/site') };
}

describe('appserve', TIMEOUT, () => {
  it('serves what it finds, and says what that is', async () => {
    assert.deepEqual(await said({ 'development.ini': SITE }), {
      code: 0,
      stdout: 'app:main undefined\n',
      stderr: 'Using development.ini (found in /site)\n',
    });
  });

  it('says what it might have taken instead', async () => {
    const { stderr } = await said({ 'appserve.ini': SITE, 'production.ini': SITE, 'development.ini': '[alembic]\n' });
    assert.equal(
      stderr,
      'Using appserve.ini (found in /site); passed over development.ini (it has no section such as [app:main]), ' +
        'production.ini (appserve.ini comes first)\n',
    );
  });

  it('looks upward as far as the project', async () => {
    const { stdout, stderr } = await said({ 'development.ini': SITE, 'src/x': '' }, [], 'src');
    assert.deepEqual([stdout, stderr], ['app:main undefined\n', 'Using ../development.ini (found in /site)\n']);
  });

  it('takes what APPSERVE_CONFIG names', async () => {
    const { stdout, stderr } = await said({ 'etc/site.ini': SITE.replaceAll('./', '../').replace('main', 'admin') }, [], '.', {
      APPSERVE_CONFIG: 'etc/site.ini#admin',
    });
    assert.deepEqual([stdout, stderr], ['app:admin undefined\n', 'Using etc/site.ini#admin (named by APPSERVE_CONFIG)\n']);
  });

  it('takes variables without CONFIG', async () => {
    const { stdout, stderr } = await said({ 'development.ini': SITE }, ['greeting=hello', '-n', 'main']);
    assert.deepEqual([stdout, stderr], ['app:main hello\n', 'Using development.ini (found in /site)\n']);
  });

  it('takes a file whose name looks like a variable by its path', async () => {
    const { stdout, stderr } = await said({ 'a=b.ini': SITE }, ['./a=b.ini', 'greeting=hello']);
    assert.deepEqual([stdout, stderr], ['app:main hello\n', '']);
  });

  it('says nothing of it when CONFIG is given', async () => {
    assert.equal((await said({ 'development.ini': SITE, 'site.ini': SITE }, ['site.ini'])).stderr, '');
  });

  it('says what there is when it finds nothing', async () => {
    const { code, stderr } = await said({ 'shop.ini': SITE });
    assert.equal(code, 2);
    assert.equal(
      stderr,
      'appserve: there is no configuration: looked for development.ini, appserve.ini, production.ini, ' +
        '"appserve": {"config": ...} in package.json, .appserverc or appserve.config.* in /site\n' +
        '  there is shop.ini: appserve shop.ini\n',
    );
  });

  it('shows a mistake in YAML as it shows one in an ini', async () => {
    const { code, stderr } = await said({ 'appserve.config.yaml': 'app:main:\n  use: null\n' });
    assert.equal(code, 2);
    assert.equal(
      stderr,
      [
        'Using appserve.config.yaml (found in /site)',
        'appserve.config.yaml:2:8: use of [app:main] is null',
        '  2 |   use: null',
        '    |        ^^^^',
        '  write text, a number, true, false, or a list of these; leave the key out where there is nothing to say',
        '',
      ].join('\n'),
    );
  });

  it('serves a folder of the repository', async () => {
    await using command = Command.appserve(['http_port=0'], { cwd: inRepository('examples/hello') });
    assert.equal((await command.get('/'))?.body, 'Hello, world!\n');
    assert.match(withoutProgress(command.stderr), /^Using development\.ini \(found in .*examples\/hello\)\nappserve /);
  });
});
