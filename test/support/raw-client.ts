// raw-client.ts: a client that sends exactly the bytes it is given, and reads answers as bytes.

import net from 'node:net';
import tls from 'node:tls';
import { PATIENCE_MS } from './patience.ts';

export interface RawResponse {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

export class RawClient implements AsyncDisposable {
  readonly #socket: net.Socket;
  /** What the bytes go over: the same, but for TLS. */
  readonly #transport: net.Socket;
  readonly #waiters: (() => void)[] = [];
  #pieces: Buffer[] = [];
  #isEnded = false;
  #isImpatient = false;
  #error: Error | undefined;

  private constructor(socket: net.Socket, transport = socket) {
    this.#socket = socket;
    this.#transport = transport;
    // No conversation of ours is silent for so long: a client that waits longer leaves, so that its test fails and does not hang.
    const deadline = setTimeout(() => {
      this.#isImpatient = true;
      socket.destroy();
      this.#wake();
    }, PATIENCE_MS);
    socket.on('close', () => clearTimeout(deadline));
    socket.on('data', (bytes) => {
      deadline.refresh();
      this.#pieces.push(bytes);
      this.#wake();
    });
    socket.on('end', () => this.#end());
    socket.on('close', () => this.#end());
    socket.on('error', (error) => {
      this.#error = error;
      this.#end();
    });
  }

  /** A unix socket path or a port. */
  static async connect(to: string | number, host = '127.0.0.1'): Promise<RawClient> {
    const socket =
      typeof to === 'number'
        ? net.connect({ port: to, host, allowHalfOpen: true })
        : net.connect({ path: to, allowHalfOpen: true });
    const client = new RawClient(socket);
    await happened(socket, 'connect');
    socket.setNoDelay(true);
    return client;
  }

  /** Over TLS, to a port of 127.0.0.1, whoever says to be there. `ahead`: latin1 text that comes before the handshake. */
  static async secure(port: number, ahead = ''): Promise<RawClient> {
    const transport = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    await happened(transport, 'connect');
    transport.write(ahead, 'latin1');
    const socket = tls.connect({ socket: transport, rejectUnauthorized: false });
    const client = new RawClient(socket, transport);
    await happened(socket, 'secureConnect');
    return client;
  }

  #end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }

  /** The server has closed its side; `undefined` error when it did so politely. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  get error(): Error | undefined {
    return this.#error;
  }

  get localPort(): number | undefined {
    return this.#socket.localPort;
  }

  /** Latin1 text: one char a byte. Resolves when the kernel has it. */
  async send(text: string): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.write(text, 'latin1', () => resolve()));
  }

  /** Closes our side: the server sees the end, and may still answer. */
  endSending(): void {
    this.#socket.end();
  }

  /** Closes the connection below TLS, which is told nothing. */
  endTransport(): void {
    this.#transport.end();
  }

  /** Leaves with a reset, as a program that is killed while bytes are unread. */
  reset(): void {
    this.#transport.resetAndDestroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  #received(): Buffer {
    const [whole = Buffer.alloc(0), ...others] = this.#pieces;
    if (others.length === 0) return whole;
    const received = Buffer.concat(this.#pieces);
    this.#pieces = [received];
    return received;
  }

  async #more(): Promise<void> {
    await new Promise<void>((resolve) => this.#waiters.push(resolve));
    if (this.#isImpatient) throw new Error(`nothing came for ${PATIENCE_MS} ms behind:\n${this.#received().toString('latin1')}`);
  }

  /** Waits until what was received satisfies, or the server has closed. */
  async until(isEnough: (received: string) => boolean): Promise<string> {
    for (;;) {
      const received = this.#received().toString('latin1');
      if (this.#isEnded || isEnough(received)) return received;
      await this.#more();
    }
  }

  /** All that the server sends until it closes. */
  async untilEnd(): Promise<string> {
    while (!this.#isEnded) await this.#more();
    return this.#received().toString('latin1');
  }

  /** The next whole answer with its Content-Length or up to the end of the connection; nothing when the server closes first. */
  async response({ isHead = false } = {}): Promise<RawResponse | undefined> {
    const received = await this.until((text) => cut(text, isHead) !== undefined);
    const found = cut(received, isHead) ?? (received.includes('\r\n\r\n') ? takeAll(received) : undefined);
    if (found === undefined) return undefined;
    this.#pieces = [this.#received().subarray(found.length)];
    return found.response;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.destroyed) return;
    await new Promise<void>((resolve) => {
      this.#socket.once('close', () => resolve());
      this.#socket.destroy();
    });
  }
}

async function happened(socket: net.Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once(event, resolve);
    socket.once('error', reject);
  });
}

interface Cut {
  readonly response: RawResponse;
  readonly length: number;
}

function cut(text: string, isHead: boolean): Cut | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = text.slice(0, end);
  const status = Number(head.slice(9, 12));
  const isBodyless = isHead || status < 200 || status === 204 || status === 304;
  const length = isBodyless ? 0 : Number(/^content-length: ([0-9]+)$/im.exec(head)?.[1] ?? Number.NaN);
  if (Number.isNaN(length) || text.length < end + 4 + length) return undefined;
  return { response: { status, head, body: text.slice(end + 4, end + 4 + length) }, length: end + 4 + length };
}

function takeAll(text: string): Cut {
  const end = text.indexOf('\r\n\r\n');
  return {
    response: { status: Number(text.slice(9, 12)), head: text.slice(0, end), body: text.slice(end + 4) },
    length: text.length,
  };
}
