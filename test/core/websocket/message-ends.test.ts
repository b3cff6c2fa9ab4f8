// What a server writes on a connection that becomes a WebSocket: where a frame of somebody else's may stand in it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageEnds } from '@appserve/core/websocket';
import { sameHoweverCut } from '../../support/cuts.ts';
import { bytesOf } from '../../support/frames.ts';

const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n';

/** A head, and frames as lines. */
function written(head: string, ...lines: readonly string[]): Buffer {
  return Buffer.concat([Buffer.from(head, 'latin1'), ...lines.map(bytesOf)]);
}

/** Each place in the bytes where a message ends, and what is so behind them. */
function placesIn(pieces: readonly Uint8Array[]): { places: number[]; isAtEnd: boolean; isOver: boolean } {
  const ends = new MessageEnds();
  const places: number[] = [];
  let before = 0;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      at = ends.next(piece, at);
      if (ends.isAtEnd) places.push(before + at);
    }
    before += piece.length;
  }
  return { places, isAtEnd: ends.isAtEnd, isOver: ends.isOver };
}

interface Scene {
  readonly says: string;
  readonly head: string;
  readonly lines: readonly string[];
  /** How many of the lines, with the head before them, end at a place where a message ends. */
  readonly ends: readonly number[];
  readonly isOver?: boolean;
}

const SCENES: readonly Scene[] = [
  { says: 'nowhere in a head', head: SWITCHING.slice(0, -2), lines: [], ends: [] },
  { says: 'behind a 101', head: SWITCHING, lines: [], ends: [0] },
  { says: 'behind a head that others came before', head: `HTTP/1.1 103 Early Hints\r\n\r\n${SWITCHING}`, lines: [], ends: [0] },
  {
    says: 'behind each message, however long',
    head: SWITCHING,
    lines: ['text', 'text a', 'binary a*125', 'binary a*126', 'binary a*65535', 'binary a*65536'].map(unmasked),
    ends: [0, 1, 2, 3, 4, 5, 6],
  },
  {
    says: 'behind one that is masked, which no server does',
    head: SWITCHING,
    lines: ['text', 'text a', 'text a*126'],
    ends: [0, 1, 2, 3],
  },
  {
    says: 'not between the parts of one, nor at a ping there',
    head: SWITCHING,
    lines: ['text+ a', 'continuation+ a*200', 'ping', 'continuation c', 'pong'].map(unmasked),
    ends: [0, 4, 5],
  },
  {
    says: 'not behind a goodbye',
    head: SWITCHING,
    lines: ['text a', 'close 1000', 'text b'].map(unmasked),
    ends: [0, 1],
    isOver: true,
  },
  { says: 'nowhere in a refusal', head: 'HTTP/1.1 401 Unauthorized\r\n\r\n', lines: ['text a'], ends: [], isOver: true },
  {
    says: 'nowhere in another protocol',
    head: SWITCHING.replace('WebSocket', 'echo'),
    lines: ['text a'],
    ends: [],
    isOver: true,
  },
  { says: 'nowhere in what is no HTTP', head: 'SSH-2.0-OpenSSH_9.2\r\n\r\n', lines: ['text a'], ends: [], isOver: true },
  {
    says: 'nowhere behind a head without end',
    head: `${SWITCHING.slice(0, -2)}X: ${'x'.repeat(70_000)}`,
    lines: [],
    ends: [],
    isOver: true,
  },
];

function unmasked(line: string): string {
  const [name, ...rest] = line.split(' ');
  return [name, 'unmasked', ...rest].join(' ');
}

describe('the end of a message', () => {
  for (const { says, head, lines, ends, isOver = false } of SCENES)
    it(`is ${says}`, () => {
      const bytes = written(head, ...lines);
      const found = placesIn([bytes]);
      const places = ends.map((count) => written(head, ...lines.slice(0, count)).length);
      assert.deepEqual(found, { places, isAtEnd: places.at(-1) === bytes.length, isOver });
      sameHoweverCut(bytes, placesIn);
    });
});
