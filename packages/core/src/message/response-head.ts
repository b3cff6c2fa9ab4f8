// message/response-head.ts: the head of a response, checked at birth. A mistake is an error in the app, never bytes on the wire.
//
// Law: what passes here cannot split a response, cannot contradict its own framing, and leaves the connection to the server.
// Sources: RFC 9110 §5.5, §7.6.1; PEP 3333 "The start_response() Callable".

import { ownText } from '../bytes.ts';
import { Fault } from '../faults.ts';
import { Fields, sameName } from './fields.ts';
import { CONTENT_LENGTH, listItems, isFieldValue, STATUS, TOKEN } from './grammar.ts';
import { reasonPhrase } from './status.ts';

/** What a field name means for the framing of a response. */
type Role = 'ordinary' | 'length' | 'date' | 'connection' | 'server' | 'upgrade' | 'forbidden';

const ROLES: ReadonlyMap<string, Role> = new Map([
  ['content-length', 'length'],
  ['date', 'date'],
  ['connection', 'connection'],
  ['server', 'server'],
  ['upgrade', 'upgrade'],
  // The connection is the server's (RFC 9110 §7.6.1); an app's own chunked coding would be coded twice.
  ['transfer-encoding', 'forbidden'],
  ['keep-alive', 'forbidden'],
  ['proxy-connection', 'forbidden'],
  ['te', 'forbidden'],
]);

/** What is known of a field name, and a line that it stood in: apps say the same again and again. */
interface KnownField {
  readonly role: Role;
  /** What no value of an app is, until there was one. */
  value: unknown;
  line: string;
  /** How many values were another one. */
  others: number;
}

// Bounded, so that an app that invents names, or says much, cannot fill the memory.
const knownFields = new Map<string, KnownField>();
const KNOWN_FIELDS_MAX = 1_000;
const NO_VALUE = Symbol('no value yet');
const KNOWN_VALUE_CHARS_MAX = 256;
/**
 * To remember a value costs 0.6 us, much more than to write its line. So it is the first of so many: a value that is always
 * the same is soon there, one that is always another costs next to nothing.
 */
const REMEMBERED_ONE_IN = 16;

export class ResponseHead {
  readonly status: number;
  readonly reason: string;
  /** name, value, name, value, ...: without Connection, which is the server's. */
  readonly flat: readonly string[];
  /** The same as text, each line with its CRLF, as HTTP/1.1 and CGI write it. */
  readonly lines: string;
  /** From Content-Length; -1 when the app gave none. */
  readonly contentLength: number;
  readonly hasDate: boolean;
  readonly hasServer: boolean;
  /** The app asks for the connection to be closed afterwards. */
  readonly wantsClose: boolean;
  /** The protocol of a 101 or 426, as the app spelled it. */
  readonly upgrade: string | undefined;

  /**
   * `flat`: name, value, name, value, ...; the array is taken over.
   *
   * Faults: RESPONSE_STATUS_INVALID, RESPONSE_FIELD_INVALID, RESPONSE_FIELD_FORBIDDEN.
   */
  constructor(status: number, reason: string, flat: readonly string[]) {
    if (!Number.isInteger(status) || status < 200 || status > 999 || !isFieldValue(reason)) {
      throw new Fault('RESPONSE_STATUS_INVALID', { status: `${status} ${reason}` });
    }
    let contentLength = -1;
    let hasDate = false;
    let hasServer = false;
    let wantsClose = false;
    let upgrade: string | undefined;
    let lines = '';
    let hasConnection = false;
    for (let at = 0; at < flat.length; at += 2) {
      const name = flat[at]!;
      const value = flat[at + 1]!;
      const field = knownFields.get(name) ?? learn(name);
      const line = field.value === value ? field.line : lineOf(field, name, value);
      switch (field.role) {
        case 'ordinary':
          break;
        case 'length':
          contentLength = checkLength(contentLength, value);
          break;
        case 'date':
          hasDate = true;
          break;
        case 'server':
          hasServer = true;
          break;
        case 'upgrade':
          upgrade = value;
          break;
        case 'connection':
          // "close" is honoured; anything else in it is the server's business.
          wantsClose ||= listItems(value).includes('close');
          hasConnection = true;
          continue;
        case 'forbidden':
          throw new Fault('RESPONSE_FIELD_FORBIDDEN', { name });
      }
      lines += line;
    }
    this.status = status;
    this.reason = reason;
    this.flat = hasConnection ? withoutConnection(flat) : flat;
    this.lines = lines;
    this.contentLength = contentLength;
    this.hasDate = hasDate;
    this.hasServer = hasServer;
    this.wantsClose = wantsClose;
    this.upgrade = upgrade;
  }

  get fields(): Fields {
    return new Fields(this.flat);
  }

  /** From the text of a gateway app: `200 OK`. */
  static fromStatusText(text: string, flat: readonly string[]): ResponseHead {
    const line = statusOf(text);
    return new ResponseHead(line.status, line.reason, flat);
  }

  static of(status: number, flat: readonly string[]): ResponseHead {
    return new ResponseHead(status, reasonPhrase(status), flat);
  }
}

function withoutConnection(flat: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < flat.length; at += 2) {
    if (!sameName(flat[at]!, 'connection')) kept.push(flat[at]!, flat[at + 1]!);
  }
  return kept;
}

/** Checks the value, and gives the line. */
function lineOf(field: KnownField, name: string, value: unknown): string {
  if (typeof value !== 'string')
    throw new Fault('RESPONSE_FIELD_INVALID', { name, why: `the value is a ${typeof value}, not text` });
  if (!isFieldValue(value))
    throw new Fault('RESPONSE_FIELD_INVALID', {
      name,
      why: `the value ${JSON.stringify(value)} holds a character that no field value may hold`,
    });
  if (field.others++ % REMEMBERED_ONE_IN === 0 && value.length <= KNOWN_VALUE_CHARS_MAX) {
    field.value = ownText(value);
    field.line = ownText(`${name}: ${value}\r\n`);
  }
  return `${name}: ${value}\r\n`;
}

/** Checks the name. */
function learn(name: unknown): KnownField {
  if (typeof name !== 'string')
    throw new Fault('RESPONSE_FIELD_INVALID', { name: String(name), why: `the name is a ${typeof name}, not text` });
  if (!TOKEN.test(name)) throw new Fault('RESPONSE_FIELD_INVALID', { name, why: 'the name is not a token' });
  const field: KnownField = { role: ROLES.get(name.toLowerCase()) ?? 'ordinary', value: NO_VALUE, line: '', others: 0 };
  if (knownFields.size < KNOWN_FIELDS_MAX) knownFields.set(ownText(name), field);
  return field;
}

function checkLength(before: number, value: string): number {
  const length = Number(value);
  if (before !== -1) throw new Fault('RESPONSE_FIELD_INVALID', { name: 'Content-Length', why: 'it stands more than once' });
  if (!CONTENT_LENGTH.test(value) || !Number.isSafeInteger(length)) {
    throw new Fault('RESPONSE_FIELD_INVALID', {
      name: 'Content-Length',
      why: `${JSON.stringify(value)} is not a decimal number`,
    });
  }
  return length;
}

interface StatusLine {
  readonly status: number;
  readonly reason: string;
}

const statusLines = new Map<string, StatusLine>();
const STATUS_LINES_MAX = 200;

function statusOf(text: unknown): StatusLine {
  const known = statusLines.get(text as string);
  if (known !== undefined) return known;
  const [, code, reason = ''] = (typeof text === 'string' && STATUS.exec(text)) || [];
  if (code === undefined) throw new Fault('RESPONSE_STATUS_INVALID', { status: String(text) });
  const line = Object.freeze({ status: Number(code), reason: ownText(reason) });
  if (statusLines.size < STATUS_LINES_MAX) statusLines.set(ownText(text as string), line);
  return line;
}
