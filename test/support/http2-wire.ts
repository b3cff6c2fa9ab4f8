// http2-wire.ts: frames of HTTP/2 (RFC 9113 §4, §6), written by hand: what no client of good will sends can be said too. What comes back is
// read as far as tests want to know it.

import net from 'node:net';
import { PATIENCE_MS } from './patience.ts';

export const TYPE = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const FLAG = { endStream: 0x1, ack: 0x1, endHeaders: 0x4 } as const;

/** RFC 9113 §7. */
export const CODE = {
  noError: 0,
  protocolError: 1,
  internalError: 2,
  flowControlError: 3,
  refusedStream: 7,
  cancel: 8,
  enhanceYourCalm: 11,
} as const;

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

interface FrameParts {
  readonly flags?: number;
  readonly stream?: number;
  readonly payload?: Uint8Array;
}

const NOTHING = new Uint8Array(0);

export function frame(type: number, { flags = 0, stream = 0, payload = NOTHING }: FrameParts = {}): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}

export const settings = (...pairs: readonly (readonly [id: number, value: number])[]): Buffer =>
  frame(TYPE.settings, {
    payload: Buffer.concat(pairs.map(([id, value]) => Buffer.concat([Buffer.from([id >> 8, id & 0xff]), uint32(value)]))),
  });
export const SETTINGS_ACK = frame(TYPE.settings, { flags: FLAG.ack });
export const reset = (stream: number, code: number = CODE.cancel): Buffer =>
  frame(TYPE.rstStream, { stream, payload: uint32(code) });
export const windowUpdate = (stream: number, bytes: number): Buffer =>
  frame(TYPE.windowUpdate, { stream, payload: uint32(bytes) });
export const ping = (): Buffer => frame(TYPE.ping, { payload: Buffer.alloc(8) });
export const priority = (stream: number): Buffer => frame(TYPE.priority, { stream, payload: Buffer.alloc(5) });
export const data = (stream: number, text: string, flags = 0): Buffer =>
  frame(TYPE.data, { stream, flags, payload: Buffer.from(text, 'latin1') });

export type FieldLines = readonly (readonly [name: string, value: string])[];

/** Each field as a literal that is not indexed, in its plain bytes (RFC 7541 §6.2.2): what is meant is what is sent. */
export function block(fields: FieldLines): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), literal(name), literal(value)]));
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([prefixed(bytes.length), bytes]);
}

/** An integer with a prefix of seven bits (RFC 7541 §5.1). */
function prefixed(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

export function headers(stream: number, fields: FieldLines, flags: number = FLAG.endHeaders | FLAG.endStream): Buffer {
  return frame(TYPE.headers, { stream, flags, payload: block(fields) });
}

export function get(path = '/', ...others: FieldLines): FieldLines {
  return [[':method', 'GET'], [':scheme', 'http'], [':path', path], [':authority', 'example.test'], ...others];
}

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** A connection that sends the frames it is given, and gathers those that come. */
export class FrameConnection implements AsyncDisposable {
  readonly frames: Frame[] = [];
  readonly #socket: net.Socket;
  readonly #waiters: (() => void)[] = [];
  #unread = Buffer.alloc(0);
  #isEnded = false;
  #isImpatient = false;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    // No conversation of ours is silent for so long: a client that waits longer leaves, so that its test fails and does not hang.
    const deadline = setTimeout(() => {
      this.#isImpatient = true;
      socket.destroy();
    }, PATIENCE_MS);
    socket.on('data', (bytes) => {
      deadline.refresh();
      this.#take(bytes);
    });
    const end = (): void => {
      this.#isEnded = true;
      this.#wake();
    };
    socket.on('end', end);
    socket.on('error', end);
    socket.on('close', () => {
      clearTimeout(deadline);
      end();
    });
  }

  /** `says`: behind the preface, whose SETTINGS it has. A unix socket path or a port of 127.0.0.1. */
  static async connect(to: string | number, says: Uint8Array = settings()): Promise<FrameConnection> {
    const socket =
      typeof to === 'number'
        ? net.connect({ port: to, host: '127.0.0.1', allowHalfOpen: true })
        : net.connect({ path: to, allowHalfOpen: true });
    const connection = new FrameConnection(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    socket.setNoDelay(true);
    await connection.send(PREFACE, says);
    return connection;
  }

  #take(bytes: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    for (;;) {
      if (this.#unread.length < 9) break;
      const end = 9 + this.#unread.readUIntBE(0, 3);
      if (this.#unread.length < end) break;
      const [type, flags] = [this.#unread[3]!, this.#unread[4]!];
      this.frames.push({ type, flags, stream: this.#unread.readUInt32BE(5), payload: this.#unread.subarray(9, end) });
      this.#unread = this.#unread.subarray(end);
    }
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }

  /** Frames that come to a connection that is gone are lost: nobody minds. */
  async send(...frames: readonly Uint8Array[]): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.write(Buffer.concat(frames), () => resolve()));
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** What has come satisfies, or the server has closed. */
  async until(isEnough: (frames: readonly Frame[]) => boolean): Promise<readonly Frame[]> {
    while (!this.#isEnded && !isEnough(this.frames)) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
      if (this.#isImpatient) throw new Error(`nothing came for ${PATIENCE_MS} ms behind:\n${this.told().join('\n')}`);
    }
    return this.frames;
  }

  async untilEnd(): Promise<readonly Frame[]> {
    return this.until(() => false);
  }

  /** The stream has ended: by END_STREAM or a reset. Gives how: `ended`, or the code of the reset. */
  async untilStreamEnd(stream: number): Promise<'ended' | number | undefined> {
    const endOf = (frames: readonly Frame[]): Frame | undefined =>
      frames.find(
        ({ type, flags, stream: of }) =>
          of === stream &&
          (type === TYPE.rstStream || ((type === TYPE.data || type === TYPE.headers) && (flags & FLAG.endStream) !== 0)),
      );
    const end = endOf(await this.until((frames) => endOf(frames) !== undefined));
    if (end === undefined) return undefined;
    return end.type === TYPE.rstStream ? end.payload.readUInt32BE(0) : 'ended';
  }

  of(type: number): Frame[] {
    return this.frames.filter((one) => one.type === type);
  }

  /** The code of the last GOAWAY. */
  get goaway(): number | undefined {
    return this.of(TYPE.goaway).at(-1)?.payload.readUInt32BE(4);
  }

  /** What has come of a stream's body, as latin1. */
  body(stream: number): string {
    const bodies = this.of(TYPE.data).filter((one) => one.stream === stream);
    return Buffer.concat(bodies.map(({ payload }) => payload)).toString('latin1');
  }

  /** For those who read a failure. */
  told(): string[] {
    const names = Object.keys(TYPE);
    return this.frames.map(
      ({ type, flags, stream, payload }) => `${names[type]} ${flags} on ${stream}: ${payload.toString('hex')}`,
    );
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
