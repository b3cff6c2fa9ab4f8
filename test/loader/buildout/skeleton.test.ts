// The project that a site with generated inis begins with: what its files make is served.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { appserveBuild } from '../../support/building.ts';
import { Command } from '../../support/command.ts';
import { folderWith } from '../../support/packages.ts';
import { inRepository } from '../../support/repository.ts';
import { linkPackages } from '../../support/temporary.ts';

const SKELETON = inRepository('packages/cli/templates/buildout');

/** As init fills them in. */
function filesOf(): Readonly<Record<string, string>> {
  const files = readdirSync(SKELETON, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const source = `${parentPath}/${name}`;
      const path = source
        .slice(SKELETON.length + 1)
        .replace(/\.tmpl$/, '')
        .replace(/^dot-/, '.');
      return [path, readFileSync(source, 'utf8').replaceAll('<<name>>', 'shop').replaceAll('<<version>>', '0.1.0')];
    }),
  );
}

describe('the skeleton of a site with generated inis', { timeout: 240_000 }, () => {
  it('is checked where nothing was built yet, as in a fresh clone', async () => {
    using folder = folderWith(filesOf());
    linkPackages(folder);
    const { scripts } = JSON.parse(filesOf()['package.json']!) as { scripts: { check: string } };
    const [command = ''] = scripts.check.split(' && ');
    const { code, stderr } = await appserveBuild(folder, command.split(' ').slice(2));
    assert.deepEqual([command.startsWith('appserve build '), code, stderr], [true, 0, '']);
  });

  it('is built, checked, and served by its script', async () => {
    using folder = folderWith(filesOf());
    linkPackages(folder);
    const { code, stderr } = await appserveBuild(folder, ['instance:http-address=127.0.0.1:0']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal((await appserveBuild(folder, ['--check', 'instance:http-address=127.0.0.1:0'])).code, 0);
    await using command = Command.program(`${folder.path}/bin/instance`, [], { cwd: '/' });
    assert.equal((await command.get('/Ada'))?.body, 'Hello, Ada!\n');
  });

  it('ignores what is made', () => {
    const ignored = filesOf()['.gitignore']!.split('\n');
    for (const path of ['/bin/', '/parts/', '/var/', '/.appserve-installed.json', '/.appserve-build*/'])
      assert.ok(ignored.includes(path), path);
  });
});
