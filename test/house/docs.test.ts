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
      [...readFileSync(inRepository(page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)]
        .map(([, link]) => normalize(join(dirname(page), link!)))
        .filter((target) => !existsSync(inRepository(target)))
        .map((target) => `${page} -> ${target}`),
    );
    assert.deepEqual(broken, []);
  });

  it('of ARCHITECTURE name rooms that exist', () => {
    const text = readFileSync(inRepository('ARCHITECTURE.md'), 'utf8');
    const rooms = [...text.matchAll(/`((?:core|server|loader|parts|cli)\/[a-z0-9/-]+\.ts)`/g)].map(([, room]) =>
      room!.replace('/', '/src/'),
    );
    assert.ok(rooms.length > 10);
    assert.deepEqual(
      rooms.filter((room) => !existsSync(inRepository(`packages/${room}`))),
      [],
    );
  });
});
