// memory-exchange.ts: an exchange without a protocol: the app's request is made up, its answer is written down.
//
// It keeps the laws of the waist: the head goes with the first bytes, and once it is over nothing is heard any more.

import { Fault } from '@appserve/core';
import {
  BodyQueue,
  NO_REQUEST_BODY,
  requestIdIn,
  type ConnectionFacts,
  type Exchange,
  type Handler,
  type TakenConnection,
  bytesOf,
  type Piece,
} from '@appserve/core/exchange';
import { Fields, RequestHead, type RequestParts, type ResponseHead } from '@appserve/core/message';

export const TCP: ConnectionFacts = {
  scheme: 'http',
  remoteAddress: '192.0.2.7',
  remotePort: '50000',
  localAddress: '192.0.2.1',
  localPort: '8080',
};

export interface MadeUp extends Partial<RequestParts> {
  readonly flat?: readonly string[];
  /** The pieces of the body, in latin1. */
  readonly pieces?: readonly string[];
  readonly connection?: ConnectionFacts;
}

export class MemoryExchange implements Exchange {
  readonly head: RequestHead;
  readonly body: BodyQueue | typeof NO_REQUEST_BODY;
  readonly connection: ConnectionFacts;
  readonly givesBack = true;
  /** What the app said, a line each: `head 200 OK`, `data hello`, `end`, `fail APP_FAILED`. */
  readonly heard: string[] = [];
  /** What the app threw. */
  failure: unknown;
  /** The client takes nothing for now: writes give false, and `drained` waits until it keeps up. */
  isSlow = false;
  readonly #controller = new AbortController();
  readonly #waiters: (() => void)[] = [];
  #responded: ResponseHead | undefined;
  #isHeadSent = false;
  #isOver = false;

  constructor({ flat = ['Host', 'a'], pieces, connection = TCP, ...parts }: MadeUp = {}) {
    this.head = new RequestHead({
      method: 'GET',
      target: '/',
      pathAndQuery: parts.target ?? '/',
      version: 'HTTP/1.1',
      fields: new Fields(flat),
      framing: pieces === undefined ? { type: 'length', length: 0 } : { type: 'chunked' },
      expectsContinue: false,
      keepAlive: true,
      ...parts,
    });
    this.connection = connection;
    this.body = pieces === undefined ? NO_REQUEST_BODY : bodyOf(pieces);
  }

  get requestId(): string {
    return requestIdIn(this.head) ?? 'request-of-a-test';
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  whenGone(listener: () => void): void {
    if (this.#controller.signal.aborted) listener();
    else this.#controller.signal.addEventListener('abort', listener, { once: true });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get isHeadSent(): boolean {
    return this.#isHeadSent;
  }

  get wantsBody(): boolean {
    return !this.#isHeadSent || this.head.method !== 'HEAD';
  }

  send(head: ResponseHead, pieces: readonly Piece[]): void {
    if (this.#isOver) return;
    this.respond(head);
    this.#sendHead();
    this.#say(`length ${Buffer.concat(pieces.map(bytesOf)).length}`);
    for (const piece of pieces) this.#data(bytesOf(piece));
    this.end();
  }

  respond(head: ResponseHead): void {
    if (this.#responded !== undefined) throw new Fault('RESPONSE_OUT_OF_TURN', { event: 'head', state: 'body' });
    this.#responded = head;
  }

  write(piece: Piece): boolean {
    if (this.#isOver) return true;
    this.#sendHead();
    this.#data(bytesOf(piece));
    return !this.isSlow;
  }

  async drained(): Promise<void> {
    if (!this.isSlow || this.#isOver) return;
    await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  end(): void {
    if (this.#isOver) return;
    this.#sendHead();
    this.#say('end');
    this.#isOver = true;
  }

  inform(status: number, flat: readonly string[]): void {
    this.#say(`inform ${status} ${flat.join(': ')}`);
  }

  takeOver(): TakenConnection {
    throw new Error('there is no connection to take');
  }

  abort(): void {
    if (this.#isOver) return;
    this.#say('abort');
    this.leave();
  }

  fail(error: unknown): void {
    this.failure = error;
    this.#say(`fail ${error instanceof Fault ? error.code : String(error)}`);
    this.#isOver = true;
  }

  /** The client keeps up again. */
  keepUp(): void {
    this.isSlow = false;
    for (const wake of this.#waiters.splice(0)) wake();
  }

  /** The client has gone. */
  leave(): void {
    this.#isOver = true;
    this.#controller.abort(new Fault('PEER_GONE', {}));
    this.keepUp();
  }

  #sendHead(): void {
    if (this.#isHeadSent) return;
    if (this.#responded === undefined) throw new Fault('RESPONSE_OUT_OF_TURN', { event: 'data', state: 'owed' });
    this.#isHeadSent = true;
    const { status, reason, fields } = this.#responded;
    this.#say(`head ${status} ${reason}`);
    for (const [name, value] of fields) this.#say(`${name}: ${value}`);
  }

  #data(bytes: Uint8Array): void {
    this.#say(`data ${Buffer.from(bytes).toString('latin1')}`);
  }

  #say(line: string): void {
    this.heard.push(line);
  }
}

function bodyOf(pieces: readonly string[]): BodyQueue {
  const body = new BodyQueue(() => undefined);
  for (const piece of pieces) body.push(Buffer.from(piece, 'latin1'));
  body.end(Fields.none);
  return body;
}

/** Calls a handler as a server does: what it throws, at once or later, ends in its exchange. */
export async function run(handler: Handler, exchange: Exchange): Promise<void> {
  try {
    await handler(exchange);
  } catch (error) {
    exchange.fail(error);
  }
}
