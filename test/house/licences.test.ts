// What npm installs beside our packages may be used by everybody who may use ours.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { isKnown, licensed } from '../support/licences.ts';
import { inRepository } from '../support/repository.ts';
import { PACKAGES } from '../support/sources.ts';

describe('what production depends on', () => {
  it('has licences that somebody has looked at', () => {
    assert.deepEqual(
      licensed().filter(({ licence }) => !isKnown(licence)),
      [],
    );
  });

  it('is listed as a whole: whatever a package of ours asks for is there', () => {
    const listed = new Set(licensed().map(({ name }) => name));
    const wanted = PACKAGES.flatMap((folder) => {
      const manifest = JSON.parse(readFileSync(inRepository(`packages/${folder}/package.json`), 'utf8')) as {
        readonly dependencies: Readonly<Record<string, string>>;
      };
      return Object.keys(manifest.dependencies).filter((name) => name !== 'appserve' && !name.startsWith('@appserve/'));
    });
    assert.ok(wanted.length > 10);
    assert.deepEqual(
      wanted.filter((name) => !listed.has(name)),
      [],
    );
  });

  for (const [licence, known] of Object.entries({
    MIT: true,
    'Apache-2.0 AND MIT': true,
    '(MIT OR GPL-3.0-only)': true,
    'MIT AND GPL-3.0-only': false,
    'none said': false,
  })) {
    it(`may ${known ? '' : 'not '}be under ${licence}`, () => {
      assert.equal(isKnown(licence), known);
    });
  }
});
