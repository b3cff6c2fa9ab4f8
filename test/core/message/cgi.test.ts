// CGI variables become a head, and a head becomes a CGI response, as the web servers on Debian say and read them.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cgiHead, CgiHead, CgiVariable, readCgiHead, ResponseHead, type CgiPolicy } from '@appserve/core/message';

const POLICY: CgiPolicy = { mount: undefined, bodyBytesMax: 100, hasBody: true };

function headOf(variables: Readonly<Record<string, string>>, policy: Partial<CgiPolicy> = {}): CgiHead {
  return CgiHead.of(
    Object.entries({ REQUEST_METHOD: 'GET', ...variables }).map(([name, value]) => new CgiVariable(name, value)),
    { ...POLICY, ...policy },
  );
}

function variablesOf(flat: readonly string[]): CgiVariable[] {
  return flat.flatMap((name, at) => (at % 2 === 0 ? [new CgiVariable(name, flat[at + 1]!)] : []));
}

describe('the fields of a request', () => {
  it('are its HTTP_ variables, CONTENT_TYPE and CONTENT_LENGTH', () => {
    const { fields } = headOf({
      HTTP_HOST: 'a',
      HTTP_USER_AGENT: 'b',
      HTTP_X_FORWARDED_FOR: 'c',
      CONTENT_TYPE: 'text/plain',
      CONTENT_LENGTH: '2',
      REMOTE_ADDR: 'd',
    });
    assert.deepEqual(
      [...fields],
      [
        ['Host', 'a'],
        ['User-Agent', 'b'],
        ['X-Forwarded-For', 'c'],
        ['Content-Type', 'text/plain'],
        ['Content-Length', '2'],
      ],
    );
  });

  it('are not what nginx passes on of a body that it has read, nor what scripts take for their proxy', () => {
    const { variables } = headOf({
      HTTP_CONTENT_LENGTH: '5',
      HTTP_CONTENT_TYPE: 'text/html',
      HTTP_TRANSFER_ENCODING: 'chunked',
      HTTP_PROXY: 'http://evil',
      'wsgi.input': 'x',
    });
    assert.deepEqual(
      variables.map(({ name, value }) => [name, value]),
      [['REQUEST_METHOD', 'GET']],
    );
  });

  for (const name of [
    'HTTP_Transfer_Encoding',
    'HTTP_TRANSFER-ENCODING',
    'HTTP_Content_Length',
    'HTTP_CONTENT-LENGTH',
    'HTTP_CONTENT-TYPE',
    'HTTP_PrOXY',
    'HTTP_Host',
    'HTTP_x',
    'HTTP_',
    'HTTP_A B',
    'HTTP_\u00e9',
  ]) {
    it(`are not spelt ${name}`, () => {
      assert.throws(() => headOf({ [name]: '1' }), { code: 'VARIABLE_INVALID' });
    });
  }

  it('have one line', () => {
    for (const name of ['CONTENT_TYPE', 'HTTP_X'])
      for (const value of ['a\r\nB: c', 'a\nB: c', 'a\0'])
        assert.throws(() => headOf({ [name]: value }), { code: 'VARIABLE_INVALID' });
  });

  it('have one host, and one length, however often that is said', () => {
    const twice = ['HTTP_HOST', 'a', 'CONTENT_LENGTH', '2', 'HTTP_HOST', 'a', 'CONTENT_LENGTH', '2', 'REQUEST_METHOD', 'GET'];
    assert.deepEqual(
      [...CgiHead.of(variablesOf(twice), POLICY).fields],
      [
        ['Host', 'a'],
        ['Content-Length', '2'],
      ],
    );
    const two = variablesOf(['REQUEST_METHOD', 'GET', 'HTTP_HOST', 'a', 'HTTP_HOST', 'b']);
    assert.throws(() => CgiHead.of(two, POLICY), { code: 'HOST_INVALID' });
  });

  it('are each as often there as they are sent', () => {
    const head = CgiHead.of(variablesOf(['REQUEST_METHOD', 'GET', 'HTTP_X', '1', 'HTTP_X', '2', 'A', '1', 'A', '2']), POLICY);
    assert.deepEqual(head.fields.all('x'), ['1', '2']);
    assert.equal(head.get('A'), '2', 'of other variables the last one counts');
  });
});

describe('the length of a body', () => {
  const framings: readonly (readonly [string, Readonly<Record<string, string>>, object])[] = [
    ['is unknown where CONTENT_LENGTH is empty, as nginx sends it', { CONTENT_LENGTH: '' }, { type: 'unknown' }],
    ['is unknown where CONTENT_LENGTH is missing', {}, { type: 'unknown' }],
    ['is nothing where it is 0', { CONTENT_LENGTH: '0' }, { type: 'length', length: 0 }],
    ['is what CONTENT_LENGTH says', { CONTENT_LENGTH: '17' }, { type: 'length', length: 17 }],
  ];
  for (const [what, variables, framing] of framings) {
    it(what, () => assert.deepEqual(headOf(variables).framing, framing));
  }

  it('is nothing for an authorizer', () => {
    const head = headOf({ CONTENT_LENGTH: '17' }, { hasBody: false });
    assert.deepEqual([head.framing, head.get('CONTENT_LENGTH')], [{ type: 'length', length: 0 }, undefined]);
  });

  it('is not empty for an app: the variable is not there', () => {
    assert.equal(headOf({ CONTENT_LENGTH: '' }).get('CONTENT_LENGTH'), undefined);
  });
});

describe('a request is refused', () => {
  const refusals: readonly (readonly [string, readonly string[], string])[] = [
    ['without a method', ['A', 'b'], 'VARIABLE_INVALID'],
    ['with a method that is no token', ['REQUEST_METHOD', 'G T'], 'VARIABLE_INVALID'],
    ['with a NUL in a value', ['REQUEST_METHOD', 'GET', 'PATH_INFO', '/\0'], 'VARIABLE_INVALID'],
    ['with a NUL in a name', ['REQUEST_METHOD', 'GET', 'A\0', 'b'], 'VARIABLE_INVALID'],
    ['with "=" in a name', ['REQUEST_METHOD', 'GET', 'A=', 'b'], 'VARIABLE_INVALID'],
    ['with a line end in a field', ['REQUEST_METHOD', 'GET', 'HTTP_X', 'a\r\nb'], 'VARIABLE_INVALID'],
    ['with a field whose name is none', ['REQUEST_METHOD', 'GET', 'HTTP_X Y', 'a'], 'VARIABLE_INVALID'],
    ['with a host that is none', ['REQUEST_METHOD', 'GET', 'HTTP_HOST', 'a b'], 'HOST_INVALID'],
    ['with two lengths', ['REQUEST_METHOD', 'GET', 'CONTENT_LENGTH', '1', 'CONTENT_LENGTH', '2'], 'LENGTH_INVALID'],
    ['with a length that is no number', ['REQUEST_METHOD', 'GET', 'CONTENT_LENGTH', '0x10'], 'LENGTH_INVALID'],
    ['with a length beyond the limit', ['REQUEST_METHOD', 'GET', 'CONTENT_LENGTH', '101'], 'BODY_TOO_LARGE'],
  ];
  for (const [what, flat, code] of refusals) {
    it(what, () => assert.throws(() => CgiHead.of(variablesOf(flat), POLICY), { code }));
  }
});

describe('path and query', () => {
  const paths: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ['are those of REQUEST_URI, as it was sent', { REQUEST_URI: '/a%20b?c=d', SCRIPT_NAME: '/a b' }, '/a%20b?c=d'],
    ['are those of an absolute REQUEST_URI', { REQUEST_URI: 'http://a/b?c', SCRIPT_NAME: '/b' }, '/b?c'],
    [
      'are those that the web server has made of it',
      { REQUEST_URI: '/old?x', SCRIPT_NAME: '', PATH_INFO: '/new/é?', QUERY_STRING: 'y z' },
      '/new/%E9%3F?y%20z',
    ],
    ['stand without a REQUEST_URI', { SCRIPT_NAME: '/app', PATH_INFO: '/a', QUERY_STRING: 'q' }, '/app/a?q'],
    ['are / where nothing is said', {}, '/'],
    ['are told once where nginx sends the path twice', { REQUEST_URI: '/a', SCRIPT_NAME: '/a', PATH_INFO: '/a' }, '/a'],
    ['are told twice where they are', { REQUEST_URI: '/a/a', SCRIPT_NAME: '/a', PATH_INFO: '/a' }, '/a/a'],
  ];
  for (const [what, variables, expected] of paths) {
    it(what, () => assert.equal(headOf(variables).pathAndQuery, expected));
  }
});

describe('where the app is mounted', () => {
  const mounts: readonly (readonly [string, string | undefined, Readonly<Record<string, string>>, string, string])[] = [
    ['is what the web server says, by default', undefined, { SCRIPT_NAME: '/a', PATH_INFO: '/b' }, '/a', '/b'],
    ['is the root for nginx and Apache, which send the whole path as SCRIPT_NAME', '', { SCRIPT_NAME: '/a/b' }, '', '/a/b'],
    ['is the root for a path that is sent twice', '', { REQUEST_URI: '/a', SCRIPT_NAME: '/a', PATH_INFO: '/a' }, '', '/a'],
    ['is a folder', '/a', { SCRIPT_NAME: '/a/b' }, '/a', '/b'],
    ['is the folder itself', '/a', { SCRIPT_NAME: '', PATH_INFO: '/a' }, '/a', ''],
    ['is not what begins like it', '/a', { SCRIPT_NAME: '/ab' }, '', '/ab'],
  ];
  for (const [what, mount, variables, script, info] of mounts) {
    it(what, () => {
      const head = headOf(variables, { mount });
      assert.deepEqual([head.get('SCRIPT_NAME'), head.get('PATH_INFO')], [script, info]);
    });
  }
});

describe('the scheme', () => {
  const schemes: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{ HTTPS: 'on' }, 'https'],
    [{ HTTPS: '1' }, 'https'],
    [{ HTTPS: 'off', REQUEST_SCHEME: 'https' }, 'http'],
    [{ HTTPS: '', REQUEST_SCHEME: 'https' }, 'https'],
    [{ REQUEST_SCHEME: 'http' }, 'http'],
    [{}, 'http'],
  ];
  for (const [variables, scheme] of schemes) {
    it(`is ${scheme} for ${JSON.stringify(variables)}`, () => assert.equal(headOf(variables).scheme, scheme));
  }
});

describe('a response as CGI', () => {
  const responses: readonly (readonly [string, string, ResponseHead, number, string])[] = [
    ['says its status', 'GET', ResponseHead.of(404, ['A', 'b']), -1, 'Status: 404 Not Found\r\nA: b\r\n\r\n'],
    ['says a length that is known', 'GET', ResponseHead.of(200, []), 3, 'Status: 200 OK\r\nContent-Length: 3\r\n\r\n'],
    [
      'says its own length once',
      'GET',
      ResponseHead.of(200, ['content-length', '3']),
      3,
      'Status: 200 OK\r\ncontent-length: 3\r\n\r\n',
    ],
    ['says no length of what HEAD has not', 'HEAD', ResponseHead.of(200, []), 0, 'Status: 200 OK\r\n\r\n'],
    [
      'says the length of what GET would have',
      'HEAD',
      ResponseHead.of(200, []),
      3,
      'Status: 200 OK\r\nContent-Length: 3\r\n\r\n',
    ],
    ['has no length with 204', 'GET', ResponseHead.of(204, ['Content-Length', '3']), 3, 'Status: 204 No Content\r\n\r\n'],
    ['has one status', 'GET', ResponseHead.of(200, ['Status', '500 No']), -1, 'Status: 200 OK\r\n\r\n'],
  ];
  for (const [what, method, head, length, expected] of responses) {
    it(what, () => assert.equal(cgiHead(method, head, length), expected));
  }
});

describe('the head that a CGI program writes', () => {
  const heads: readonly (readonly [string, string, number, readonly string[]])[] = [
    ['has a status', 'Status: 404 Gone\r\nA: b\r\n\r\n', 404, ['A', 'b']],
    ['may end its lines in LF', 'status: 201\nA:b \n\n', 201, ['A', 'b']],
    ['is a 200 without a status', 'A: b\n\n', 200, ['A', 'b']],
    ['is a 302 with a Location and no status', 'Location: /x\n\n', 302, ['Location', '/x']],
  ];
  for (const [what, text, status, flat] of heads) {
    it(what, () => {
      const head = readCgiHead(Buffer.from(text));
      assert.deepEqual([head.status, head.flat], [status, flat]);
    });
  }

  const mistakes: readonly (readonly [string, string, string])[] = [
    ['two statuses', 'Status: 200\nStatus: 200\n\n', 'CGI_OUTPUT_INVALID'],
    ['a line that is no field', 'hello\n\n', 'CGI_OUTPUT_INVALID'],
    ['a CR within a value', 'A: b\rc\n\n', 'CGI_OUTPUT_INVALID'],
    ['a folded line', 'A: b\n c\n\n', 'CGI_OUTPUT_INVALID'],
    ['no field at all', '\n', 'CGI_OUTPUT_INVALID'],
    ['a status that is none', 'Status: ok\n\n', 'RESPONSE_STATUS_INVALID'],
    ['what belongs to the connection', 'Transfer-Encoding: chunked\n\n', 'RESPONSE_FIELD_FORBIDDEN'],
  ];
  for (const [what, text, code] of mistakes) {
    it(`is refused with ${what}`, () => assert.throws(() => readCgiHead(Buffer.from(text)), { code }));
  }
});
