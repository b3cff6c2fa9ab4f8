// websocket/frame.ts: a whole message as one frame of a server: not masked, not compressed (RFC 6455 §5.2). A machine.
//
// ws would write a head and a payload, for which the kernel is asked by writev: half of what a short message costs. A short one is copied
// behind its head here, and goes out by one write.

import { Buffer } from 'node:buffer';

const FIN = 0x80;
const TEXT = 1;
const BINARY = 2;
/** A longer one is cheaper sent behind its head than copied. */
const COPIED_BYTES_MAX = 16 * 1_024;

/** Bytes to be sent, in order. */
export type Pieces = readonly [Uint8Array] | readonly [Uint8Array, Uint8Array];

export function textFrame(text: string): Pieces {
  const length = Buffer.byteLength(text);
  const at = headLength(length);
  const frame = Buffer.allocUnsafe(at + length);
  writeHead(frame, TEXT, length);
  // As many bytes as chars: it is ASCII, which is copied.
  frame.write(text, at, length === text.length ? 'latin1' : 'utf8');
  return [frame];
}

export function binaryFrame(bytes: Uint8Array): Pieces {
  const { length } = bytes;
  const at = headLength(length);
  const isCopied = length <= COPIED_BYTES_MAX;
  const frame = Buffer.allocUnsafe(isCopied ? at + length : at);
  writeHead(frame, BINARY, length);
  if (!isCopied) return [frame, bytes];
  frame.set(bytes, at);
  return [frame];
}

function headLength(length: number): number {
  if (length <= 125) return 2;
  return length <= 0xffff ? 4 : 10;
}

function writeHead(frame: Buffer, opcode: number, length: number): void {
  frame[0] = FIN | opcode;
  if (length <= 125) {
    frame[1] = length;
  } else if (length <= 0xffff) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
    frame.writeUInt32BE(length % 2 ** 32, 6);
  }
}
