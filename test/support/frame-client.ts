// frame-client.ts: a WebSocket client that sends exactly the frames it is told, right or wrong, and hears frames as lines.

import net from 'node:net';
import { bytesOf, decode, lineOf, type Frame } from './frames.ts';
import { PATIENCE_MS } from './patience.ts';

/** The example of RFC 6455 §1.3. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

function nameOf(line: string): string {
  return line.slice(0, line.indexOf(':')).toLowerCase();
}

/** A handshake as bytes; lines that are given replace those of the same name. */
export function handshake(path = '/', lines: readonly string[] = []): string {
  const usual = [
    'Host: test',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${KEY}`,
  ];
  const given = new Set(lines.map(nameOf));
  const kept = usual.filter((line) => !given.has(nameOf(line)));
  // A line without a value is a line that is left out.
  return [`GET ${path} HTTP/1.1`, ...kept, ...lines.filter((line) => !line.endsWith(':')), '', ''].join('\r\n');
}

export class FrameClient implements AsyncDisposable {
  readonly #socket: net.Socket;
  readonly #waiters: (() => void)[] = [];
  #pieces: Buffer[] = [];
  #isEnded = false;
  #isImpatient = false;
  /** The head of the answer to the handshake. */
  head = '';

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    // No conversation of ours is silent for so long: a client that waits longer leaves, so that its test fails and does not hang.
    const deadline = setTimeout(() => {
      this.#isImpatient = true;
      socket.destroy();
    }, PATIENCE_MS);
    socket.on('data', (bytes) => {
      deadline.refresh();
      this.#pieces.push(bytes);
      this.#wake();
    });
    const end = (): void => {
      this.#isEnded = true;
      this.#wake();
    };
    socket.on('end', end).on('close', end).on('error', end);
    socket.on('close', () => clearTimeout(deadline));
  }

  /** Says its handshake, and waits for the answer. */
  static async open(at: string | number, path?: string, lines?: readonly string[]): Promise<FrameClient> {
    const socket = typeof at === 'number' ? net.connect({ port: at, host: '127.0.0.1' }) : net.connect({ path: at });
    const client = new FrameClient(socket);
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    socket.setNoDelay(true);
    socket.write(handshake(path, lines));
    client.head = await client.#readHead();
    return client;
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }

  async #more(): Promise<void> {
    await new Promise<void>((resolve) => this.#waiters.push(resolve));
    if (this.#isImpatient) throw new Error(`nothing came for ${PATIENCE_MS} ms`);
  }

  #received(): Buffer {
    const all = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    this.#pieces = [all];
    return all;
  }

  async #readHead(): Promise<string> {
    for (;;) {
      const received = this.#received();
      const end = received.indexOf('\r\n\r\n');
      if (end !== -1) {
        this.#pieces = [received.subarray(end + 4)];
        return received.toString('latin1', 0, end);
      }
      if (this.#isEnded) return received.toString('latin1');
      await this.#more();
    }
  }

  /** Lines as frames, in one write. */
  send(...lines: readonly string[]): void {
    this.sendBytes(Buffer.concat(lines.map(bytesOf)));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Until so much has come that no frame was read from yet. */
  async receives(bytes: number): Promise<void> {
    while (this.#received().length < bytes && !this.#isEnded) await this.#more();
  }

  /** The next frame; nothing when the connection is at its end. */
  async frame(): Promise<Frame | undefined> {
    for (;;) {
      const received = this.#received();
      const found = decode(received);
      if (found !== undefined) {
        this.#pieces = [received.subarray(found.length)];
        return found.frame;
      }
      if (this.#isEnded) return undefined;
      await this.#more();
    }
  }

  /** The next frame as a line; `end` when the connection is at its end. */
  async hear(): Promise<string> {
    const frame = await this.frame();
    return frame === undefined ? 'end' : lineOf(frame);
  }

  /** Until the connection is at its end, whatever is still said. */
  async untilEnd(): Promise<void> {
    while ((await this.hear()) !== 'end');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.destroyed) return;
    await new Promise<void>((resolve) => this.#socket.once('close', () => resolve()).destroy());
  }
}
