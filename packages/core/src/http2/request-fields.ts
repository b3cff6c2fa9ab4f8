// http2/request-fields.ts: the fields of a HEADERS frame become a RequestHead (RFC 9113 §8.3), and those behind a body its trailers.
//
// Law: as in http1/: what has two readings is refused, and so is what belongs to a connection of HTTP/1.1. What HPACK says of them is
// decoded by then; nothing is taken on trust for that.

import { ownText } from '../bytes.ts';
import { Fault } from '../faults.ts';
import { Fields } from '../message/fields.ts';
import { CONTENT_LENGTH, isFieldValue, listItems, TOKEN } from '../message/grammar.ts';
import { isHost } from '../message/host.ts';
import { NO_BODY, RequestHead, type Framing } from '../message/request-head.ts';
import { METHOD_BYTES_MAX, TRAILER_BYTES_MAX, type Http2Limits } from './limits.ts';

const VERSION = 'HTTP/2.0';
const COLON = 0x3a;
const UNKNOWN: Framing = Object.freeze({ type: 'unknown' });
/** VCHAR but for "#", as TARGET_CHAR of message/grammar.ts. */
const PATH = /^\/[\x21\x22\x24-\x7e]*$/;
/** What a line of HTTP/1.1 has beside name and value: colon, space, CRLF. */
const LINE_BYTES = 4;
/** Two spaces of a request line. */
const SPACES = 2;
const CRLF_BYTES = 2;

/** What a field means beside what it says to the app: mostly nothing. */
type Role = 'ordinary' | 'host' | 'length' | 'type' | 'cookie' | 'expect' | 'te' | 'connection';

const ROLES: Readonly<Record<string, Role>> = {
  host: 'host',
  'content-length': 'length',
  'content-type': 'type',
  cookie: 'cookie',
  expect: 'expect',
  te: 'te',
  // RFC 9113 §8.2.2.
  connection: 'connection',
  'keep-alive': 'connection',
  'proxy-connection': 'connection',
  'transfer-encoding': 'connection',
  upgrade: 'connection',
};

// Names come from clients, so it is bounded; what does not fit is looked at again.
const roles = new Map<string, Role>(Object.entries(ROLES));
const ROLES_MAX = 1_000;

/** RFC 9113 §8.2.1: a token without capitals. Faults: FIELD_INVALID. */
function learn(name: string): Role {
  if (!TOKEN.test(name) || name !== name.toLowerCase()) throw fieldFault(`${JSON.stringify(name)} is no name of a field`);
  if (roles.size < ROLES_MAX) roles.set(ownText(name), 'ordinary');
  return 'ordinary';
}

// One for all: reading is not interrupted.
const pseudo: Record<':method' | ':scheme' | ':path' | ':authority', string | undefined> = {
  ':method': undefined,
  ':scheme': undefined,
  ':path': undefined,
  ':authority': undefined,
};

/** Takes the pseudo-header fields, which stand first (RFC 9113 §8.3). Gives where the others begin. Faults: PSEUDO_INVALID. */
function takePseudo(flat: readonly string[]): number {
  pseudo[':method'] = undefined;
  pseudo[':scheme'] = undefined;
  pseudo[':path'] = undefined;
  pseudo[':authority'] = undefined;
  let at = 0;
  for (; at < flat.length && flat[at]!.charCodeAt(0) === COLON; at += 2) {
    const name = flat[at] as keyof typeof pseudo;
    if (!(name in pseudo)) throw new Fault('PSEUDO_INVALID', { why: `${JSON.stringify(name)} is none of a request` });
    if (pseudo[name] !== undefined) throw new Fault('PSEUDO_INVALID', { why: `${name} stands more than once` });
    pseudo[name] = flat[at + 1]!;
  }
  return at;
}

/**
 * `flat`: name, value, name, value, ... as HPACK gave them, with pseudo-headers. `isEnd`: no body follows.
 *
 * Faults: PSEUDO_INVALID, METHOD_REFUSED, TARGET_INVALID, REQUEST_LINE_TOO_LONG, HEAD_TOO_LARGE, FIELDS_TOO_MANY, FIELD_*, HOST_*,
 * LENGTH_INVALID, BODY_*, EXPECTATION_UNKNOWN.
 */
export function readRequestFields(flat: readonly string[], isEnd: boolean, limits: Http2Limits): RequestHead {
  const from = takePseudo(flat);
  const { ':method': method, ':path': path, ':authority': authority } = pseudo;
  const target = checkPseudo(limits);
  const lineBytes = method!.length + target.length + VERSION.length + SPACES;
  if (lineBytes > limits.requestLineBytesMax) throw new Fault('REQUEST_LINE_TOO_LONG', { limit: limits.requestLineBytesMax });
  const read = readFields(flat, from, authority, lineBytes + CRLF_BYTES, limits);
  if (method === 'CONNECT') throw new Fault('METHOD_REFUSED', { method });
  return new RequestHead({
    method: method!,
    target,
    pathAndQuery: path!,
    version: VERSION,
    fields: new Fields(read.fields),
    framing: framingOf(read.length, isEnd, limits),
    expectsContinue: expectsContinue(read.expect) && !isEnd,
    keepAlive: true,
  });
}

/** Gives the target. */
function checkPseudo({ headBytesMax }: Http2Limits): string {
  const { ':method': method, ':scheme': scheme, ':path': path, ':authority': authority } = pseudo;
  if (method === undefined || !TOKEN.test(method) || method.length > METHOD_BYTES_MAX)
    throw new Fault('PSEUDO_INVALID', { why: ':method is no method' });
  if (method === 'CONNECT') {
    // §8.5.
    if (scheme !== undefined || path !== undefined || authority === undefined || !isHost(authority))
      throw new Fault('PSEUDO_INVALID', { why: 'CONNECT has :authority and nothing else' });
    return authority;
  }
  // What ends TLS in front of us may say https in clear. It is not believed: the app is told what the connection is.
  if (scheme !== 'http' && scheme !== 'https') throw new Fault('PSEUDO_INVALID', { why: ':scheme is neither http nor https' });
  if (path === undefined) throw new Fault('PSEUDO_INVALID', { why: 'there is no :path' });
  if (path.length > headBytesMax) throw new Fault('HEAD_TOO_LARGE', { limit: headBytesMax });
  if (path === '*' && method !== 'OPTIONS') throw new Fault('TARGET_INVALID', { why: '* is for OPTIONS only' });
  if (path !== '*' && !PATH.test(path)) throw new Fault('TARGET_INVALID', { why: ':path is no path' });
  return path;
}

interface ReadFields {
  readonly fields: string[];
  readonly length: string | undefined;
  readonly expect: string | undefined;
}

/** The fields behind the pseudo-headers. Host stands first, from :authority where that is there (RFC 9113 §8.3.1). */
function readFields(
  flat: readonly string[],
  from: number,
  authority: string | undefined,
  lineBytes: number,
  limits: Http2Limits,
): ReadFields {
  const fields = ['host', ''];
  let host: string | undefined;
  let length: string | undefined;
  let type: string | undefined;
  let expect: string | undefined;
  let cookieAt = -1;
  let bytes = lineBytes;
  for (let at = from; at < flat.length; at += 2) {
    const name = flat[at]!;
    const value = flat[at + 1]!;
    const role = roles.get(name) ?? learn(name);
    checkValue(name, value);
    bytes += name.length + value.length + LINE_BYTES;
    if (bytes > limits.headBytesMax) throw new Fault('HEAD_TOO_LARGE', { limit: limits.headBytesMax });
    switch (role) {
      case 'ordinary':
        break;
      case 'host':
        host = once('Host', host, value);
        continue;
      case 'length':
        if (length !== undefined) throw new Fault('LENGTH_INVALID', { value: `${length}, ${value}` });
        length = value;
        break;
      case 'type':
        type = once('Content-Type', type, value);
        break;
      case 'expect':
        expect = expect === undefined ? value : `${expect}, ${value}`;
        break;
      case 'cookie':
        // Crumbs are one field again (RFC 9113 §8.2.3).
        if (cookieAt !== -1) {
          fields[cookieAt] += `; ${value}`;
          continue;
        }
        cookieAt = fields.length + 1;
        break;
      case 'te':
        if (value.toLowerCase() !== 'trailers') throw new Fault('FIELD_OF_CONNECTION', { name });
        break;
      case 'connection':
        throw new Fault('FIELD_OF_CONNECTION', { name });
    }
    if (fields.length >= limits.fieldsMax * 2) throw new Fault('FIELDS_TOO_MANY', { limit: limits.fieldsMax });
    fields.push(name, value);
  }
  fields[1] = hostOf(authority, host);
  return { fields, length, expect };
}

/** RFC 9113 §8.2.1: none of the bytes that no value may hold, nor a blank at either end. */
function checkValue(name: string, value: string): void {
  if (!isFieldValue(value)) throw fieldFault(`the value of ${name} holds a character that no field value may hold`);
  if (isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(value.length - 1)))
    throw fieldFault(`the value of ${name} begins or ends with white space`);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function fieldFault(why: string): Fault {
  return new Fault('FIELD_INVALID', { why });
}

function once(name: string, before: string | undefined, value: string): string {
  if (before !== undefined) throw new Fault('FIELD_REPEATED', { name });
  return value;
}

// Nearly every request names the same host as the one before.
let lastHost = '';

/** RFC 9113 §8.3.1: one of the two is there, and where both are they are the same. Faults: HOST_MISSING, HOST_INVALID. */
function hostOf(authority: string | undefined, host: string | undefined): string {
  const value = authority ?? host;
  if (value === undefined) throw new Fault('HOST_MISSING', {});
  if (host !== undefined && host.toLowerCase() !== value.toLowerCase())
    throw new Fault('HOST_INVALID', { value: `${value}, ${host}` });
  if (value === lastHost && value !== '') return value;
  if (value === '' || !isHost(value)) throw new Fault('HOST_INVALID', { value });
  lastHost = ownText(value);
  return value;
}

function framingOf(length: string | undefined, isEnd: boolean, { bodyBytesMax }: Http2Limits): Framing {
  if (length === undefined) return isEnd ? NO_BODY : UNKNOWN;
  if (!CONTENT_LENGTH.test(length)) throw new Fault('LENGTH_INVALID', { value: length });
  const bytes = Number(length);
  // RFC 9113 §8.1.1.
  if (isEnd && bytes > 0) throw new Fault('BODY_INCOMPLETE', {});
  if (bytes > bodyBytesMax) throw new Fault('BODY_TOO_LARGE', { limit: bodyBytesMax });
  return bytes === 0 ? NO_BODY : { type: 'length', length: bytes };
}

/** Faults: EXPECTATION_UNKNOWN. */
function expectsContinue(value: string | undefined): boolean {
  if (value === undefined) return false;
  const expectations = listItems(value);
  if (expectations.some((expectation) => expectation !== '100-continue')) throw new Fault('EXPECTATION_UNKNOWN', { value });
  return expectations.length > 0;
}

/** RFC 9110 §6.5.1: fields of framing and routing do not stand behind a body. */
const NOT_BEHIND: readonly Role[] = ['host', 'length', 'te', 'connection'];

/** The fields behind a body. Faults: PSEUDO_INVALID, FIELD_*, FIELDS_TOO_MANY, HEAD_TOO_LARGE. */
export function readTrailerFields(flat: readonly string[], { fieldsMax }: Http2Limits): Fields {
  if (flat.length > fieldsMax * 2) throw new Fault('FIELDS_TOO_MANY', { limit: fieldsMax });
  let bytes = 0;
  for (let at = 0; at < flat.length; at += 2) {
    const name = flat[at]!;
    const value = flat[at + 1]!;
    if (name.charCodeAt(0) === COLON) throw new Fault('PSEUDO_INVALID', { why: `${name} stands behind a body` });
    const role = roles.get(name) ?? learn(name);
    if (NOT_BEHIND.includes(role)) throw fieldFault(`${name} may not stand in a trailer section`);
    checkValue(name, value);
    bytes += name.length + value.length + LINE_BYTES;
  }
  if (bytes > TRAILER_BYTES_MAX) throw new Fault('HEAD_TOO_LARGE', { limit: TRAILER_BYTES_MAX });
  return new Fields(flat);
}
