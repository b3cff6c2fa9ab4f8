// logging/access/lines.ts: the formats that have a name: common, combined (Apache's), json.
//
// Law: a request pays for these lines, so they are put together by hand; all that a client has sent is escaped, and what a web server says
// of him over FastCGI, which may be his own words.

import { commonTime, quotable } from '@appserve/core/log';
import type { Answered } from './answered.ts';

export type MakeLine = (answered: Answered) => string;

export function timeText(): string {
  return commonTime(Date.now());
}

/** Apache's, which stands for what is not there. */
export function orDash(value: string | undefined): string {
  return value === undefined || value === '' ? '-' : quotable(value);
}

export function requestLine({ head }: Answered): string {
  return head === undefined ? '-' : `${head.method} ${quotable(head.target)} ${quotable(head.version)}`;
}

/** The name of Basic credentials (RFC 7617): what the client says, not who it is. */
export function userOf({ head }: Answered): string | undefined {
  const value = head?.fields.get('authorization');
  const [, encoded] = value === undefined ? [] : (/^basic +([A-Za-z0-9+/=]+)$/i.exec(value) ?? []);
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('latin1').split(':')[0];
}

export function field({ head }: Answered, name: string): string | undefined {
  return head?.fields.get(name);
}

/** `127.0.0.1 - - [20/Nov/2026:22:48:01 +0000] "GET / HTTP/1.1" 200 13` */
export function commonLine(answered: Answered): string {
  const { head, connection, status, bodyBytes } = answered;
  const who = blankless(connection.remoteAddress);
  const user = head === undefined || head.fields.flat.length === 0 ? '-' : userIn(answered);
  const size = bodyBytes === 0 ? '-' : bodyBytes;
  return `${who} - ${user} [${timeText()}] "${requestLine(answered)}" ${status || '-'} ${size}`;
}

const AUTHORIZATION = 'authorization';
const REFERER = 'referer';
const USER_AGENT = 'user-agent';

function userIn(answered: Answered): string {
  const { flat } = answered.head!.fields;
  for (let at = 0; at < flat.length; at += 2)
    if (flat[at]!.length === AUTHORIZATION.length && flat[at]!.toLowerCase() === AUTHORIZATION)
      return blankless(userOf(answered));
  return '-';
}

/** The field ends with a blank. */
export function blankless(value: string | undefined): string {
  const text = orDash(value);
  return text.includes(' ') ? text.replaceAll(' ', '\\x20') : text;
}

/** The same, and where the client comes from, and what it is. */
export function combinedLine(answered: Answered): string {
  let referer = '-';
  let agent = '-';
  if (answered.head !== undefined) {
    const { flat } = answered.head.fields;
    for (let at = 0; at < flat.length; at += 2) {
      const name = flat[at]!;
      if (name.length === REFERER.length && name.toLowerCase() === REFERER) referer = orDash(flat[at + 1]);
      else if (name.length === USER_AGENT.length && name.toLowerCase() === USER_AGENT) agent = orDash(flat[at + 1]);
    }
  }
  return `${commonLine(answered)} "${referer}" "${agent}"`;
}

const NOT_ASCII = /[^\x00-\x7e]/;
const NOT_ASCII_ALL = /[^\x00-\x7e]/g;

/** Chars are bytes: what is not ASCII is written as JSON can write it. */
export function jsonLine(thread: string): MakeLine {
  return (answered) => {
    const { head, connection, status, bodyBytes, beganMs, requestId } = answered;
    const line = JSON.stringify({
      time: new Date().toISOString(),
      remote: connection.remoteAddress || undefined,
      user: userOf(answered),
      method: head?.method,
      path: head?.path,
      query: head?.query || undefined,
      protocol: head?.version,
      host: field(answered, 'host'),
      status,
      bytes: bodyBytes,
      ms: round(performance.now() - beganMs),
      referer: field(answered, REFERER),
      agent: field(answered, USER_AGENT),
      requestId,
      thread,
    });
    return NOT_ASCII.test(line)
      ? line.replaceAll(NOT_ASCII_ALL, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
      : line;
  };
}

function round(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
