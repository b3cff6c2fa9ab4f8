// http1/head-reader.ts: the bytes of a request head become a RequestHead, in one pass (RFC 9112 §2-5).
//
// Law: what does not match the grammar is refused where it stands. Nothing is trimmed but OWS, nothing repaired, nothing
// skipped; a line ends with CRLF and with nothing else. The pass reads bytes and marks where names and values begin and end;
// only when the whole head is right is it made into text, once.

import { latin1 } from '../bytes.ts';
import { Fault } from '../faults.ts';
import { Fields, FIELDS_MAX } from '../message/fields.ts';
import * as grammar from '../message/grammar.ts';
import { RequestHead } from '../message/request-head.ts';
import { otherTarget, type TargetPolicy } from '../message/target.ts';
import { knownName, NO_ROLE, ROLE, roleOf } from './field-names.ts';
import { FramingFacts, knownHost } from './framing.ts';
import { METHOD_BYTES_MAX, type Http1Limits } from './limits.ts';
import type { ReceiveBuffer } from '../receive-buffer.ts';

// Imported bindings are cells that are read again at every use; constants of this module are folded into its code. In loops over
// each byte of a head that is a third of its cost.
const { BYTE_CLASS, COLON, CR, FIELD_CHAR, HTAB, LF, SP, TARGET_CHAR, TCHAR } = grammar;
const NONE = NO_ROLE;
const HOST = ROLE.host;

/** How many numbers a field line leaves in `marks`: name from, name to, value from, value to. */
const MARKS = 4;
// One for all heads: a pass is not interrupted.
const marks = new Int32Array(FIELDS_MAX * MARKS);
// Further results of the scans, likewise: objects for them would be most of the garbage of a request.
let methodTo = 0;
let targetTo = 0;
let scannedTo = 0;
const facts = new FramingFacts();
/** One that could be read, and is refused for what it asks. */
let refused: RequestHead | undefined;

const SLASH = 0x2f;
const ZERO = 0x30;
const ONE = 0x31;
const NINE = 0x39;
const VERSION_BYTES = 8;
const CRLF_BYTES = 2;
/** "HTTP/1." */
const VERSION_BEGINNING = Uint8Array.of(0x48, 0x54, 0x54, 0x50, 0x2f, 0x31, 0x2e);

/**
 * Takes the next head out of the buffer, where it stays when it is refused. `undefined`: it is not complete, and what is there of it
 * is right so far.
 *
 * Faults: REQUEST_LINE_*, VERSION_UNSUPPORTED, TARGET_INVALID, METHOD_REFUSED, FIELD_*, FIELDS_TOO_MANY, HEAD_TOO_LARGE and
 * those of framing.ts.
 */
export function readHead(buffer: ReceiveBuffer, limits: Http1Limits, policy: TargetPolicy): RequestHead | undefined {
  const { bytes, at: from, end: to } = buffer;
  // Nothing behind a limit is looked at: so what is said does not depend on how much has come.
  const lineTo = Math.min(to, from + limits.requestLineBytesMax + CRLF_BYTES);
  const fieldsFrom = scanRequestLine(bytes, from, lineTo);
  if (fieldsFrom === -1) {
    if (lineTo - from === limits.requestLineBytesMax + CRLF_BYTES)
      throw new Fault('REQUEST_LINE_TOO_LONG', { limit: limits.requestLineBytesMax });
    return incomplete(to - from, limits.headBytesMax);
  }
  const count = scanFields(bytes, from, fieldsFrom, to, limits.fieldsMax, limits.headBytesMax);
  if (count === -1) return undefined;
  refused = makeHead(bytes, from, count, policy);
  facts.checkExpectations(refused.version);
  buffer.at = scannedTo;
  return takeRefusedHead();
}

/** Of the fault that was thrown last, once. */
export function takeRefusedHead(): RequestHead | undefined {
  const head = refused;
  refused = undefined;
  return head;
}

/** Marks where method and target end. Gives the begin of the next line, or -1 when this one is not complete. */
function scanRequestLine(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && (BYTE_CLASS[bytes[at]!]! & TCHAR) !== 0) at += 1;
  methodTo = at;
  if (at - from > METHOD_BYTES_MAX) throw lineFault('the method is too long');
  if (at === to) return -1;
  if (bytes[at] !== SP || at === from) throw lineFault('it does not begin with a method and one space');
  at += 1;
  while (at < to && (BYTE_CLASS[bytes[at]!]! & TARGET_CHAR) !== 0) at += 1;
  targetTo = at;
  if (at === to) return -1;
  if (bytes[at] !== SP) throw new Fault('TARGET_INVALID', { why: `byte 0x${bytes[at]!.toString(16).padStart(2, '0')}` });
  if (at === methodTo + 1) throw lineFault('there is more than one space');
  const versionTo = scanVersion(bytes, at + 1, to);
  if (versionTo === -1) return -1;
  return scanLineEnd(bytes, versionTo, to);
}

/** `HTTP/1.` DIGIT. Gives where it ends, or -1 when it is not complete. */
function scanVersion(bytes: Uint8Array, from: number, to: number): number {
  let matched = 0;
  while (matched < VERSION_BEGINNING.length && from + matched < to && bytes[from + matched] === VERSION_BEGINNING[matched])
    matched += 1;
  if (from + matched === to) return -1;
  const minor = bytes[from + matched]!;
  if (matched === VERSION_BEGINNING.length && minor >= ZERO && minor <= NINE) return from + VERSION_BYTES;
  const text = latin1(bytes, from, Math.min(to, from + VERSION_BYTES));
  if (/^HTTP\/[02-9]\.[0-9]$/.test(text)) throw new Fault('VERSION_UNSUPPORTED', { version: text });
  // Another major version: wait until all of it is here, so that it can be named.
  if (text.length < VERSION_BYTES && /^HTTP\/[02-9]\.?$/.test(text)) return -1;
  throw lineFault('it does not end in HTTP/1.1 or HTTP/1.0');
}

/** CRLF. Gives where it ends, or -1 when it is not complete. */
function scanLineEnd(bytes: Uint8Array, at: number, to: number): number {
  if (at >= to) return -1;
  if (bytes[at] !== CR) throw lineFault('it does not end in HTTP/1.1 or HTTP/1.0 and CRLF');
  if (at + 1 >= to) return -1;
  if (bytes[at + 1] !== LF) throw lineFault('a CR without LF');
  return at + 2;
}

function lineFault(why: string): Fault {
  return new Fault('REQUEST_LINE_INVALID', { why });
}

/**
 * Scans field lines and the empty line that ends them, for heads and for trailer sections. Gives how many there are, or -1 when
 * they are not complete. `from` is where the section that is limited begins.
 */
export function scanFields(
  bytes: Uint8Array,
  from: number,
  fieldsFrom: number,
  available: number,
  fieldsMax: number,
  bytesMax: number,
): number {
  const to = Math.min(available, from + bytesMax);
  let at = fieldsFrom;
  let count = 0;
  while (at < to && bytes[at] !== CR) {
    if (count === fieldsMax) throw new Fault('FIELDS_TOO_MANY', { limit: fieldsMax });
    const next = scanField(bytes, at, to, count * MARKS);
    if (next === -1) return incomplete(available - from, bytesMax) ?? -1;
    at = next;
    count += 1;
  }
  if (at + 1 >= to) return incomplete(available - from, bytesMax) ?? -1;
  if (bytes[at + 1] !== LF) throw fieldFault('a CR without LF');
  scannedTo = at + 2;
  return count;
}

/** A section that is as long as it may be, and has no end yet, is too long. */
function incomplete(length: number, bytesMax: number): undefined {
  if (length >= bytesMax) throw new Fault('HEAD_TOO_LARGE', { limit: bytesMax });
}

/** Scans one `name ":" OWS value OWS CRLF` and marks its parts. Gives the next line, or -1 when this one is not complete. */
function scanField(bytes: Uint8Array, from: number, to: number, mark: number): number {
  let at = from;
  while (at < to && (BYTE_CLASS[bytes[at]!]! & TCHAR) !== 0) at += 1;
  if (at === to) return -1;
  const nameTo = at;
  if (bytes[at] !== COLON || nameTo === from) throw nameFault(bytes[at]!, nameTo === from);
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
  marks[mark] = from;
  marks[mark + 1] = nameTo;
  marks[mark + 2] = valueFrom;
  marks[mark + 3] = valueTo;
  return at + 2;
}

/** SP and HTAB; grammar.ts has it for text, here it is wanted within reach of the loops. */
function isOws(byte: number): boolean {
  return byte === SP || byte === HTAB;
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
function markedFields(bytes: Uint8Array, from: number, text: string, count: number): string[] {
  const flat: string[] = [];
  for (let mark = 0; mark < count * MARKS; mark += MARKS) {
    const nameFrom = marks[mark]!;
    const nameTo = marks[mark + 1]!;
    const valueFrom = marks[mark + 2]!;
    const valueTo = marks[mark + 3]!;
    const known = knownName(bytes, nameFrom, nameTo);
    const name = known === undefined ? text.slice(nameFrom - from, nameTo - from) : known.name;
    const role = known === undefined ? roleOf(name) : known.role;
    const host = role === HOST ? knownHost(bytes, valueFrom, valueTo) : undefined;
    const value = host === undefined ? text.slice(valueFrom - from, valueTo - from) : host;
    if (role !== NONE) facts.see(role, value);
    flat.push(name, value);
  }
  return flat;
}

/** A trailer section that scanFields has gone over, as fields; gives also where it ends. */
export function markedTrailers(bytes: Uint8Array, from: number, count: number): { fields: Fields; end: number } {
  facts.reset();
  const fields = count === 0 ? Fields.none : new Fields(markedFields(bytes, from, latin1(bytes, from, scannedTo), count));
  return { fields, end: scannedTo };
}

/** Most methods are: a text that need not be made. */
function isGet(bytes: Uint8Array, from: number, to: number): boolean {
  return to - from === 3 && bytes[from] === 0x47 && bytes[from + 1] === 0x45 && bytes[from + 2] === 0x54;
}

function makeHead(bytes: Uint8Array, from: number, count: number, policy: TargetPolicy): RequestHead {
  const text = latin1(bytes, from, scannedTo);
  const method = isGet(bytes, from, methodTo) ? 'GET' : text.slice(0, methodTo - from);
  const target = text.slice(methodTo + 1 - from, targetTo - from);
  const version =
    bytes[targetTo + VERSION_BYTES] === ONE ? 'HTTP/1.1' : text.slice(targetTo + 1 - from, targetTo + 1 + VERSION_BYTES - from);
  facts.reset();
  const flat = markedFields(bytes, from, text, count);
  let pathAndQuery = target;
  if (bytes[methodTo + 1] !== SLASH || method === 'CONNECT') {
    const other = otherTarget(method, target, policy);
    pathAndQuery = other.pathAndQuery;
    if (other.authority !== undefined) facts.replaceHost(flat, other.authority);
  }
  facts.checkHost(version);
  const framing = facts.framing(version);
  const expectsContinue = facts.expectsContinue(version);
  return new RequestHead({
    method,
    target,
    pathAndQuery,
    version,
    fields: new Fields(flat),
    framing,
    expectsContinue,
    keepAlive: facts.keepAlive(version),
  });
}
