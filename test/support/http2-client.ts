// http2-client.ts: a client of HTTP/2 that is told what to say in the words of HTTP/1.1, and tells what it hears in the same: scenes
// that are not about connections are played over both. It is node:http2's own client.

import http2, {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from 'node:http2';
import net from 'node:net';
import { once } from 'node:events';
import tls from 'node:tls';
import type { Duplex } from 'node:stream';
import { PATIENCE_MS } from './patience.ts';

/** More than the pieces of our apps have. */
const WINDOW_BYTES = 256 * 1_024;

interface Asked {
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer | undefined;
  readonly trailers: OutgoingHttpHeaders;
}

export class Http2Client implements AsyncDisposable {
  readonly session: ClientHttp2Session;
  readonly #answers: Answer[] = [];
  readonly #waiters: (() => void)[] = [];
  #isPaused = false;
  #isImpatient = false;
  #isClosed = false;

  private constructor(session: ClientHttp2Session) {
    this.session = session;
    // No conversation of ours is silent for so long: a client that waits longer leaves, so that its test fails and does not hang.
    const deadline = setTimeout(() => {
      this.#isImpatient = true;
      session.destroy();
      this.#wake();
    }, PATIENCE_MS);
    session.on('close', () => {
      clearTimeout(deadline);
      this.#isClosed = true;
      this.#wake();
    });
    // Its requests are told of it.
    session.on('error', () => undefined);
  }

  /** A unix socket path or a port of 127.0.0.1. `ahead`: latin1 text that comes before HTTP/2. */
  static async connect(to: string | number, ahead = ''): Promise<Http2Client> {
    const socket = typeof to === 'number' ? net.connect(to, '127.0.0.1') : net.connect(to);
    socket.write(ahead, 'latin1');
    return Http2Client.over(socket, 'http');
  }

  /** Over TLS, to a port of 127.0.0.1, whoever says to be there. `ahead`: latin1 text that comes before the handshake. */
  static async secure(port: number, ahead = ''): Promise<Http2Client> {
    const transport = net.connect(port, '127.0.0.1');
    await once(transport, 'connect');
    transport.write(ahead, 'latin1');
    const socket = tls.connect({ socket: transport, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    await once(socket, 'secureConnect');
    return Http2Client.over(socket, 'https');
  }

  private static async over(socket: Duplex, scheme: 'http' | 'https'): Promise<Http2Client> {
    const settings = { initialWindowSize: WINDOW_BYTES };
    const session = http2.connect(`${scheme}://example.test`, { createConnection: () => socket, settings });
    await new Promise<void>((resolve, reject) => {
      session.once('connect', () => resolve());
      session.once('error', reject);
    });
    session.setLocalWindowSize(WINDOW_BYTES);
    return new Http2Client(session);
  }

  /** Whole requests of HTTP/1.1, as latin1 text; each on a stream of its own. */
  async send(text: string): Promise<void> {
    for (const asked of requestsOf(text)) this.#answers.push(new Answer(this.#ask(asked), asked, () => this.#wake()));
    await Promise.resolve();
  }

  #ask({ headers, body, trailers }: Asked): ClientHttp2Stream {
    const waitForTrailers = Object.keys(trailers).length > 0;
    const stream = this.session.request(headers, { endStream: body === undefined, waitForTrailers });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    if (body !== undefined) stream.end(body);
    if (this.#isPaused) stream.pause();
    return stream;
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }

  /** Its answers are left unread: their windows close. To be said before they are asked for. */
  pause(): void {
    this.#isPaused = true;
  }

  /** In the order of the requests: what follows one that is not complete is not shown yet. */
  get #text(): string {
    const known = this.#answers.findIndex(({ isOver }) => !isOver);
    const shown = known === -1 ? this.#answers : this.#answers.slice(0, known + 1);
    return shown.map(({ text }) => text).join('');
  }

  /** Waits until what was heard satisfies, or there is nothing more to come. */
  async until(isEnough: (heard: string) => boolean): Promise<string> {
    for (;;) {
      if (isEnough(this.#text) || this.#answers.every(({ isOver }) => isOver)) return this.#text;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
      if (this.#isImpatient) throw new Error(`nothing came for ${PATIENCE_MS} ms behind:\n${this.#text}`);
    }
  }

  /** All answers, whole or not. */
  async untilEnd(): Promise<string> {
    return this.until(() => false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    await new Promise<void>((resolve) => {
      this.session.once('close', resolve);
      this.session.destroy();
    });
  }
}

/** An answer as HTTP/1.1 would have it. A body without a length is in chunks, so that its end can be seen. */
class Answer {
  text = '';
  isOver = false;
  #isChunked = false;
  #trailers = '';

  constructor(stream: ClientHttp2Stream, { headers }: Asked, onMore: () => void) {
    const isHead = headers[':method'] === 'HEAD';
    stream.on('headers', (fields: IncomingHttpHeaders & IncomingHttpStatusHeader, _flags: number, raw: unknown) =>
      this.#head(fields[':status']!, raw),
    );
    stream.on('response', (fields: IncomingHttpHeaders & IncomingHttpStatusHeader, _flags: number, raw: unknown) => {
      const status = fields[':status']!;
      this.#isChunked = !isHead && status !== 204 && status !== 304 && fields['content-length'] === undefined;
      this.#head(status, raw, this.#isChunked ? 'transfer-encoding: chunked\r\n' : '');
      onMore();
    });
    stream.on('trailers', (_fields: IncomingHttpHeaders, _flags: number, raw: unknown) => (this.#trailers = linesOf(raw)));
    stream.on('data', (bytes: Buffer) => {
      const data = bytes.toString('latin1');
      this.text += this.#isChunked ? `${data.length.toString(16)}\r\n${data}\r\n` : data;
      onMore();
    });
    stream.on('end', () => {
      // Also behind a reset: then it is not the end of the answer.
      if (this.#isChunked && stream.rstCode === 0 && !stream.aborted) this.text += `0\r\n${this.#trailers}\r\n`;
    });
    stream.on('error', () => undefined);
    stream.on('close', () => {
      this.isOver = true;
      onMore();
    });
  }

  #head(status: number, raw: unknown, framing = ''): void {
    this.text += `HTTP/2.0 ${status} \r\n${linesOf(raw)}${framing}\r\n`;
  }
}

/** node:http2 tells them so; its types do not. */
function linesOf(raw: unknown): string {
  let lines = '';
  const flat = raw as readonly string[];
  for (let at = 0; at < flat.length; at += 2) if (!flat[at]!.startsWith(':')) lines += `${flat[at]!}: ${flat[at + 1]!}\r\n`;
  return lines;
}

/** Requests of HTTP/1.1 with a length, in chunks, or without a body. */
function requestsOf(text: string): Asked[] {
  const requests: Asked[] = [];
  for (let rest = text; rest !== '';) {
    const headEnd = rest.indexOf('\r\n\r\n');
    const [line = '', ...lines] = rest.slice(0, headEnd).split('\r\n');
    const headers = headersOf(line, lines);
    const isChunked = headers['transfer-encoding'] !== undefined;
    delete headers['transfer-encoding'];
    rest = rest.slice(headEnd + 4);
    if (isChunked) {
      const { body, trailers, length } = chunkedBody(rest);
      requests.push({ headers, body: Buffer.from(body, 'latin1'), trailers });
      rest = rest.slice(length);
    } else {
      const length = headers['content-length'];
      const body = length === undefined ? undefined : Buffer.from(rest.slice(0, Number(length)), 'latin1');
      requests.push({ headers, body, trailers: {} });
      rest = rest.slice(Number(length ?? 0));
    }
  }
  return requests;
}

function headersOf(line: string, lines: readonly string[]): OutgoingHttpHeaders {
  const [method = '', target = ''] = line.split(' ');
  const [, authority, path = target] = /^http:\/\/([^/]+)(.*)$/.exec(target) ?? [];
  const fields = fieldsOf(lines);
  const { host, ...others } = fields;
  return { ':method': method, ':path': path, ':authority': authority ?? host?.[0] ?? '', ...others };
}

function fieldsOf(lines: readonly string[]): Record<string, string[]> {
  const fields: Record<string, string[]> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    fields[name] = [...(fields[name] ?? []), line.slice(colon + 1).trim()];
  }
  return fields;
}

function chunkedBody(text: string): { readonly body: string; readonly trailers: OutgoingHttpHeaders; readonly length: number } {
  let body = '';
  let at = 0;
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at);
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    at = lineEnd + 2;
    if (size === 0) break;
    body += text.slice(at, at + size);
    at += size + 2;
  }
  const end = text.startsWith('\r\n', at) ? at : text.indexOf('\r\n\r\n', at) + 2;
  const lines = text.slice(at, end).split('\r\n').slice(0, -1);
  return { body, trailers: fieldsOf(lines), length: end + 2 };
}
