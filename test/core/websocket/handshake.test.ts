// The opening handshake (RFC 6455 §4): what a request must say, and what it is told when it does not.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '@appserve/core';
import { Fields, RequestHead, type RequestParts } from '@appserve/core/message';
import {
  accept,
  checkOrigin,
  chooseProtocol,
  readHandshake,
  refusalOf,
  switchingFields,
  wantsWebSocket,
} from '@appserve/core/websocket';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const USUAL = {
  Host: 'example.org',
  Connection: 'keep-alive, Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': KEY,
} as const;

type Lines = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The usual handshake, but for some lines: of several values, or of none. */
function request(lines: Lines = {}, parts: Partial<RequestParts> = {}): RequestHead {
  const all: Lines = { ...USUAL, ...lines };
  const flat = Object.entries(all).flatMap(([name, value]) =>
    (value === undefined ? [] : [value].flat()).flatMap((one) => [name, one]),
  );
  return new RequestHead({
    method: 'GET',
    target: '/',
    pathAndQuery: '/',
    version: 'HTTP/1.1',
    fields: new Fields(flat),
    framing: { type: 'length', length: 0 },
    expectsContinue: false,
    keepAlive: true,
    ...parts,
  });
}

function faultOf(act: () => unknown): Fault {
  try {
    act();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('a handshake', () => {
  it('says what the client wants', () => {
    const lines = { Origin: 'https://example.org', 'Sec-WebSocket-Protocol': ['chat, v2.chat', 'x'] };
    assert.deepEqual(readHandshake(request(lines)), {
      key: KEY,
      protocols: ['chat', 'v2.chat', 'x'],
      deflate: '',
      origin: 'https://example.org',
      host: 'example.org',
    });
  });

  for (const [name, lines] of [
    ['its tokens are in other letters', { Upgrade: 'WebSocket', Connection: 'UPGRADE' }],
    ['it offers other protocols too', { Upgrade: 'h2c, websocket' }],
    ['its tokens stand in several lines', { Connection: ['keep-alive', 'upgrade'] }],
    ['it offers an extension that nobody knows', { 'Sec-WebSocket-Extensions': 'x-frobnicate; level="9"' }],
  ] satisfies [string, Lines][]) {
    it(`is one when ${name}`, () => {
      assert.equal(readHandshake(request(lines)).key, KEY);
    });
  }

  const REFUSED: readonly (readonly [why: string, lines: Lines, code: string, parts?: Partial<RequestParts>])[] = [
    ['Upgrade is missing', { Upgrade: undefined }, 'WEBSOCKET_WANTED'],
    ['Upgrade is another protocol', { Upgrade: 'h2c' }, 'WEBSOCKET_WANTED'],
    ['Upgrade only contains the word', { Upgrade: 'websockets' }, 'WEBSOCKET_WANTED'],
    ['Connection is missing', { Connection: undefined }, 'WEBSOCKET_WANTED'],
    ['Connection does not name it', { Connection: 'keep-alive' }, 'WEBSOCKET_WANTED'],
    ['it is a POST', {}, 'WEBSOCKET_HANDSHAKE_INVALID', { method: 'POST' }],
    ['it is HTTP/1.0', {}, 'WEBSOCKET_HANDSHAKE_INVALID', { version: 'HTTP/1.0' }],
    ['it has a body', {}, 'WEBSOCKET_HANDSHAKE_INVALID', { framing: { type: 'length', length: 1 } }],
    ['Host is missing', { Host: undefined }, 'WEBSOCKET_HANDSHAKE_INVALID'],
    ['Host is empty', { Host: '' }, 'WEBSOCKET_HANDSHAKE_INVALID'],
    ['Host is none', { Host: 'a b' }, 'WEBSOCKET_HANDSHAKE_INVALID'],
    ['the version is missing', { 'Sec-WebSocket-Version': undefined }, 'WEBSOCKET_HANDSHAKE_INVALID'],
    ['the version is 8', { 'Sec-WebSocket-Version': '8' }, 'WEBSOCKET_VERSION'],
    ['the version is 14', { 'Sec-WebSocket-Version': '14' }, 'WEBSOCKET_VERSION'],
    ['the version is 013', { 'Sec-WebSocket-Version': '013' }, 'WEBSOCKET_VERSION'],
    ['there are two versions', { 'Sec-WebSocket-Version': ['13', '8'] }, 'WEBSOCKET_HANDSHAKE_INVALID'],
    ['the version is a list', { 'Sec-WebSocket-Version': '13, 8' }, 'WEBSOCKET_VERSION'],
    ['the key is missing', { 'Sec-WebSocket-Key': undefined }, 'WEBSOCKET_HANDSHAKE_INVALID'],
    ['the key is empty', { 'Sec-WebSocket-Key': '' }, 'WEBSOCKET_HANDSHAKE_INVALID'],
    ['the key is of 15 bytes', { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAA' }, 'WEBSOCKET_HANDSHAKE_INVALID'],
    ['the key is of 17 bytes', { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAAA=' }, 'WEBSOCKET_HANDSHAKE_INVALID'],
    [
      'the key has bits that stand for nothing',
      { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAB==' },
      'WEBSOCKET_HANDSHAKE_INVALID',
    ],
    ['the key is base64url', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25j_g==' }, 'WEBSOCKET_HANDSHAKE_INVALID'],
    ['there are two keys', { 'Sec-WebSocket-Key': [KEY, KEY] }, 'WEBSOCKET_HANDSHAKE_INVALID'],
    ['a subprotocol is no token', { 'Sec-WebSocket-Protocol': 'a b' }, 'WEBSOCKET_HANDSHAKE_INVALID'],
    ['a subprotocol is empty', { 'Sec-WebSocket-Protocol': 'a,,b' }, 'WEBSOCKET_HANDSHAKE_INVALID'],
    ['a subprotocol stands twice', { 'Sec-WebSocket-Protocol': ['a', 'b, a'] }, 'WEBSOCKET_HANDSHAKE_INVALID'],
    ['an extension is no token', { 'Sec-WebSocket-Extensions': 'a b' }, 'WEBSOCKET_HANDSHAKE_INVALID'],
    ['an extension has a value that is no token', { 'Sec-WebSocket-Extensions': 'a; b="c d"' }, 'WEBSOCKET_HANDSHAKE_INVALID'],
    ['an extension has a parameter without a name', { 'Sec-WebSocket-Extensions': 'a; =1' }, 'WEBSOCKET_HANDSHAKE_INVALID'],
    ['there are two origins', { Origin: ['https://a', 'https://b'] }, 'WEBSOCKET_HANDSHAKE_INVALID'],
  ];
  for (const [why, lines, code, parts] of REFUSED) {
    it(`is refused when ${why}`, () => {
      const fault = faultOf(() => readHandshake(request(lines, parts)));
      assert.equal(fault.code, code);
      assert.equal(fault.status, code === 'WEBSOCKET_HANDSHAKE_INVALID' ? 400 : 426);
    });
  }

  it('is asked for by Upgrade and Connection, whatever else is wrong', () => {
    assert.equal(wantsWebSocket(request({ 'Sec-WebSocket-Key': undefined })), true);
    assert.equal(wantsWebSocket(request({ Upgrade: undefined })), false);
  });
});

describe('an offer of permessage-deflate (RFC 7692 §7.1)', () => {
  for (const [offer, taken] of [
    ['permessage-deflate', 'permessage-deflate'],
    ['permessage-deflate; client_max_window_bits', 'permessage-deflate; client_max_window_bits'],
    ['permessage-deflate;client_max_window_bits="10"', 'permessage-deflate; client_max_window_bits=10'],
    [
      'permessage-deflate; server_no_context_takeover; server_max_window_bits=15',
      'permessage-deflate; server_no_context_takeover; server_max_window_bits=15',
    ],
    ['x-webkit-deflate-frame, permessage-deflate', 'permessage-deflate'],
  ] as const) {
    it(`is taken: ${offer}`, () => {
      assert.equal(readHandshake(request({ 'Sec-WebSocket-Extensions': offer })).deflate, taken);
    });
  }

  for (const offer of [
    'permessage-deflate; server_max_window_bits',
    'permessage-deflate; server_max_window_bits=7',
    'permessage-deflate; server_max_window_bits=8',
    'permessage-deflate; server_max_window_bits=16',
    'permessage-deflate; server_max_window_bits=010',
    'permessage-deflate; client_max_window_bits=16',
    'permessage-deflate; server_no_context_takeover=1',
    'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
    'permessage-deflate; level=9',
    'permessage-bzip2',
  ]) {
    it(`is declined, which is no error: ${offer}`, () => {
      assert.equal(readHandshake(request({ 'Sec-WebSocket-Extensions': offer })).deflate, '');
    });
  }
});

describe('a subprotocol', () => {
  it('is what the endpoint likes best of what the client offers', () => {
    assert.equal(chooseProtocol(['a', 'b', 'c'], ['c', 'a']), 'c');
    assert.equal(chooseProtocol(['a'], ['b']), undefined);
    assert.equal(chooseProtocol(['A'], ['a']), undefined);
    assert.equal(chooseProtocol([], ['a']), undefined);
  });
});

describe('an origin', () => {
  for (const [origin, host, origins, isAllowed] of [
    [undefined, 'a', 'same', true],
    ['https://a', 'a', 'same', true],
    ['http://A:8080', 'a:8080', 'same', true],
    ['https://a:8443', 'a', 'same', false],
    ['https://a.evil.example', 'a', 'same', false],
    ['https://evil.example/a', 'a', 'same', false],
    ['null', 'null', 'same', false],
    ['null', 'a', 'any', true],
    ['https://b', 'a', ['https://b', 'https://c'], true],
    ['https://a', 'a', ['https://b'], false],
    ['https://b.', 'a', ['https://b'], false],
    [undefined, 'a', ['https://b'], true],
  ] as const) {
    it(`${origin ?? 'that is not there'} may ${isAllowed ? '' : 'not '}speak to ${host}, where ${String(origins)} may`, () => {
      const asked = { key: KEY, protocols: [], deflate: '', origin, host };
      if (isAllowed) checkOrigin(asked, origins);
      else assert.equal(faultOf(() => checkOrigin(asked, origins)).status, 403);
    });
  }
});

describe('what an endpoint asks for', () => {
  for (const [option, value] of [
    ['protocols', 'chat'],
    ['protocols', ['a b']],
    ['origins', 'https://a'],
    ['maxMessageBytes', 0],
    ['maxMessageBytes', 2 ** 31],
    ['maxMessageBytes', '1MiB'],
    ['pingMs', -1],
    ['idleMs', 1.5],
    ['compression', 'yes'],
    ['maxMessageSize', 1],
  ] as const) {
    it(`cannot be ${option}: ${JSON.stringify(value)}, and that is the fault of the app`, () => {
      const fault = faultOf(() => accept(request(), {}, { [option]: value }));
      assert.deepEqual([fault.code, fault.blame], ['WEBSOCKET_OPTION_INVALID', 'app']);
      assert.match(fault.message, new RegExp(`the WebSocket option ${option} `));
    });
  }

  it('may be left out by undefined', () => {
    assert.equal(accept(request(), {}, { pingMs: undefined } as object).protocol, undefined);
  });
});

describe('a refusal', () => {
  it('of what is no handshake says what would do', () => {
    const { status, fields, text } = refusalOf(faultOf(() => readHandshake(request({ Upgrade: undefined }))));
    assert.equal(status, 426);
    assert.deepEqual(fields.slice(1), [
      ['Upgrade', 'websocket'],
      ['Sec-WebSocket-Version', '13'],
    ]);
    assert.match(text, /^this is a WebSocket endpoint: .*\n$/);
  });

  it('repeats nothing of the client but printable ASCII', () => {
    const { text } = refusalOf(faultOf(() => readHandshake(request({ 'Sec-WebSocket-Version': '8\xe9\t' }))));
    assert.match(text, /^[\x20-\x7e]*\n$/);
  });

  it('is none of the errors of an app, which go on', () => {
    const error = new Error('the app');
    assert.throws(() => refusalOf(error), error);
    const fault = new Fault('WEBSOCKET_OPTION_INVALID', { option: 'x', why: 'y' });
    assert.throws(() => refusalOf(fault), fault);
  });
});

describe('further fields of a 101', () => {
  it('are those of any response', () => {
    assert.deepEqual(switchingFields(['Set-Cookie', 'a=1', 'Connection', 'close']).flat, ['Set-Cookie', 'a=1']);
    assert.throws(() => switchingFields(['X', 'a\r\nb']), { code: 'RESPONSE_FIELD_INVALID' });
  });

  for (const name of ['Upgrade', 'Content-Length', 'Sec-WebSocket-Accept', 'sec-websocket-protocol', 'Transfer-Encoding']) {
    it(`cannot be ${name}`, () => {
      assert.throws(() => switchingFields([name, '1']), { code: 'RESPONSE_FIELD_FORBIDDEN' });
    });
  }
});
