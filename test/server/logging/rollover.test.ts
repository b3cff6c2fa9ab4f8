// Files that rotate by time: when they do, and what the old one is called, as CPython has it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSuffix, rolloverAfter, suffixOf } from '@appserve/server/machines';
import { absent } from '../../support/programs.ts';
import { askLogging } from '../../support/python-logging.ts';

const WHENS = ['S', 'M', 'H', 'D', 'MIDNIGHT', 'W0', 'W3', 'W6'];
const TIMES = Array.from({ length: 60 }, (_, index) => Date.UTC(2_026, 10, 20, 22, 48, 1) / 1_000 + index * 40_013);

describe('a file that rotates by time', { skip: absent('python3') }, () => {
  for (const isUtc of [false, true]) {
    it(`does so when CPython’s does, and is called as there: ${isUtc ? 'UTC' : 'local time'}`, () => {
      const answers = askLogging<{ readonly times: readonly number[]; readonly suffixes: readonly string[] }>(
        WHENS.map((when) => ({ rollover: when, interval: 1, utc: isUtc, times: TIMES })),
      );
      for (const [index, when] of WHENS.entries()) {
        const schedule = { when, interval: 1, isUtc };
        const rollovers = TIMES.map((seconds) => rolloverAfter(schedule, seconds * 1_000));
        assert.deepEqual(
          rollovers.map((ms) => ms / 1_000),
          answers[index]!.times,
          when,
        );
        const suffixes = rollovers.map((ms) => suffixOf(schedule, ms));
        assert.deepEqual(suffixes, answers[index]!.suffixes, when);
        assert.ok(suffixes.every((suffix) => isSuffix(schedule, suffix)));
      }
    });
  }

  it('takes no other file for an old one', () => {
    const schedule = { when: 'MIDNIGHT', interval: 1, isUtc: false };
    for (const name of ['1', '2026-11-20.gz', '2026-11-20_10', 'x2026-11-20', ''])
      assert.equal(isSuffix(schedule, name), false, name);
  });
});
