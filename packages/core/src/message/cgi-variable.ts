// message/cgi-variable.ts: one variable of a CGI request (RFC 3875 §4.1), checked at birth, and what its name means.

import { ownText } from '../bytes.ts';
import { Fault } from '../faults.ts';
import { isFieldValue, TOKEN } from './grammar.ts';
import { isHost } from './host.ts';

/** `plain`: as it is. `field`: of the client. `dropped`: not for apps. The others are of the request itself. */
export const KIND = { plain: 0, dropped: 1, field: 2, host: 3, method: 4, length: 5, type: 6 } as const;
export type Kind = (typeof KIND)[keyof typeof KIND];

const kinds = new Map<string, Kind>([
  // Scripts and libraries take it for the proxy that they shall use (CVE-2016-5385).
  ['HTTP_PROXY', KIND.dropped],
  // nginx sends these as the client wrote them, beside a body that it has read and dechunked: CONTENT_LENGTH and CONTENT_TYPE count.
  ['HTTP_CONTENT_LENGTH', KIND.dropped],
  ['HTTP_CONTENT_TYPE', KIND.dropped],
  ['HTTP_TRANSFER_ENCODING', KIND.dropped],
  ['HTTP_HOST', KIND.host],
  ['REQUEST_METHOD', KIND.method],
  ['CONTENT_LENGTH', KIND.length],
  ['CONTENT_TYPE', KIND.type],
]);

export class CgiVariable {
  readonly name: string;
  /** Latin1, one char a byte. */
  readonly value: string;
  readonly kind: Kind;

  /** Faults: VARIABLE_INVALID, HOST_INVALID. */
  constructor(name: string, value: string, kind: Kind = kindOf(name)) {
    switch (kind) {
      case KIND.plain:
      case KIND.length:
        // A variable of a process ends there, and so does what a CGI program would see (FastCGI 1.0 §6.2).
        if (value.includes('\0')) throw invalid(name, 'its value holds a NUL');
        break;
      case KIND.dropped:
        break;
      case KIND.host:
        if (!isHost(value)) throw new Fault('HOST_INVALID', { value });
        break;
      case KIND.field:
      case KIND.type:
        if (!isFieldValue(value)) throw invalid(name, 'its value holds a character that no field value may hold');
        break;
      case KIND.method:
        if (value.length > METHOD_CHARS_MAX || !TOKEN.test(value)) throw invalid(name, 'it is not a token');
        break;
    }
    this.name = name;
    this.value = value;
    this.kind = kind;
  }

  /** One of the client's fields. */
  get isField(): boolean {
    return this.kind === KIND.field || this.kind === KIND.host;
  }
}

const METHOD_CHARS_MAX = 64;
/**
 * RFC 3875 §4.1.18: upper case, and "_" for "-". Another spelling would be the same field under a name that none of the rules above
 * knows: HTTP_Transfer_Encoding. Other characters of a token stay: nginx passes them on.
 */
const FIELD_VARIABLE = /^HTTP_[A-Z0-9_!#$%&'*+.^`|~]+$/;

/** Faults: VARIABLE_INVALID. */
export function kindOf(name: string): Kind {
  const known = kinds.get(name);
  if (known !== undefined) return known;
  if (name.includes('\0') || name.includes('='))
    throw invalid(name, 'its name holds a character that no name of a variable may hold');
  if (name.startsWith('HTTP_')) {
    if (!FIELD_VARIABLE.test(name)) throw invalid(name, 'its name is not that of a field: HTTP_ and A-Z, 0-9 and _');
    return KIND.field;
  }
  // The gateway's own keys, which no web server sets.
  return name.startsWith('wsgi.') ? KIND.dropped : KIND.plain;
}

export function invalid(name: string, why: string): Fault {
  return new Fault('VARIABLE_INVALID', { name, why });
}

const fieldNames = new Map<string, string>([
  ['CONTENT_TYPE', 'Content-Type'],
  ['CONTENT_LENGTH', 'Content-Length'],
]);
const FIELD_NAMES_MAX = 1_000;
/** Longer ones are made anew each time: a client chooses them, and this table never lets one go. */
const KEPT_CHARS_MAX = 64;

/** `HTTP_USER_AGENT` -> `User-Agent`. */
export function fieldName(variable: string): string {
  const known = fieldNames.get(variable);
  if (known !== undefined) return known;
  const words = variable.slice('HTTP_'.length).split('_');
  const name = words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase()).join('-');
  if (fieldNames.size < FIELD_NAMES_MAX && variable.length <= KEPT_CHARS_MAX) fieldNames.set(ownText(variable), ownText(name));
  return name;
}
