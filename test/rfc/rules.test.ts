// The rules of RFC 9110 and RFC 9112 that can be checked, one by one: test/cases/rfc_rules.json has them all. Each is shown by a
// conversation, or is none of ours for a reason that is named.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { inRepository } from '../support/repository.ts';
import { ANSWERS } from './answers.ts';
import type { Check } from './checks.ts';
import { NOT_OURS } from './not-ours.ts';
import { REQUESTS } from './requests.ts';
import { SERVED } from './served.ts';

interface Rule {
  readonly id: string;
  readonly section: string;
  readonly level: string;
  readonly rule: string;
}

const rules = JSON.parse(readFileSync(inRepository('test/cases/rfc_rules.json'), 'utf8')) as readonly Rule[];
const TABLES = [REQUESTS, ANSWERS, SERVED];

function checksOf(id: string): [fact: string, check: Check][] {
  return TABLES.flatMap((table) => Object.entries(table[id] ?? {}));
}

for (const { id, section, level, rule } of rules) {
  const checks = checksOf(id);
  if (checks.length === 0) continue;
  describe(`${id} ${level}: ${rule} (${section})`, { timeout: 120_000 }, () => {
    for (const [fact, check] of checks) it(fact, check);
  });
}

describe('the table of rules', () => {
  const excused = Object.values(NOT_OURS).flatMap((ids) => ids.split(' '));

  it('has each rule either checked or excused, and none in both', () => {
    const misplaced = rules.filter(({ id }) => checksOf(id).length > 0 === excused.includes(id));
    assert.deepEqual(
      misplaced.map(({ id, rule }) => `${id}: ${rule}`),
      [],
    );
  });

  it('excuses nothing twice', () => {
    assert.deepEqual(excused.toSorted(), [...new Set(excused)].toSorted());
  });

  it('knows no rule that is not in the list', () => {
    const known = new Set(rules.map(({ id }) => id));
    const named = [...TABLES.flatMap((table) => Object.keys(table)), ...excused];
    assert.deepEqual(
      named.filter((id) => !known.has(id)),
      [],
    );
  });
});
