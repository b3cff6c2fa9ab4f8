// app/convert/to-fetch.ts: any app as a fetch app: Request in, Response out.

import { Buffer } from 'node:buffer';
import type { UnderlyingSource } from 'node:stream/web';
import { Fault } from '../../faults.ts';
import type { RequestBody } from '../../exchange/body.ts';
import { NO_REQUEST_BODY } from '../../exchange/body.ts';
import type { ConnectionFacts, Exchange, Handler } from '../../exchange/exchange.ts';
import { Fields } from '../../message/fields.ts';
import { NO_BODY, RequestHead, type Framing } from '../../message/request-head.ts';
import type { ResponseHead } from '../../message/response-head.ts';
import { isBodyless } from '../../message/status.ts';
import { toHandler } from '../adapt.ts';
import type { FetchContext, FetchFunction, FetchObject } from '../contracts.ts';
import type { GatewayServer } from '../environ.ts';
import { recognise } from '../recognise.ts';
import { underlyingOf } from '../underlying.ts';
import { ConvertedExchange, pairsOf, promised, run } from './converted-exchange.ts';
import { STANDING_ALONE } from './standing-alone.ts';

/**
 * `server`: what an app that is a gateway app is told of its server. An app with a life keeps it: who made it starts and closes it.
 * Faults: APP_UNKNOWN.
 */
export function toFetch(app: unknown, server: GatewayServer = STANDING_ALONE): FetchObject {
  if (recognise(app) === 'fetch')
    return typeof app === 'function' && !('fetch' in app) ? { fetch: app as FetchFunction } : (app as FetchObject);
  const handler = toHandler(app, server);
  return { fetch: (request, context) => promised(() => answer(handler, request, context)) };
}

function answer(handler: Handler, request: Request, context: FetchContext | undefined): Promise<Response> {
  const exchange = new FetchExchange(request, context);
  run(handler, exchange);
  return exchange.response;
}

/** What the reader of a Response may leave unread before the app is asked to wait. */
const HIGH_WATER_BYTES = 64 * 1_024;

class FetchExchange extends ConvertedExchange {
  readonly head: RequestHead;
  readonly body: RequestBody;
  readonly connection: ConnectionFacts;
  readonly response: Promise<Response>;
  readonly #signal: AbortSignal;
  #resolve!: (response: Response) => void;
  #reject!: (error: unknown) => void;
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined;
  #waiters: (() => void)[] = [];

  constructor(request: Request, context: FetchContext | undefined) {
    const under = underlyingOf(context);
    super(under);
    const url = new URL(request.url);
    this.head = headOf(request, url, under);
    this.connection = under?.connection ?? factsOf(url, context);
    this.body = request.body === null ? NO_REQUEST_BODY : bodyOf(request.body);
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#signal = request.signal;
    if (this.#signal.aborted) this.leave();
    else this.#signal.addEventListener('abort', () => this.leave(), { once: true });
  }

  override leave(): void {
    super.leave();
    // Nothing is answered any more, and who waits for it must not wait for ever. As fetch() does it, in its words.
    this.#reject(this.#signal.aborted ? this.#signal.reason : new Fault('PEER_GONE', {}));
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }

  protected begin(head: ResponseHead, bodyLength: number): void {
    const source: UnderlyingSource<Uint8Array> = {
      start: (controller) => {
        this.#stream = controller;
      },
      pull: () => this.#wake(),
      cancel: () => this.leave(),
    };
    const hasBody = this.head.method !== 'HEAD' && !isBodyless(head.status) && head.status !== 205;
    const stream = hasBody ? new ReadableStream(source, { highWaterMark: HIGH_WATER_BYTES, size: ({ length }) => length }) : null;
    this.#resolve(responseOf(stream, head, bodyLength));
  }

  protected whole(head: ResponseHead, pieces: readonly Uint8Array[]): void {
    const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    const hasBody = this.head.method !== 'HEAD' && !isBodyless(head.status) && head.status !== 205;
    try {
      this.#resolve(responseOf(hasBody ? bytes : null, head, hasBody ? -1 : bytes.length || -1));
    } catch (error) {
      // A status that no Response can say.
      this.#reject(error);
    }
  }

  protected put(bytes: Uint8Array): boolean {
    if (bytes.length > 0) this.#stream!.enqueue(bytes);
    return (this.#stream!.desiredSize ?? 0) > 0;
  }

  async drained(): Promise<void> {
    if (this.isOver || this.#stream === undefined || (this.#stream.desiredSize ?? 0) > 0) return;
    await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** A Response has no trailers: they are left out. */
  protected finish(): void {
    this.#stream?.close();
  }

  protected cut(error: unknown): void {
    if (this.isHeadSent) this.#stream?.error(error);
    else this.#reject(error);
    this.#wake();
  }

  /** A Response tells of nothing before it; where a server is known, it is told itself. */
  protected tell(): void {
    // An informational response is a hint (RFC 9110 §15.2): who leaves it out loses nothing but time.
  }

  protected takenOver(): void {
    // What it says is not heard any more.
    this.#resolve(new Response(null));
  }
}

function headOf(request: Request, url: URL, under: Exchange | undefined): RequestHead {
  const flat: string[] = [];
  for (const [name, value] of request.headers) flat.push(name, value);
  const fields = new Fields(request.headers.has('host') ? flat : ['host', url.host, ...flat]);
  const pathAndQuery = url.pathname === '/*' && under?.head.pathAndQuery === '*' ? '*' : url.pathname + url.search;
  return new RequestHead({
    method: request.method,
    target: pathAndQuery,
    pathAndQuery,
    mountPath: under?.head.mountPath ?? '',
    version: under?.head.version ?? 'HTTP/1.1',
    fields,
    framing: request.body === null ? NO_BODY : framingOf(fields),
    // Reading is what asks the client for more.
    expectsContinue: false,
    keepAlive: under?.head.keepAlive ?? true,
  });
}

function framingOf(fields: Fields): Framing {
  const length = fields.get('content-length');
  return length !== undefined && /^[0-9]{1,15}$/.test(length) ? { type: 'length', length: Number(length) } : { type: 'unknown' };
}

function factsOf(url: URL, context: FetchContext | undefined): ConnectionFacts {
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const port = url.port === '' ? (scheme === 'https' ? '443' : '80') : url.port;
  return { scheme, remoteAddress: context?.remoteAddress ?? '', remotePort: '', localAddress: url.hostname, localPort: port };
}

function bodyOf(stream: ReadableStream<Uint8Array>): RequestBody {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  const read = async (): Promise<Uint8Array | null> => {
    reader ??= stream.getReader();
    const { done, value } = await reader.read();
    return done ? null : value;
  };
  return {
    trailers: Fields.none,
    read,
    async *[Symbol.asyncIterator]() {
      for (let piece = await read(); piece !== null; piece = await read()) yield piece;
    },
  };
}

function responseOf(body: Uint8Array | ReadableStream | null, head: ResponseHead, bodyLength: number): Response {
  const headers = new Headers(pairsOf(head));
  if (head.contentLength === -1 && bodyLength !== -1 && !isBodyless(head.status))
    headers.set('content-length', String(bodyLength));
  return new Response(body, { status: head.status, statusText: head.reason, headers });
}
