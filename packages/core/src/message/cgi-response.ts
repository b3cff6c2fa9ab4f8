// message/cgi-response.ts: a response as CGI has it (RFC 3875 §6): its head as text, and such a head read again.
//
// `Status` is always said: behind Apache a Location without one is a 200. The connection, Date and Server are the web server's.

import { latin1 } from '../bytes.ts';
import { Fault } from '../faults.ts';
import { sameName } from './fields.ts';
import { isFieldValue, stripOws, TOKEN } from './grammar.ts';
import { ResponseHead } from './response-head.ts';
import { isBodyless, reasonPhrase } from './status.ts';

/** Whether the answer has content at all (RFC 9110 §6.4.1, §9.3.2, §15.3.6). */
export function hasContent(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 205 && !isBodyless(status);
}

/**
 * The head, to the empty line. `bodyLength`: how long the body will be, -1 when nobody knows: then the end of the stream is its end.
 */
export function cgiHead(method: string, head: ResponseHead, bodyLength: number): string {
  return `${statusLine(head)}${fieldLines(head)}${lengthLine(method, head, bodyLength)}\r\n`;
}

let lastStatus = 0;
let lastReason = '';
let lastStatusLine = '';

function statusLine({ status, reason }: ResponseHead): string {
  if (status !== lastStatus || reason !== lastReason) {
    lastStatus = status;
    lastReason = reason;
    // A reason-phrase may be empty, its blank may not: nginx takes the rest of the line for it.
    lastStatusLine = `Status: ${status} ${reason}\r\n`;
  }
  return lastStatusLine;
}

/** A field called Status would be a second status line; Content-Length of a 204 or 205 would be a lie (RFC 9110 §8.6). */
function fieldLines({ status, contentLength, lines, flat }: ResponseHead): string {
  const withoutLength = contentLength !== -1 && (status === 204 || status === 205);
  if (!withoutLength && !hasStatus(flat)) return lines;
  let text = '';
  for (let at = 0; at < flat.length; at += 2) {
    const name = flat[at]!;
    if (sameName(name, 'status') || (withoutLength && sameName(name, 'content-length'))) continue;
    text += `${name}: ${flat[at + 1]!}\r\n`;
  }
  return text;
}

function hasStatus(flat: readonly string[]): boolean {
  for (let at = 0; at < flat.length; at += 2) if (sameName(flat[at]!, 'status')) return true;
  return false;
}

function lengthLine(method: string, { status, contentLength }: ResponseHead, bodyLength: number): string {
  if (contentLength !== -1 || isBodyless(status) || bodyLength === -1) return '';
  if (status === 205) return 'Content-Length: 0\r\n';
  // No body at all says nothing about GET's.
  return method === 'HEAD' && bodyLength === 0 ? '' : `Content-Length: ${bodyLength}\r\n`;
}

/** The answer to a request that is refused. */
export interface CgiRefusal {
  /** Its head, and a small text. */
  readonly text: string;
  readonly bodyBytes: number;
}

export function cgiRefusal(fault: Fault, isHead: boolean): CgiRefusal {
  const { status } = fault;
  const reason = reasonPhrase(status);
  // The client is told what it did wrong, not what our app did. Of its own bytes only printable ASCII comes back.
  const detail = fault.blame === 'peer' ? `${fault.message.replaceAll(/[^\x20-\x7e]/g, '?')}\n` : '';
  const body = `${status} ${reason}\n${detail}`;
  const retry = status === 503 ? 'Retry-After: 1\r\n' : '';
  const head = `Status: ${status} ${reason}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${body.length}\r\n${retry}\r\n`;
  return isHead ? { text: head, bodyBytes: 0 } : { text: head + body, bodyBytes: body.length };
}

const CR = 0x0d;
const LF = 0x0a;
/** A line may end in LF alone (RFC 3875 §6.2: NL is LF or CRLF, as the system has it). Gives where the body begins, -1: not yet. */
export function endOfCgiHead(bytes: Uint8Array, from: number, end: number): number {
  for (let at = bytes.indexOf(LF, from); at !== -1 && at < end; at = bytes.indexOf(LF, at + 1)) {
    const isEmpty = at === 0 || bytes[at - 1] === LF || (bytes[at - 1] === CR && (at === 1 || bytes[at - 2] === LF));
    if (isEmpty) return at + 1;
  }
  return -1;
}

/**
 * Reads what a CGI program wrote before the empty line (RFC 3875 §6.3). Without Status it is 200, or 302 with a Location.
 *
 * Faults: CGI_OUTPUT_INVALID, RESPONSE_*.
 */
export function readCgiHead(bytes: Uint8Array): ResponseHead {
  const flat: string[] = [];
  let status: string | undefined;
  for (const line of latin1(bytes).split(/\r?\n/)) {
    if (line === '') continue;
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon));
    const value = stripOws(line.slice(colon + 1));
    if (!TOKEN.test(name) || !isFieldValue(value))
      throw new Fault('CGI_OUTPUT_INVALID', { why: `${JSON.stringify(line)} is no field` });
    if (!sameName(name, 'status')) flat.push(name, value);
    else if (status === undefined) status = value;
    else throw new Fault('CGI_OUTPUT_INVALID', { why: 'Status stands more than once' });
  }
  if (status === undefined && flat.length === 0)
    throw new Fault('CGI_OUTPUT_INVALID', { why: 'no field stands before the empty line' });
  if (status !== undefined) return ResponseHead.fromStatusText(/^[0-9]{3}$/.test(status) ? withReason(status) : status, flat);
  const isRedirect = flat.some((name, index) => index % 2 === 0 && sameName(name, 'location'));
  return ResponseHead.of(isRedirect ? 302 : 200, flat);
}

function withReason(digits: string): string {
  return `${digits} ${reasonPhrase(Number(digits))}`;
}
