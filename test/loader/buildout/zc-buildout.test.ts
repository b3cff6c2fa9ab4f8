// Our buildout.cfg against zc.buildout's: what it makes of each configuration, as it said itself, and where we differ on purpose.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { allBuildoutCases, differenceOf, goldenBuildouts, linesOfOurs, linesOfPython } from '../../support/buildout.ts';
import { BUILDOUT_CASES } from '../../support/buildout-cases.ts';
import { BUILDOUT_DIFFERENCES } from '../../support/buildout-differences.ts';

const golden = goldenBuildouts();
const differences = new Map(BUILDOUT_DIFFERENCES.flatMap(({ cases }) => Object.entries(cases)));

describe('a configuration means what it means to zc.buildout', () => {
  it('in so many cases', () => {
    const names = Object.keys(allBuildoutCases());
    assert.deepEqual(
      Object.keys(golden.answers),
      names,
      'the answers are those of other cases: node scripts/buildout-golden.mjs',
    );
    assert.ok(names.length > 250);
    assert.deepEqual(
      [...differences.keys()].filter((name) => !Object.hasOwn(BUILDOUT_CASES, name)),
      [],
    );
  });

  for (const [name, one] of Object.entries(allBuildoutCases())) {
    const expected = differences.get(name) ?? [];
    it(`${name}${expected.length === 0 ? '' : ', with a difference'}`, () => {
      const spreads = !Object.hasOwn(BUILDOUT_CASES, name);
      assert.deepEqual(differenceOf(linesOfPython(golden.answers[name]!), linesOfOurs(one, spreads)), expected);
    });
  }
});
