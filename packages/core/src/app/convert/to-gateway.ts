// app/convert/to-gateway.ts: any app as a gateway app: environ in, an iterable of bytes out.

import { Fault } from '../../faults.ts';
import { NO_REQUEST_BODY, type RequestBody } from '../../exchange/body.ts';
import type { ConnectionFacts, Exchange } from '../../exchange/exchange.ts';
import { Fields } from '../../message/fields.ts';
import { CHUNKED, NO_BODY, RequestHead, type Framing } from '../../message/request-head.ts';
import type { ResponseHead } from '../../message/response-head.ts';
import { toHandler } from '../adapt.ts';
import type { GatewayApp, GatewayResult, StartResponse, Write } from '../contracts.ts';
import type { Environ, GatewayServer } from '../environ.ts';
import type { Input } from '../input.ts';
import { recognise } from '../recognise.ts';
import { sentPath } from '../sent-path.ts';
import { underlyingOf } from '../underlying.ts';
import { upgradeBehind } from '../upgrade.ts';
import { ConvertedExchange, pairsOf, promised, run } from './converted-exchange.ts';
import { Pieces } from './pieces.ts';
import { STANDING_ALONE } from './standing-alone.ts';

/** An app with a life keeps it: who made it starts and closes it. Faults: APP_UNKNOWN. */
export function toGateway(app: unknown, server: GatewayServer = STANDING_ALONE): GatewayApp {
  if (recognise(app) === 'gateway') return app as GatewayApp;
  const handler = toHandler(app, server);
  return (environ, startResponse) =>
    promised(() => {
      const exchange = new GatewayExchange(environ, startResponse);
      run(handler, exchange);
      return exchange.result;
    });
}

class GatewayExchange extends ConvertedExchange {
  readonly head: RequestHead;
  readonly body: RequestBody;
  readonly connection: ConnectionFacts;
  readonly variables: Environ;
  readonly result: Promise<GatewayResult>;
  readonly #startResponse: StartResponse;
  readonly #pieces: Pieces;
  #write: Write | undefined;
  #resolve!: (result: GatewayResult) => void;
  #reject!: (error: unknown) => void;

  constructor(environ: Environ, startResponse: StartResponse) {
    const under = underlyingOf(environ['wsgi.input']);
    super(under);
    this.variables = environ;
    this.head = headOf(environ, under);
    this.connection = factsOf(environ, under);
    this.body = this.head.hasBody ? bodyOf(environ) : NO_REQUEST_BODY;
    this.#startResponse = startResponse;
    this.#pieces = new Pieces(() => this.leave());
    under?.whenGone(() => this.leave());
    this.#heed(environ);
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** A filter's own signal, such as that of a timeout, ends the request for the app, as a client that goes does. */
  #heed(environ: Environ): void {
    const { 'wsgi.signal': signalOf, 'wsgi.input': input } = environ;
    if (typeof signalOf !== 'function' || signalOf === (input as Partial<Input> | undefined)?.signalOf) return;
    const signal = signalOf();
    const leave = (): void => {
      this.goneReason = signal.reason;
      this.leave();
    };
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  }

  /** Filters see it as that of a gateway app. Nothing where no server of ours offers one. */
  get openThrough(): Exchange['openThrough'] {
    const upgrade = upgradeBehind(this.variables['appserve.websocket']);
    if (upgrade === undefined) return undefined;
    return (acceptance, flat) =>
      this.answerBy(() => this.#resolve(upgrade.through(this.#startResponse, acceptance, [...new Fields(flat)])));
  }

  override leave(): void {
    super.leave();
    this.#pieces.wake();
  }

  #start(head: ResponseHead, bodyLength: number): void {
    const pairs = pairsOf(head);
    if (head.contentLength === -1 && bodyLength !== -1) pairs.push(['Content-Length', String(bodyLength)]);
    this.#write = this.#startResponse(`${head.status} ${head.reason}`, pairs);
  }

  protected begin(head: ResponseHead, bodyLength: number): void {
    this.#start(head, bodyLength);
    this.#resolve(this.#pieces);
  }

  /** As an array: the server then knows the length by itself. */
  protected whole(head: ResponseHead, pieces: readonly Uint8Array[]): void {
    try {
      this.#start(head, -1);
      this.#resolve([...pieces]);
    } catch (error) {
      this.#reject(error);
    }
  }

  protected put(bytes: Uint8Array): boolean {
    // A head that shall go ahead of its body: for that, and only for that, PEP 3333 has `write`.
    if (bytes.length === 0) this.#write!(bytes).catch((error: unknown) => this.fail(error));
    else this.#pieces.push(bytes);
    return this.#pieces.hasRoom;
  }

  drained(): Promise<void> {
    return this.isOver ? Promise.resolve() : this.#pieces.drained();
  }

  /** A gateway app has no trailers: they are left out. */
  protected finish(): void {
    this.#pieces.end();
  }

  protected cut(error: unknown): void {
    if (this.isHeadSent) this.#pieces.fail(error);
    else this.#reject(error);
  }

  /** Where no server is known below, by what PEP 3333 leaves to servers; there is nothing else to tell it with. */
  protected tell(): void {
    // An informational response is a hint (RFC 9110 §15.2): who leaves it out loses nothing but time.
  }

  protected takenOver(): void {
    this.#pieces.end();
    this.#resolve(this.#pieces);
  }
}

function headOf(environ: Environ, under: Exchange | undefined): RequestHead {
  const fields = new Fields(fieldsOf(environ));
  const [mountPath, path] = sentPath(environ);
  const pathAndQuery = environ.QUERY_STRING === '' ? path : `${path}?${environ.QUERY_STRING}`;
  return new RequestHead({
    method: environ.REQUEST_METHOD,
    target: pathAndQuery,
    pathAndQuery,
    mountPath,
    version: environ.SERVER_PROTOCOL,
    fields,
    framing: framingOf(environ, under),
    // Reading is what asks the client for more.
    expectsContinue: false,
    keepAlive: under?.head.keepAlive ?? true,
  });
}

/** HTTP_ACCEPT_LANGUAGE -> accept-language. Names lose their capitals, and repeats are one line: that is how CGI has them. */
function fieldsOf(environ: Environ): string[] {
  const flat: string[] = [];
  for (const key of Object.keys(environ)) {
    const value = environ[key];
    if (typeof value !== 'string') continue;
    if (key.startsWith('HTTP_')) flat.push(key.slice(5).toLowerCase().replaceAll('_', '-'), value);
    else if ((key === 'CONTENT_TYPE' || key === 'CONTENT_LENGTH') && value !== '')
      flat.push(key.toLowerCase().replace('_', '-'), value);
  }
  return flat;
}

function framingOf(environ: Environ, under: Exchange | undefined): Framing {
  const length = environ.CONTENT_LENGTH;
  if (length !== undefined && /^[0-9]{1,15}$/.test(length)) return { type: 'length', length: Number(length) };
  if (environ['HTTP_TRANSFER_ENCODING'] !== undefined) return CHUNKED;
  // Of HTTP/2 and FastCGI no variable says that a body follows whose length nobody knows.
  return under?.head.framing.type === 'unknown' ? under.head.framing : NO_BODY;
}

function factsOf(environ: Environ, under: Exchange | undefined): ConnectionFacts {
  const connection = under?.connection;
  const facts = {
    scheme: environ['wsgi.url_scheme'],
    remoteAddress: environ.REMOTE_ADDR,
    remotePort: environ.REMOTE_PORT,
    localAddress: connection?.localAddress ?? environ.SERVER_NAME,
    localPort: connection?.localPort ?? environ.SERVER_PORT,
    called: connection?.called,
  };
  if (connection === undefined) return facts;
  // A filter may know better who the client is, behind a proxy; then the socket would say something else.
  const isSame = connection.scheme === facts.scheme && connection.remoteAddress === facts.remoteAddress;
  return isSame ? { ...facts, tls: connection.tls, socket: connection.socket } : facts;
}

const READ_BYTES = 64 * 1_024;

/** Piece by piece as it comes where the input is ours; a filter's own is read in blocks. */
function bodyOf(environ: Environ): RequestBody {
  const input = environ['wsgi.input'];
  if (typeof input?.asBody === 'function') return input.asBody();
  const { read: readInput } = input as { read?: (size: number) => Promise<Uint8Array> };
  if (readInput === undefined) throw new Fault('APP_FAILED', { message: 'wsgi.input of the environ cannot be read' });
  const read = async (): Promise<Uint8Array | null> => {
    const piece = await readInput.call(input, READ_BYTES);
    return piece.length === 0 ? null : piece;
  };
  return {
    trailers: Fields.none,
    read,
    async *[Symbol.asyncIterator]() {
      for (let piece = await read(); piece !== null; piece = await read()) yield piece;
    },
  };
}
