// app/fetch.ts: a fetch app answers exchanges: Request in, Response out (WHATWG Fetch, as Node has it).

import { Fault } from '../faults.ts';
import type { Exchange, Handler } from '../exchange/exchange.ts';
import type { RequestBody } from '../exchange/body.ts';
import { ResponseHead } from '../message/response-head.ts';
import { reasonPhrase } from '../message/status.ts';
import type { FetchFunction } from './contracts.ts';
import { nameOf } from './name-of.ts';
import { EXCHANGE } from './underlying.ts';

export function fromFetch(app: FetchFunction): Handler {
  return async (exchange) => {
    const context = { remoteAddress: exchange.connection.remoteAddress, [EXCHANGE]: exchange };
    const response: unknown = await app(toRequest(exchange), context);
    if (!isResponse(response)) throw new Fault('NOT_A_RESPONSE', { found: nameOf(response) });
    await sendResponse(exchange, response);
  };
}

/** By shape, not by class: undici, @hono/node-server and others have a Response of their own. */
function isResponse(value: unknown): value is Response {
  const candidate = value as Partial<Response> | null;
  return (
    typeof candidate === 'object' &&
    candidate !== null &&
    typeof candidate.status === 'number' &&
    typeof candidate.headers?.[Symbol.iterator] === 'function'
  );
}

/** What Request would write in upper case, which is another method (RFC 9110 §9.1), and what it refuses. */
const NORMALISED = /^(?:delete|get|head|options|post|put|patch)$/i;
const FORBIDDEN = /^(?:connect|trace|track)$/i;

/** Faults: METHOD_UNKNOWN, HOST_INVALID: what no Request can say is not an error of the app. */
function toRequest(exchange: Exchange): Request {
  const { head, signal } = exchange;
  const { method } = head;
  if (FORBIDDEN.test(method) || (NORMALISED.test(method) && method !== method.toUpperCase()))
    throw new Fault('METHOD_UNKNOWN', { method });
  const headers = new Headers();
  for (const [name, value] of head.fields) headers.append(name, value);
  const init: RequestInit = { method, headers, signal };
  // The standard allows no body with GET and HEAD; what a client sent with one is read past.
  if (head.hasBody && method !== 'GET' && method !== 'HEAD') {
    init.body = streamOf(exchange.body);
    init.duplex = 'half';
  }
  return new Request(urlOf(exchange), init);
}

function urlOf({ head, connection }: Exchange): string {
  // No host, or an empty one: the target has no authority (RFC 9112 §3.2), so it is ours.
  const host = head.fields.get('host') || ownAuthority(connection.localAddress, connection.localPort);
  const url = `${connection.scheme}://${host}${head.pathAndQuery === '*' ? '/*' : head.pathAndQuery}`;
  // What RFC 9110 lets be a host is not all that a URL of WHATWG can hold: 1.2.3.4.5.
  if (!URL.canParse(url)) throw new Fault('HOST_INVALID', { value: host });
  return url;
}

function ownAuthority(address: string, port: string): string {
  if (port === '') return 'localhost';
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Pulled, not pushed: nothing is read from the client before the app asks for it. */
function streamOf(body: RequestBody): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const piece = await body.read();
        if (piece === null) controller.close();
        else controller.enqueue(piece);
      },
    },
    { highWaterMark: 0 },
  );
}

type ChunkReader = ReadableStreamDefaultReader<unknown>;
type Reading = ReturnType<ChunkReader['read']>;

async function sendResponse(exchange: Exchange, response: Response): Promise<void> {
  const reader = response.body?.getReader() as ChunkReader | undefined;
  // The app learns that nobody listens any more, also while it waits for its next piece, or when its head is refused.
  const leave = (): void => void reader?.cancel(exchange.signal.reason).catch(() => undefined);
  exchange.signal.addEventListener('abort', leave);
  // Who left before the app had answered is announced to nobody any more.
  if (exchange.isOver) leave();
  try {
    const head = responseHead(response);
    if (exchange.isOver) return;
    if (reader === undefined) exchange.send(head, []);
    else await sendBody(exchange, head, reader);
  } finally {
    exchange.signal.removeEventListener('abort', leave);
    // Nothing is left to cancel of a body that was read to its end.
    leave();
  }
}

async function sendBody(exchange: Exchange, head: ResponseHead, reader: ChunkReader): Promise<void> {
  if (exchange.isOver) return;
  const reading = reader.read();
  const first = await soon(reading);
  if (first === undefined || exchange.isOver) {
    await stream(exchange, head, reader, reading);
    return;
  }
  if (first.done) {
    exchange.send(head, []);
    return;
  }
  // A body made of text or bytes is whole after its first piece, and goes out with its length in one write.
  const piece = checkChunk(first.value);
  const further = reader.read();
  // A failure behind the first piece is not too early for that one: it is sent, and then broken off.
  const second = await soon(further).catch(() => undefined);
  if (second?.done) {
    exchange.send(head, [piece]);
    return;
  }
  exchange.respond(head);
  await writeChunk(exchange, piece);
  await streamOn(exchange, reader, further);
}

/** Undici's own streams give their end five microtasks after their last piece; a few more do no harm. */
const SOON_MICROTASKS = 16;

/** What a read resolves to if it does so without waiting for the world. Rejects if it does that. */
async function soon(reading: Reading): Promise<Awaited<Reading> | undefined> {
  const outcome = { isSettled: false };
  const settle = (): void => {
    outcome.isSettled = true;
  };
  reading.then(settle, settle);
  for (let turn = 0; turn < SOON_MICROTASKS && !outcome.isSettled; turn += 1) await Promise.resolve();
  return outcome.isSettled ? reading : undefined;
}

const NOTHING = new Uint8Array(0);

/** A body that is not here yet: its head goes ahead, since a Response says that it is there when it is returned. */
async function stream(exchange: Exchange, head: ResponseHead, reader: ChunkReader, reading: Reading): Promise<void> {
  if (exchange.isOver) return;
  exchange.respond(head);
  exchange.write(NOTHING);
  await streamOn(exchange, reader, reading);
}

async function streamOn(exchange: Exchange, reader: ChunkReader, reading: Reading): Promise<void> {
  // To HEAD the head is all: the next piece may be long in coming.
  for (let coming = reading; !exchange.isOver && exchange.wantsBody; coming = reader.read()) {
    const next = await coming;
    if (next.done || exchange.isOver) break;
    await writeChunk(exchange, next.value);
  }
  if (!exchange.isOver) exchange.end();
}

async function writeChunk(exchange: Exchange, chunk: unknown): Promise<void> {
  if (!exchange.write(checkChunk(chunk))) await exchange.drained();
}

function checkChunk(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new Fault('BODY_NOT_BYTES', { found: nameOf(chunk) });
}

/** Hop-by-hop fields are dropped, not refused: a Response that came from another server's fetch() may hold them. */
const HOP_BY_HOP = new Set(['transfer-encoding', 'keep-alive', 'proxy-connection', 'te']);

function responseHead(response: Response): ResponseHead {
  const flat: string[] = [];
  for (const [name, value] of response.headers) if (!HOP_BY_HOP.has(name.toLowerCase())) flat.push(name, value);
  const reason =
    response.statusText === '' || response.statusText === undefined ? reasonPhrase(response.status) : response.statusText;
  return new ResponseHead(response.status, reason, flat);
}
