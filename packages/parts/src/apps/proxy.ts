// apps/proxy.ts: requests to another server.
//
// Law: what has been said to the client is true: an answer that is cut short looks cut short. Nothing is collected.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { nodeApp, underlyingOf, type GlobalConf, type NodeListener } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import type { Dispatcher, Pool } from 'undici';
import { endToEnd } from '../hop-by-hop.ts';
import { Forwarding } from '../proxying/forwarding.ts';
import { tunnel } from '../proxying/tunnel.ts';
import { Turns } from '../proxying/turns.ts';
import type { proxyPart } from './proxy-part.ts';

export type ProxySettings = Settled<typeof proxyPart.options>;
type Answer = Dispatcher.ResponseData;

/** Sent once more when its connection breaks: RFC 9110 §9.2.1, §9.2.2. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const BROKEN = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);
const LATE = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'ETIMEDOUT']);

/** An `app_factory`. */
export async function proxy(_globalConf: GlobalConf, settings: ProxySettings): Promise<NodeListener> {
  // Only now: undici takes a quarter of a second to import.
  const { Pool: UndiciPool } = await import('undici');
  const { connections, waiting, waitingTimeoutMs, connectTimeoutMs, timeoutMs, responseHeadLimitBytes } = settings;
  const forwarding = new Forwarding(settings);
  const pool = new UndiciPool(new URL(settings.address).origin, {
    connections,
    connect: { timeout: connectTimeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxHeaderSize: responseHeadLimitBytes,
  });
  // Paste takes `get` for GET.
  const target = { ...settings, allowed: settings.allowedRequestMethods.map((method) => method.toUpperCase()) };
  // Not undici's queue: in that one nobody knows how long a request has waited.
  const turns = new Turns(connections, waiting, waitingTimeoutMs);
  const limited = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const turn = await turns.take(gone.signal);
    if (turn === 'full' || turn === 'late') return refuse(response, 503, { 'Retry-After': '1' });
    if (turn === 'gone') return undefined;
    try {
      return await pass(pool, forwarding, target, { request, response, gone: gone.signal });
    } finally {
      turns.giveBack();
    }
  };
  const app = nodeApp(limited, (request, socket, head) => tunnel(forwarding, target, request, socket, Buffer.from(head)));
  return Object.assign(app, { close: () => pool.destroy() });
}

interface Passing {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborts when the client has left. */
  readonly gone: AbortSignal;
}

async function pass(
  pool: Pool,
  forwarding: Forwarding,
  { address, allowed }: { readonly address: string; readonly allowed: readonly string[] },
  { request, response, gone }: Passing,
): Promise<void> {
  const { method = 'GET' } = request;
  if (allowed.length > 0 && !allowed.includes(method)) return refuse(response, 405, { Allow: allowed.join(', ') });
  const path = forwarding.path(request);
  if (path === undefined) return refuse(response, 400);
  const hasBody = request.headers['transfer-encoding'] !== undefined || (request.headers['content-length'] ?? '0') !== '0';
  const asked: Dispatcher.RequestOptions = {
    path,
    method,
    headers: forwarding.fields(request),
    body: hasBody ? iterated(request) : null,
    signal: gone,
    responseHeaders: 'raw',
    onInfo: ({ statusCode, headers }) => hint(request, statusCode, flatOf(headers)),
  };
  try {
    const answer = await answerTo(pool, asked);
    await relay(answer, response);
  } catch (error) {
    if (gone.aborted) return;
    if (response.headersSent) response.destroy(error as Error);
    else {
      console.error(`proxy: ${address}: ${reasonOf(error)}`);
      refuse(response, LATE.has(codeOf(error)) ? 504 : 502);
    }
  }
}

/**
 * undici destroys a stream that it cannot send to its end, and with it the connection on which the answer shall go. It takes iterables too,
 * which its types do not say.
 */
function iterated(request: IncomingMessage): Readable {
  return request.iterator({ destroyOnReturn: false }) as unknown as Readable;
}

async function answerTo(pool: Pool, asked: Dispatcher.RequestOptions): Promise<Answer> {
  try {
    return await pool.request(asked);
  } catch (error) {
    // Kept open too long, it was closed while the request was on its way.
    const isAgain = asked.body === null && SAFE.has(asked.method) && BROKEN.has(codeOf(error));
    if (!isAgain) throw error;
    return pool.request(asked);
  }
}

async function relay({ statusCode, statusText, headers, body }: Answer, response: ServerResponse): Promise<void> {
  const flat = endToEnd(flatOf(headers));
  response.writeHead(statusCode, statusText === '' ? undefined : statusText, flat);
  // The head goes before the first piece, for which a client may wait long.
  response.flushHeaders();
  await pipeline(body, response);
}

/**
 * 103 Early Hints; nobody waits for others. Not by writeEarlyHints, which refuses links that RFC 8288 §3 allows: several in one field, blanks
 * within quotes. What is thrown here ends the request, and a hint that cannot be passed on is no reason for that (RFC 9110 §15.2).
 */
function hint(request: IncomingMessage, status: number, flat: readonly string[]): void {
  if (status !== 103) return;
  const links = flat.flatMap((value, at) => (at % 2 === 1 && flat[at - 1]!.toLowerCase() === 'link' ? ['Link', value] : []));
  try {
    if (links.length > 0) underlyingOf(request)?.inform(status, links);
  } catch {
    // The answer comes without it.
  }
}

function refuse(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...headers });
  response.end(`${status} ${response.statusMessage}\n`);
}

/** With `responseHeaders: 'raw'` undici gives what it does not say in its types: name, value, name, value. */
function flatOf(headers: unknown): readonly string[] {
  return headers as readonly string[];
}

function codeOf(error: unknown): string {
  return String((error as { readonly code?: unknown } | undefined)?.code);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message || codeOf(error) : String(error);
}
