// W3C Trace Context: what is right is read, what is malformed is as if it had not been sent (§3.2, §3.3, §4.3 of the Recommendation).

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { Fields, parseTraceContext, traceContextOf } from '@appserve/core/message';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const RIGHT = `00-${TRACE}-${PARENT}-01`;

describe('traceparent', () => {
  it('is taken apart', () => {
    assert.deepEqual(parseTraceContext(RIGHT, undefined), {
      traceparent: RIGHT,
      tracestate: '',
      traceId: TRACE,
      parentId: PARENT,
      flags: 1,
      isSampled: true,
    });
    assert.equal(parseTraceContext(`00-${TRACE}-${PARENT}-00`, undefined)?.isSampled, false);
    // Other flags may be set, and say nothing to us.
    const { flags, isSampled } = parseTraceContext(`00-${TRACE}-${PARENT}-fe`, undefined)!;
    assert.deepEqual([flags, isSampled], [0xfe, false]);
  });

  const OF_LATER_VERSIONS = [
    `01-${TRACE}-${PARENT}-01`,
    `cc-${TRACE}-${PARENT}-01-what-the-future-brings`,
    `fe-${TRACE}-${PARENT}-01-`,
  ];
  for (const value of OF_LATER_VERSIONS) {
    it(`of a later version is read as far as it is known: ${value}`, () => {
      assert.equal(parseTraceContext(value, undefined)?.traceId, TRACE);
    });
  }

  const MALFORMED: Readonly<Record<string, string>> = {
    'that is empty': '',
    'without a version': `${TRACE}-${PARENT}-01`,
    'of version ff': `ff-${TRACE}-${PARENT}-01`,
    'of version 00 with more behind it': `${RIGHT}-more`,
    'of version 00 with a dash behind it': `${RIGHT}-`,
    'of a later version with more, but no dash': `cc-${TRACE}-${PARENT}-01.what`,
    'in capitals': RIGHT.toUpperCase(),
    'whose trace is zero': `00-${'0'.repeat(32)}-${PARENT}-01`,
    'whose parent is zero': `00-${TRACE}-${'0'.repeat(16)}-01`,
    'whose trace is too short': `00-${TRACE.slice(1)}-${PARENT}-01`,
    'whose trace is too long': `00-${TRACE}0-${PARENT}-01`,
    'whose parent is too short': `00-${TRACE}-${PARENT.slice(1)}-01`,
    'without flags': `00-${TRACE}-${PARENT}`,
    'with one digit of flags': `00-${TRACE}-${PARENT}-1`,
    'with a digit that is none': `00-${TRACE.slice(1)}g-${PARENT}-01`,
    'with a blank before it': ` ${RIGHT}`,
    'with a line behind it': `${RIGHT}\n`,
    'with underscores': RIGHT.replaceAll('-', '_'),
  };
  for (const [what, value] of Object.entries(MALFORMED)) {
    it(`${what} is not there`, () => assert.equal(parseTraceContext(value, 'a=1'), undefined));
  }

  it('that comes twice is not there, also when both are the same', () => {
    assert.equal(traceContextOf(new Fields(['traceparent', RIGHT, 'Traceparent', RIGHT])), undefined);
    assert.equal(traceContextOf(new Fields(['TraceParent', RIGHT]))?.traceId, TRACE);
    assert.equal(traceContextOf(new Fields(['tracestate', 'a=1'])), undefined);
  });

  it('of any text is right or not there', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ minLength: 55, maxLength: 55 })), fc.string(), (parent, further) => {
        const found = parseTraceContext(parent, further);
        assert.ok(found === undefined || /^[0-9a-f]{32}$/.test(found.traceId));
      }),
      { seed: 3, numRuns: 500 },
    );
  });
});

function state(value: string): string {
  return parseTraceContext(RIGHT, value)!.tracestate;
}

describe('tracestate', () => {
  const RIGHT_STATES = [
    'a=1',
    'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE',
    'rojo=1 ,\tcongo=2',
    'a=1,,b=2,',
    'fw529a3039@dt=FfFfFf',
    '0tenant@sys=x',
    `${'a'.repeat(256)}=1`,
    `a=${'v'.repeat(256)}`,
    'a= with a blank inside',
    'a_-*/0=!~',
    Array.from({ length: 32 }, (_, n) => `k${n}=v`).join(','),
  ];
  for (const value of RIGHT_STATES) it(`${value.slice(0, 40)} is right`, () => assert.equal(state(value), value));

  const MALFORMED = [
    'a',
    '=1',
    'a=',
    'a=1=2',
    'A=1',
    '0a=1',
    'a=1,a=2',
    'a b=1',
    'a@=1',
    '@a=1',
    'a@0b=1',
    `a@${'s'.repeat(15)}=1`,
    `${'a'.repeat(257)}=1`,
    `a=${'v'.repeat(257)}`,
    'a=\u00e9',
    'a=\u0001',
    Array.from({ length: 33 }, (_, n) => `k${n}=v`).join(','),
  ];
  for (const value of MALFORMED)
    it(`${JSON.stringify(value.slice(0, 40))} is not there, but its traceparent is`, () => {
      assert.equal(state(value), '');
      assert.equal(parseTraceContext(RIGHT, value)?.traceId, TRACE);
    });

  it('on several lines is one list, in their order', () => {
    const fields = new Fields(['tracestate', 'a=1', 'traceparent', RIGHT, 'Tracestate', 'b=2']);
    assert.equal(traceContextOf(fields)?.tracestate, 'a=1, b=2');
    assert.equal(traceContextOf(new Fields(['tracestate', 'a=1', 'traceparent', RIGHT, 'tracestate', 'a=2']))?.tracestate, '');
  });
});
