// app/fetch.ts: a fetch app answers exchanges: Request in, Response out (WHATWG Fetch, as Node has it).

import { pieceOf, type Piece } from '../bytes.ts';
import { Fault } from '../faults.ts';
import type { Exchange, Handler } from '../exchange/exchange.ts';
import { ResponseHead } from '../message/response-head.ts';
import { reasonPhrase } from '../message/status.ts';
import type { FetchFunction } from './contracts.ts';
import type { GatewayServer } from './environ.ts';
import { ExchangeContext } from './fetch-context.ts';
import { lightParts } from './light-response.ts';
import { nameOf } from '../name-of.ts';
import { nativeParts } from './native-response.ts';
import { requestOf } from './request-of.ts';
import { acceptanceOf, openWebSocket } from './upgrade.ts';

export function fromFetch(app: FetchFunction, server: GatewayServer): Handler {
  return (exchange) => {
    const context = new ExchangeContext(exchange, server);
    const response: unknown = app(requestOf(exchange), context, context as never);
    return isPromise(response) ? Promise.resolve(response).then((later) => answer(exchange, later)) : answer(exchange, response);
  };
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}

function answer(exchange: Exchange, response: unknown): void | Promise<void> {
  const parts = lightParts(response) ?? nativeParts(response);
  // An upgrade has no body either.
  if (parts !== undefined && (parts.body !== null || acceptanceOf(response as object) === undefined)) {
    // The app has taken the connection over, or the client has gone.
    if (exchange.isOver) return undefined;
    const { status, statusText, flat, body } = parts;
    exchange.send(headOf(status, statusText, flat), body === null || body.length === 0 ? [] : [pieceOfBody(body)]);
    return undefined;
  }
  if (!isResponse(response)) throw new Fault('NOT_A_RESPONSE', { found: nameOf(response) });
  const acceptance = acceptanceOf(response);
  if (acceptance === undefined) return sendResponse(exchange, response);
  return exchange.isOver ? undefined : openWebSocket(exchange, acceptance, Array.from(response.headers).flat());
}

function pieceOfBody(body: string | Uint8Array): Piece {
  return typeof body === 'string' ? pieceOf(body) : body;
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

type ChunkReader = ReadableStreamDefaultReader<unknown>;
type Reading = ReturnType<ChunkReader['read']>;

async function sendResponse(exchange: Exchange, response: Response): Promise<void> {
  const reader = response.body?.getReader() as ChunkReader | undefined;
  // The app learns that nobody listens any more, also while it waits for its next piece, or when its head is refused.
  const leave = (reason?: Fault): void => void reader?.cancel(reason).catch(() => undefined);
  exchange.whenGone(() => leave(new Fault('PEER_GONE', {})));
  try {
    if (exchange.isOver) return;
    const head = responseHead(response);
    if (reader === undefined) exchange.send(head, []);
    else await sendBody(exchange, head, reader);
  } finally {
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

function responseHead({ status, statusText, headers }: Response): ResponseHead {
  return headOf(status, statusText, Array.from(headers).flat());
}

function headOf(status: number, statusText: string | undefined, flat: readonly string[]): ResponseHead {
  const reason = statusText === '' || statusText === undefined ? reasonPhrase(status) : statusText;
  return new ResponseHead(status, reason, hasHopByHop(flat) ? withoutHopByHop(flat) : flat);
}

function hasHopByHop(flat: readonly string[]): boolean {
  for (let at = 0; at < flat.length; at += 2) if (HOP_BY_HOP.has(flat[at]!.toLowerCase())) return true;
  return false;
}

function withoutHopByHop(flat: readonly string[]): string[] {
  return flat.filter((_, at) => !HOP_BY_HOP.has(flat[at - (at % 2)]!.toLowerCase()));
}
