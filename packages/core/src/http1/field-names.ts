// http1/field-names.ts: the field names that nearly every request has, as strings made once, and what they mean for framing.
//
// A name is found by its length and three of its bytes, then compared byte by byte: no substring, no string to hash. The table is
// fixed, so no client can fill it.

import { sameName } from '../message/fields.ts';

/** What a field decides about the connection: most of them nothing. */
export const NO_ROLE = 0;
export const ROLE = { host: 1, contentLength: 2, transferEncoding: 3, connection: 4, expect: 5, contentType: 6 } as const;
export type Role = typeof NO_ROLE | (typeof ROLE)[keyof typeof ROLE];

const DECIDING: Readonly<Record<string, Role>> = {
  Host: ROLE.host,
  'Content-Length': ROLE.contentLength,
  'Transfer-Encoding': ROLE.transferEncoding,
  Connection: ROLE.connection,
  Expect: ROLE.expect,
  'Content-Type': ROLE.contentType,
};

const OTHERS = [
  'Accept', 'Accept-Charset', 'Accept-Encoding', 'Accept-Language', 'Authorization', 'Cache-Control', 'Content-Encoding',
  'Cookie', 'DNT', 'Date', 'Depth', 'Destination', 'Forwarded', 'From', 'If-Match', 'If-Modified-Since', 'If-None-Match',
  'If-Range', 'If-Unmodified-Since', 'Keep-Alive', 'Origin', 'Overwrite', 'Pragma', 'Priority', 'Proxy-Connection', 'Range',
  'Referer', 'Sec-CH-UA', 'Sec-CH-UA-Mobile', 'Sec-CH-UA-Platform', 'Sec-Fetch-Dest', 'Sec-Fetch-Mode', 'Sec-Fetch-Site',
  'Sec-Fetch-User', 'Sec-GPC', 'Sec-WebSocket-Extensions', 'Sec-WebSocket-Key', 'Sec-WebSocket-Protocol',
  'Sec-WebSocket-Version', 'TE', 'Upgrade', 'Upgrade-Insecure-Requests', 'User-Agent', 'Via', 'X-Forwarded-For',
  'X-Forwarded-Host', 'X-Forwarded-Port', 'X-Forwarded-Proto', 'X-Real-IP', 'X-Request-ID', 'X-Requested-With', 'baggage',
  'traceparent', 'tracestate',
]; // prettier-ignore

export interface KnownName {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly role: Role;
}

const SLOTS = 2_048;
const slots: (KnownName | undefined)[] = Array.from({ length: SLOTS });

/** Of a name of one byte or more. The factors were searched for: with them the names above all have slots of their own. */
function slotOf(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  return (length * 98 + bytes[from]! * 70 + bytes[to - 1]! * 57 + bytes[from + ((3 * length) >> 2)]! * 217) & (SLOTS - 1);
}

for (const name of [...Object.keys(DECIDING), ...OTHERS]) {
  for (const spelled of [name, name.toLowerCase()]) {
    const bytes = Uint8Array.from(spelled, (char) => char.charCodeAt(0));
    // Where two fall into one slot, the second is made anew each time: slower, not wrong.
    slots[slotOf(bytes, 0, bytes.length)] ??= { name: spelled, bytes, role: DECIDING[name] ?? NO_ROLE };
  }
}

/** The known name that stands in `bytes`, or nothing: then the caller makes the string. */
export function knownName(bytes: Uint8Array, from: number, to: number): KnownName | undefined {
  const candidate = slots[slotOf(bytes, from, to)];
  if (candidate === undefined) return undefined;
  const wanted = candidate.bytes;
  if (wanted.length !== to - from) return undefined;
  for (let at = 0; at < wanted.length; at += 1) if (wanted[at] !== bytes[from + at]) return undefined;
  return candidate;
}

/** The role of a name that is spelled as no other client does: `HOST`, `content-Length`. */
export function roleOf(name: string): Role {
  for (const [deciding, role] of DECIDING_ENTRIES) if (sameName(name, deciding)) return role;
  return NO_ROLE;
}

const DECIDING_ENTRIES = Object.entries(DECIDING);
