// http1/head-reader.ts: the bytes of a request head become a RequestHead, in one pass (RFC 9112 §2-5).
//
// Law: what does not match the grammar is refused where it stands. Nothing is trimmed but OWS, nothing repaired, nothing
// skipped; a line ends with CRLF and with nothing else. The pass reads bytes and marks where names and values begin and end;
// only when the whole head is right is it made into text, once.

import { latin1 } from '../bytes.ts';
import { Fault } from '../faults.ts';
import { Fields } from '../message/fields.ts';
import { BYTE_CLASS, COLON, CR, FIELD_CHAR, isOws, LF, SP, TARGET_CHAR, TCHAR } from '../message/grammar.ts';
import { RequestHead } from '../message/request-head.ts';
import { targetWithoutSlash } from '../message/target.ts';
import { hashStep, knownName } from './field-names.ts';
import { FramingFacts } from './framing.ts';
import { METHOD_BYTES_MAX, type Http1Limits } from './limits.ts';
import type { ReceiveBuffer } from './receive-buffer.ts';

/** How many numbers a field line leaves in `marks`: name from, name to, value from, value to, hash of the name. */
const MARKS = 5;
// One for all heads: a pass is not interrupted. It grows with the largest head that the limits let through.
let marks = new Int32Array(64 * MARKS);

const SLASH = 0x2f;
const VERSION_BYTES = 8;

/**
 * Takes the next head out of the buffer. `undefined`: it is not complete, and what is there of it is right so far.
 *
 * Faults: REQUEST_LINE_*, VERSION_UNSUPPORTED, TARGET_INVALID, METHOD_REFUSED, FIELD_*, FIELDS_TOO_MANY, HEAD_TOO_LARGE and
 * those of framing.ts.
 */
export function readHead(buffer: ReceiveBuffer, limits: Http1Limits): RequestHead | undefined {
  const { bytes, at: from, end: to } = buffer;
  const line = scanRequestLine(bytes, from, to, limits);
  if (line === undefined) {
    // One more for the CR of a line that is exactly as long as it may be.
    if (to - from > limits.requestLineBytesMax + 1)
      throw new Fault('REQUEST_LINE_TOO_LONG', { limit: limits.requestLineBytesMax });
    return undefined;
  }
  const count = scanFields(bytes, from, line.end, to, limits.fieldsMax, limits.headBytesMax);
  if (count === -1) return undefined;
  const end = scannedTo;
  buffer.at = end;
  return makeHead(bytes, from, end, line, count);
}

/** Offsets of the parts of a request line; `end` is behind its CRLF. */
interface RequestLine {
  readonly methodTo: number;
  readonly targetTo: number;
  readonly end: number;
}

function scanRequestLine(bytes: Uint8Array, from: number, to: number, limits: Http1Limits): RequestLine | undefined {
  let at = from;
  while (at < to && (BYTE_CLASS[bytes[at]!]! & TCHAR) !== 0) at += 1;
  const methodTo = at;
  if (methodTo - from > METHOD_BYTES_MAX) throw lineFault('the method is too long');
  if (at === to) return undefined;
  if (bytes[at] !== SP || methodTo === from) throw lineFault('it does not begin with a method and one space');
  at += 1;
  const targetFrom = at;
  while (at < to && (BYTE_CLASS[bytes[at]!]! & TARGET_CHAR) !== 0) at += 1;
  const targetTo = at;
  if (at === to) return undefined;
  if (bytes[at] !== SP) throw new Fault('TARGET_INVALID', { why: `byte 0x${bytes[at]!.toString(16).padStart(2, '0')}` });
  if (targetTo === targetFrom) throw lineFault('there is more than one space');
  at += 1;
  const versionTo = checkVersion(bytes, at, to);
  if (versionTo === undefined) return undefined;
  if (versionTo - from > limits.requestLineBytesMax)
    throw new Fault('REQUEST_LINE_TOO_LONG', { limit: limits.requestLineBytesMax });
  return lineEnd(bytes, versionTo, to) ? { methodTo, targetTo, end: versionTo + 2 } : undefined;
}

/** `HTTP/1.` DIGIT: gives where it ends, or nothing when it is not complete. */
function checkVersion(bytes: Uint8Array, at: number, to: number): number | undefined {
  // The common case first: "HTTP/1.1" byte by byte.
  if (to - at >= VERSION_BYTES && bytes[at] === 0x48 && bytes[at + 5] === 0x31 && latin1(bytes, at, at + 7) === 'HTTP/1.') {
    const minor = bytes[at + 7]!;
    if (minor >= 0x30 && minor <= 0x39) return at + VERSION_BYTES;
  }
  const text = latin1(bytes, at, Math.min(to, at + VERSION_BYTES));
  if (/^HTTP\/[02-9]\.[0-9]$/.test(text)) throw new Fault('VERSION_UNSUPPORTED', { version: text });
  const isBeginning =
    text.length < VERSION_BYTES && 'HTTP/'.startsWith(text.slice(0, 5)) && /^(?:[0-9]\.?)?$/.test(text.slice(5));
  if (!isBeginning) throw lineFault('it does not end in HTTP/1.1 or HTTP/1.0');
  return undefined;
}

/** Whether CRLF stands at `at`; false when it is not complete. */
function lineEnd(bytes: Uint8Array, at: number, to: number): boolean {
  if (at >= to) return false;
  if (bytes[at] !== CR) throw lineFault('it does not end in HTTP/1.1 or HTTP/1.0 and CRLF');
  if (at + 1 >= to) return false;
  if (bytes[at + 1] !== LF) throw lineFault('a CR without LF');
  return true;
}

function lineFault(why: string): Fault {
  return new Fault('REQUEST_LINE_INVALID', { why });
}

// Where the last complete scan ended, behind the empty line. A second result of scanFields, without an object for it.
let scannedTo = 0;

/**
 * Scans field lines and the empty line that ends them, for heads and for trailer sections. Gives how many there are, or -1 when
 * they are not complete. `from` is where the section that is limited begins.
 */
export function scanFields(
  bytes: Uint8Array,
  from: number,
  fieldsFrom: number,
  to: number,
  fieldsMax: number,
  bytesMax: number,
): number {
  let at = fieldsFrom;
  let count = 0;
  while (at < to && bytes[at] !== CR) {
    if (count === fieldsMax) throw new Fault('FIELDS_TOO_MANY', { limit: fieldsMax });
    const next = scanField(bytes, at, to, count * MARKS);
    if (next === -1) return incomplete(to - from, bytesMax);
    at = next;
    count += 1;
  }
  if (at + 1 >= to) return incomplete(to - from, bytesMax);
  if (bytes[at + 1] !== LF) throw fieldFault('a CR without LF');
  scannedTo = at + 2;
  if (scannedTo - from > bytesMax) throw new Fault('HEAD_TOO_LARGE', { limit: bytesMax });
  return count;
}

function incomplete(length: number, bytesMax: number): -1 {
  if (length > bytesMax) throw new Fault('HEAD_TOO_LARGE', { limit: bytesMax });
  return -1;
}

/** Scans one `name ":" OWS value OWS CRLF` and marks its parts. Gives the next line, or -1 when this one is not complete. */
function scanField(bytes: Uint8Array, from: number, to: number, mark: number): number {
  let at = from;
  let hash = 0;
  let byte = bytes[at]!;
  while ((BYTE_CLASS[byte]! & TCHAR) !== 0) {
    hash = hashStep(hash, byte);
    at += 1;
    if (at === to) return -1;
    byte = bytes[at]!;
  }
  const nameTo = at;
  if (byte !== COLON || nameTo === from) throw nameFault(byte, nameTo === from);
  at += 1;
  while (at < to && isOws(bytes[at]!)) at += 1;
  const valueFrom = at;
  while (at < to && (BYTE_CLASS[bytes[at]!]! & FIELD_CHAR) !== 0) at += 1;
  if (at === to) return -1;
  if (bytes[at] !== CR) throw fieldFault(`byte 0x${bytes[at]!.toString(16).padStart(2, '0')} in a value`);
  if (at + 1 === to) return -1;
  if (bytes[at + 1] !== LF) throw fieldFault('a CR without LF');
  let valueTo = at;
  while (valueTo > valueFrom && isOws(bytes[valueTo - 1]!)) valueTo -= 1;
  if (mark + MARKS > marks.length) growMarks();
  marks[mark] = from;
  marks[mark + 1] = nameTo;
  marks[mark + 2] = valueFrom;
  marks[mark + 3] = valueTo;
  marks[mark + 4] = hash;
  return at + 2;
}

function growMarks(): void {
  const larger = new Int32Array(2 * marks.length);
  larger.set(marks);
  marks = larger;
}

function nameFault(byte: number, isEmpty: boolean): Fault {
  if (isEmpty && isOws(byte)) return fieldFault('a folded line, or white space before a name');
  if (isEmpty) return fieldFault('a line without a name');
  if (isOws(byte)) return fieldFault('white space in a name or before its colon');
  if (byte === CR || byte === LF) return fieldFault('a line without a colon');
  return fieldFault(`byte 0x${byte.toString(16).padStart(2, '0')} in a name`);
}

function fieldFault(why: string): Fault {
  return new Fault('FIELD_INVALID', { why });
}

/** The flat list of the `count` fields that were marked last. `text` is the section as latin1, from `from`. */
function markedFields(bytes: Uint8Array, from: number, text: string, count: number, facts: FramingFacts | undefined): string[] {
  const flat: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const mark = index * MARKS;
    const nameFrom = marks[mark]!;
    const nameTo = marks[mark + 1]!;
    const name = knownName(bytes, nameFrom, nameTo, marks[mark + 4]!) ?? text.slice(nameFrom - from, nameTo - from);
    const value = text.slice(marks[mark + 2]! - from, marks[mark + 3]! - from);
    flat.push(name, value);
    facts?.see(name, value);
  }
  return flat;
}

/** A trailer section that scanFields has gone over, as fields; gives also where it ends. */
export function markedTrailers(bytes: Uint8Array, from: number, count: number): { fields: Fields; end: number } {
  const fields =
    count === 0 ? Fields.none : new Fields(markedFields(bytes, from, latin1(bytes, from, scannedTo), count, undefined));
  return { fields, end: scannedTo };
}

function makeHead(bytes: Uint8Array, from: number, end: number, line: RequestLine, count: number): RequestHead {
  const text = latin1(bytes, from, end);
  const method = text.slice(0, line.methodTo - from);
  const target = text.slice(line.methodTo + 1 - from, line.targetTo - from);
  const version = bytes[line.targetTo + 8] === 0x31 ? 'HTTP/1.1' : text.slice(line.targetTo + 1 - from, line.targetTo + 9 - from);
  const facts = new FramingFacts();
  const flat = markedFields(bytes, from, text, count, facts);
  let pathAndQuery = target;
  if (bytes[line.methodTo + 1] !== SLASH || method === 'CONNECT') {
    const absolute = targetWithoutSlash(method, target);
    if (absolute !== undefined) {
      pathAndQuery = absolute.rest;
      facts.replaceHost(flat, absolute.authority);
    }
  }
  const framing = facts.settle(version);
  return new RequestHead({
    method,
    target,
    pathAndQuery,
    version,
    fields: new Fields(flat),
    framing,
    expectsContinue: facts.expectsContinue,
    keepAlive: facts.keepAlive(version),
  });
}
