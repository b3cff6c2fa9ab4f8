// app/convert/to-node.ts: any app as a node app, for http.createServer and for frameworks that take middleware: (request, response).

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fault } from '../../faults.ts';
import { NO_REQUEST_BODY, type RequestBody } from '../../exchange/body.ts';
import type { ConnectionFacts } from '../../exchange/exchange.ts';
import { tlsFactsOf } from '../../exchange/tls-facts.ts';
import { Fields } from '../../message/fields.ts';
import { CHUNKED, NO_BODY, RequestHead } from '../../message/request-head.ts';
import type { ResponseHead } from '../../message/response-head.ts';
import { reasonPhrase } from '../../message/status.ts';
import { otherTarget } from '../../message/target.ts';
import { toHandler } from '../adapt.ts';
import type { NodeListener } from '../contracts.ts';
import type { GatewayServer } from '../environ.ts';
import { isFramework, nodeApp, recognise } from '../recognise.ts';
import { underlyingOf } from '../underlying.ts';
import { ConvertedExchange, pairsOf, run } from './converted-exchange.ts';
import { logAlone, STANDING_ALONE } from './standing-alone.ts';

/**
 * `server`: what an app that is a gateway app is told of its server. An app with a life keeps it: who made it starts and closes it.
 * Faults: APP_UNKNOWN.
 */
export function toNode(app: unknown, server: GatewayServer = STANDING_ALONE): NodeListener {
  if (recognise(app) === 'node' && !isFramework(app)) return app as NodeListener;
  const handler = toHandler(app, server);
  return nodeApp((request, response) => {
    let exchange: NodeExchange;
    try {
      exchange = new NodeExchange(request, response);
    } catch (error) {
      refuse(response, error);
      return;
    }
    run(handler, exchange);
  });
}

/** A request that cannot be read: node:http lets through more than we do. */
function refuse(response: ServerResponse, error: unknown): void {
  if (!(error instanceof Fault) || error.blame !== 'peer') throw error;
  response.writeHead(error.status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${error.status} ${reasonPhrase(error.status)}\n`);
}

class NodeExchange extends ConvertedExchange {
  readonly head: RequestHead;
  readonly body: RequestBody;
  readonly connection: ConnectionFacts;
  readonly #response: ServerResponse;
  #waiters: (() => void)[] = [];

  constructor(request: IncomingMessage, response: ServerResponse) {
    super(underlyingOf(request));
    this.#response = response;
    this.head = headOf(request);
    this.connection = factsOf(request);
    this.body = this.head.hasBody ? bodyOf(request) : NO_REQUEST_BODY;
    response.on('drain', () => this.#wake());
    response.on('close', () => {
      this.leave();
      this.#wake();
    });
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }

  #begin(head: ResponseHead): void {
    // Not by writeHead alone: a framework around may have set fields of its own, which stay.
    for (const [name] of pairsOf(head)) this.#response.removeHeader(name);
    for (const [name, value] of pairsOf(head)) this.#response.appendHeader(name, value);
    this.#response.writeHead(head.status, head.reason);
  }

  protected begin(head: ResponseHead, bodyLength: number): void {
    if (head.contentLength === -1 && bodyLength !== -1) this.#response.setHeader('Content-Length', bodyLength);
    this.#begin(head);
  }

  protected whole(head: ResponseHead, pieces: readonly Uint8Array[]): void {
    let length = 0;
    for (const piece of pieces) length += piece.length;
    if (head.contentLength === -1 && head.status !== 204 && head.status !== 304 && (length > 0 || this.head.method !== 'HEAD'))
      this.#response.setHeader('Content-Length', length);
    this.#begin(head);
    for (const piece of pieces) this.#response.write(piece);
    this.#response.end();
  }

  protected put(bytes: Uint8Array): boolean {
    if (bytes.length > 0) return this.#response.write(bytes);
    this.#response.flushHeaders();
    return true;
  }

  async drained(): Promise<void> {
    if (this.isOver || !this.#response.writableNeedDrain) return;
    await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  protected finish(trailers: Fields): void {
    if (trailers.size > 0) this.#response.addTrailers([...trailers] as [string, string][]);
    this.#response.end();
  }

  protected cut(error: unknown): void {
    if (this.under !== undefined) {
      this.under.fail(error);
      return;
    }
    const isGone = error instanceof Fault && error.code === 'PEER_GONE';
    if (!isGone) logAlone(error);
    if (isGone || this.#response.headersSent) {
      this.#response.destroy();
      return;
    }
    this.#response.writeHead(500, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' });
    this.#response.end('500 Internal Server Error\n');
  }

  protected tell(status: number, flat: readonly string[]): void {
    const fields = new Fields(flat);
    const links = fields.all('link');
    if (status === 100) this.#response.writeContinue();
    else if (status === 102) this.#response.writeProcessing();
    else if (status === 103 && links.length > 0) this.#response.writeEarlyHints({ ...Object.fromEntries(fields), link: links });
  }

  protected takenOver(): void {
    // The connection is the app's, and so is its answer.
  }
}

function headOf(request: IncomingMessage & { readonly baseUrl?: string }): RequestHead {
  const { method = 'GET', url = '/', httpVersion, headers, rawHeaders } = request;
  const isChunked = headers['transfer-encoding'] !== undefined;
  const length = Number(headers['content-length'] ?? 0);
  return new RequestHead({
    method,
    target: url,
    // As for who is asked over TLS, and may open tunnels: both are the business of the server around us.
    pathAndQuery: url.startsWith('/') ? url : otherTarget(method, url, { isSecure: true, allowsConnect: true }).pathAndQuery,
    mountPath: request.baseUrl ?? '',
    version: `HTTP/${httpVersion}`,
    fields: new Fields(rawHeaders),
    framing: isChunked ? CHUNKED : length === 0 ? NO_BODY : { type: 'length', length },
    expectsContinue: false,
    keepAlive: headers.connection?.toLowerCase() !== 'close',
  });
}

function factsOf({ socket }: IncomingMessage): ConnectionFacts {
  return {
    scheme: 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http',
    remoteAddress: socket.remoteAddress ?? '',
    remotePort: textOf(socket.remotePort),
    localAddress: socket.localAddress ?? '',
    localPort: textOf(socket.localPort),
    tls: tlsFactsOf(socket),
    socket,
  };
}

function textOf(port: number | undefined): string {
  return port === undefined ? '' : String(port);
}

function bodyOf(request: IncomingMessage): RequestBody {
  let iterator: AsyncIterator<Uint8Array> | undefined;
  const read = async (): Promise<Uint8Array | null> => {
    iterator ??= request.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
    const { done, value } = await iterator.next();
    return done === true ? null : value;
  };
  return {
    get trailers() {
      return new Fields(request.rawTrailers);
    },
    read,
    async *[Symbol.asyncIterator]() {
      for (let piece = await read(); piece !== null; piece = await read()) yield piece;
    },
  };
}
