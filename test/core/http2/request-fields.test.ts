// Fields of HTTP/2 become a request, or are refused: also what node:http2 would never let through.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { Fault } from '@appserve/core';
import { HTTP2_LIMITS, readRequestFields, readTrailerFields } from '@appserve/core/http2';
import type { RequestHead } from '@appserve/core/message';

const GET = [':method', 'GET', ':scheme', 'https', ':path', '/a?b', ':authority', 'example.test'];

function read(others: readonly string[] = [], { pseudo = GET, isEnd = true } = {}): RequestHead {
  return readRequestFields([...pseudo, ...others], isEnd, HTTP2_LIMITS);
}

function codeOf(of: () => unknown): string {
  try {
    of();
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    return error.code;
  }
  return 'nothing';
}

describe('the fields of a request', () => {
  it('are a head like others', () => {
    const head = read(['accept', '*/*', 'cookie', 'a=1', 'x', 'y', 'cookie', 'b=2']);
    assert.deepEqual([head.method, head.target, head.path, head.query, head.version], ['GET', '/a?b', '/a', 'b', 'HTTP/2.0']);
    assert.deepEqual(head.fields.flat, ['host', 'example.test', 'accept', '*/*', 'cookie', 'a=1; b=2', 'x', 'y']);
    assert.deepEqual([head.hasBody, head.keepAlive, head.expectsContinue], [false, true, false]);
  });

  it('say of a body how long it is, or that nobody knows', () => {
    assert.deepEqual(read(['content-length', '5'], { isEnd: false }).framing, { type: 'length', length: 5 });
    assert.deepEqual(read(['content-length', '0'], { isEnd: false }).hasBody, false);
    assert.deepEqual(read([], { isEnd: false }).framing, { type: 'unknown' });
    assert.equal(read(['expect', '100-continue'], { isEnd: false }).expectsContinue, true);
    assert.equal(read(['expect', '100-continue']).expectsContinue, false);
  });

  for (const [name, others, code] of [
    ['a connection', ['connection', 'close'], 'FIELD_OF_CONNECTION'],
    ['a coding of the connection', ['transfer-encoding', 'chunked'], 'FIELD_OF_CONNECTION'],
    ['another protocol', ['upgrade', 'websocket'], 'FIELD_OF_CONNECTION'],
    ['TE', ['te', 'trailers, gzip'], 'FIELD_OF_CONNECTION'],
    ['a pseudo-header field behind others', ['x', 'y', ':path', '/'], 'FIELD_INVALID'],
    ['capitals', ['X', 'y'], 'FIELD_INVALID'],
    ['a name that is none', ['x y', 'z'], 'FIELD_INVALID'],
    ['a value with a line feed', ['x', 'y\nz'], 'FIELD_INVALID'],
    ['a value with a blank before it', ['x', ' y'], 'FIELD_INVALID'],
    ['a value with a tab behind it', ['x', 'y\t'], 'FIELD_INVALID'],
    ['a value that is no latin1', ['x', '\u010a'], 'FIELD_INVALID'],
    ['two lengths', ['content-length', '0', 'content-length', '0'], 'LENGTH_INVALID'],
    ['a length that is none', ['content-length', '+1'], 'LENGTH_INVALID'],
    ['a length, and no body', ['content-length', '1'], 'BODY_INCOMPLETE'],
    ['two hosts', ['host', 'example.test', 'host', 'example.test'], 'FIELD_REPEATED'],
    ['another host', ['host', 'b.test'], 'HOST_INVALID'],
    ['two content types', ['content-type', 'a/b', 'content-type', 'a/b'], 'FIELD_REPEATED'],
    ['an expectation that nobody knows', ['expect', 'more'], 'EXPECTATION_UNKNOWN'],
    ['too many', Array.from({ length: 64 }, (_, index) => `x${index}`), 'FIELDS_TOO_MANY'],
    ['too much', ['x', 'y'.repeat(40_000)], 'HEAD_TOO_LARGE'],
    ['crumbs that are too much', Array.from({ length: 2_000 }, () => ['cookie', 'a=123456789']).flat(), 'HEAD_TOO_LARGE'],
  ] as const satisfies readonly (readonly [string, readonly string[], string])[]) {
    it(`are refused with ${name}`, () =>
      assert.equal(
        codeOf(() => read(others)),
        code,
      ));
  }

  for (const [name, pseudo, code] of [
    ['no method', [':scheme', 'http', ':path', '/', ':authority', 'a'], 'PSEUDO_INVALID'],
    ['a method that is none', [':method', 'G T', ':scheme', 'http', ':path', '/', ':authority', 'a'], 'PSEUDO_INVALID'],
    ['two methods', [':method', 'GET', ...GET], 'PSEUDO_INVALID'],
    ['what an answer has', [':status', '200', ...GET], 'PSEUDO_INVALID'],
    ['what every object has', [':constructor', '200', ...GET], 'PSEUDO_INVALID'],
    ['no path', [':method', 'GET', ':scheme', 'http', ':authority', 'a'], 'PSEUDO_INVALID'],
    ['an empty path', [':method', 'GET', ':scheme', 'http', ':path', '', ':authority', 'a'], 'TARGET_INVALID'],
    ['a path with a blank', [':method', 'GET', ':scheme', 'http', ':path', '/a b', ':authority', 'a'], 'TARGET_INVALID'],
    ['* for a GET', [':method', 'GET', ':scheme', 'http', ':path', '*', ':authority', 'a'], 'TARGET_INVALID'],
    ['no host', [':method', 'GET', ':scheme', 'http', ':path', '/'], 'HOST_MISSING'],
    ['an empty host', [':method', 'GET', ':scheme', 'http', ':path', '/', ':authority', ''], 'HOST_INVALID'],
    ['a tunnel', [':method', 'CONNECT', ':authority', 'a:1'], 'METHOD_REFUSED'],
    ['a tunnel with a path', [':method', 'CONNECT', ':path', '/', ':authority', 'a:1'], 'PSEUDO_INVALID'],
    ['a long line', [...GET.slice(0, 5), `/${'a'.repeat(8_190)}`, ':authority', 'a'], 'REQUEST_LINE_TOO_LONG'],
  ] as const satisfies readonly (readonly [string, readonly string[], string])[]) {
    it(`are refused with ${name}`, () =>
      assert.equal(
        codeOf(() => read([], { pseudo: [...pseudo] })),
        code,
      ));
  }

  it('whatever they are, make a head that is right, or a fault', () => {
    const text = fc.oneof(
      fc.constantFrom(
        ':method',
        ':path',
        ':scheme',
        ':authority',
        'GET',
        '/',
        'http',
        'a',
        'host',
        'cookie',
        'content-length',
        '1',
        'te',
      ),
      fc.string({ maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 8 }), fc.boolean(), fc.boolean(), (pairs, isEnd, isWhole) => {
        const flat = [...(isWhole ? GET : []), ...pairs.flat()];
        try {
          const { fields, pathAndQuery } = readRequestFields(flat, isEnd, HTTP2_LIMITS);
          for (const [name, value] of fields) {
            assert.match(name, /^[!#$%&'*+\-.^_`|~0-9a-z]+$/);
            assert.match(value, /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/);
          }
          assert.match(pathAndQuery, /^(?:\*|\/[\x21-\x7e]*)$/);
          assert.equal(fields.all('host').length, 1);
        } catch (error) {
          assert.ok(error instanceof Fault && error.blame === 'peer', String(error));
        }
      }),
      { seed: 9_113, numRuns: 3_000 },
    );
  });
});

describe('the fields behind a body', () => {
  it('are trailers', () => {
    assert.deepEqual(readTrailerFields(['x-sum', '7'], HTTP2_LIMITS).flat, ['x-sum', '7']);
  });

  for (const [name, flat, code] of [
    ['a pseudo-header field', [':path', '/'], 'PSEUDO_INVALID'],
    ['a length', ['content-length', '1'], 'FIELD_INVALID'],
    ['a host', ['host', 'a'], 'FIELD_INVALID'],
    ['capitals', ['X', 'y'], 'FIELD_INVALID'],
    ['too many', Array.from({ length: 66 }, () => 'x'), 'FIELDS_TOO_MANY'],
    ['too much', ['x', 'y'.repeat(9_000)], 'HEAD_TOO_LARGE'],
  ] as const satisfies readonly (readonly [string, readonly string[], string])[]) {
    it(`are refused with ${name}`, () =>
      assert.equal(
        codeOf(() => readTrailerFields(flat, HTTP2_LIMITS)),
        code,
      ));
  }
});
