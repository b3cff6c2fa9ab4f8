// A message as a frame of a server: what is written is what a reader of the standard reads.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { binaryFrame, textFrame } from '@appserve/server/machines';
import { decode } from '../../support/frames.ts';

const LENGTHS = [0, 1, 125, 126, 127, 65_535, 65_536, 100_000];

describe('a frame', () => {
  for (const length of LENGTHS) {
    it(`of ${length} bytes is read as it was meant`, () => {
      const payload = Buffer.alloc(length, 'a');
      for (const [opcode, pieces] of [
        [1, textFrame('a'.repeat(length))],
        [2, binaryFrame(payload)],
      ] as const) {
        const bytes = Buffer.concat(pieces);
        const found = decode(bytes);
        assert.equal(found?.length, bytes.length);
        assert.deepEqual([found.frame.opcode, found.frame.isFinal, found.frame.reserved], [opcode, true, 0]);
        assert.ok(found.frame.payload.equals(payload));
      }
    });
  }

  it('of text is UTF-8; half a surrogate is U+FFFD, since no text can hold it', () => {
    for (const text of ['é', '€', '\u{1d11e}', 'a\0b'])
      assert.equal(decode(Buffer.concat(textFrame(text)))?.frame.payload.toString(), text);
    assert.equal(decode(Buffer.concat(textFrame('\ud834')))?.frame.payload.toString(), '\ufffd');
  });

  it('that is short goes out in one piece; a long one is not copied', () => {
    const long = Buffer.alloc(100_000);
    assert.equal(binaryFrame(Buffer.alloc(1_000)).length, 1);
    assert.equal(binaryFrame(long)[1], long);
  });
});
