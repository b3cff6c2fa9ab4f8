// app/request-handler.ts: a request handler answers exchanges: gevent-fastcgi's IRequestHandler, the streams of a CGI program.
//
// Law: what it writes is read as a CGI response (RFC 3875 §6) and becomes a head like any other app's: nothing of it reaches the web
// server unchecked. So it can be served over HTTP too.

import { Buffer } from 'node:buffer';
import { fromText } from '../bytes.ts';
import { Fault } from '../faults.ts';
import type { Exchange, Handler } from '../exchange/exchange.ts';
import { NO_REQUEST_BODY } from '../exchange/body.ts';
import { endOfCgiHead, readCgiHead } from '../message/cgi-response.ts';
import { errorsOf, makeCgiEnviron } from './cgi-environ.ts';
import type { HandlerErrors, HandlerOutput, HandlerRequest, RequestHandler } from './contracts.ts';
import { makeEnviron, type ErrorStream, type GatewayServer } from './environ.ts';
import { Input } from './input.ts';
import { nameOf } from '../name-of.ts';

export function fromRequestHandler(app: RequestHandler, server: GatewayServer): Handler {
  return async (exchange) => {
    const stdout = new CgiOutput(exchange);
    const status: unknown = await app.cgi(requestOf(exchange, server, stdout));
    if (exchange.cgi !== undefined && typeof status === 'number') exchange.cgi.exitStatus = status;
    stdout.close();
  };
}

function requestOf(exchange: Exchange, server: GatewayServer, stdout: HandlerOutput): HandlerRequest {
  const { cgi } = exchange;
  const environ = cgi === undefined ? makeEnviron(exchange, server) : makeCgiEnviron(exchange, cgi, server);
  const variables = Object.entries(environ).filter(([name, value]) => typeof value === 'string' && !name.startsWith('wsgi.'));
  return {
    role: cgi?.role ?? 'responder',
    environ: Object.assign(Object.create(null) as object, Object.fromEntries(variables)) as Record<string, string>,
    stdin: environ['wsgi.input'],
    data: new Input(cgi?.data ?? NO_REQUEST_BODY),
    stdout,
    stderr: new CgiComplaints(exchange, cgi === undefined ? server.errors : errorsOf(cgi, server.errors)),
    get signal() {
      return exchange.signal;
    },
  };
}

/** As nginx' fastcgi_buffer_size and more: what a program has not ended by then is no head. */
const HEAD_BYTES_MAX = 64 * 1_024;

class CgiOutput implements HandlerOutput {
  readonly #exchange: Exchange;
  /** The head so far; nothing once it is sent. */
  #head: Uint8Array | undefined = new Uint8Array(0);
  #isClosed = false;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  write(chunk: Uint8Array | string): Promise<void> {
    const written = this.#write(chunk);
    // Who does not await it is told by the next one that he does; his worker does not end for it.
    written.catch(() => undefined);
    return written;
  }

  async writelines(chunks: Iterable<Uint8Array | string>): Promise<void> {
    for (const chunk of chunks) await this.write(chunk);
  }

  async flush(): Promise<void> {
    await this.#exchange.drained();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#exchange.isOver) return;
    if (this.#head !== undefined)
      throw new Fault('CGI_OUTPUT_INVALID', { why: 'it ends before the empty line behind its fields' });
    this.#exchange.end();
  }

  async #write(chunk: Uint8Array | string): Promise<void> {
    const exchange = this.#exchange;
    if (this.#isClosed) throw new Fault('RESPONSE_OUT_OF_TURN', { event: 'data', state: 'done' });
    if (exchange.isOver) return;
    const body = this.#body(bytesOf(chunk));
    if (body !== undefined && body.length > 0 && exchange.wantsBody && !exchange.write(body)) await exchange.drained();
  }

  /** What is not of the head; nothing while that is not complete. */
  #body(bytes: Uint8Array): Uint8Array | undefined {
    if (this.#head === undefined) return bytes;
    const before = this.#head.length;
    const head = before === 0 ? bytes : Buffer.concat([this.#head, bytes]);
    // A line end may have come in two pieces.
    const end = endOfCgiHead(head, Math.max(0, before - 3), head.length);
    if (end === -1 || end > HEAD_BYTES_MAX) {
      if (head.length > HEAD_BYTES_MAX)
        throw new Fault('CGI_OUTPUT_INVALID', { why: `no empty line within ${HEAD_BYTES_MAX} bytes` });
      this.#head = Buffer.from(head);
      return undefined;
    }
    this.#exchange.respond(readCgiHead(head.subarray(0, end)));
    this.#head = undefined;
    return head.subarray(end);
  }
}

/** `wsgi.errors` for who can wait: a web server that does not read its log makes the handler slow, and does not fill our memory. */
class CgiComplaints implements HandlerErrors {
  readonly #exchange: Exchange;
  readonly #errors: ErrorStream;

  constructor(exchange: Exchange, errors: ErrorStream) {
    this.#exchange = exchange;
    this.#errors = errors;
  }

  write(text: string): Promise<void> {
    this.#errors.write(text);
    return this.flush();
  }

  async writelines(lines: Iterable<string>): Promise<void> {
    for (const line of lines) await this.write(line);
  }

  async flush(): Promise<void> {
    this.#errors.flush();
    // Our own log is no stream of the exchange.
    if (this.#exchange.cgi !== undefined) await this.#exchange.drained();
  }
}

function bytesOf(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return fromText(chunk);
  if (chunk instanceof Uint8Array) return chunk;
  throw new Fault('BODY_NOT_BYTES', { found: nameOf(chunk) });
}
