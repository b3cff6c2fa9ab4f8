// contract-apps.ts: one and the same app in each contract: for each path, the same answer to the same request.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { utf8Of, type Environ, type FetchObject, type GatewayApp, type NodeListener } from '@appserve/core/app';

/** What the app has to say that no client hears: `left /endless`. */
export type Tell = (line: string) => void;

const PIECE = Buffer.alloc(64 * 1_024, 'x');
const MIB = Buffer.alloc(1_024 ** 2, 'm');

interface Answer {
  readonly status?: number;
  readonly reason?: string;
  readonly fields?: readonly (readonly [string, string])[];
  /** Whole; pieces, in turns of the loop each; or none. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
}

/** A request as all contracts know it. */
interface Asked {
  readonly method: string;
  /** Percent-decoded. */
  readonly path: string;
  readonly query: string;
  readonly remoteAddress: string;
  readonly scheme: string;
  readonly field: (name: string) => string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

async function* piecesOf(count: number, piece: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index += 1) {
    await turn();
    yield piece;
  }
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('begun');
  await turn();
  throw new Error('failed late');
}

async function* endless(tell: Tell): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      await turn();
      yield PIECE;
      tell('piece');
    }
  } finally {
    tell('left');
  }
}

async function lengthOf(body: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0;
  for await (const piece of body) length += piece.length;
  return length;
}

const text = (body: string, status = 200): Answer => ({ status, fields: [['Content-Type', 'text/plain']], body });

type Route = (asked: Asked, tell: Tell) => Answer | Promise<Answer>;

const ROUTES: Readonly<Record<string, Route>> = {
  '/hello': () => text('Hello, world!'),
  '/empty': () => ({}),
  '/status': ({ query }) => ({ status: Number(query), body: [204, 205, 304].includes(Number(query)) ? '' : query }),
  '/reason': () => ({ status: 299, reason: 'Odd Reason', body: 'odd' }),
  '/method': ({ method }) => text(method),
  '/query': ({ query }) => text(query),
  '/field': ({ field, query }) => text(field(query) ?? 'none'),
  '/remote': ({ remoteAddress }) => text(remoteAddress),
  '/url': ({ scheme, field }) => text(`${scheme}://${field('host')}`),
  '/cookies': () => ({
    fields: [
      ['Set-Cookie', 'a=1; Path=/'],
      ['Set-Cookie', 'b=2'],
    ],
    body: 'cookies',
  }),
  '/fields': () => ({
    fields: [
      ['X-One', '1'],
      ['X-Latin', 'caf\xe9'],
      ['X-Empty', ''],
    ],
    body: 'fields',
  }),
  '/redirect': () => ({ status: 302, fields: [['Location', '/elsewhere?a=b']] }),
  '/close': () => ({ fields: [['Connection', 'close']], body: 'closing' }),
  '/length': async ({ body }) => text(String(await lengthOf(body))),
  '/echo': ({ body }) => ({ fields: [['Content-Type', 'application/octet-stream']], body }),
  '/ignore': () => text('ignored'),
  '/stream': ({ query }) => ({ body: piecesOf(Number(query), Buffer.from('piece')) }),
  '/known': () => ({ fields: [['Content-Length', '15']], body: piecesOf(3, Buffer.from('piece')) }),
  '/bytes': () => ({ body: Buffer.from([0, 13, 10, 255, 128]) }),
  '/mib': () => ({ body: MIB }),
  '/big': () => ({ body: piecesOf(20, PIECE) }),
  '/endless': (_asked, tell) => ({ body: endless(tell) }),
  '/throw': () => {
    throw new Error('thrown');
  },
  '/reject': () => Promise.reject(new Error('rejected')),
  '/late': () => ({ body: failing() }),
  '/short': () => ({ fields: [['Content-Length', '9']], body: piecesOf(1, Buffer.from('short')) }),
  '/long': () => ({ fields: [['Content-Length', '4']], body: piecesOf(1, Buffer.from('longer')) }),
  '/split': () => ({ fields: [['X-Split', 'a\r\nX-Injected: b']], body: 'split' }),
};

function answer(asked: Asked, tell: Tell): Answer | Promise<Answer> {
  const route = ROUTES[asked.path];
  if (route !== undefined) return route(asked, tell);
  return asked.path.startsWith('/path/') ? text(asked.path) : text('nothing here', 404);
}

function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : body;
}

export function gatewayApp(tell: Tell): GatewayApp {
  return (environ, startResponse) => {
    const given = answer(askedOfEnviron(environ), tell);
    const begin = ({
      status = 200,
      reason = 'Reason',
      fields = [],
      body = '',
    }: Answer): Uint8Array[] | AsyncIterable<Uint8Array> => {
      startResponse(`${status} ${reason}`, fields);
      if (typeof body !== 'string' && !(body instanceof Uint8Array)) return body;
      return body.length === 0 ? [] : [bytesOf(body)];
    };
    return given instanceof Promise ? given.then(begin) : begin(given);
  };
}

function askedOfEnviron(environ: Environ): Asked {
  return {
    method: environ.REQUEST_METHOD,
    path: utf8Of(environ.PATH_INFO),
    query: environ.QUERY_STRING,
    remoteAddress: environ.REMOTE_ADDR,
    scheme: environ['wsgi.url_scheme'],
    field: (name) => {
      const key = name.toUpperCase().replaceAll('-', '_');
      return (environ[/^CONTENT_(?:TYPE|LENGTH)$/.test(key) ? key : `HTTP_${key}`] as string | undefined) ?? undefined;
    },
    body: inputOf(environ),
  };
}

async function* inputOf(environ: Environ): AsyncGenerator<Uint8Array> {
  for (;;) {
    const piece = await environ['wsgi.input'].read(16 * 1_024);
    if (piece.length === 0) return;
    yield piece;
  }
}

export function fetchApp(tell: Tell): FetchObject {
  return {
    fetch: (request, { remoteAddress }) => {
      const given = answer(askedOfRequest(request, remoteAddress), tell);
      return given instanceof Promise ? given.then(responseOf) : responseOf(given);
    },
  };
}

function responseOf({ status = 200, reason = 'Reason', fields = [], body = '' }: Answer): Response {
  const hasNone = [204, 205, 304].includes(status) || (typeof body === 'string' && body === '');
  const headers = new Headers();
  for (const [name, value] of fields) headers.append(name, value);
  const stream = typeof body === 'string' || body instanceof Uint8Array ? bytesOf(body) : ReadableStream.from(body);
  return new Response(hasNone ? null : stream, { status, statusText: reason, headers });
}

function askedOfRequest(request: Request, remoteAddress: string): Asked {
  const url = new URL(request.url);
  return {
    method: request.method,
    path: decodeURIComponent(url.pathname),
    query: url.search.slice(1),
    remoteAddress,
    scheme: url.protocol.slice(0, -1),
    field: (name) => request.headers.get(name) ?? undefined,
    body: request.body ?? emptyBody(),
  };
}

// oxlint-disable-next-line eslint/require-yield
async function* emptyBody(): AsyncGenerator<Uint8Array> {
  // Nothing to give.
}

export function nodeApp(tell: Tell): NodeListener {
  // Known by what it calls its parameters.
  return (request: IncomingMessage, response: ServerResponse): unknown => {
    const given = answer(askedOfMessage(request), tell);
    return given instanceof Promise ? given.then((later) => reply(response, later)) : reply(response, given);
  };
}

function reply(
  response: ServerResponse,
  { status = 200, reason = 'Reason', fields = [], body = '' }: Answer,
): Promise<void> | undefined {
  for (const [name, value] of fields) response.appendHeader(name, value);
  response.writeHead(status, reason);
  if (typeof body === 'string' || body instanceof Uint8Array) {
    response.end(body);
    return undefined;
  }
  return pour(body, response);
}

async function pour(body: AsyncIterable<Uint8Array>, response: ServerResponse): Promise<void> {
  for await (const piece of body) {
    if (response.destroyed) return;
    if (!response.write(piece)) await takenOrLeft(response);
    if (response.destroyed) return;
  }
  response.end();
}

async function takenOrLeft(response: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    response.once('drain', resolve);
    response.once('close', resolve);
  });
}

function askedOfMessage(request: IncomingMessage): Asked {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const header = (name: string): string | undefined => {
    const value = request.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(', ') : value;
  };
  return {
    method: request.method ?? '',
    path: decodeURIComponent(path),
    query,
    remoteAddress: request.socket.remoteAddress ?? '',
    scheme: (request.socket as { encrypted?: boolean }).encrypted === true ? 'https' : 'http',
    field: header,
    body: request,
  };
}
