// A frame that comes in small pieces: it costs what its bytes cost.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Chunks } from '@appserve/server/machines';
import { FrameClient } from '../../support/frame-client.ts';
import { encode } from '../../support/frames.ts';
import { startTestServer } from '../../support/http-server.ts';
import { turns } from '../../support/eventually.ts';

const PIECES = 4_000;

/** `count` bytes, of which no two neighbours are alike. */
function counted(count: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: count }, (_, index) => index % 251));
}

describe('what has come of a frame', () => {
  it('is kept in few pieces, and is the same', () => {
    const kept: Buffer[] = [];
    const chunks = new Chunks(kept);
    const bytes = counted(262_000);
    let most = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      kept.push(bytes.subarray(at, at + 1));
      chunks.look();
      most = Math.max(most, kept.length);
    }
    assert.ok(most < 1_500, `${most} pieces`);
    assert.ok(Buffer.concat(kept).equals(bytes));
  });

  it('is joined anew for each frame', () => {
    const kept: Buffer[] = [];
    const chunks = new Chunks(kept);
    for (let frame = 0; frame < 3; frame += 1) {
      for (let piece = 0; piece < 5_000; piece += 1) {
        kept.push(Buffer.alloc(1));
        chunks.look();
      }
      assert.ok(kept.length < 1_100, `${kept.length} pieces`);
      kept.length = 0;
      chunks.look();
    }
  });

  it('is joined in a server while it comes, and heard whole', { timeout: 120_000 }, async (t) => {
    const { mock } = t.mock.method(Buffer, 'concat');
    await using server = await startTestServer({ message: (socket, message) => socket.send(message) });
    await using client = await FrameClient.open(server.at);
    const payload = counted(PIECES);
    const frame = encode({ opcode: 2, isFinal: true, reserved: 0, payload }, true);
    for (let at = 0; at < frame.length - 1; at += 1) {
      client.sendBytes(frame.subarray(at, at + 1));
      await turns(1);
    }
    const joined = mock.calls.filter(({ arguments: [pieces] }) => pieces.length >= 1_024);
    client.sendBytes(frame.subarray(-1));
    assert.ok((await client.frame())?.payload.equals(payload));
    assert.ok(joined.length > 0, 'nothing was joined');
  });
});
