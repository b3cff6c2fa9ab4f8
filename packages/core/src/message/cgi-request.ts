// message/cgi-request.ts: the variables of a CGI request (RFC 3875 §4.1) as a web server sends them, and the head that they make.
//
// Law: what two web servers say in two ways has one meaning here, and what would be said twice is said once. Nothing is taken apart
// before somebody asks for it: a gateway app never does.
//
// What each server really sends: docs/reference/fastcgi.md.

import { ownText } from '../bytes.ts';
import { Fault } from '../faults.ts';
import { Fields } from './fields.ts';
import { CONTENT_LENGTH, isFieldValue, TOKEN } from './grammar.ts';
import { isHost } from './host.ts';
import { NO_BODY, type Framing, type RequestParts } from './request-head.ts';

export interface CgiPolicy {
  /**
   * Where the app is mounted: `` or `/app`, without a slash at the end. The path is parted there, however the web server has done it.
   * Left out, SCRIPT_NAME and PATH_INFO stay as they are sent.
   */
  readonly mount: string | undefined;
  readonly bodyBytesMax: number;
  /** An authorizer gets no body (FastCGI 1.0 §6.3), whatever the variables say. */
  readonly hasBody: boolean;
}

/** `plain`: as it is. `field`: of the client. The others are looked at. */
const KIND = { plain: 0, dropped: 1, field: 2, method: 3, length: 4, host: 5 } as const;
type Kind = (typeof KIND)[keyof typeof KIND];

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
]);
const KINDS_MAX = 1_000;
const METHOD_CHARS_MAX = 64;

function learn(name: string): Kind {
  const kind = kindOf(name);
  if (kinds.size < KINDS_MAX) kinds.set(ownText(name), kind);
  return kind;
}

function kindOf(name: string): Kind {
  if (name.includes('\0') || name.includes('='))
    throw invalid(name, 'its name holds a character that no name of a variable may hold');
  if (name.startsWith('HTTP_')) {
    if (!TOKEN.test(fieldName(name))) throw invalid(name, 'its name is not that of a field');
    return KIND.field;
  }
  // The gateway's own keys, which no web server sets.
  return name.startsWith('wsgi.') ? KIND.dropped : KIND.plain;
}

const UNKNOWN: Framing = Object.freeze({ type: 'unknown' });

let lastHost = '';

/** The head of a request that came as variables. What it tells beside its method, framing and variables is made when it is asked for. */
export class CgiHead implements RequestParts {
  readonly method: string;
  readonly framing: Framing;
  /** name, value, name, value, ...: what counts of them, in the order in which they came. A name may stand more than once. */
  readonly variables: readonly string[];
  #fields: Fields | undefined;
  #pathAndQuery: string | undefined;

  private constructor(method: string, framing: Framing, variables: readonly string[]) {
    this.method = method;
    this.framing = framing;
    this.variables = variables;
  }

  /**
   * `flat`: name, value, name, value, ... in latin1; the array is taken over.
   *
   * Faults: VARIABLE_INVALID, HOST_INVALID, LENGTH_INVALID, BODY_TOO_LARGE.
   */
  static of(flat: string[], { mount, bodyBytesMax, hasBody }: CgiPolicy): CgiHead {
    let kept = 0;
    let method: string | undefined;
    let length: string | undefined;
    for (let at = 0; at < flat.length; at += 2) {
      const name = flat[at]!;
      const value = flat[at + 1]!;
      const kind = kinds.get(name) ?? learn(name);
      switch (kind) {
        case KIND.plain:
          // A variable of a process ends there, and so does what a CGI program would see (FastCGI 1.0 §6.2).
          if (value.includes('\0')) throw invalid(name, 'its value holds a NUL');
          break;
        case KIND.dropped:
          continue;
        case KIND.host:
          checkHost(value);
          break;
        case KIND.field:
          if (!isFieldValue(value)) throw invalid(name, 'its value holds a character that no field value may hold');
          break;
        case KIND.method:
          method = value;
          break;
        case KIND.length:
          if (length !== undefined && length !== value) throw new Fault('LENGTH_INVALID', { value: `${length}, ${value}` });
          length = value;
          // Empty says nothing, and so does its absence.
          if (value === '' || !hasBody) continue;
          break;
      }
      flat[kept] = name;
      flat[kept + 1] = value;
      kept += 2;
    }
    flat.length = kept;
    if (method === undefined) throw invalid('REQUEST_METHOD', 'it is missing');
    if (method.length > METHOD_CHARS_MAX || !TOKEN.test(method)) throw invalid('REQUEST_METHOD', 'it is not a token');
    const framing = hasBody ? framingOf(length, bodyBytesMax) : NO_BODY;
    return new CgiHead(method, framing, mount === undefined ? flat : mounted(flat, mount));
  }

  /** The last value of that name, as programs see it whose environment says one twice. */
  get(name: string): string | undefined {
    return lastOf(this.variables, name);
  }

  get version(): string {
    return this.get('SERVER_PROTOCOL') ?? 'HTTP/1.0';
  }

  /** REQUEST_URI, which web servers add to what CGI has; else what the variables say. */
  get target(): string {
    return this.get('REQUEST_URI') ?? this.pathAndQuery;
  }

  get pathAndQuery(): string {
    return (this.#pathAndQuery ??= pathAndQueryOf(this.variables));
  }

  /** HTTP_USER_AGENT is User-Agent; repeats are repeats. */
  get fields(): Fields {
    return (this.#fields ??= fieldsOf(this.variables));
  }

  get expectsContinue(): boolean {
    return false;
  }

  /** The connection is between the web server and its client. */
  get keepAlive(): boolean {
    return true;
  }

  get path(): string {
    const at = this.pathAndQuery.indexOf('?');
    return at === -1 ? this.pathAndQuery : this.pathAndQuery.slice(0, at);
  }

  get query(): string {
    const at = this.pathAndQuery.indexOf('?');
    return at === -1 ? '' : this.pathAndQuery.slice(at + 1);
  }

  get hasBody(): boolean {
    return this.framing.type !== 'length' || this.framing.length > 0;
  }

  /** HTTPS as Apache began it and all others do it; REQUEST_SCHEME where it is not there. */
  get scheme(): 'http' | 'https' {
    const https = this.get('HTTPS');
    if (https === undefined || https === '') return this.get('REQUEST_SCHEME') === 'https' ? 'https' : 'http';
    return /^(?:on|1|yes|true|https)$/i.test(https) ? 'https' : 'http';
  }
}

function invalid(name: string, why: string): Fault {
  return new Fault('VARIABLE_INVALID', { name, why });
}

function checkHost(value: string): void {
  if (value === lastHost) return;
  if (!isHost(value)) throw new Fault('HOST_INVALID', { value });
  lastHost = ownText(value);
}

function framingOf(length: string | undefined, bodyBytesMax: number): Framing {
  if (length === undefined || length === '') return UNKNOWN;
  if (length === '0') return NO_BODY;
  if (!CONTENT_LENGTH.test(length)) throw new Fault('LENGTH_INVALID', { value: length });
  const bytes = Number(length);
  if (bytes > bodyBytesMax || !Number.isSafeInteger(bytes)) throw new Fault('BODY_TOO_LARGE', { limit: bodyBytesMax });
  return bytes === 0 ? NO_BODY : { type: 'length', length: bytes };
}

function lastOf(flat: readonly string[], name: string): string | undefined {
  for (let at = flat.length - 2; at >= 0; at -= 2) if (flat[at] === name) return flat[at + 1];
  return undefined;
}

/**
 * SCRIPT_NAME and PATH_INFO together: the path that the web server has decided on. Some configurations of nginx send the whole path
 * as both of them: REQUEST_URI tells which it is.
 */
function pathOf(flat: readonly string[], sent: string | undefined): string {
  const script = lastOf(flat, 'SCRIPT_NAME') ?? '';
  const info = lastOf(flat, 'PATH_INFO') ?? '';
  const whole = script + info;
  return script === info && sent !== whole ? script : whole;
}

/** Path and query of REQUEST_URI; of an absolute one too. */
function sentTarget(flat: readonly string[]): string | undefined {
  return lastOf(flat, 'REQUEST_URI')?.replace(/^https?:\/\/[^/?]*/i, '');
}

function decodedPath(target: string): string {
  const query = target.indexOf('?');
  const path = query === -1 ? target : target.slice(0, query);
  if (!path.includes('%')) return path;
  return path.replaceAll(/%[0-9A-Fa-f]{2}/g, (pair) => String.fromCharCode(Number.parseInt(pair.slice(1), 16)));
}

/** As the client wrote it where the web server has not rewritten it; else as it was rewritten, percent-encoded anew. */
function pathAndQueryOf(flat: readonly string[]): string {
  const sent = sentTarget(flat);
  const path = pathOf(flat, sent === undefined ? undefined : decodedPath(sent));
  if (sent !== undefined && decodedPath(sent) === path && TARGET.test(sent)) return sent;
  const query = lastOf(flat, 'QUERY_STRING') ?? '';
  const encoded = path.startsWith('/') || path === '*' ? encodedPath(path) : `/${encodedPath(path)}`;
  return query === '' ? encoded : `${encoded}?${query.replaceAll(NOT_TARGET, escaped)}`;
}

/** As in message/grammar.ts: VCHAR without "#". */
const TARGET = /^[\x21\x22\x24-\x7e]*$/;
const NOT_TARGET = /[^\x21\x22\x24-\x7e]/g;
/** What a path may hold as it is: pchar and "/" (RFC 3986 §3.3). */
const NOT_PCHAR = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/g;

function encodedPath(path: string): string {
  return path.replaceAll(NOT_PCHAR, escaped);
}

function escaped(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function mounted(flat: readonly string[], mount: string): readonly string[] {
  const sent = sentTarget(flat);
  const path = pathOf(flat, sent === undefined ? undefined : decodedPath(sent));
  const isWithin = path === mount || path.startsWith(`${mount}/`);
  const others: string[] = [];
  for (let at = 0; at < flat.length; at += 2) {
    const name = flat[at]!;
    if (name !== 'SCRIPT_NAME' && name !== 'PATH_INFO') others.push(name, flat[at + 1]!);
  }
  others.push('SCRIPT_NAME', isWithin ? mount : '', 'PATH_INFO', isWithin ? path.slice(mount.length) : path);
  return others;
}

const fieldNames = new Map<string, string>([
  ['CONTENT_TYPE', 'Content-Type'],
  ['CONTENT_LENGTH', 'Content-Length'],
]);
const FIELD_NAMES_MAX = 1_000;

function fieldName(variable: string): string {
  const known = fieldNames.get(variable);
  if (known !== undefined) return known;
  const words = variable.slice('HTTP_'.length).split('_');
  const name = words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase()).join('-');
  if (fieldNames.size < FIELD_NAMES_MAX) fieldNames.set(ownText(variable), ownText(name));
  return name;
}

function fieldsOf(variables: readonly string[]): Fields {
  const flat: string[] = [];
  for (let at = 0; at < variables.length; at += 2) {
    const variable = variables[at]!;
    const value = variables[at + 1]!;
    const isField = variable.startsWith('HTTP_') || (value !== '' && fieldNames.has(variable));
    if (isField) flat.push(fieldName(variable), value);
  }
  return new Fields(flat);
}
