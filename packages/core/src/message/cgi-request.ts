// message/cgi-request.ts: the variables of a CGI request (RFC 3875 §4.1) as a web server sends them, and the head that they make.
//
// Law: what two web servers say in two ways has one meaning here, and what would be said twice is said once. Nothing is taken apart
// before somebody asks for it: a gateway app never does.
//
// What each server really sends: docs/reference/fastcgi.md.

import { Fault } from '../faults.ts';
import { Fields } from './fields.ts';
import { CgiVariable, fieldName, invalid, KIND } from './cgi-variable.ts';
import { CONTENT_LENGTH } from './grammar.ts';
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
  /** The end of the body is here already: one whose length nobody has told is empty. */
  readonly isBodyEmpty?: boolean;
}

const UNKNOWN: Framing = Object.freeze({ type: 'unknown' });

/** The head of a request that came as variables. What it tells beside its method, framing and variables is made when it is asked for. */
export class CgiHead implements RequestParts {
  readonly method: string;
  readonly framing: Framing;
  /** What counts of the variables, in the order in which they came. A name may stand more than once. */
  readonly variables: readonly CgiVariable[];
  #fields: Fields | undefined;
  #pathAndQuery: string | undefined;

  private constructor(method: string, framing: Framing, variables: readonly CgiVariable[]) {
    this.method = method;
    this.framing = framing;
    this.variables = variables;
  }

  /** The array is taken over. Faults: VARIABLE_INVALID, HOST_INVALID, LENGTH_INVALID, BODY_TOO_LARGE. */
  static of(variables: CgiVariable[], policy: CgiPolicy): CgiHead {
    const { mount, hasBody } = policy;
    let kept = 0;
    let method: string | undefined;
    let length: string | undefined;
    let host: string | undefined;
    for (let at = 0; at < variables.length; at += 1) {
      const variable = variables[at]!;
      const { kind, value } = variable;
      if (kind === KIND.dropped) continue;
      if (kind === KIND.method) {
        method = value;
      } else if (kind === KIND.length) {
        if (length !== undefined && length !== value) throw new Fault('LENGTH_INVALID', { value: `${length}, ${value}` });
        if (length !== undefined) continue;
        length = value;
        // Empty says nothing, and so does its absence.
        if (value === '' || !hasBody) continue;
      } else if (kind === KIND.host) {
        // Two hosts are two readings (RFC 9112 §3.2).
        if (host !== undefined && host !== value) throw new Fault('HOST_INVALID', { value: `${host}, ${value}` });
        if (host !== undefined) continue;
        host = value;
      }
      variables[kept] = variable;
      kept += 1;
    }
    variables.length = kept;
    if (method === undefined) throw invalid('REQUEST_METHOD', 'it is missing');
    const framing = hasBody ? framingOf(length, policy) : NO_BODY;
    return new CgiHead(method, framing, mount === undefined ? variables : mounted(variables, mount));
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

  /** The path is whole: what SCRIPT_NAME takes from its front is the gateway contract's alone. */
  get mountPath(): string {
    return '';
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

function framingOf(length: string | undefined, { bodyBytesMax, isBodyEmpty = false }: CgiPolicy): Framing {
  if (length === undefined || length === '') return isBodyEmpty ? NO_BODY : UNKNOWN;
  if (length === '0') return NO_BODY;
  if (!CONTENT_LENGTH.test(length)) throw new Fault('LENGTH_INVALID', { value: length });
  const bytes = Number(length);
  if (bytes > bodyBytesMax || !Number.isSafeInteger(bytes)) throw new Fault('BODY_TOO_LARGE', { limit: bodyBytesMax });
  return bytes === 0 ? NO_BODY : { type: 'length', length: bytes };
}

function lastOf(variables: readonly CgiVariable[], name: string): string | undefined {
  for (let at = variables.length - 1; at >= 0; at -= 1) if (variables[at]!.name === name) return variables[at]!.value;
  return undefined;
}

/**
 * SCRIPT_NAME and PATH_INFO together: the path that the web server has decided on. Some configurations of nginx send the whole path
 * as both of them: REQUEST_URI tells which it is.
 */
function pathOf(variables: readonly CgiVariable[], sent: string | undefined): string {
  const script = lastOf(variables, 'SCRIPT_NAME') ?? '';
  const info = lastOf(variables, 'PATH_INFO') ?? '';
  const whole = script + info;
  return script === info && sent !== whole ? script : whole;
}

/** Path and query of REQUEST_URI; of an absolute one too. */
function sentTarget(variables: readonly CgiVariable[]): string | undefined {
  return lastOf(variables, 'REQUEST_URI')?.replace(/^https?:\/\/[^/?]*/i, '');
}

function decodedPath(target: string): string {
  const query = target.indexOf('?');
  const path = query === -1 ? target : target.slice(0, query);
  if (!path.includes('%')) return path;
  return path.replaceAll(/%[0-9A-Fa-f]{2}/g, (pair) => String.fromCharCode(Number.parseInt(pair.slice(1), 16)));
}

/** As the client wrote it where the web server has not rewritten it; else as it was rewritten, percent-encoded anew. */
function pathAndQueryOf(variables: readonly CgiVariable[]): string {
  const sent = sentTarget(variables);
  const path = pathOf(variables, sent === undefined ? undefined : decodedPath(sent));
  if (sent !== undefined && decodedPath(sent) === path && TARGET.test(sent)) return sent;
  const query = lastOf(variables, 'QUERY_STRING') ?? '';
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

function mounted(variables: readonly CgiVariable[], mount: string): readonly CgiVariable[] {
  const sent = sentTarget(variables);
  const path = pathOf(variables, sent === undefined ? undefined : decodedPath(sent));
  const isWithin = path === mount || path.startsWith(`${mount}/`);
  return [
    ...variables.filter(({ name }) => name !== 'SCRIPT_NAME' && name !== 'PATH_INFO'),
    new CgiVariable('SCRIPT_NAME', isWithin ? mount : ''),
    new CgiVariable('PATH_INFO', isWithin ? path.slice(mount.length) : path),
  ];
}

function fieldsOf(variables: readonly CgiVariable[]): Fields {
  const flat: string[] = [];
  for (const { name, value, isField } of variables) {
    if (isField || (value !== '' && OTHER_FIELDS.has(name))) flat.push(fieldName(name), value);
  }
  return new Fields(flat);
}

const OTHER_FIELDS = new Set(['CONTENT_TYPE', 'CONTENT_LENGTH']);
