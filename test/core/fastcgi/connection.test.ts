// Conversations of a web server with the engine, as records. Each of them is also cut at every byte.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sameHoweverCut } from '../../support/cuts.ts';
import { FastcgiWire, type FastcgiSettings } from '../../support/fastcgi-conversation.ts';
import { beginRequest, pairs, record, ROLE, stream, TYPE } from '../../support/fastcgi-wire.ts';

const GET = { REQUEST_METHOD: 'GET', SCRIPT_NAME: '', PATH_INFO: '/', SERVER_PROTOCOL: 'HTTP/1.1' };
const HELLO = 'stdout 1 "Status: 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhello"';
const ANSWER = [HELLO, 'stdout 1 end', 'endRequest 1 0 complete'];

interface Scene {
  readonly what: string;
  readonly settings?: FastcgiSettings;
  readonly says: readonly Uint8Array[];
  readonly endsSending?: boolean;
  readonly heard: readonly string[];
  readonly sent: readonly string[];
}

function params(id: number, more: Readonly<Record<string, string>> = {}, bytesARecord?: number): Buffer {
  return stream(TYPE.params, id, pairs({ ...GET, ...more }), bytesARecord);
}

/** The records of another id. */
function ofId(id: number, lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/^(\w+) 1/, `$1 ${id}`));
}

const noBody = record(TYPE.stdin, 1);

const SCENES: readonly Scene[] = [
  {
    what: 'answers a request and closes where the web server does not keep the connection',
    says: [beginRequest(1, ROLE.responder, false), params(1), noBody],
    heard: ['begin 1', 'request 1 GET /', 'stdin 1 end', 'closed'],
    sent: ANSWER,
  },
  {
    what: 'keeps the connection with FCGI_KEEP_CONN, and takes an id again',
    says: [beginRequest(1), params(1), noBody, beginRequest(1), params(1, { PATH_INFO: '/2' }), noBody],
    heard: ['begin 1', 'request 1 GET /', 'stdin 1 end', 'begin 1', 'request 1 GET /2', 'stdin 1 end'],
    sent: [...ANSWER, ...ANSWER],
  },
  {
    what: 'reads a body in records of any length, with padding',
    says: [
      beginRequest(1),
      params(1, { REQUEST_METHOD: 'POST', CONTENT_LENGTH: '10' }),
      record(TYPE.stdin, 1, '0', { paddingBytes: 255 }),
      record(TYPE.stdin, 1, '123456', { paddingBytes: 1 }),
      record(TYPE.stdin, 1, '789'),
      record(TYPE.stdin, 1, '', { paddingBytes: 8 }),
    ],
    heard: ['begin 1', 'request 1 POST /', 'stdin 1 0123456789', 'stdin 1 end'],
    sent: ANSWER,
  },
  {
    what: 'reads variables that are cut at every byte',
    says: [beginRequest(1), params(1, { HTTP_X: 'y'.repeat(200) }, 1), noBody],
    heard: ['begin 1', 'request 1 GET /', 'stdin 1 end'],
    sent: ANSWER,
  },
  {
    what: 'takes lengths of four bytes for short names and values',
    says: [beginRequest(1), stream(TYPE.params, 1, pairs(GET, true)), noBody],
    heard: ['begin 1', 'request 1 GET /', 'stdin 1 end'],
    sent: ANSWER,
  },
  {
    what: 'has several requests at the same time, whatever the order of their records',
    says: [
      beginRequest(1),
      beginRequest(513),
      params(513, { PATH_INFO: '/513', REQUEST_METHOD: 'PUT', CONTENT_LENGTH: '2' }),
      record(TYPE.stdin, 513, 'a'),
      params(1),
      record(TYPE.stdin, 1),
      record(TYPE.stdin, 513, 'b'),
      record(TYPE.stdin, 513),
    ],
    heard: [
      'begin 1',
      'begin 513',
      'request 513 PUT /513',
      'stdin 513 a',
      'request 1 GET /',
      'stdin 1 end',
      'stdin 513 b',
      'stdin 513 end',
    ],
    sent: [...ANSWER, ...ofId(513, ANSWER)],
  },
  {
    what: 'closes behind the last of them where one is not to be kept',
    says: [beginRequest(1, ROLE.responder, false), beginRequest(2), params(1), noBody, params(2), record(TYPE.stdin, 2)],
    heard: ['begin 1', 'begin 2', 'request 1 GET /', 'stdin 1 end', 'request 2 GET /', 'stdin 2 end', 'closed'],
    sent: [...ANSWER, ...ofId(2, ANSWER)],
  },
  {
    what: 'refuses a second request where connections are not multiplexed',
    settings: { isMultiplexed: false },
    says: [beginRequest(1), beginRequest(2), params(2), record(TYPE.stdin, 2), params(1), noBody],
    heard: ['begin 1', 'request 1 GET /', 'stdin 1 end'],
    sent: ['endRequest 2 0 mpx', ...ANSWER],
  },
  {
    what: 'refuses more requests than a connection may have',
    settings: { requestsMax: 2, answersAt: 'never' },
    says: [beginRequest(1), beginRequest(2), beginRequest(3)],
    heard: ['begin 1', 'begin 2'],
    sent: ['endRequest 3 0 overloaded'],
  },
  {
    what: 'refuses another role, and passes over what follows of it',
    says: [beginRequest(1, ROLE.filter), params(1), noBody, beginRequest(1), params(1), noBody],
    heard: ['begin 1', 'request 1 GET /', 'stdin 1 end'],
    sent: ['endRequest 1 0 role', ...ANSWER],
  },
  {
    what: 'closes behind a role that it has not, where the connection is not kept',
    says: [beginRequest(1, 7, false), params(1)],
    heard: ['closed'],
    sent: ['endRequest 1 0 role'],
  },
  {
    what: 'waits for no body of an authorizer, and passes over one',
    settings: { role: 'authorizer' },
    says: [beginRequest(1, ROLE.authorizer), params(1, { CONTENT_LENGTH: '5' }), record(TYPE.stdin, 1, 'hello'), noBody],
    heard: ['begin 1', 'request 1 GET /'],
    sent: ANSWER,
  },
  {
    what: 'reads the data of a filter behind its body',
    settings: { role: 'filter' },
    says: [
      beginRequest(1, ROLE.filter),
      params(1, { FCGI_DATA_LENGTH: '4', CONTENT_LENGTH: '2' }),
      stream(TYPE.stdin, 1, 'in'),
      stream(TYPE.data, 1, 'file'),
    ],
    heard: ['begin 1', 'request 1 GET /', 'stdin 1 in', 'stdin 1 end', 'data 1 file', 'data 1 end'],
    sent: ANSWER,
  },
  {
    what: 'tells what it is asked, and nothing that it does not know',
    settings: { processConnectionsMax: 7, processRequestsMax: 70 },
    says: [record(TYPE.getValues, 0, pairs({ FCGI_MPXS_CONNS: '', FCGI_MAX_CONNS: '', BOGUS: '', FCGI_MAX_REQS: '' }))],
    heard: [],
    sent: ['getValuesResult 0 "\\u000e\\u0001FCGI_MAX_CONNS7\\r\\u0002FCGI_MAX_REQS70\\u000f\\u0001FCGI_MPXS_CONNS1"'],
  },
  {
    what: 'answers a management record that it does not know, and goes on',
    says: [record(123, 0, 'x'), beginRequest(1), params(1), noBody],
    heard: ['begin 1', 'request 1 GET /', 'stdin 1 end'],
    sent: ['unknownType 0 "{\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000"', ...ANSWER],
  },
  {
    what: 'does not answer answers',
    says: [record(TYPE.unknownType, 0, 'x'.repeat(8)), record(TYPE.getValuesResult, 0)],
    heard: [],
    sent: [],
  },
  {
    what: 'passes over records of requests that are not under way, and of types that no web server sends',
    says: [
      record(TYPE.stdin, 7, 'data'),
      record(TYPE.abortRequest, 8),
      beginRequest(1),
      record(123, 1, 'x'),
      record(TYPE.stdout, 1, 'x'),
      params(1),
      noBody,
      record(TYPE.stdin, 1, 'late'),
    ],
    heard: ['begin 1', 'request 1 GET /', 'stdin 1 end'],
    sent: ANSWER,
  },
  {
    what: 'passes over what follows the end of a stream',
    settings: { answersAt: 'never' },
    says: [beginRequest(1), params(1), params(1, { PATH_INFO: '/late' }), noBody, record(TYPE.stdin, 1, 'late'), noBody],
    heard: ['begin 1', 'request 1 GET /', 'stdin 1 end'],
    sent: [],
  },
  {
    what: 'ends a request that is aborted, and keeps the connection',
    settings: { answersAt: 'never' },
    says: [beginRequest(1), params(1), record(TYPE.abortRequest, 1), noBody, beginRequest(1)],
    heard: ['begin 1', 'request 1 GET /', 'abort 1', 'begin 1'],
    sent: ['stdout 1 end', 'endRequest 1 1 complete'],
  },
  {
    what: 'ends a request that is aborted before its variables are here',
    says: [beginRequest(1, ROLE.responder, false), record(TYPE.params, 1, 'abc'), record(TYPE.abortRequest, 1)],
    heard: ['begin 1', 'abort 1', 'closed'],
    sent: ['stdout 1 end', 'endRequest 1 1 complete'],
  },
  {
    what: 'leaves a request alone whose web server has gone',
    settings: { answersAt: 'never' },
    says: [beginRequest(1), params(1)],
    endsSending: true,
    heard: ['begin 1', 'request 1 GET /', 'closed'],
    sent: [],
  },
  {
    what: 'closes on a record that is not whole',
    says: [Buffer.from([1, 1, 0, 1])],
    endsSending: true,
    heard: ['closed'],
    sent: [],
  },
  ...[
    ['another version', record(TYPE.beginRequest, 1, '\0\x01\0\0\0\0\0\0', { version: 2 })],
    ['a request with the id 0', beginRequest(0)],
    ['a stream with the id 0', record(TYPE.stdin, 0, 'x')],
    ['a begin of another length', record(TYPE.beginRequest, 1, 'x')],
    ['names and values that are cut off', record(TYPE.getValues, 0, '\x05\0ab')],
  ].map(([what, bytes]): Scene => ({
    what: `closes on ${what as string}`,
    says: [bytes as Buffer, beginRequest(2), params(2)],
    heard: ['RECORD_INVALID', 'closed'],
    sent: [],
  })),
  {
    what: 'closes on a second begin of a request that is under way',
    says: [beginRequest(1), beginRequest(1)],
    heard: ['begin 1', 'RECORD_INVALID', 'closed'],
    sent: [],
  },
];

function play({ settings, endsSending = false }: Scene, pieces: readonly Uint8Array[]): FastcgiWire {
  const wire = new FastcgiWire(settings);
  for (const piece of pieces) wire.receive(piece);
  if (endsSending) wire.endSending();
  return wire;
}

describe('a FastCGI connection', () => {
  for (const scene of SCENES) {
    it(scene.what, () => {
      const wire = play(scene, [Buffer.concat(scene.says)]);
      assert.deepEqual(wire.heard, scene.heard);
      assert.deepEqual(wire.sent, scene.sent);
    });

    it(`${scene.what}, however it is cut`, () => {
      sameHoweverCut(Buffer.concat(scene.says), (pieces) => {
        const { heard, sent } = play(scene, pieces);
        return { heard, sent };
      });
    });
  }
});

describe('what is refused of one request', () => {
  const refusals: readonly (readonly [
    what: string,
    code: string,
    status: number,
    says: readonly Uint8Array[],
    FastcgiSettings?,
  ])[] = [
    ['a body in front of the variables', 'STREAM_OUT_OF_TURN', 400, [record(TYPE.stdin, 1, 'x')]],
    [
      'data in front of the end of the body',
      'STREAM_OUT_OF_TURN',
      400,
      [params(1), record(TYPE.data, 1, 'x')],
      { role: 'filter' },
    ],
    ['a name that is longer than what follows', 'PARAMS_INVALID', 400, [stream(TYPE.params, 1, '\x09\0ab')]],
    ['a variable without a name', 'PARAMS_INVALID', 400, [stream(TYPE.params, 1, '\0\x01a')]],
    ['a length of two gigabytes', 'PARAMS_TOO_LARGE', 431, [record(TYPE.params, 1, '\xff\xff\xff\xff\0a')]],
    ['variables that are too large', 'PARAMS_TOO_LARGE', 431, [params(1, { X: 'y'.repeat(500) })], { paramsBytesMax: 400 }],
    ['too many variables', 'PARAMS_TOO_MANY', 431, [params(1)], { paramsMax: 3 }],
    ['a request without a method', 'VARIABLE_INVALID', 400, [stream(TYPE.params, 1, pairs({ A: 'b' }))]],
    ['no number for a length', 'LENGTH_INVALID', 400, [params(1, { CONTENT_LENGTH: '+5' })]],
    ['a body that is too large', 'BODY_TOO_LARGE', 413, [params(1, { CONTENT_LENGTH: '6' })], { bodyBytesMax: 5 }],
    ['a body that turns out so', 'BODY_TOO_LARGE', 413, [params(1), record(TYPE.stdin, 1, '123456')], { bodyBytesMax: 5 }],
    [
      'a body that is too short',
      'STREAM_LENGTH_WRONG',
      400,
      [params(1, { CONTENT_LENGTH: '6' }), stream(TYPE.stdin, 1, 'hello')],
    ],
    ['a body that is too long', 'STREAM_LENGTH_WRONG', 400, [params(1, { CONTENT_LENGTH: '2' }), record(TYPE.stdin, 1, 'hello')]],
    [
      'a file that is too short',
      'STREAM_LENGTH_WRONG',
      400,
      [params(1, { FCGI_DATA_LENGTH: '9' }), noBody, stream(TYPE.data, 1, 'file')],
      { role: 'filter' },
    ],
  ];
  for (const [what, code, status, says, settings] of refusals) {
    it(`is ${what}: ${status}, and the next one is answered`, () => {
      const role = ROLE[settings?.role ?? 'responder'];
      const wire = new FastcgiWire({ ...settings, answersAt: 'never' });
      wire.receive(Buffer.concat([beginRequest(1, role), ...says, record(TYPE.stdin, 1, 'more'), beginRequest(1, role)]));
      assert.equal(wire.heard.at(-2), `${code} 1`);
      assert.equal(wire.heard.at(-1), 'begin 1');
      assert.match(wire.sent[0]!, new RegExp(`^stdout 1 "Status: ${status} `));
      assert.deepEqual(wire.sent.slice(1), ['stdout 1 end', 'endRequest 1 0 complete']);
    });
  }
});
