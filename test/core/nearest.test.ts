// The "did you mean" of error messages.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatPlace, nearest, orList } from '@appserve/core';

const NAMES = ['workers', 'backlog', 'max_head_size', 'keepaliveTimeoutMs'];

describe('the nearest name', () => {
  for (const [written, meant] of [
    ['wokers', 'workers'],
    ['worker', 'workers'],
    ['Workers', 'workers'],
    ['max-head-size', 'max_head_size'],
    ['max_haed_size', 'max_head_size'],
    ['KEEPALIVETIMEOUTMS', 'keepaliveTimeoutMs'],
  ] as const) {
    it(`of ${written} is ${meant}`, () => {
      assert.equal(nearest(written, NAMES), meant);
    });
  }

  for (const written of ['socket', 'wrk', '', 'x', 'log_level']) {
    it(`of ${JSON.stringify(written)} is none`, () => {
      assert.equal(nearest(written, NAMES), undefined);
    });
  }

  it('is that with the fewest differences, the first of equals', () => {
    assert.equal(nearest('database', ['databass', 'datebase', 'database_', 'databaes']), 'databass');
    assert.equal(nearest('database', ['datebose', 'datebase', 'DATABASE']), 'DATABASE');
    assert.equal(nearest('abcdefghi', ['badcfegih', 'bacdefghi']), 'bacdefghi');
    assert.equal(nearest('abcdefghijkl', ['badcefghijlk']), 'badcefghijlk');
  });

  it('is looked for among 250 of about its length, and no more', () => {
    const others = Array.from({ length: 249 }, (_, nth) => `x${nth}`.padEnd(8, '-'));
    assert.equal(nearest('database', ['a', 'very_long_name_of_a_key', ...others, 'databaes']), 'databaes');
    assert.equal(nearest('database', [...others, 'one_more', 'databaes']), undefined);
  });

  it('is none where there are no names', () => {
    assert.equal(nearest('workers', []), undefined);
  });

  it('is the first of those that differ in case only', () => {
    assert.equal(nearest('MAIN', ['Main', 'main']), 'Main');
  });
});

describe('a list of what is allowed', () => {
  it('is said as people say it', () => {
    assert.equal(orList([]), '');
    assert.equal(orList(['a']), 'a');
    assert.equal(orList(['a', 'b']), 'a or b');
    assert.equal(orList(['a', 'b', 'c']), 'a, b or c');
  });
});

describe('a place', () => {
  it('is said as editors read it', () => {
    assert.equal(formatPlace({ file: 'development.ini', line: 12, column: 3 }), 'development.ini:12:3');
  });
});
