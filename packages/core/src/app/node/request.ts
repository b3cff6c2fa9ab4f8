// app/node/request.ts: the request of a node app: a real http.IncomingMessage, whose body is read from the exchange.

import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { nextTick } from 'node:process';
import type { RequestHead } from '../../message/request-head.ts';
import type { TraceContext } from '../../message/trace-context.ts';
import { traceContext } from '../trace-context.ts';
import { EXCHANGE } from '../underlying.ts';
import { withSlash } from '../below-mount.ts';
import { CALL, type Callback, type OwnCall, type OwnRequest } from './internals.ts';

export class NodeRequest extends IncomingMessage {
  constructor(socket: Socket, head: RequestHead, call: OwnCall) {
    super(socket);
    const own = this as unknown as OwnRequest;
    own[CALL] = call;
    own[EXCHANGE] = call.exchange;
    own._read = read;
    own._destroy = destroy;
    own.setTimeout = setTimeout;
    const { version } = head;
    if (version === 'HTTP/1.1') {
      this.httpVersionMajor = 1;
      this.httpVersionMinor = 1;
      this.httpVersion = '1.1';
    } else {
      const [, major = '1', minor = '0'] = /^HTTP\/([0-9])(?:\.([0-9]))?$/.exec(version) ?? [];
      this.httpVersionMajor = Number(major);
      this.httpVersionMinor = Number(minor);
      this.httpVersion = `${major}.${minor}`;
    }
    this.method = head.method;
    // The absolute-form is left as it was sent, as node:http leaves it.
    const url = head.target.startsWith('/') ? head.pathAndQuery : head.target;
    this.url = withSlash(url);
    if (head.mountPath !== '') {
      // As Connect and Express say that they are mounted.
      own.originalUrl = head.mountPath + url;
      own.baseUrl = head.mountPath;
    }
    const { flat } = head.fields;
    // Its own: apps change rawHeaders.
    const lines = flat.slice();
    // Over HTTP/2 and FastCGI nothing says that a body follows whose length nobody knows: what reads bodies looks for this.
    if (head.framing.type === 'unknown') lines.push('transfer-encoding', 'chunked');
    own._addHeaderLines(lines, lines.length);
    // Nothing to wait for, as on-finished and others ask before they read.
    if (!head.hasBody) this.complete = true;
  }

  /** Express gives requests another prototype, which has none: `traceContext(request)` finds it there as well. */
  get traceContext(): TraceContext | undefined {
    return traceContext(this);
  }
}

function read(this: OwnRequest): void {
  if (!this._consuming) {
    this._readableState.readingMore = false;
    this._consuming = true;
  }
  try {
    const piece = this[CALL].exchange.body.read();
    if (piece === null || piece instanceof Uint8Array) take(this, piece);
    else
      void piece.then(
        (later) => take(this, later),
        (error: Error) => this.destroy(error),
      );
  } catch (error) {
    this.destroy(error as Error);
  }
}

function take(request: OwnRequest, piece: Uint8Array | null): void {
  if (request.destroyed) return;
  if (piece === null) {
    request.complete = true;
    const { trailers } = request[CALL].exchange.body;
    if (trailers.size > 0) request._addHeaderLines(trailers.flat.slice(), trailers.flat.length);
  }
  request.push(piece);
}

/** As node:http has it: who leaves before the body is read to its end cuts the connection, if the answer is not complete. */
function destroy(this: OwnRequest, error: Error | null, callback: Callback): void {
  const call = this[CALL];
  if ((!this.readableEnded || !this.complete) && !call.isAnswered) {
    this.aborted = true;
    this.emit('aborted');
    call.exchange.abort();
  }
  // Whose listeners may come in the turn of destroy() itself: they are still told.
  if (error === null) callback(null);
  else nextTick(tell, this, error, callback);
}

/** Told only to who listens: most apps never look at a request that has gone. */
function tell(request: OwnRequest, error: Error | null, callback: Callback): void {
  callback(request.listenerCount('error') === 0 ? null : error);
}

function setTimeout(this: OwnRequest, ms: number, callback?: (socket: Socket) => void): OwnRequest {
  if (callback !== undefined) this.on('timeout', callback);
  this[CALL].watch(ms);
  return this;
}
