// app/fetch.ts: a fetch app answers exchanges: Request in, Response out (WHATWG Fetch, as Node has it).

import { Fault } from '../faults.ts';
import type { Exchange, Handler } from '../exchange/exchange.ts';
import type { RequestBody } from '../exchange/body.ts';
import { ResponseHead } from '../message/response-head.ts';
import { reasonPhrase } from '../message/status.ts';
import type { FetchFunction } from './contracts.ts';
import { nameOf } from './name-of.ts';

export function fromFetch(app: FetchFunction): Handler {
  return async (exchange) => {
    const response: unknown = await app(toRequest(exchange), { remoteAddress: exchange.connection.remoteAddress });
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
    candidate.headers instanceof Headers
  );
}

function toRequest(exchange: Exchange): Request {
  const { head, connection, signal } = exchange;
  const authority =
    head.fields.get('host') ?? `${connection.localAddress || 'localhost'}${connection.localPort && `:${connection.localPort}`}`;
  const path = head.pathAndQuery === '*' ? '/*' : head.pathAndQuery;
  const headers = new Headers();
  for (const [name, value] of head.fields) headers.append(name, value);
  const init: RequestInit = { method: head.method, headers, signal };
  // The standard allows no body with GET and HEAD; what a client sent with one is read past.
  if (head.hasBody && head.method !== 'GET' && head.method !== 'HEAD') {
    init.body = streamOf(exchange.body);
    init.duplex = 'half';
  }
  return new Request(`${connection.scheme}://${authority}${path}`, init);
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

async function sendResponse(exchange: Exchange, response: Response): Promise<void> {
  const head = responseHead(response);
  if (response.body === null) {
    exchange.send(head, []);
    return;
  }
  const reader = response.body.getReader() as ChunkReader;
  try {
    const first = await reader.read();
    if (first.done) {
      exchange.send(head, []);
      return;
    }
    // A body made of text or bytes is whole after its first piece, and goes out with its length in one write.
    const reading = reader.read();
    if ((await soon(reading))?.done) exchange.send(head, [checkChunk(first.value)]);
    else await stream(exchange, head, reader, first.value, reading);
  } finally {
    // Nothing to cancel once it is read to its end; otherwise the app learns that nobody listens any more.
    await reader.cancel();
  }
}

type ChunkReader = ReadableStreamDefaultReader<unknown>;
type Reading = ReturnType<ChunkReader['read']>;

/** Undici's own streams give their end five microtasks after their last piece; a few more do no harm. */
const SOON_MICROTASKS = 16;

/** What a read resolves to if it does so without waiting for the world. */
async function soon(reading: Reading): Promise<Awaited<Reading> | undefined> {
  const outcome: { result?: Awaited<Reading> } = {};
  // A failure is for whoever awaits the read itself.
  reading.then(
    (result) => (outcome.result = result),
    () => undefined,
  );
  for (let turn = 0; turn < SOON_MICROTASKS && outcome.result === undefined; turn += 1) await Promise.resolve();
  return outcome.result;
}

async function stream(
  exchange: Exchange,
  head: ResponseHead,
  reader: ChunkReader,
  first: unknown,
  reading: Reading,
): Promise<void> {
  exchange.respond(head);
  await writeChunk(exchange, first);
  for (let next = await reading; !next.done && !exchange.isOver && exchange.wantsBody; next = await reader.read())
    await writeChunk(exchange, next.value);
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
  for (const [name, value] of response.headers) if (!HOP_BY_HOP.has(name)) flat.push(name, value);
  return new ResponseHead(
    response.status,
    response.statusText === '' ? reasonPhrase(response.status) : response.statusText,
    flat,
  );
}
