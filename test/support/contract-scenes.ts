// contract-scenes.ts: what a client says, and what it must hear, whatever contract the app keeps and whatever carries it.

import assert from 'node:assert/strict';
import type { Heard } from './answers-of.ts';

export interface Scene {
  readonly name: string;
  /** Bytes as latin1 text; one request or more. */
  readonly says: string;
  /** The methods of its requests, by which answers are read; one GET when left out. */
  readonly methods?: readonly string[];
  /** The client closes its side behind its last byte. */
  readonly endsSending?: boolean;
  /** Reads to the end of the connection, for what is not whole. */
  readonly untilEnd?: boolean;
  readonly hears: (answers: readonly Heard[], text: string) => void;
}

interface Wanted {
  readonly status?: number;
  readonly reason?: string;
  readonly fields?: Readonly<Record<string, string | readonly string[]>>;
  readonly lacks?: readonly string[];
  readonly body?: string;
  readonly isWhole?: boolean;
}

function wants(...wanted: readonly Wanted[]): Scene['hears'] {
  return (answers) => {
    assert.equal(answers.length, wanted.length, 'as many answers as requests');
    for (const [index, { status = 200, reason, fields = {}, lacks = [], body, isWhole = true }] of wanted.entries()) {
      const answer = answers[index]!;
      assert.equal(answer.status, status);
      if (reason !== undefined) assert.equal(answer.reason, reason);
      for (const [name, value] of Object.entries(fields)) assert.deepEqual(answer.fields.get(name), [value].flat(), name);
      for (const name of lacks) assert.equal(answer.fields.get(name), undefined, name);
      if (body !== undefined) assert.equal(answer.body, body);
      assert.equal(answer.isWhole, isWhole, 'it is whole');
    }
  };
}

function ask(target: string, { method = 'GET', version = '1.1', fields = [] as readonly string[], body = '' } = {}): string {
  return [`${method} ${target} HTTP/${version}`, 'Host: example.test', ...fields, '', body].join('\r\n');
}

function post(target: string, body: string, fields: readonly string[] = []): string {
  return ask(target, { method: 'POST', fields: [...fields, `Content-Length: ${body.length}`], body });
}

function chunked(target: string, pieces: readonly string[], trailers: readonly string[] = []): string {
  const body = [
    ...pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`),
    '0\r\n',
    ...trailers.map((line) => `${line}\r\n`),
    '\r\n',
  ];
  return ask(target, { method: 'POST', fields: ['Transfer-Encoding: chunked'], body: body.join('') });
}

const NEXT = ask('/hello');
const HELLO = 'Hello, world!';
const FAILED = { status: 500, fields: { connection: 'close' } } as const;

export const SCENES: readonly Scene[] = [
  // What an answer is.
  {
    name: 'says hello',
    says: NEXT,
    hears: wants({ body: HELLO, reason: 'Reason', fields: { 'content-type': 'text/plain', 'content-length': '13' } }),
  },
  { name: 'keeps the connection', says: NEXT, hears: wants({ lacks: ['connection'] }) },
  { name: 'sends Date once', says: NEXT, hears: ([answer]) => assert.equal(answer?.fields.get('date')?.length, 1) },
  { name: 'has an answer without a body', says: ask('/empty'), hears: wants({ body: '', fields: { 'content-length': '0' } }) },
  { name: 'sends a reason of its own', says: ask('/reason'), hears: wants({ status: 299, reason: 'Odd Reason', body: 'odd' }) },
  ...[201, 202, 400, 404, 418, 500, 503].map((status): Scene => ({
    name: `sends ${status}`,
    says: ask(`/status?${status}`),
    hears: wants({ status, body: String(status) }),
  })),
  ...[204, 304].map((status): Scene => ({
    name: `sends ${status} without content`,
    says: ask(`/status?${status}`) + NEXT,
    methods: ['GET', 'GET'],
    hears: wants({ status, body: '', lacks: ['transfer-encoding'] }, { body: HELLO }),
  })),
  {
    name: 'sends 205 without content',
    says: ask('/status?205') + NEXT,
    methods: ['GET', 'GET'],
    hears: wants({ status: 205, body: '' }, { body: HELLO }),
  },
  { name: 'redirects', says: ask('/redirect'), hears: wants({ status: 302, fields: { location: '/elsewhere?a=b' } }) },
  {
    name: 'keeps cookies apart',
    says: ask('/cookies'),
    hears: wants({ fields: { 'set-cookie': ['a=1; Path=/', 'b=2'] }, body: 'cookies' }),
  },
  {
    name: 'sends fields in latin1, and empty ones',
    says: ask('/fields'),
    hears: wants({ fields: { 'x-one': '1', 'x-latin': 'caf\xe9', 'x-empty': '' } }),
  },
  { name: 'sends any byte', says: ask('/bytes'), hears: wants({ body: '\0\r\n\xff\x80', fields: { 'content-length': '5' } }) },
  {
    name: 'sends a MiB with its length',
    says: ask('/mib'),
    hears: ([answer]) =>
      assert.deepEqual([answer?.fields.get('content-length'), answer?.body.length], [[String(1_024 ** 2)], 1_024 ** 2]),
  },
  { name: 'answers what is not there', says: ask('/nowhere'), hears: wants({ status: 404, body: 'nothing here' }) },
  {
    name: 'closes when the app says so',
    says: ask('/close'),
    untilEnd: true,
    hears: wants({ body: 'closing', fields: { connection: 'close' } }),
  },

  // Streams.
  {
    name: 'streams in chunks',
    says: ask('/stream?3'),
    hears: wants({ body: 'piecepiecepiece', fields: { 'transfer-encoding': 'chunked' }, lacks: ['content-length'] }),
  },
  { name: 'streams one piece', says: ask('/stream?1'), hears: wants({ body: 'piece' }) },
  { name: 'streams nothing', says: ask('/stream?0'), hears: wants({ body: '' }) },
  {
    name: 'streams a body of known length',
    says: ask('/known'),
    hears: wants({ body: 'piecepiecepiece', fields: { 'content-length': '15' }, lacks: ['transfer-encoding'] }),
  },
  {
    name: 'streams more than sockets hold',
    says: ask('/big'),
    hears: ([answer]) => assert.deepEqual([answer?.body.length, answer?.isWhole], [20 * 64 * 1_024, true]),
  },
  {
    name: 'streams and goes on',
    says: ask('/stream?2') + NEXT,
    methods: ['GET', 'GET'],
    hears: wants({ body: 'piecepiece' }, { body: HELLO }),
  },
  {
    name: 'streams to HTTP/1.0 up to the end of the connection',
    says: ask('/stream?3', { version: '1.0' }),
    untilEnd: true,
    hears: wants({ body: 'piecepiecepiece', isWhole: false, lacks: ['transfer-encoding'], fields: { connection: 'close' } }),
  },

  // HEAD.
  {
    name: 'tells HEAD the length',
    says: ask('/hello', { method: 'HEAD' }) + NEXT,
    methods: ['HEAD', 'GET'],
    hears: wants({ body: '', fields: { 'content-length': '13' } }, { body: HELLO }),
  },
  {
    name: 'streams nothing to HEAD',
    says: ask('/stream?3', { method: 'HEAD' }) + NEXT,
    methods: ['HEAD', 'GET'],
    hears: wants({ body: '' }, { body: HELLO }),
  },
  {
    name: 'tells HEAD the length that the app knows',
    says: ask('/known', { method: 'HEAD' }) + NEXT,
    methods: ['HEAD', 'GET'],
    hears: wants({ body: '', fields: { 'content-length': '15' } }, { body: HELLO }),
  },
  {
    name: 'sends no body of a failure to HEAD',
    says: ask('/throw', { method: 'HEAD' }),
    methods: ['HEAD'],
    untilEnd: true,
    hears: (answers, text) => {
      assert.equal(answers[0]?.status, 500);
      assert.ok(text.endsWith('\r\n\r\n'));
    },
  },

  // What an app learns of a request.
  ...['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'].map((method): Scene => ({
    name: `is told the method ${method}`,
    says: ask('/method', { method, fields: method === 'GET' ? [] : ['Content-Length: 0'] }),
    methods: [method],
    hears: wants({ body: method }),
  })),
  {
    name: 'is told the query as it was sent',
    says: ask('/query?a=%20b+c&d=%C3%A9&&e'),
    hears: wants({ body: 'a=%20b+c&d=%C3%A9&&e' }),
  },
  { name: 'is told an empty query', says: ask('/query?'), hears: wants({ body: '' }) },
  { name: 'is told a path in UTF-8', says: ask('/path/caf%C3%A9'), hears: wants({ body: '/path/caf\xc3\xa9' }) },
  { name: 'is told an encoded space', says: ask('/path/a%20b'), hears: wants({ body: '/path/a b' }) },
  { name: 'is told an encoded slash', says: ask('/path/a%2Fb'), hears: wants({ body: '/path/a/b' }) },
  { name: 'is told an encoded question mark', says: ask('/path/a%3Fb?c'), hears: wants({ body: '/path/a?b' }) },
  { name: 'is told a field', says: ask('/field?x-me', { fields: ['X-Me: myself'] }), hears: wants({ body: 'myself' }) },
  {
    name: 'is told repeated fields as one',
    says: ask('/field?x-me', { fields: ['X-Me: one', 'x-me: two'] }),
    hears: wants({ body: 'one, two' }),
  },
  {
    name: 'is told cookies as one',
    says: ask('/field?cookie', { fields: ['Cookie: a=1', 'Cookie: b=2'] }),
    hears: wants({ body: 'a=1; b=2' }),
  },
  { name: 'is told that a field is missing', says: ask('/field?x-me'), hears: wants({ body: 'none' }) },
  { name: 'is told an empty field', says: ask('/field?x-me', { fields: ['X-Me:'] }), hears: wants({ body: '' }) },
  {
    name: 'is told its content type',
    says: ask('/field?content-type', { fields: ['Content-Type: text/x-test'] }),
    hears: wants({ body: 'text/x-test' }),
  },
  {
    name: 'is told the host of an absolute target',
    says: 'GET http://other.test/hello HTTP/1.1\r\nHost: example.test\r\n\r\n',
    hears: (answers) => assert.ok(answers[0]!.status === 200 || answers[0]!.status === 404),
  },

  // Bodies of requests.
  { name: 'reads a body with a length', says: post('/length', 'four'), hears: wants({ body: '4' }) },
  { name: 'reads an empty body', says: post('/length', ''), hears: wants({ body: '0' }) },
  { name: 'reads no body', says: ask('/length'), hears: wants({ body: '0' }) },
  { name: 'reads a chunked body', says: chunked('/length', ['one', 'three']), hears: wants({ body: '8' }) },
  {
    name: 'reads a chunked body with trailers',
    says: chunked('/length', ['one'], ['X-Trailer: 1']),
    hears: wants({ body: '3' }),
  },
  { name: 'reads a large body', says: post('/length', 'b'.repeat(300_000)), hears: wants({ body: '300000' }) },
  { name: 'gives a body back', says: post('/echo', 'echo \0\xff'), hears: wants({ body: 'echo \0\xff' }) },
  {
    name: 'gives a large body back',
    says: post('/echo', 'e'.repeat(300_000)),
    hears: ([answer]) => assert.equal(answer?.body, 'e'.repeat(300_000)),
  },
  { name: 'gives a chunked body back', says: chunked('/echo', ['a', 'bc', 'def']), hears: wants({ body: 'abcdef' }) },
  { name: 'gives an empty body back', says: post('/echo', ''), hears: wants({ body: '' }) },
  {
    name: 'reads a body that is waited for',
    says: post('/length', 'four', ['Expect: 100-continue']),
    hears: wants({ body: '4' }),
  },
  {
    name: 'leaves a small body unread and goes on',
    says: post('/ignore', 'unread') + NEXT,
    methods: ['POST', 'GET'],
    hears: wants({ body: 'ignored' }, { body: HELLO }),
  },
  {
    name: 'leaves a chunked body unread and goes on',
    says: chunked('/ignore', ['un', 'read']) + NEXT,
    methods: ['POST', 'GET'],
    hears: wants({ body: 'ignored' }, { body: HELLO }),
  },
  {
    name: 'reads a body and goes on',
    says: post('/length', 'four') + NEXT,
    methods: ['POST', 'GET'],
    hears: wants({ body: '4' }, { body: HELLO }),
  },
  {
    name: 'is told that a body is cut short',
    says: ask('/length', { method: 'POST', fields: ['Content-Length: 9'], body: 'cut' }),
    methods: ['POST'],
    endsSending: true,
    untilEnd: true,
    hears: wants({ status: 400 }),
  },
  {
    name: 'is told that a chunk is wrong',
    says: ask('/length', { method: 'POST', fields: ['Transfer-Encoding: chunked'], body: 'x\r\n' }),
    methods: ['POST'],
    untilEnd: true,
    hears: wants({ status: 400 }),
  },

  // Connections.
  {
    name: 'answers three in a row',
    says: NEXT + ask('/method') + ask('/query?a'),
    methods: ['GET', 'GET', 'GET'],
    hears: wants({ body: HELLO }, { body: 'GET' }, { body: 'a' }),
  },
  {
    name: 'closes when the client says so',
    says: ask('/hello', { fields: ['Connection: close'] }),
    untilEnd: true,
    hears: wants({ body: HELLO, fields: { connection: 'close' } }),
  },
  {
    name: 'closes after HTTP/1.0',
    says: ask('/hello', { version: '1.0' }),
    untilEnd: true,
    hears: wants({ body: HELLO, fields: { connection: 'close' } }),
  },
  {
    name: 'keeps HTTP/1.0 that asks for it',
    says: ask('/hello', { version: '1.0', fields: ['Connection: keep-alive'] }),
    hears: wants({ body: HELLO, fields: { connection: 'keep-alive' } }),
  },
  {
    name: 'answers a client that has closed its side',
    says: NEXT,
    endsSending: true,
    untilEnd: true,
    hears: wants({ body: HELLO }),
  },

  // Failures.
  { name: 'answers 500 when the app throws', says: ask('/throw'), untilEnd: true, hears: wants(FAILED) },
  { name: 'answers 500 when the app rejects', says: ask('/reject'), untilEnd: true, hears: wants(FAILED) },
  {
    name: 'answers 500 instead of a split answer',
    says: ask('/split'),
    untilEnd: true,
    hears: (answers, text) => {
      wants(FAILED)(answers, text);
      assert.doesNotMatch(text, /Injected/);
    },
  },
  {
    name: 'breaks off when the app fails late',
    says: ask('/late'),
    untilEnd: true,
    hears: ([answer]) => assert.deepEqual([answer?.body, answer?.isWhole], ['begun', false]),
  },
  {
    name: 'breaks off what is shorter than it says',
    says: ask('/short'),
    untilEnd: true,
    hears: ([answer]) => assert.deepEqual([answer?.body, answer?.isWhole], ['short', false]),
  },
  { name: 'cuts what is longer than it says', says: ask('/long'), untilEnd: true, hears: wants({ body: 'long' }) },
];
