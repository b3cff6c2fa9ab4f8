// What the Autobahn testsuite asks of a server, section by section, as conversations of frames: `>` is sent, `<` is heard.
//
// The testsuite itself is Python 2, so it is run by hand; docs/reference/websocket.md says how, and what came of it.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { WebSocketApp } from '@appserve/core/app';
import { encode, type Frame } from '../../support/frames.ts';
import { FrameClient } from '../../support/frame-client.ts';
import { startTestServer, type TestServer } from '../../support/http-server.ts';

const TIMEOUT = { timeout: 120_000, concurrency: 4 };
const MIB = 1_024 * 1_024;

const echo: WebSocketApp = { compression: true, message: (socket, message) => socket.send(message) };

let server: TestServer | undefined;
before(async () => {
  server = await startTestServer(echo);
});
after(async () => {
  await server?.[Symbol.asyncDispose]();
});

/** Plays it on a WebSocket of its own. */
async function play(lines: readonly string[]): Promise<void> {
  await using client = await FrameClient.open(server!.at);
  for (const line of lines) {
    const text = line.slice(2);
    if (line.startsWith('> ')) client.send(text);
    else assert.equal(await client.hear(), text);
  }
}

type Scenes = Readonly<Record<string, readonly string[]>>;

function section(title: string, scenes: Scenes): void {
  describe(title, TIMEOUT, () => {
    for (const [name, lines] of Object.entries(scenes)) it(name, () => play(lines));
  });
}

/** The client says goodbye, and hears it. */
const BYE = ['> close 1000 bye', '< close 1000 bye', '< end'];
const REFUSED = ['< close 1002', '< end'];

section(
  '1 Framing: a message comes back',
  Object.fromEntries(
    [0, 1, 125, 126, 127, 128, 65_535, 65_536].flatMap((length) => {
      const shown = length === 0 ? '' : length === 1 ? ' a' : ` a*${length}`;
      return ['text', 'binary'].map((type) => [`${type} of ${length} bytes`, [`> ${type}${shown}`, `< ${type}${shown}`, ...BYE]]);
    }),
  ),
);

section('2 Pings and pongs', {
  'a ping is answered': ['> ping', '< pong', ...BYE],
  'with the same bytes': ['> ping hello', '< pong hello', '> ping 0x00fffefd', '< pong 0x00fffefd', ...BYE],
  'up to 125 of them': ['> ping a*125', '< pong a*125', ...BYE],
  'more are no ping': ['> ping a*126', ...REFUSED],
  'a pong that nobody has asked for is passed over': ['> pong hello', '> ping still here', '< pong still here', ...BYE],
  'ten pings are answered in their order': [
    ...Array.from({ length: 10 }, (_, number) => `> ping ${number}`),
    ...Array.from({ length: 10 }, (_, number) => `< pong ${number}`),
    ...BYE,
  ],
});

section('3 Reserved bits: without an extension that means them', {
  ...Object.fromEntries(
    ['rsv1 rsv2', 'rsv2', 'rsv3', 'rsv2 rsv3', 'rsv1 rsv2 rsv3'].map((bits) => [
      `a message with ${bits} is refused`,
      ['> text before', '< text before', `> text ${bits} hello`, ...REFUSED],
    ]),
  ),
  'a message with rsv1 is refused where no compression was agreed on': ['> text rsv1 hello', ...REFUSED],
  'a ping with rsv1 is refused': ['> ping rsv1 hello', ...REFUSED],
  'a close with rsv3 is refused': ['> close rsv3 0x03e8', ...REFUSED],
});

section(
  '4 Opcodes: what has no meaning is refused',
  Object.fromEntries(
    [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode) => [
      [`opcode ${opcode}`, [`> opcode${opcode} hello`, ...REFUSED]],
      [`opcode ${opcode} behind a message`, ['> text hello', '< text hello', `> opcode${opcode}`, ...REFUSED]],
    ]),
  ),
);

section('5 Fragmentation', {
  'a message in two fragments': ['> text+ hel', '> continuation lo', '< text hello', ...BYE],
  'a message in many, one of them empty': [
    '> binary+ 0x01',
    '> continuation+',
    '> continuation+ 0x02',
    '> continuation 0xff',
    '< binary 0x0102ff',
    ...BYE,
  ],
  'of which all are empty': ['> text+', '> continuation+', '> continuation', '< text', ...BYE],
  'a ping between them is answered at once': [
    '> text+ hel',
    '> ping now',
    '< pong now',
    '> continuation lo',
    '< text hello',
    ...BYE,
  ],
  'a ping in fragments is refused': ['> ping+ hel', ...REFUSED],
  'a pong in fragments is refused': ['> pong+ hel', ...REFUSED],
  'a close in fragments is refused': ['> close+ 0x03e8', ...REFUSED],
  'a continuation of nothing is refused': ['> continuation hello', ...REFUSED],
  'a continuation of nothing that will go on is refused': ['> continuation+ hello', ...REFUSED],
  'another message between them is refused': ['> text+ hel', '> text lo', ...REFUSED],
  'a continuation behind the last is refused': ['> text+ hel', '> continuation lo', '< text hello', '> continuation', ...REFUSED],
});

const INVALID = ['< close 1007', '< end'];

section('6 UTF-8', {
  'text of two, three and four bytes a character': ['> text κόσμε € 𝄞', '< text κόσμε € 𝄞', ...BYE],
  'a character that is cut between fragments': [
    '> text+ 0xe2',
    '> continuation+ 0x82',
    '> continuation 0xac',
    '< text €',
    ...BYE,
  ],
  'the last character that there is': ['> text 0xf48fbfbf', '< text \u{10ffff}', ...BYE],
  'a character that is no character': ['> text 0xefbfbe', '< text \u{fffe}', ...BYE],
  ...Object.fromEntries(
    [
      ['a byte that begins nothing', '0x80'],
      ['a character that is not whole', '0xe282'],
      ['a surrogate', '0xeda080'],
      ['a character beyond the last', '0xf4908080'],
      ['an overlong slash', '0xc0af'],
      ['an overlong NUL', '0xe08080'],
      ['a byte that never occurs', '0xfe'],
      ['a mistake behind what is right', '0xcebae1bdb9cf83cebcceb5eda080656469746564'],
    ].map(([name, bytes]) => [`${name} is refused`, [`> text ${bytes}`, ...INVALID]]),
  ),
  'a character that is never completed is refused': ['> text+ 0xe282', '> continuation', ...INVALID],
  'bytes that are no text may be in a binary message': ['> binary 0xeda080', '< binary 0xeda080', ...BYE],
});

const CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
const NO_CODES = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];

section('7 Closing', {
  'without a code': ['> close', '< close', '< end'],
  'with a code and no reason': ['> close 1000', '< close 1000', '< end'],
  'with a reason of 123 bytes': ['> close 1000 a*123', '< close 1000 a*123', '< end'],
  'a reason of 124 bytes is refused': ['> close 1000 a*124', ...REFUSED],
  'a code of one byte is refused': ['> close 0x03', ...REFUSED],
  'a reason that is no text is refused': ['> close 0x03e8ff', ...INVALID],
  'nothing is heard behind it': ['> close 1000', '> ping', '> text hello', '< close 1000', '< end'],
  'a message that is not complete is dropped': ['> text+ hel', '> close 1000', '< close 1000', '< end'],
  ...Object.fromEntries(CODES.map((code) => [`${code} is a code`, [`> close ${code}`, `< close ${code}`, '< end']])),
  ...Object.fromEntries(NO_CODES.map((code) => [`${code} is none`, [`> close ${code}`, ...REFUSED]])),
});

section('10 Masks', {
  'a client that does not mask is refused (RFC 6455 §5.1)': ['> text unmasked hello', ...REFUSED],
  'also when it is only a ping': ['> ping unmasked', ...REFUSED],
});

describe('9 Limits', TIMEOUT, () => {
  for (const [fragment, total] of [
    [64, 4 * MIB],
    [4_096, 4 * MIB],
    [MIB, 16 * MIB],
  ] as const) {
    it(`${total / MIB} MiB in fragments of ${fragment} bytes are one message`, async () => {
      await using client = await FrameClient.open(server!.at);
      const count = total / fragment;
      const piece = Buffer.alloc(fragment, '*');
      const frames = Array.from({ length: count }, (_, at): Frame => {
        const opcode = at === 0 ? 2 : 0;
        return { opcode, isFinal: at === count - 1, reserved: 0, payload: piece };
      });
      client.sendBytes(Buffer.concat(frames.map((frame) => encode(frame, true))));
      const frame = await client.frame();
      assert.equal(frame?.payload.length, total);
      assert.ok(frame.payload.equals(Buffer.alloc(total, '*')));
    });
  }

  it('a message that is larger than it may be is refused by its head', async () => {
    await using small = await startTestServer({ ...echo, maxMessageBytes: 1_000 });
    await using client = await FrameClient.open(small.at);
    client.send('text a*1000');
    assert.equal(await client.hear(), 'text a*1000');
    // The head alone: nothing of its 1,001 bytes is ever sent.
    client.sendBytes(Buffer.from([0x81, 0xfe, 0x03, 0xe9, 1, 2, 3, 4]));
    assert.deepEqual([await client.hear(), await client.hear()], ['close 1009', 'end']);
  });

  it('a message that grows too large by its fragments is refused', async () => {
    await using small = await startTestServer({ ...echo, maxMessageBytes: 1_000 });
    await using client = await FrameClient.open(small.at);
    client.send('text+ a*500', 'continuation+ a*500', 'continuation a');
    assert.deepEqual([await client.hear(), await client.hear()], ['close 1009', 'end']);
  });

  it('a message in more fragments than are worth their memory is refused', async () => {
    await using small = await startTestServer({ ...echo, maxMessageBytes: 64 * 1_024 });
    await using client = await FrameClient.open(small.at);
    client.send('text+', ...Array.from({ length: 1_100 }, () => 'continuation+ a'));
    assert.deepEqual([await client.hear(), await client.hear()], ['close 1008', 'end']);
  });
});

const DEFLATE = 'Sec-WebSocket-Extensions: permessage-deflate';
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

function deflated(text: string): Buffer {
  return deflateRawSync(text, { finishFlush: 2 }).subarray(0, -TAIL.length);
}

describe('12 and 13 Compression (RFC 7692)', TIMEOUT, () => {
  for (const [offered, agreed] of [
    ['', ''],
    ['; client_max_window_bits', ''],
    ['; server_max_window_bits=9', '; server_max_window_bits=9'],
    ['; server_no_context_takeover; client_no_context_takeover', '; server_no_context_takeover; client_no_context_takeover'],
    ['; client_max_window_bits=10; server_max_window_bits=12', '; client_max_window_bits=10; server_max_window_bits=12'],
    ['; client_max_window_bits=9, permessage-deflate', '; client_max_window_bits=9'],
  ] as const) {
    it(`is agreed on: permessage-deflate${offered}`, async () => {
      await using client = await FrameClient.open(server!.at, '/', [`${DEFLATE}${offered}`]);
      assert.match(client.head, new RegExp(`^Sec-WebSocket-Extensions: permessage-deflate${agreed}$`, 'm'));
      const text = 'hello '.repeat(1_000);
      for (let round = 0; round < 3; round += 1) {
        client.sendBytes(encode({ opcode: 1, isFinal: true, reserved: 4, payload: deflated(text) }, true));
        const frame = await client.frame();
        assert.equal(frame?.reserved, 4);
        // Later ones may lean on the first.
        if (round === 0) assert.equal(inflateRawSync(Buffer.concat([frame.payload, TAIL]), { finishFlush: 2 }).toString(), text);
        assert.ok(frame.payload.length < 200);
      }
    });
  }

  it('is not agreed on where nobody offers it, nor where it is not wanted', async () => {
    await using client = await FrameClient.open(server!.at);
    assert.doesNotMatch(client.head, /extensions/i);
    await using plain = await startTestServer({ message: () => undefined });
    await using other = await FrameClient.open(plain.at, '/', [DEFLATE]);
    assert.doesNotMatch(other.head, /extensions/i);
  });

  it('of what is not understood is declined, and the WebSocket opens', async () => {
    await using client = await FrameClient.open(server!.at, '/', [`${DEFLATE}; server_max_window_bits=8`]);
    assert.match(client.head, /^HTTP\/1\.1 101 /);
    assert.doesNotMatch(client.head, /extensions/i);
  });

  it('leaves short messages as they are', async () => {
    await using client = await FrameClient.open(server!.at, '/', [DEFLATE]);
    client.send('text hello');
    assert.equal(await client.hear(), 'text hello');
  });

  it('reads a compressed message in fragments', async () => {
    await using client = await FrameClient.open(server!.at, '/', [DEFLATE]);
    const payload = deflated('hello');
    client.sendBytes(encode({ opcode: 1, isFinal: false, reserved: 4, payload: payload.subarray(0, 3) }, true));
    client.sendBytes(encode({ opcode: 0, isFinal: true, reserved: 0, payload: payload.subarray(3) }, true));
    assert.equal(await client.hear(), 'text hello');
  });

  it('refuses what does not inflate', async () => {
    await using client = await FrameClient.open(server!.at, '/', [DEFLATE]);
    client.sendBytes(encode({ opcode: 1, isFinal: true, reserved: 4, payload: Buffer.from([0xff, 0xff, 0xff]) }, true));
    assert.deepEqual([await client.hear(), await client.hear()], ['close 1007', 'end']);
  });

  it('refuses a bomb: what is larger than it may be once it is inflated', async () => {
    await using small = await startTestServer({ ...echo, maxMessageBytes: 10_000 });
    await using client = await FrameClient.open(small.at, '/', [DEFLATE]);
    client.sendBytes(encode({ opcode: 1, isFinal: true, reserved: 4, payload: deflated('a'.repeat(MIB)) }, true));
    assert.deepEqual([await client.hear(), await client.hear()], ['close 1009', 'end']);
  });

  it('refuses a compressed ping and a compressed continuation', async () => {
    for (const lines of [['ping rsv1 hello'], ['text+ hel', 'continuation rsv1 lo']]) {
      await using client = await FrameClient.open(server!.at, '/', [DEFLATE]);
      client.send(...lines);
      assert.deepEqual([await client.hear(), await client.hear()], ['close 1002', 'end']);
    }
  });
});
