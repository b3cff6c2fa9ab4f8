// http1/body-reader.ts: the bytes of a request body become data and an end (RFC 9112 §6.2, §7.1).
//
// Law: a chunked body is read by its grammar, byte for byte; a size is hexadecimal digits and nothing else. Trailers are
// checked like a head and kept apart from it.

import { latin1 } from '../bytes.ts';
import { Fault } from '../faults.ts';
import { Fields } from '../message/fields.ts';
import { BYTE_CLASS, CHUNK_EXTENSIONS, CR, HEX_DIGIT, LF } from '../message/grammar.ts';
import type { Http1Event } from './events.ts';
import { NEED_DATA } from './events.ts';
import { markedTrailers, scanFields } from './head-reader.ts';
import {
  CHUNK_EXTENSIONS_BYTES_MAX,
  CHUNK_LINE_BYTES_MAX,
  CHUNK_SIZE_DIGITS_MAX,
  TRAILER_BYTES_MAX,
  type Http1Limits,
} from './limits.ts';
import type { ReceiveBuffer } from '../receive-buffer.ts';

export interface BodyReader {
  /** The next piece, the end, or `need-data`. Throws faults of the peer. */
  next(buffer: ReceiveBuffer): Http1Event;
  /** No byte of it has been read. */
  readonly isUntouched: boolean;
}

const END_WITHOUT_TRAILERS: Http1Event = Object.freeze({ type: 'end', trailers: Fields.none });

function takeData(buffer: ReceiveBuffer, bytesMax: number): Http1Event {
  const from = buffer.at;
  const to = Math.min(buffer.end, from + bytesMax);
  buffer.at = to;
  return { type: 'data', bytes: buffer.bytes.subarray(from, to) };
}

/** A body of Content-Length bytes. */
export class LengthReader implements BodyReader {
  readonly #length: number;
  #remaining: number;

  constructor(length: number) {
    this.#length = length;
    this.#remaining = length;
  }

  get isUntouched(): boolean {
    return this.#remaining === this.#length;
  }

  next(buffer: ReceiveBuffer): Http1Event {
    if (this.#remaining === 0) return END_WITHOUT_TRAILERS;
    if (buffer.length === 0) return NEED_DATA;
    const available = Math.min(buffer.length, this.#remaining);
    this.#remaining -= available;
    return takeData(buffer, available);
  }
}

type ChunkPhase = 'size' | 'data' | 'data-end' | 'trailers';

/** A chunked body: *chunk last-chunk trailer-section CRLF. */
export class ChunkedReader implements BodyReader {
  readonly #limits: Http1Limits;
  #phase: ChunkPhase = 'size';
  #chunkRemaining = 0;
  #bodyBytes = 0;
  #extensionBytes = 0;

  constructor(limits: Http1Limits) {
    this.#limits = limits;
  }

  get isUntouched(): boolean {
    return this.#phase === 'size' && this.#bodyBytes === 0;
  }

  next(buffer: ReceiveBuffer): Http1Event {
    for (;;) {
      switch (this.#phase) {
        case 'size':
          if (!this.#readSize(buffer)) return NEED_DATA;
          break;
        case 'data':
          if (buffer.length === 0) return NEED_DATA;
          return this.#readData(buffer);
        case 'data-end':
          if (!readCrlf(buffer)) return NEED_DATA;
          this.#phase = 'size';
          break;
        case 'trailers':
          return this.#readTrailers(buffer);
      }
    }
  }

  /** chunk-size [ chunk-ext ] CRLF. False: not complete. */
  #readSize(buffer: ReceiveBuffer): boolean {
    const { bytes, at: from, end } = buffer;
    let at = from;
    while (at < end && (BYTE_CLASS[bytes[at]!]! & HEX_DIGIT) !== 0) at += 1;
    const digitsTo = at;
    if (digitsTo - from > CHUNK_SIZE_DIGITS_MAX) throw chunkFault('too many digits in a chunk size');
    if (digitsTo === from && at < end) throw chunkFault('a chunk size has no digits');
    // Only a line that ends here is looked at; but it is refused as soon as a byte can no longer be right.
    while (at < end && bytes[at] !== CR && bytes[at] !== LF) at += 1;
    if (at - from > CHUNK_LINE_BYTES_MAX) throw chunkFault('the line of a chunk size is too long');
    checkExtensions(latin1(bytes, digitsTo, at), at < end);
    if (at === end) return false;
    if (bytes[at] === LF) throw chunkFault('a chunk size ends in LF without CR');
    if (at + 1 === end) return false;
    if (bytes[at + 1] !== LF) throw chunkFault('a CR without LF');
    this.#extensionBytes += at - digitsTo;
    if (this.#extensionBytes > CHUNK_EXTENSIONS_BYTES_MAX) throw chunkFault('too many bytes of chunk extensions');
    this.#startChunk(Number.parseInt(latin1(bytes, from, digitsTo), 16));
    buffer.at = at + 2;
    return true;
  }

  #startChunk(size: number): void {
    this.#bodyBytes += size;
    if (!Number.isSafeInteger(size)) throw chunkFault('a chunk size is too large');
    if (this.#bodyBytes > this.#limits.bodyBytesMax) throw new Fault('BODY_TOO_LARGE', { limit: this.#limits.bodyBytesMax });
    this.#chunkRemaining = size;
    this.#phase = size === 0 ? 'trailers' : 'data';
  }

  #readData(buffer: ReceiveBuffer): Http1Event {
    const available = Math.min(buffer.length, this.#chunkRemaining);
    this.#chunkRemaining -= available;
    if (this.#chunkRemaining === 0) this.#phase = 'data-end';
    return takeData(buffer, available);
  }

  #readTrailers(buffer: ReceiveBuffer): Http1Event {
    const { bytes, at, end } = buffer;
    if (end - at >= 2 && bytes[at] === CR && bytes[at + 1] === LF) {
      buffer.at = at + 2;
      return END_WITHOUT_TRAILERS;
    }
    const count = scanFields(bytes, at, at, end, this.#limits.fieldsMax, TRAILER_BYTES_MAX);
    if (count === -1) return NEED_DATA;
    const { fields, end: to } = markedTrailers(bytes, at, count);
    for (const [name] of fields)
      if (FRAMING_FIELDS.has(name.toLowerCase())) throw chunkFault(`${name} may not stand in a trailer section`);
    buffer.at = to;
    return { type: 'end', trailers: fields };
  }
}

// RFC 9110 §6.5.1: a sender must not put fields of framing and routing into trailers. Who does wants two readings.
const FRAMING_FIELDS = new Set(['content-length', 'transfer-encoding', 'host']);

/** Digits are legal with nothing behind them; otherwise extensions, whole ones once the line is complete. */
function checkExtensions(text: string, isComplete: boolean): void {
  if (text === '') return;
  if (isComplete ? !CHUNK_EXTENSIONS.test(text) : !/^[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/.test(text)) {
    throw chunkFault('something other than an extension follows a chunk size');
  }
}

/** The CRLF behind chunk data. False: not complete. */
function readCrlf(buffer: ReceiveBuffer): boolean {
  const { bytes, at, length } = buffer;
  if (length > 0 && bytes[at] !== CR) throw chunkFault('chunk data is not followed by CRLF');
  if (length > 1 && bytes[at + 1] !== LF) throw chunkFault('chunk data is not followed by CRLF');
  if (length < 2) return false;
  buffer.at = at + 2;
  return true;
}

function chunkFault(why: string): Fault {
  return new Fault('CHUNK_INVALID', { why });
}
