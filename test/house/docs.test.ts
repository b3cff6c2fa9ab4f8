// The documents say what the code says.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { anchorsOf, linksOf, proseOf, textOf } from '../support/markdown.ts';
import { inRepository } from '../support/repository.ts';

const pages = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], { cwd: inRepository(''), encoding: 'utf8' })
  .trim()
  .split('\n');

describe('the documents', () => {
  it('are printed anew when a table changes', () => {
    const { status, stderr } = spawnSync(process.execPath, [inRepository('build/scripts/docs.js'), '--check'], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
  });

  it('link to files that exist', () => {
    const broken = pages.flatMap((page) =>
      linksOf(page)
        .filter(({ path }) => !existsSync(inRepository(path)))
        .map(({ written }) => `${page} -> ${written}`),
    );
    assert.deepEqual(broken, []);
  });

  it('link to headings that stand there', () => {
    const broken = pages.flatMap((page) =>
      linksOf(page)
        .filter(({ path, anchor }) => anchor !== undefined && path.endsWith('.md') && !anchorsOf(path).has(anchor))
        .map(({ written }) => `${page} -> ${written}`),
    );
    assert.deepEqual(broken, []);
  });

  it('name other pages by links that can be followed', () => {
    const written = pages.filter((page) => /^(?:docs\/guide|docs\/migration|examples)\//.test(page));
    const bare = written.flatMap((page) => {
      const unlinked = proseOf(page).replaceAll(/\[[^\]]*\]\([^)]*\)|`[^`\n]*`/g, '');
      return Array.from(unlinked.matchAll(/docs\/[a-z]+\/[\w-]+\.md/g), ([name]) => `${page}: ${name}`);
    });
    assert.deepEqual(bare, []);
  });

  it('of docs/ can all be reached from its index, and that from the README', () => {
    const reached = new Set(['docs/README.md']);
    for (const page of reached)
      for (const { path } of linksOf(page)) if (path.startsWith('docs/') && path.endsWith('.md')) reached.add(path);
    assert.deepEqual(
      pages.filter((page) => page.startsWith('docs/') && !reached.has(page)),
      [],
    );
    assert.ok(linksOf('README.md').some(({ path }) => path === 'docs/README.md'));
  });

  it('of the examples can all be reached from the README or the index', () => {
    const reached = new Set(['README.md', 'docs/README.md']);
    for (const page of reached)
      for (const { path } of linksOf(page)) if (path.endsWith('.md') && existsSync(inRepository(path))) reached.add(path);
    assert.deepEqual(
      pages.filter((page) => page.startsWith('examples/') && !reached.has(page)),
      [],
    );
  });

  it('of security link each claim to what holds it', () => {
    const [, claims = ''] = textOf('SECURITY.md').split('## What the server defends against');
    const rows = claims
      .slice(0, claims.indexOf('\n## '))
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .slice(1);
    assert.ok(rows.length > 15);
    assert.deepEqual(
      rows.filter((row) => !/\]\((test|docs)\//.test(row.split(' | ').at(-1)!)),
      [],
    );
  });

  for (const page of ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs/reference/http.md']) {
    it(`of ${page} name rooms and tests that exist`, () => {
      const text = textOf(page);
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
