// app/node/response.ts: the response of a node app: a real http.ServerResponse that speaks to an exchange and not to a socket.
//
// What node:http checks, it goes on checking: a wrong chunk, a write behind the end and early hints go through its own methods.

import { Buffer } from 'node:buffer';
import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { nextTick } from 'node:process';
import { pieceOf, type Piece } from '../../bytes.ts';
import { fieldsOfLines, headOf } from './fields.ts';
import { CALL, setErrored, type Callback, type OwnCall, type OwnResponse } from './internals.ts';

export class NodeResponse extends ServerResponse {
  constructor(request: IncomingMessage, socket: Socket, call: OwnCall) {
    super(request);
    const own = this as unknown as OwnResponse;
    own[CALL] = call;
    own._storeHeader = storeHeader;
    own._send = send;
    own._writeRaw = writeRaw;
    own.write = write;
    own.end = end;
    own.cork = cork;
    own.uncork = uncork;
    own.destroy = destroy as unknown as typeof own.destroy;
    own.setTimeout = setTimeout as unknown as typeof own.setTimeout;
    own.socket = socket;
    this.shouldKeepAlive = call.exchange.head.keepAlive;
  }
}

const ordinary = ServerResponse.prototype as unknown as OwnResponse;

/** writeHead has settled status, reason and fields: a head becomes of them, and no bytes. */
function storeHeader(this: OwnResponse, firstLine: string, headers: unknown): void {
  const call = this[CALL];
  const head = headOf(this, headers, !this.shouldKeepAlive && call.exchange.head.keepAlive);
  call.head = head;
  this._header = `${firstLine}${head.lines}\r\n`;
}

function isChunk(chunk: unknown): chunk is string | Uint8Array {
  return typeof chunk === 'string' || chunk instanceof Uint8Array;
}

/** Who is called back may use his bytes again by then, though they wait for a slow client: he gives a copy. */
function pieceOfChunk(chunk: string | Uint8Array, encoding: unknown, callback: Callback | undefined): Piece {
  if (typeof chunk !== 'string') return callback === undefined ? chunk : Buffer.from(chunk);
  return (encoding ?? 'utf8') === 'utf8' ? pieceOf(chunk) : Buffer.from(chunk, encoding as BufferEncoding);
}

/** Frameworks pass `null` for no callback, as node:http lets them. */
function functionOf(callback: unknown): Callback | undefined {
  return typeof callback === 'function' ? (callback as Callback) : undefined;
}

function write(this: OwnResponse, chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
  if (typeof encoding === 'function') return write.call(this, chunk, undefined, encoding);
  if (!isChunk(chunk) || this.finished || this.destroyed) return ordinary.write.call(this, chunk, encoding, callback);
  const heard = functionOf(callback);
  const piece = pieceOfChunk(chunk, encoding, heard);
  if (this._header === null) this._implicitHeader();
  if (this._hasBody) return this[CALL].write(piece, heard);
  if (heard !== undefined) nextTick(heard);
  return true;
}

function end(this: OwnResponse, chunk?: unknown, encoding?: unknown, callback?: unknown): OwnResponse {
  if (typeof chunk === 'function') return end.call(this, undefined, undefined, chunk);
  if (typeof encoding === 'function') return end.call(this, chunk, undefined, encoding);
  if (this.finished) return ordinary.end.call(this, chunk, encoding, callback) as OwnResponse;
  const hasChunk = Boolean(chunk);
  // It throws what node:http throws, and before anything is begun.
  if (hasChunk && !isChunk(chunk)) ordinary.write.call(this, chunk, encoding, callback);
  const heard = functionOf(callback);
  const piece = hasChunk ? pieceOfChunk(chunk as string | Uint8Array, encoding, heard) : undefined;
  if (this._header === null) this._implicitHeader();
  this.finished = true;
  this[CALL].end(piece, heard);
  return this;
}

/** flushHeaders comes here, with nothing to send but the head. */
function send(this: OwnResponse): boolean {
  this[CALL].sendHead();
  return true;
}

const INFORMATIONAL = /^HTTP\/1\.1 ([0-9]{3})[^\r\n]*\r\n/;

/** writeContinue, writeProcessing, writeEarlyHints and writeInformation come here, checked and written out. */
function writeRaw(this: OwnResponse, text: string, encoding?: unknown, callback?: unknown): boolean {
  const [line = '', status] = INFORMATIONAL.exec(text) ?? [];
  this[CALL].exchange.inform(Number(status), fieldsOfLines(text.slice(line.length)).flat);
  const done = typeof encoding === 'function' ? encoding : callback;
  if (typeof done === 'function') nextTick(done);
  return true;
}

function cork(this: OwnResponse): void {
  this[CALL].cork();
}

function uncork(this: OwnResponse): void {
  this[CALL].uncork();
}

function destroy(this: OwnResponse, error?: Error): OwnResponse {
  if (this.destroyed) return this;
  this.destroyed = true;
  setErrored(this, error);
  this[CALL].exchange.abort();
  return this;
}

function setTimeout(this: OwnResponse, ms: number, callback?: () => void): OwnResponse {
  if (callback !== undefined) this.on('timeout', callback);
  this[CALL].watch(ms);
  return this;
}
