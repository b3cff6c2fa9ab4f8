// The contract of gateway apps: each rule has a test that is called by its number, and each such test has a rule.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { GATEWAY_RULES } from '@appserve/core/app';
import { inRepository } from '../support/repository.ts';

const FOLDER = 'test/core/app';

function textsOf(pattern: RegExp): string[] {
  return readdirSync(inRepository(FOLDER))
    .filter((name) => pattern.test(name))
    .map((name) => readFileSync(inRepository(`${FOLDER}/${name}`), 'utf8'));
}

/** The numbers at the beginning of the names of tests; those of the validator stand in tables. */
function tested(): Set<string> {
  const named = textsOf(/^gateway-rules-.*\.test\.ts$/).flatMap((text) =>
    Array.from(text.matchAll(/\bit\(\s*['"`](G[0-9]+): /g), ([, number]) => number!),
  );
  const listed = textsOf(/^gateway-lint\.test\.ts$/).flatMap((text) =>
    Array.from(text.matchAll(/(?:\bit\(\s*'(G[0-9]+): |^ +\['(G[0-9]+)', )/gm), ([, name, row]) => (name ?? row)!),
  );
  return new Set([...named, ...listed]);
}

describe('the rules of gateway apps', () => {
  it('have a test each', () => {
    const numbers = tested();
    assert.deepEqual(
      Object.keys(GATEWAY_RULES).filter((number) => !numbers.has(number)),
      [],
    );
  });

  it('are what tests are called by', () => {
    assert.deepEqual(
      [...tested()].filter((number) => !Object.hasOwn(GATEWAY_RULES, number)),
      [],
    );
  });

  it('have the numbers from 1 on', () => {
    const numbers = Object.keys(GATEWAY_RULES).map((rule) => Number(rule.slice(1)));
    assert.deepEqual(
      numbers.toSorted((one, other) => one - other),
      numbers.map((_, index) => index + 1),
    );
  });
});
