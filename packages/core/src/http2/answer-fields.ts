// http2/answer-fields.ts: the head of an answer as fields of a HEADERS frame (RFC 9113 §8.3.2), in the shape that node:http2 takes.
//
// Law: what was checked for HTTP/1.1 is right here too, but for its connection: a reason has no place, and Upgrade none (§8.2.2).

import { fromLatin1 } from '../bytes.ts';
import { Fault } from '../faults.ts';
import { hasContent } from '../message/cgi-response.ts';
import type { RequestHead } from '../message/request-head.ts';
import type { ResponseHead } from '../message/response-head.ts';
import { isBodyless, reasonPhrase } from '../message/status.ts';

/** Names in lower case; several lines of one name as a list. */
export type AnswerFields = Record<string, string | string[]>;

/** How the server speaks of itself. */
export interface AnswerStyle {
  /** `Date: ...CRLF` as HTTP/1.1 has it, or empty: the owner of the clock changes it. */
  readonly dateLine: string;
  /** Values of Server and Via, or empty. */
  readonly server: string;
  readonly via: string;
}

/** node:http2 sends none that is higher. */
const STATUS_MAX = 599;

/** What an app may say of its connection: here there is no other protocol to change to. */
const LEFT_OUT = new Set(['upgrade', 'http2-settings']);

/**
 * Names that node:http2 sends once and refuses twice. HTTP/1.1 sends what the app said; a list is the same on one line (RFC 9110 §5.3),
 * and what is no list was wrong before.
 */
const SINGLE = new Set([
  'access-control-allow-credentials', 'access-control-max-age', 'access-control-request-method', 'age', 'authorization',
  'content-encoding', 'content-language', 'content-length', 'content-location', 'content-md5', 'content-range', 'content-type',
  'date', 'dnt', 'etag', 'expires', 'from', 'host', 'if-match', 'if-modified-since', 'if-none-match', 'if-range',
  'if-unmodified-since', 'last-modified', 'location', 'max-forwards', 'proxy-authorization', 'range', 'referer', 'retry-after',
  'tk', 'upgrade-insecure-requests', 'user-agent', 'x-content-type-options',
]); // prettier-ignore

/** `bodyLength`: how long the body will be, -1 when nobody knows. Faults: RESPONSE_STATUS_INVALID. */
export function answerFields(request: RequestHead, head: ResponseHead, bodyLength: number, style: AnswerStyle): AnswerFields {
  const { status, reason, contentLength } = head;
  if (status > STATUS_MAX) throw new Fault('RESPONSE_STATUS_INVALID', { status: `${status} ${reason}`.trimEnd() });
  const fields = fieldsOf(head.flat);
  fields[':status'] = String(status);
  // As http1/response-writer.ts has it.
  if (contentLength !== -1 && (status === 204 || status === 205)) delete fields['content-length'];
  else if (contentLength === -1 && saysLength(request, status, bodyLength)) fields['content-length'] = String(bodyLength);
  if (style.dateLine !== '' && !head.hasDate) fields['date'] = dateOf(style.dateLine);
  if (style.server !== '' && !head.hasServer) fields['server'] = style.server;
  if (style.via !== '') fields['via'] = fields['via'] === undefined ? style.via : [fields['via'], style.via].flat();
  return fields;
}

/** To HEAD no body at all says nothing about GET's. */
function saysLength({ method }: RequestHead, status: number, bodyLength: number): boolean {
  if (method === 'HEAD') return bodyLength > 0 && !isBodyless(status);
  return bodyLength !== -1 && hasContent(method, status);
}

/** Of informational responses and trailers too. `flat` has been checked. */
export function fieldsOf(flat: readonly string[]): AnswerFields {
  // Without a prototype: `__proto__` is a name like any other.
  const fields = Object.create(null) as AnswerFields;
  for (let at = 0; at < flat.length; at += 2) {
    const name = flat[at]!.toLowerCase();
    const value = flat[at + 1]!;
    const before = fields[name];
    if (LEFT_OUT.has(name)) continue;
    if (before === undefined) fields[name] = value;
    else if (typeof before !== 'string') before.push(value);
    else fields[name] = SINGLE.has(name) ? `${before}, ${value}` : [before, value];
  }
  return fields;
}

let lastDateLine = '';
let lastDate = '';

/** The value of the line: the same for a second. */
function dateOf(line: string): string {
  if (line !== lastDateLine) {
    lastDateLine = line;
    lastDate = line.slice('Date: '.length, -'\r\n'.length);
  }
  return lastDate;
}

export interface Refusal {
  readonly fields: AnswerFields;
  readonly body: Uint8Array;
}

/** The whole answer to a request that is refused: the same as over HTTP/1.1. */
export function refusalFields(fault: Fault, style: AnswerStyle): Refusal {
  const { status } = fault;
  // The client is told what it did wrong, not what our app did. Of its own bytes only printable ASCII comes back.
  const detail = fault.blame === 'peer' ? `${fault.message.replaceAll(/[^\x20-\x7e]/g, '?')}\n` : '';
  const body = fromLatin1(`${status} ${reasonPhrase(status)}\n${detail}`);
  const flat = ['content-type', 'text/plain; charset=utf-8', 'content-length', String(body.length), ':status', String(status)];
  // RFC 9110 §15.5.6.
  if (status === 405) flat.push('allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
  if (status === 503) flat.push('retry-after', '1');
  if (style.dateLine !== '') flat.push('date', dateOf(style.dateLine));
  if (style.server !== '') flat.push('server', style.server);
  if (style.via !== '') flat.push('via', style.via);
  return { fields: fieldsOf(flat), body };
}
