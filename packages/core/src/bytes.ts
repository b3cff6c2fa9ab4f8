// bytes.ts: bytes and text, both ways. HTTP heads are latin1: one byte, one char.

import { Buffer } from 'node:buffer';

// Undocumented, but in every Node since 6; it takes any Uint8Array and costs half of toString('latin1').
const latin1Slice = Reflect.get(Buffer.prototype, 'latin1Slice') as (this: Uint8Array, from: number, to: number) => string;

/** `bytes[from]` to `bytes[to - 1]` as latin1 text. */
export function latin1(bytes: Uint8Array, from = 0, to = bytes.length): string {
  return latin1Slice.call(bytes, from, to);
}

/** Text that is latin1 as bytes. */
export function fromLatin1(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

/**
 * From here on no Node of 20, 22 and 24 loses by asking first how long the bytes will be. Below it Node 24 does: it has more memory ready, and
 * looks at chars faster.
 */
const LONG_CHARS = 8 * 1_024;

/**
 * Text as UTF-8; lone surrogates become U+FFFD (WHATWG Encoding). Node 20 and 22 look at each char of a text to encode it; where it has as
 * many bytes as chars it is ASCII, and copied in a third of the time. Of others, the bytes are written where they stay.
 */
export function fromText(text: string): Uint8Array {
  return text.length < LONG_CHARS ? Buffer.from(text) : bytesOf(pieceOf(text));
}

/** What is sent: bytes, or a text whose chars are bytes (latin1): Node writes it without a buffer of ours. */
export type Piece = Uint8Array | string;

/** Text as UTF-8, to be sent. ASCII stays the text that it is: a buffer of its own would be made, copied and collected for nothing. */
export function pieceOf(text: string): Piece {
  const length = Buffer.byteLength(text);
  if (length === text.length) return text;
  if (length < LONG_CHARS) return Buffer.from(text);
  const bytes = Buffer.allocUnsafeSlow(length);
  // What was not written would be what stood there before.
  return bytes.write(text) === length ? bytes : Buffer.from(text);
}

export function bytesOf(piece: Piece): Uint8Array {
  return typeof piece === 'string' ? fromLatin1(piece) : piece;
}

/**
 * The same text in memory of its own, for what is remembered. V8 holds a cut of a text as a view of it, and a sum of texts as its
 * parts: one word that is kept could keep a megabyte. Names of properties are whole, and the very ones that stand in programs, which
 * are found equal without a look at their chars.
 */
export function ownText(text: string): string {
  const holder = Object.create(null) as Record<string, true>;
  holder[text] = true;
  return Object.keys(holder)[0]!;
}
