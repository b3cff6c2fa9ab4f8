// llhttp.ts: Node's own HTTP parser as a second opinion, over streams in memory.

import http from 'node:http';
import { Duplex } from 'node:stream';

export interface HeardRequest {
  readonly method: string;
  readonly target: string;
  readonly flat: readonly string[];
  /** Latin1: one char a byte. Nothing when the request was not read to its end. */
  body?: string;
}

/** What a node:http server makes of `bytes` and the end of them, and the code of its complaint. */
export async function heardByNode(bytes: Uint8Array): Promise<{ requests: HeardRequest[]; error: string | undefined }> {
  const requests: HeardRequest[] = [];
  let complaint: string | undefined;
  const server = http.createServer((request, response) => {
    const heard: HeardRequest = { method: request.method ?? '', target: request.url ?? '', flat: request.rawHeaders };
    requests.push(heard);
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('error', () => undefined);
    request.on('end', () => {
      heard.body = Buffer.concat(pieces).toString('latin1');
      response.end();
    });
  });
  // A client that closes its side waits for its answers.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    complaint ??= error.code ?? error.message;
    socket.destroy();
  });
  const socket = new Duplex({ read: () => undefined, write: (_piece, _encoding, done) => done() });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  server.emit('connection', socket);
  socket.push(bytes);
  socket.push(null);
  await closed;
  return { requests, error: complaint };
}

export interface HeardResponse {
  readonly status: number;
  readonly flat: readonly string[];
  readonly body: string;
  /** The response was read to its end, by its own framing. */
  readonly isComplete: boolean;
}

/** What a node:http client makes of `bytes`, the answer to one request. `closes`: the server closes behind them. */
export async function heardByClient(method: string, bytes: Uint8Array, closes: boolean): Promise<HeardResponse> {
  const socket = new Duplex({ read: () => undefined, write: (_piece, _encoding, done) => done() });
  socket.once('end', () => socket.destroy());
  const request = http.request({ method, createConnection: () => socket });
  request.end();
  const heard = new Promise<HeardResponse>((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      // An answer that is too short is an error besides.
      response.on('error', () => undefined);
      response.once('close', () => {
        const body = Buffer.concat(pieces).toString('latin1');
        resolve({ status: response.statusCode!, flat: response.rawHeaders, body, isComplete: response.complete });
      });
    });
  });
  socket.push(bytes);
  if (closes) socket.push(null);
  return heard;
}
