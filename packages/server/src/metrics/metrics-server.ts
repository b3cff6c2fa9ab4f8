// metrics/metrics-server.ts: the HTTP of operators: a scrape, two questions about health, and a page. In the main thread, by node:http,
// which workers do without.
//
// Law: an answer is made of memory, at once; nothing that a client sends is read but its method, its path and its Host.

import { readFileSync } from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { withoutPort } from '@appserve/core/message';
import type { ListeningSocket } from '../listen/bound-handle.ts';
import { messageOf, type Logger } from '../log.ts';
import { exposition, EXPOSITION_TYPE } from './exposition.ts';
import type { Report } from './report.ts';
import type { Snapshot } from './snapshot.ts';

export interface MetricsFacts {
  readonly snapshot: () => Snapshot;
  readonly report: () => Report;
  readonly log: Logger;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
}

/** Who asks is a scraper, a balancer or a person: none of them is many. */
const CONNECTIONS_MAX = 128;
const REQUEST_MS = 10_000;
const IDLE_MS = 10_000;
const HEAD_BYTES_MAX = 8_192;

const TEXT = 'text/plain; charset=utf-8';

/** Whatever the page holds, nothing of elsewhere is loaded, and nothing that is not a file of its own is run. */
const GUARDS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const;

export class MetricsServer {
  readonly #routes: ReadonlyMap<string, () => Answer>;
  readonly #log: Logger;
  readonly #server: http.Server;

  constructor(facts: MetricsFacts, socket: ListeningSocket) {
    this.#routes = routesOf(facts);
    this.#log = facts.log;
    const isLoopback = socket.address.type === 'tcp' && /^(?:127\.|::1$)/.test(socket.address.host);
    this.#server = http.createServer(
      { maxHeaderSize: HEAD_BYTES_MAX, headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS, keepAliveTimeout: IDLE_MS },
      (request, response) => this.#answer(request, response, isLoopback),
    );
    this.#server.maxConnections = CONNECTIONS_MAX;
    // A connection that could not be accepted: the next one may be.
    this.#server.on('error', () => undefined);
    this.#server.listen({ fd: socket.duplicate() });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(request: IncomingMessage, response: ServerResponse, isLoopback: boolean): void {
    const { status, type, body } = this.#answerTo(request, isLoopback);
    const more = status === 405 ? { Allow: 'GET, HEAD' } : {};
    response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), ...GUARDS, ...more });
    response.end(body);
    // A body that nobody wants.
    request.resume();
  }

  #answerTo({ method, url = '', headers }: IncomingMessage, isLoopback: boolean): Answer {
    if (isLoopback && !isOfThisMachine(headers.host)) return text(421, 'this address is for clients of this machine\n');
    if (method !== 'GET' && method !== 'HEAD') return text(405, 'GET or HEAD\n');
    const [path = ''] = url.split('?', 1);
    try {
      return this.#routes.get(path)?.() ?? text(404, 'there is /, /metrics, /-/live and /-/ready\n');
    } catch (error) {
      // A file of the page that is gone, or for which there is no descriptor. Who asks is not told of folders.
      this.#log.error(`operators are not told ${path}: ${messageOf(error)}`);
      return text(503, 'this cannot be told now; the log of the server says why\n');
    }
  }
}

/**
 * A page of elsewhere whose name has been made to point at this machine (DNS rebinding) is asked for under that name; who means this
 * machine says an address or localhost.
 */
function isOfThisMachine(host: string | undefined): boolean {
  if (host === undefined) return true;
  const name = withoutPort(host.toLowerCase())
    .replace(/^\[(.*)\]$/, '$1')
    // The root of all names may be written (RFC 1034 §3.1).
    .replace(/\.$/, '');
  return isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost');
}

function routesOf({ snapshot, report }: MetricsFacts): ReadonlyMap<string, () => Answer> {
  return new Map<string, () => Answer>([
    ['/', () => file('index.html', 'text/html; charset=utf-8')],
    ['/-/page.css', () => file('page.css', 'text/css; charset=utf-8')],
    ['/-/page.js', () => file('page.js', 'text/javascript; charset=utf-8')],
    ['/-/status.json', () => ({ status: 200, type: 'application/json', body: JSON.stringify(report()) })],
    ['/metrics', () => ({ status: 200, type: EXPOSITION_TYPE, body: exposition(snapshot()) })],
    ['/-/live', () => text(200, 'live\n')],
    ['/-/ready', () => readiness(snapshot())],
  ]);
}

function readiness({ isReady, phase }: Snapshot): Answer {
  if (isReady) return text(200, 'ready\n');
  return text(503, `${phase === 'serving' ? 'no worker serves' : phase}\n`);
}

function text(status: number, body: string): Answer {
  return { status, type: TEXT, body };
}

/** Beside `dist` or `src`: files of the package as they are. */
const FOLDER = new URL('../../page/', import.meta.url);
const files = new Map<string, Buffer>();

function file(name: string, type: string): Answer {
  const body = files.get(name) ?? readFileSync(new URL(name, FOLDER));
  files.set(name, body);
  return { status: 200, type, body };
}
