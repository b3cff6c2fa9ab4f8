// app/node/internals.ts: what node:http keeps under names of its own, and what we lay over it.
//
// Express gives each request and response another prototype, so what a subclass overrides would be lost: all that we lay over is
// laid on the object itself. Names with an underscore are undocumented, and the same in Node 20 to 26; symbols are looked for, and
// only tell more where they are found. (docs/decisions/0015-node-apps.md)

import type { Piece } from '../../bytes.ts';
import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Exchange } from '../../exchange/exchange.ts';
import type { EXCHANGE } from '../underlying.ts';
import type { ResponseHead } from '../../message/response-head.ts';

export const CALL = Symbol('appserve.call');

export type Callback = (error?: Error | null) => void;

/** What a request and a response need of the call that they belong to: call.ts keeps it. */
export interface OwnCall {
  readonly exchange: Exchange;
  /** Made by writeHead. */
  head: ResponseHead | undefined;
  /** The answer has been given: nothing that becomes of the request concerns the connection any more. */
  readonly isAnswered: boolean;
  write(piece: Piece, callback: Callback | undefined): boolean;
  end(last: Piece | undefined, callback: Callback | undefined): void;
  /** Ahead of its body: flushHeaders. */
  sendHead(): void;
  cork(): void;
  uncork(): void;
  /** setTimeout of either: when the connection is silent for so long, both are told; 0: no more. */
  watch(ms: number): void;
}

/** A request as its own methods see it. */
export interface OwnRequest extends IncomingMessage {
  [CALL]: OwnCall;
  [EXCHANGE]: Exchange;
  _read(): void;
  _destroy(error: Error | null, callback: Callback): void;
  _addHeaderLines(flat: readonly string[], count: number): void;
  /** Somebody reads. */
  _consuming: boolean;
  readonly _readableState: { readingMore: boolean };
  upgrade: boolean | null;
  /** Of what is mounted. */
  originalUrl?: string;
  baseUrl?: string;
}

/** A response as its own methods see it. */
export interface OwnResponse extends Omit<
  ServerResponse,
  'socket' | 'writableNeedDrain' | 'write' | 'end' | 'destroyed' | 'finished'
> {
  [CALL]: OwnCall;
  /** The head as text; `null` until it is made. */
  _header: string | null;
  _headerSent: boolean;
  _hasBody: boolean;
  _closed: boolean;
  /** Lines `name: value CRLF`. */
  readonly _trailer: string;
  outputSize: number;
  finished: boolean;
  destroyed: boolean;
  socket: Socket | null;
  getRawHeaderNames(): string[];
  _implicitHeader(): void;
  _storeHeader(firstLine: string, headers: unknown): void;
  _send(data: unknown, encoding?: unknown, callback?: unknown): boolean;
  _writeRaw(data: string, encoding?: unknown, callback?: unknown): boolean;
  write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean;
  end(chunk?: unknown, encoding?: unknown, callback?: unknown): unknown;
  [internal: symbol]: unknown;
}

const symbols = Object.getOwnPropertySymbols(new ServerResponse(new IncomingMessage(undefined as unknown as Socket)));

function symbolOf(description: string): symbol | undefined {
  return symbols.find((symbol) => symbol.description === description);
}

/** `writableNeedDrain`, `errored` and, from Node 24 on, `writableFinished` read these. */
const NEEDS_DRAIN = symbolOf('kNeedDrain');
const ERRORED = symbolOf('errored');
const IS_FINISHED = symbolOf('kWritableFinished');

export function setNeedsDrain(response: OwnResponse, needsDrain: boolean): void {
  if (NEEDS_DRAIN !== undefined) response[NEEDS_DRAIN] = needsDrain;
}

export function setErrored(response: OwnResponse, error: Error | undefined): void {
  if (ERRORED !== undefined) response[ERRORED] = error;
}

export function setFinished(response: OwnResponse): void {
  response.outputSize = 0;
  if (IS_FINISHED !== undefined) response[IS_FINISHED] = true;
}
