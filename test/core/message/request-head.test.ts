// What a request head tells of its target, its body and its field lines.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fields, RequestHead, type RequestParts } from '@appserve/core/message';

const PARTS: RequestParts = {
  method: 'GET',
  target: '/',
  pathAndQuery: '/',
  version: 'HTTP/1.1',
  fields: Fields.none,
  framing: { type: 'length', length: 0 },
  expectsContinue: false,
  keepAlive: true,
};

function hasBody(framing: RequestParts['framing']): boolean {
  return new RequestHead({ ...PARTS, framing }).hasBody;
}

describe('a request head', () => {
  it('has a path up to the first question mark, and a query behind it', () => {
    const { path, query } = new RequestHead({ ...PARTS, pathAndQuery: '/a%20b?c=/d?e' });
    assert.deepEqual([path, query], ['/a%20b', 'c=/d?e']);
  });

  it('has an empty query where there is none', () => {
    const { path, query } = new RequestHead({ ...PARTS, pathAndQuery: '/a' });
    assert.deepEqual([path, query], ['/a', '']);
  });

  it('has an empty query where nothing is asked', () => {
    assert.equal(new RequestHead({ ...PARTS, pathAndQuery: '/?' }).query, '');
  });

  it('has a body when its length is not zero, or not known', () => {
    assert.equal(hasBody({ type: 'length', length: 0 }), false);
    assert.equal(hasBody({ type: 'length', length: 1 }), true);
    assert.equal(hasBody({ type: 'chunked' }), true);
    assert.equal(hasBody({ type: 'unknown' }), true);
  });
});

const FIELDS = new Fields(['Host', 'a', 'X-One', '1', 'x-one', '2', 'Empty', '']);

describe('field lines', () => {
  it('are found by name in any case', () => {
    assert.equal(FIELDS.get('hOST'), 'a');
  });

  it('give the first of several values', () => {
    assert.equal(FIELDS.get('X-ONE'), '1');
  });

  it('give all of several values, in order', () => {
    assert.deepEqual(FIELDS.all('X-one'), ['1', '2']);
  });

  it('tell an empty value from none', () => {
    assert.deepEqual([FIELDS.get('empty'), FIELDS.has('empty')], ['', true]);
    assert.deepEqual([FIELDS.get('other'), FIELDS.has('other'), FIELDS.all('other')], [undefined, false, []]);
  });

  it('do not take a value for a name', () => {
    assert.equal(FIELDS.has('a'), false);
    assert.equal(FIELDS.has('1'), false);
  });

  it('are counted by the line', () => {
    assert.equal(FIELDS.size, 4);
    assert.equal(Fields.none.size, 0);
  });

  it('come as pairs, as they were written', () => {
    assert.deepEqual(
      [...FIELDS],
      [
        ['Host', 'a'],
        ['X-One', '1'],
        ['x-one', '2'],
        ['Empty', ''],
      ],
    );
  });
});
