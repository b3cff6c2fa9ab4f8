// fastcgi-client.ts: the web server's side of FastCGI, for what no web server does: it aborts requests, asks for values, speaks all
// roles, and has several requests at once on one connection. What it hears is checked against the specification as it comes.

import net from 'node:net';
import { AnswerReader, type FastCgiAnswer } from './fastcgi-answer.ts';
import {
  beginRequest,
  pairs,
  readPairs,
  record,
  ROLE,
  stream,
  takeRecords,
  TYPE,
  type FastCgiRecord,
  type Role,
} from './fastcgi-wire.ts';
import { PATIENCE_MS } from './patience.ts';

export interface FastCgiRequest {
  readonly role?: Role;
  readonly keepConn?: boolean;
  readonly params?: Readonly<Record<string, string>>;
  /** Latin1 text, one char a byte, or bytes. Its length is CONTENT_LENGTH, unless `params` has one. */
  readonly stdin?: string | Uint8Array;
  /** Of a filter. */
  readonly data?: string | Uint8Array;
}

/** The records of a request of a site's root, GET by default. */
export function requestRecords(id: number, request: FastCgiRequest = {}): Buffer {
  const { role = 'responder', keepConn = true, params = {}, stdin = '', data } = request;
  return Buffer.concat([
    beginRequest(id, ROLE[role], keepConn),
    stream(
      TYPE.params,
      id,
      pairs({ ...PARAMS, ...(role === 'authorizer' ? {} : { CONTENT_LENGTH: String(stdin.length) }), ...params }),
    ),
    stream(TYPE.stdin, id, stdin),
    ...(data === undefined ? [] : [stream(TYPE.data, id, data)]),
  ]);
}

/** What every web server sends. */
const PARAMS = {
  GATEWAY_INTERFACE: 'CGI/1.1',
  SERVER_PROTOCOL: 'HTTP/1.1',
  SERVER_NAME: 'site.example',
  SERVER_PORT: '80',
  REMOTE_ADDR: '192.0.2.7',
  REMOTE_PORT: '40000',
  REQUEST_METHOD: 'GET',
  REQUEST_URI: '/',
  SCRIPT_NAME: '',
  PATH_INFO: '/',
  QUERY_STRING: '',
  HTTP_HOST: 'site.example',
} as const;

/** The variables of a path at the site's root, as a web server makes them of a target without percent signs. */
export function variablesOf(target: string, method = 'GET'): Record<string, string> {
  const [path = '', query = ''] = target.split('?');
  return { REQUEST_METHOD: method, REQUEST_URI: target, PATH_INFO: path, QUERY_STRING: query };
}

export class FastCgiClient implements AsyncDisposable {
  readonly #socket: net.Socket;
  readonly #waiters: (() => void)[] = [];
  readonly #answers = new Map<number, AnswerReader>();
  readonly #management: FastCgiRecord[] = [];
  #unread = Buffer.alloc(0);
  #isEnded = false;
  #failure: Error | undefined;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    // No conversation of ours is silent for so long: a client that waits longer leaves, so that its test fails and does not hang.
    const deadline = setTimeout(() => this.#fail(new Error(`nothing more came for ${PATIENCE_MS} ms`)), PATIENCE_MS);
    socket.on('data', (bytes) => {
      deadline.refresh();
      this.#receive(bytes);
    });
    socket.on('end', () => this.#end());
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => {
      clearTimeout(deadline);
      this.#end();
    });
  }

  /** A unix socket path or a port. */
  static async connect(to: string | number, host = '127.0.0.1'): Promise<FastCgiClient> {
    const socket =
      typeof to === 'number'
        ? net.connect({ port: to, host, allowHalfOpen: true, noDelay: true })
        : net.connect({ path: to, allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new FastCgiClient(socket);
  }

  #receive(bytes: Buffer): void {
    try {
      this.#unread = Buffer.from(takeRecords(Buffer.concat([this.#unread, bytes]), (found) => this.#take(found)));
    } catch (error) {
      this.#fail(error as Error);
    }
    this.#wake();
  }

  #take(found: FastCgiRecord): void {
    const { version, type, id } = found;
    if (version !== 1) throw new Error(`a record of version ${version}`);
    if (id === 0) {
      if (type !== TYPE.getValuesResult && type !== TYPE.unknownType) throw new Error(`a management record of type ${type}`);
      this.#management.push(found);
      return;
    }
    const answer = this.#answers.get(id);
    if (answer === undefined) throw new Error(`a record of type ${type} for request ${id}, which nobody began`);
    answer.take(found);
  }

  #end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#socket.destroy();
    this.#end();
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }

  async #more(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    await new Promise<void>((resolve) => this.#waiters.push(resolve));
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Bytes as they are. Resolves when the kernel has them. */
  async send(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.write(bytes, () => resolve()));
  }

  /** Each piece in a packet of its own, as far as TCP lets one say so. */
  async sendPieces(pieces: Iterable<Uint8Array>): Promise<void> {
    for (const piece of pieces) {
      await this.send(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** From here on, records with this id are expected. */
  expect(id: number): void {
    this.#answers.set(id, new AnswerReader());
  }

  async begin(id: number, request: FastCgiRequest = {}): Promise<void> {
    this.expect(id);
    await this.send(requestRecords(id, request));
  }

  async abort(id: number): Promise<void> {
    await this.send(record(TYPE.abortRequest, id));
  }

  /** §4.1: the values that the server knows of these names. */
  async getValues(names: readonly string[]): Promise<Record<string, string>> {
    await this.send(record(TYPE.getValues, 0, pairs(Object.fromEntries(names.map((name) => [name, ''])))));
    const { type, content } = await this.management();
    if (type !== TYPE.getValuesResult) throw new Error(`GET_VALUES is answered with a record of type ${type}`);
    return readPairs(content);
  }

  /** The next management record. */
  async management(): Promise<FastCgiRecord> {
    for (;;) {
      const found = this.#management.shift();
      if (found !== undefined) return found;
      if (this.#isEnded) throw this.#failure ?? new Error('the connection ended before a management record came');
      await this.#more();
    }
  }

  /** What has come of its stdout so far satisfies. */
  async untilStdout(id: number, isEnough: (stdout: string) => boolean): Promise<string> {
    for (;;) {
      const { stdout, isOver } = this.#answers.get(id)!;
      if (isEnough(stdout)) return stdout;
      if (isOver || this.#isEnded) throw this.#failure ?? new Error(`request ${id} ended with:\n${stdout}`);
      await this.#more();
    }
  }

  /** The whole answer. Its id is free again. */
  async answer(id: number): Promise<FastCgiAnswer> {
    for (;;) {
      const answer = this.#answers.get(id)!;
      if (answer.isOver) {
        this.#answers.delete(id);
        return answer.whole();
      }
      if (this.#isEnded) throw this.#failure ?? new Error(`the connection ended before request ${id} did`);
      await this.#more();
    }
  }

  /** Sends a request and waits for its answer. */
  async ask(request: FastCgiRequest = {}, id = 1): Promise<FastCgiAnswer> {
    await this.begin(id, request);
    return await this.answer(id);
  }

  /** The server closes. */
  async untilEnd(): Promise<void> {
    while (!this.#isEnded) await this.#more();
    if (this.#failure !== undefined) throw this.#failure;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  endSending(): void {
    this.#socket.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.closed) return;
    const closed = new Promise<void>((resolve) => this.#socket.once('close', () => resolve()));
    this.#socket.destroy();
    await closed;
  }
}
