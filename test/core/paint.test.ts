// Colours: for whom.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { paintOf, wantsColour } from '@appserve/core';

describe('colours', () => {
  const CASES: readonly (readonly [isTerminal: boolean, environment: Readonly<Record<string, string>>, wanted: boolean])[] = [
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [false, { FORCE_COLOR: '' }, true],
    [false, { FORCE_COLOR: '3' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { FORCE_COLOR: 'false' }, false],
    [false, { FORCE_COLOR: '1', NO_COLOR: '1', TERM: 'dumb' }, true],
  ];
  for (const [isTerminal, environment, wanted] of CASES) {
    it(`are ${wanted ? '' : 'not '}wanted ${isTerminal ? 'on a terminal' : 'elsewhere'} with ${JSON.stringify(environment)}`, () => {
      assert.equal(wantsColour(isTerminal, environment), wanted);
    });
  }

  it('are put around words, or not', () => {
    assert.equal(paintOf(true).bold('x'), '\x1b[1mx\x1b[22m');
    assert.equal(paintOf(false).bold('x'), 'x');
  });
});
