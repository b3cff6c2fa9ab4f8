// cuts.ts: however TCP cuts it, the same must come out.

import assert from 'node:assert/strict';

/** Every way to cut `bytes` in two, and once byte by byte: TCP promises no more than this. */
export function* cuts(bytes: Uint8Array): Generator<Uint8Array[]> {
  for (let at = 1; at < bytes.length; at += 1) {
    // Deep in a run of one and the same byte, some cuts stand for all.
    if (isDeepInRun(bytes, at) && at % 64 !== 0) continue;
    yield [bytes.subarray(0, at), bytes.subarray(at)];
  }
  yield byteByByte(bytes);
}

export function byteByByte(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
}

const DEEP = 8;

function isDeepInRun(bytes: Uint8Array, at: number): boolean {
  const around = bytes.subarray(Math.max(0, at - DEEP), at + DEEP);
  return around.length === 2 * DEEP && around.every((byte) => byte === around[0]);
}

/** Fails where `read` gives something else for pieces than for the whole. */
export function sameHoweverCut(bytes: Uint8Array, read: (pieces: readonly Uint8Array[]) => unknown): void {
  const whole = read([bytes]);
  for (const pieces of cuts(bytes)) {
    const where = pieces.length === 2 ? `cut behind byte ${pieces[0]!.length}` : 'byte by byte';
    assert.deepEqual(read(pieces), whole, where);
  }
}
