// app/environ.ts: the environ of a gateway app: CGI variables (RFC 3875 §4.1) and the wsgi.* keys of PEP 3333.

import { Buffer } from 'node:buffer';
import { ownText } from '../bytes.ts';
import type { ConnectionFacts, Exchange } from '../exchange/exchange.ts';
import { withoutPort } from '../message/host.ts';
import type { RequestHead } from '../message/request-head.ts';
import { parseTraceContext, type TraceContext } from '../message/trace-context.ts';
import type { WebSocketHooks, WebSocketOptions } from '../websocket/hooks.ts';
import { FileWrapper, type ReadableFile } from './file-wrapper.ts';
import { flatten, type HeaderList } from './header-list.ts';
import { Input, type InputStream } from './input.ts';
import { joinValues } from './join-values.ts';
import { tlsVariables } from './tls-variables.ts';

/** Where an app writes its complaints: `wsgi.errors`. */
export interface ErrorStream {
  write(text: string): void;
  writelines(lines: Iterable<string>): void;
  flush(): void;
}

/** What is the same for all requests of one worker. */
export interface GatewayServer {
  /** SERVER_SOFTWARE: `appserve/0.1.0`. */
  readonly software: string;
  readonly errors: ErrorStream;
  /** Whether an equal app may run elsewhere at the same time: in another worker. */
  readonly multiprocess: boolean;
  /** What environs are made into; they stay as they are when left out. */
  readonly environClass?: EnvironClass | undefined;
  /** Lets work that goes on behind an answer end before the app is closed. */
  readonly background?: Background;
}

/** A class of environs: its instances have the keys and values of the one that it is given. */
export type EnvironClass = new (environ: Environ) => object;

/** Work that no client waits for. */
export interface Background {
  add(work: PromiseLike<unknown>): void;
}

/**
 * Answers a client that asks for a WebSocket: by startResponse with 101, or with 400, 403 or 426 where its handshake is wrong. What it
 * gives is the result of the app.
 *
 * Faults: WEBSOCKET_OPTION_INVALID.
 */
export type GatewayWebSocket = <D>(
  startResponse: (status: string, headers: HeaderList) => unknown,
  hooks: WebSocketHooks<D>,
  options?: WebSocketOptions<D>,
) => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** The keys that every environ has; headers stand beside them as HTTP_*, and apps add what they like. */
export interface Environ {
  REQUEST_METHOD: string;
  SCRIPT_NAME: string;
  /** Percent-decoded, each char one byte (latin1), as PEP 3333 has it. `utf8Of`, or `wsgi.path_bytes`, make text of it. */
  PATH_INFO: string;
  QUERY_STRING: string;
  RAW_URI: string;
  SERVER_NAME: string;
  SERVER_PORT: string;
  SERVER_PROTOCOL: string;
  SERVER_SOFTWARE: string;
  GATEWAY_INTERFACE: string;
  REMOTE_ADDR: string;
  REMOTE_PORT: string;
  'wsgi.version': readonly [1, 0];
  'wsgi.url_scheme': 'http' | 'https';
  'wsgi.input': InputStream;
  'wsgi.errors': ErrorStream;
  'wsgi.multithread': boolean;
  'wsgi.multiprocess': boolean;
  'wsgi.run_once': boolean;
  'wsgi.input_terminated': boolean;
  /** Makes a file the body of the response: `return [environ['wsgi.file_wrapper'](handle)]` without the brackets. */
  'wsgi.file_wrapper': (file: ReadableFile, blockBytes?: number) => FileWrapper;
  /** PATH_INFO of this environ as bytes, also after a mount has shortened it: `environ['wsgi.path_bytes']().toString()` is text. */
  'wsgi.path_bytes': () => Buffer;
  /** What the client said of the trace that this request is part of (W3C Trace Context); nothing when it said none, or a malformed one. */
  'appserve.trace_context': () => TraceContext | undefined;
  /** Aborts when the client has gone before the response was complete. Made when it is first asked for. */
  'wsgi.signal': () => AbortSignal;
  /** Sends 103 Early Hints, before the response begins. */
  'wsgi.early_hints': (headers: HeaderList) => void;
  /** There when the client asks for a WebSocket: `return environ['appserve.websocket'](startResponse, hooks, options)`. */
  'appserve.websocket'?: GatewayWebSocket;
  CONTENT_TYPE?: string;
  CONTENT_LENGTH?: string;
  HTTPS?: string;
  /** Over TLS there are further SSL_* variables: docs/guide/tls.md has them. `SUCCESS`: the client has shown a certificate; else `NONE`. */
  SSL_CLIENT_VERIFY?: string;
  /** Whose it is. */
  SSL_CLIENT_S_DN?: string;
  [name: string]: unknown;
}

function wrapFile(file: ReadableFile, blockBytes?: number): FileWrapper {
  return new FileWrapper(file, blockBytes);
}

/** A method, one for all: it reads the environ that it is asked of, which may be a copy. */
function pathBytes(this: Environ): Buffer {
  return Buffer.from(this.PATH_INFO, 'latin1');
}

/** Likewise one for all. Where a field came twice its values are joined by a comma, which no traceparent has. */
function traceContext(this: Environ): TraceContext | undefined {
  const { HTTP_TRACEPARENT: parent, HTTP_TRACESTATE: state } = this;
  return typeof parent === 'string' ? parseTraceContext(parent, typeof state === 'string' ? state : undefined) : undefined;
}

const WSGI_VERSION = Object.freeze([1, 0] as const);
/** What environs inherit from: nothing. */
export const NoPrototype: object = Object.freeze(Object.create(null) as object);

/** What PEP 3333 adds to CGI. */
export function gatewayKeys(environ: Environ, exchange: Exchange, server: GatewayServer, errors: ErrorStream): void {
  environ['wsgi.version'] = WSGI_VERSION;
  environ['wsgi.url_scheme'] = exchange.connection.scheme;
  // One for each request, also where there is nothing to read: apps keep things with it, as properties or in a WeakMap.
  const input = new Input(exchange.body, exchange);
  environ['wsgi.input'] = input;
  environ['wsgi.errors'] = errors;
  environ['wsgi.multithread'] = false;
  environ['wsgi.multiprocess'] = server.multiprocess;
  environ['wsgi.run_once'] = false;
  environ['wsgi.input_terminated'] = true;
  environ['wsgi.file_wrapper'] = wrapFile;
  environ['wsgi.path_bytes'] = pathBytes;
  environ['appserve.trace_context'] = traceContext;
  environ['wsgi.signal'] = input.signalOf!;
  environ['wsgi.early_hints'] = (headers) => exchange.inform(103, flatten(headers));
}

/**
 * A function, not an object literal: its instances share one hidden class, which makes an environ ten times cheaper than
 * Object.create(null), whose instances are hash tables. Its prototype is an empty object without a prototype, so nothing is
 * inherited: `'constructor' in environ` is false. (docs/decisions/0005-environ.md)
 */
interface EnvironConstructor {
  new (exchange: Exchange, server: GatewayServer, name: string, port: string): Environ;
}

const EnvironObject = function (this: Environ, exchange: Exchange, server: GatewayServer, name: string, port: string): void {
  const { head, connection } = exchange;
  const { pathAndQuery } = head;
  const query = pathAndQuery.indexOf('?');
  this.REQUEST_METHOD = head.method;
  this.SCRIPT_NAME = percentDecoded(head.mountPath);
  this.PATH_INFO = percentDecoded(query === -1 ? pathAndQuery : pathAndQuery.slice(0, query));
  this.QUERY_STRING = query === -1 ? '' : pathAndQuery.slice(query + 1);
  this.RAW_URI = head.mountPath === '' ? head.target : mountedTarget(head);
  this.SERVER_NAME = name;
  this.SERVER_PORT = port;
  this.SERVER_PROTOCOL = head.version;
  this.SERVER_SOFTWARE = server.software;
  this.GATEWAY_INTERFACE = 'CGI/1.1';
  this.REMOTE_ADDR = connection.remoteAddress;
  this.REMOTE_PORT = connection.remotePort;
  gatewayKeys(this, exchange, server, server.errors);
} as unknown as EnvironConstructor;
(EnvironObject as unknown as { prototype: object }).prototype = NoPrototype;

/** A mount has taken its path from the front of the target; an absolute-form is whole. */
function mountedTarget({ mountPath, target }: RequestHead): string {
  return /^(?:[/?]|$)/.test(target) ? mountPath + target : target;
}

export function makeEnviron(exchange: Exchange, server: GatewayServer): Environ {
  const { head, connection } = exchange;
  // A unix socket has neither name nor port, which PEP 3333 demands: what the client calls us is the next best thing.
  const { called, localPort } = connection;
  const environ =
    localPort === ''
      ? new EnvironObject(
          exchange,
          server,
          called?.name ?? hostName(head) ?? 'localhost',
          called?.port ?? hostPort(head, connection),
        )
      : new EnvironObject(exchange, server, called?.name ?? connection.localAddress, called?.port ?? localPort);
  const { flat } = head.fields;
  for (let at = 0; at < flat.length; at += 2) {
    const variable = variableOf(flat[at]!);
    if (variable === undefined) continue;
    const before = environ[variable];
    environ[variable] = before === undefined ? flat[at + 1] : joinValues(variable, before as string, flat[at + 1]!);
  }
  if (connection.scheme === 'https') {
    environ.HTTPS = 'on';
    if (connection.tls !== undefined) Object.assign(environ, tlsVariables(connection.tls));
  }
  if (exchange.variables !== undefined) addMissing(environ, exchange.variables);
  return ofClass(environ, server);
}

/** What filters have put into theirs; what is of the request itself is as it stands in its head. */
function addMissing(environ: Environ, given: Readonly<Record<string, unknown>>): void {
  for (const key of Object.keys(given)) if (!(key in environ) && !key.startsWith('HTTP_')) environ[key] = given[key];
}

/** As the app is given it. */
export function ofClass(environ: Environ, { environClass: Own }: GatewayServer): Environ {
  return Own === undefined ? environ : (new Own(environ) as Environ);
}

function hostName(head: RequestHead): string | undefined {
  const host = withoutPort(head.fields.get('host') ?? '');
  return host === '' ? undefined : host;
}

function hostPort(head: RequestHead, { scheme }: ConnectionFacts): string {
  return /:([0-9]+)$/.exec(head.fields.get('host') ?? '')?.[1] ?? (scheme === 'https' ? '443' : '80');
}

// Names come from clients, so the cache is bounded; what does not fit is computed again.
const variables = new Map<string, string | undefined>();
const VARIABLES_MAX = 1_000;

/**
 * `User-Agent` -> `HTTP_USER_AGENT`. Nothing for what must not reach an environ: names with an underscore, which would collide
 * with those with a dash, and Proxy, which CGI libraries read as HTTP_PROXY (CVE-2016-5385).
 */
function variableOf(name: string): string | undefined {
  const known = variables.get(name);
  if (known !== undefined) return known;
  const variable = name.includes('_') ? undefined : name.toUpperCase().replaceAll('-', '_');
  if (variable === undefined || variable === 'PROXY') return undefined;
  const key = variable === 'CONTENT_TYPE' || variable === 'CONTENT_LENGTH' ? variable : `HTTP_${variable}`;
  if (variables.size < VARIABLES_MAX) variables.set(ownText(name), ownText(key));
  return key;
}

const HEX_PAIRS = /%[0-9A-Fa-f]{2}/g;

/** `/caf%C3%A9` -> `/cafÃ©`: bytes as latin1 chars. What is not a percent sign with two digits stays as it is. */
export function percentDecoded(path: string): string {
  if (!path.includes('%')) return path;
  return path.replaceAll(HEX_PAIRS, (pair) => String.fromCharCode(Number.parseInt(pair.slice(1), 16)));
}

/** The UTF-8 text that a latin1 carrier such as PATH_INFO stands for. Bytes that are no UTF-8 become U+FFFD. */
export function utf8Of(carrier: string): string {
  return Buffer.from(carrier, 'latin1').toString('utf8');
}
