// app/contracts.ts: what an application is, as types. Each contract is one shape; `toHandler` tells them apart.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WebSocketConnection, WebSocketHooks, WebSocketMessage, WebSocketOptions } from '../websocket/hooks.ts';
import type { CgiFacts } from '../exchange/exchange.ts';
import type { TraceContext } from '../message/trace-context.ts';
import type { TlsFacts } from '../exchange/tls-facts.ts';
import type { Environ } from './environ.ts';
import type { HeaderList } from './header-list.ts';
import type { InputStream } from './input.ts';

/** Sends a piece of the body, which is given away, ahead of what the app returns. Resolves when the client has kept up. */
export type Write = (bytes: Uint8Array) => Promise<void>;

/**
 * Begins a response: `200 OK` and its fields. Nothing is sent until the first bytes, so that an app that fails later can call
 * it again with what it caught (`excInfo`) and another status.
 *
 * Faults: RESPONSE_STATUS_INVALID, RESPONSE_FIELD_*, START_RESPONSE_TWICE.
 */
export type StartResponse = (status: string, headers: HeaderList, excInfo?: unknown) => Write;

/** Pieces of a body. `close`, where there is one, is called exactly once, whatever happens. */
export type GatewayResult = (Iterable<Uint8Array> | AsyncIterable<Uint8Array>) & { close?(): void | Promise<void> };

/** PEP 3333 for JavaScript. */
export type GatewayApp = (environ: Environ, startResponse: StartResponse) => GatewayResult | Promise<GatewayResult>;

/** What a fetch app is told beside the Request. */
export interface FetchContext {
  readonly remoteAddress: string;
  readonly remotePort: string;
  /** What the handshake has settled, with the certificate of a client that has shown one. Nothing where the connection is not over TLS. */
  readonly tls: TlsFacts | undefined;
  /** The same request as a gateway app would see it; made when it is first asked for. */
  readonly environ: Environ;
  /** Of node:http's request what says who the client is: `getConnInfo` of @hono/node-server reads it. */
  readonly incoming: ClientFacts;
  /** What the client said of the trace that this request is part of (W3C Trace Context); nothing when it said none, or a malformed one. */
  readonly traceContext: TraceContext | undefined;
  /** Lets work go on behind the answer: a worker that ends waits for it, as long as `graceful_timeout` lets. Its failure is logged. */
  waitUntil(work: PromiseLike<unknown>): void;
  /**
   * The answer to a client that asks for a WebSocket: return it. It says 101, or 400, 403 or 426 where the handshake is wrong.
   *
   * Faults: WEBSOCKET_OPTION_INVALID.
   */
  upgrade<D>(hooks: WebSocketHooks<D>, options?: WebSocketOptions<D>): Response;
}

export interface ClientFacts {
  readonly socket: {
    readonly remoteAddress: string;
    readonly remotePort: number;
    readonly remoteFamily: 'IPv4' | 'IPv6' | undefined;
  };
}

/**
 * `again`: the context once more, for frameworks that take `(request, env, ctx)`, each of which has a type of its own for it: Hono finds
 * it as `c.env`, and `waitUntil` in `c.executionCtx`.
 */
export type FetchFunction = (request: Request, context: FetchContext, again?: never) => Response | Promise<Response>;
export interface FetchObject {
  fetch: FetchFunction;
}
export type FetchApp = FetchFunction | FetchObject;

/** Hooks and options in one object; `message` is what it is known by. */
export interface WebSocketApp<D = unknown> extends Omit<WebSocketHooks<D>, 'open'>, WebSocketOptions<D> {
  open?(socket: WebSocketConnection<D>, environ: Environ): unknown;
  message(socket: WebSocketConnection<D>, message: WebSocketMessage): unknown;
}

/** What http.createServer takes: Express, Connect, `koa.callback()`, and any function (request, response). */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Whom upgrades are told: an http.Server, to which `ws` and Socket.IO listen. */
export interface NodeEvents {
  emit(event: string, ...args: readonly unknown[]): boolean;
  listenerCount(event: string): number;
}

/** An http.Server that never listens itself: requests and upgrades are emitted on it. */
export interface NodeServer extends NodeEvents {
  listen(...args: never): unknown;
  requestTimeout: number;
}

/** The frameworks of Node as their own apps are: what recognises them stands in app/recognise.ts. */
export type NodeApp =
  | NodeListener
  | NodeServer
  | { readonly middleware: readonly unknown[]; callback(): NodeListener }
  | { routing(request: IncomingMessage, response: ServerResponse): void; ready(): PromiseLike<unknown> }
  | { getHttpAdapter(): object; getHttpServer(): unknown; init(): Promise<unknown> }
  | { handler(request: IncomingMessage, response: ServerResponse): unknown; onNoMatch(...args: never): unknown };

/** One request, as a CGI program would have it. */
export interface HandlerRequest {
  /** `responder` over HTTP. */
  readonly role: CgiFacts['role'];
  /** The CGI variables, latin1. */
  readonly environ: Readonly<Record<string, string>>;
  readonly stdin: InputStream;
  /** The file of a filter; empty for other roles. */
  readonly data: InputStream;
  readonly stdout: HandlerOutput;
  /** Goes to the log of the web server; over HTTP, and once the answer is complete, to ours. */
  readonly stderr: HandlerErrors;
  /** Aborts when nobody waits for the answer any more: FCGI_ABORT_REQUEST, or the client has gone. */
  readonly signal: AbortSignal;
}

/** Where a handler writes its response: fields, an empty line, the body. Text is UTF-8. */
export interface HandlerOutput {
  /** A chunk is given away. Resolves when the web server has kept up. Faults: CGI_OUTPUT_INVALID, RESPONSE_*. */
  write(chunk: Uint8Array | string): Promise<void>;
  writelines(chunks: Iterable<Uint8Array | string>): Promise<void>;
  /** What is written is sent at once: this only waits until it is taken. */
  flush(): Promise<void>;
  /** The response is complete, though the handler goes on. */
  close(): void;
}

/** Where a handler complains. Who does not await it loses what the web server does not take. */
export interface HandlerErrors {
  /** Resolves when the web server has kept up, or nobody waits for the answer any more. */
  write(text: string): Promise<void>;
  writelines(lines: Iterable<string>): Promise<void>;
  flush(): Promise<void>;
}

/**
 * gevent-fastcgi's IRequestHandler: a request with the streams of a CGI program. What it returns is what the program's exit() would
 * say: 0 when left out.
 */
export interface RequestHandler {
  cgi(request: HandlerRequest): void | number | Promise<void | number>;
}

export type App = GatewayApp | FetchApp | NodeApp | RequestHandler | WebSocketApp;
export type ContractName = 'gateway' | 'fetch' | 'node' | 'cgi' | 'websocket';

/** A filter wraps an app. */
export type Filter = (app: App) => App | Promise<App>;
