// The documents say what the code says.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';
import { inRepository } from '../support/repository.ts';

describe('the documents', () => {
  it('are printed anew when a table changes', () => {
    const { status, stderr } = spawnSync(process.execPath, [inRepository('build/scripts/docs.js'), '--check'], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
  });

  it('link to files that exist', () => {
    const pages = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], {
      cwd: inRepository(''),
      encoding: 'utf8',
    })
      .trim()
      .split('\n');
    const broken = pages.flatMap((page) =>
      [...withoutCode(readFileSync(inRepository(page), 'utf8')).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)]
        .map(([, link]) => normalize(join(dirname(page), link!)))
        .filter((target) => !existsSync(inRepository(target)))
        .map((target) => `${page} -> ${target}`),
    );
    assert.deepEqual(broken, []);
  });

  for (const page of ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs/reference/http.md']) {
    it(`of ${page} name rooms and tests that exist`, () => {
      const text = readFileSync(inRepository(page), 'utf8');
      const rooms = [...text.matchAll(/`((?:core|server|loader|parts|cli)\/[a-z0-9/-]+\.ts)`/g)].map(
        ([, room]) => `packages/${/\/src\//.test(room!) ? room! : room!.replace('/', '/src/')}`,
      );
      const tests = [...text.matchAll(/\b(test\/[a-z0-9/_-]+(?:\.[a-z.]+[a-z])?\/?)/g)].map(([, path]) => path!);
      assert.ok(rooms.length > 4);
      assert.deepEqual(
        [...rooms, ...tests].filter((path) => !existsSync(inRepository(path))),
        [],
      );
    });
  }
});

function withoutCode(page: string): string {
  return page.replaceAll(/^```[^]*?^```$/gm, '');
}
