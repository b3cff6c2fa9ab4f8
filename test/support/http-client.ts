// http-client.ts: a client of web servers that are not ours: node:http, which decodes what they encode.

import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import { PATIENCE_MS } from './patience.ts';

export interface Asked {
  readonly method?: string;
  /** Sent as it stands. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Without a Content-Length among `headers` it is sent with its length. */
  readonly body?: string | Uint8Array;
}

export interface HttpAnswer {
  readonly status: number;
  readonly reason: string;
  /** Of each field with that name, in order. */
  all(name: string): string[];
  /** Of the only field with that name. */
  field(name: string): string | undefined;
  readonly body: Buffer;
  /** Whether the body came to its end. */
  readonly isWhole: boolean;
}

/** Begins a request whose body, if it has one, is for the caller to send and to end. */
export function begin(port: number, { method = 'GET', path, headers = {} }: Asked): ClientRequest {
  const lines = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
  const request = http.request({ port, host: '127.0.0.1', method, path, headers: lines, agent: false, maxHeaderSize: 65_536 });
  // A client that waits longer leaves, so that its test fails and does not hang.
  request.setTimeout(PATIENCE_MS, () => request.destroy(new Error(`nothing came for ${PATIENCE_MS} ms`)));
  // Who waits for the answer hears of it, and who has left does not care.
  request.on('error', () => undefined);
  return request;
}

/** The head of the answer has come. */
export async function responseOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', (response) => {
      response.on('error', () => undefined);
      resolve(response);
    });
    request.once('error', reject);
    request.once('close', () => reject(new Error('the connection ended without an answer')));
  });
}

export async function ask(port: number, asked: Asked): Promise<HttpAnswer> {
  const { body = '' } = asked;
  const isBodyless = asked.body === undefined;
  const request = begin(
    port,
    isBodyless ? asked : { ...asked, headers: { 'Content-Length': String(body.length), ...asked.headers } },
  );
  const answered = responseOf(request);
  request.end(isBodyless ? undefined : body);
  return await answerOf(await answered);
}

/** All of an answer, also of one that breaks off. */
export async function answerOf(response: IncomingMessage): Promise<HttpAnswer> {
  const pieces: Buffer[] = [];
  response.on('data', (bytes: Buffer) => pieces.push(bytes)).resume();
  // It may have broken off before anybody asked.
  if (!response.closed) await new Promise<void>((resolve) => response.once('close', () => resolve()));
  const { statusCode, statusMessage, rawHeaders, complete } = response;
  const all = (name: string): string[] =>
    rawHeaders.filter((_value, index) => index % 2 === 1 && rawHeaders[index - 1]!.toLowerCase() === name.toLowerCase());
  return {
    status: statusCode!,
    reason: statusMessage!,
    all,
    field: (name) => {
      const values = all(name);
      if (values.length > 1) throw new Error(`${name} is there ${values.length} times`);
      return values[0];
    },
    body: Buffer.concat(pieces),
    isWhole: complete,
  };
}

/** What comes of a body, until it has so many bytes. */
export async function firstBytes(response: IncomingMessage, count: number): Promise<string> {
  let text = '';
  await new Promise<void>((resolve, reject) => {
    response.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      if (text.length >= count) resolve();
    });
    response.once('close', () => reject(new Error(`it ended with:\n${text}`)));
  });
  response.removeAllListeners('data');
  // What comes before somebody listens again is kept, and so is its end.
  response.pause();
  return text;
}
