// connection/server-exchange.ts: one request and its one response on a connection: the waist, seen from this side.
//
// Law: once it is over, nothing that the app still says reaches the connection, which by then may serve another request.

import { Fault } from '@appserve/core';
import type { CgiFacts, ConnectionFacts, Piece, RequestBody, TakenConnection } from '@appserve/core/exchange';
import { BodyQueue, NO_REQUEST_BODY, requestIdIn } from '@appserve/core/exchange';
import { Fields, ResponseHead, type RequestHead } from '@appserve/core/message';
import { messageOf, type Logger } from '../log.ts';
import type { AccessLog, Answered } from '../logging/access/answered.ts';
import { newRequestId } from './request-id.ts';
import type { Call } from './app-calls.ts';
import type { Counters } from './counters.ts';
import type { RequestStory } from './request-channels.ts';

/** What makes bytes of the answer. */
export interface AnswerEngine {
  /** `bodyLength`: how long the body will be, -1 when nobody knows. */
  sendHead(head: ResponseHead, bodyLength: number): void;
  /** A fault in return: the app gave too much. */
  sendData(piece: Piece): Fault | undefined;
  /** A fault in return: the app gave too little. */
  sendEnd(trailers: Fields): Fault | undefined;
  sendInformational(status: number, flat: readonly string[]): void;
  /** Answers with the fault's status where nothing was sent yet; else breaks off. Gives the bytes of the body, if it was answered. */
  refuse(fault: Fault): number | undefined;
  /** Breaks off: the client can tell that the answer is not whole. */
  abort(): void;
  /** Whether further bytes of the answer under way would be sent. */
  readonly takesMore: boolean;
}

/** What an exchange needs of the connection that it stands on. */
export interface ExchangeOwner {
  readonly engine: AnswerEngine;
  /** What becomes of an answer that is not as long as was announced, for the log. */
  readonly misfit: string;
  /** Behind a web server. */
  readonly cgi?: CgiFacts;
  /** Unread bytes at which a body is full; as BodyQueue has it when left out. */
  readonly fullBytes?: number;
  readonly log: Logger;
  readonly access: AccessLog | undefined;
  readonly counters: Counters;
  /** Sends what the engine has to say. False: the client is slow. */
  flush(): boolean;
  /** Gives the connection away. */
  handOver(): TakenConnection;
  /** The app waits for more of the body. */
  bodyWanted(): void;
  /** The answer is complete, refused or broken off. */
  exchangeOver(exchange: ServerExchange): void;
}

/** Who takes a connection over writes the 101, or the 200 of CONNECT, himself (RFC 9110 §7.8). */
const SWITCHING = 101;

type State = 'open' | 'complete' | 'gone';

export class ServerExchange implements Call, Answered {
  readonly head: RequestHead;
  readonly connection: ConnectionFacts;
  readonly cgi: CgiFacts | undefined;
  /** As sockets do: see SocketOutput. */
  readonly givesBack = true;
  /** The driver's end of the body; nothing when the request has none. */
  readonly incoming: BodyQueue | undefined;
  hasPlace = false;
  calledMs = 0;
  begunMs = -1;
  waitedMs = 0;
  status = 0;
  story: RequestStory | undefined;
  older: Call | undefined;
  newer: Call | undefined;
  isUnderWay = false;
  /** For the access log. */
  readonly beganMs: number;
  bodyBytes = 0;
  answer: ResponseHead | undefined;
  #requestId: string | undefined;
  readonly #owner: ExchangeOwner;
  #state: State = 'open';
  #responded: { readonly head: ResponseHead; readonly bodyLength: number } | undefined;
  #isHeadSent = false;
  #controller: AbortController | undefined;
  #waiters: (() => void)[] | undefined;
  #onGone: (() => void) | undefined;

  constructor(head: RequestHead, connection: ConnectionFacts, owner: ExchangeOwner) {
    this.head = head;
    this.connection = connection;
    this.cgi = owner.cgi;
    this.#owner = owner;
    this.beganMs = owner.access?.wantsTime === true ? performance.now() : 0;
    // Who reads on behind his answer must not speak for the request that follows.
    this.incoming = head.hasBody
      ? new BodyQueue(() => (this.isOver ? undefined : owner.bodyWanted()), owner.fullBytes)
      : undefined;
  }

  get body(): RequestBody {
    return this.incoming ?? NO_REQUEST_BODY;
  }

  get requestId(): string {
    return (this.#requestId ??= requestIdIn(this.head) ?? newRequestId());
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#state === 'gone') this.#controller.abort(new Fault('PEER_GONE', {}));
    }
    return this.#controller.signal;
  }

  whenGone(listener: () => void): void {
    if (this.#state === 'gone') listener();
    if (this.#state !== 'open') return;
    const before = this.#onGone;
    this.#onGone = before === undefined ? listener : () => (before(), listener());
  }

  get isOver(): boolean {
    return this.#state !== 'open';
  }

  get isHeadSent(): boolean {
    return this.#isHeadSent;
  }

  send(head: ResponseHead, pieces: readonly Piece[]): void {
    if (!this.#mayWrite('head')) return;
    if (this.#responded !== undefined) throw new Fault('RESPONSE_OUT_OF_TURN', { event: 'head', state: 'body' });
    const { engine, counters } = this.#owner;
    let length = 0;
    for (const piece of pieces) length += piece.length;
    this.#isHeadSent = true;
    engine.sendHead(head, length);
    this.#answered(head);
    counters.answered(head.status);
    if (engine.takesMore) this.bodyBytes = length;
    for (const piece of pieces) this.#report(engine.sendData(piece));
    this.#complete(Fields.none);
  }

  respond(head: ResponseHead, bodyLength = -1): void {
    if (!this.#mayWrite('head')) return;
    if (this.#responded !== undefined) throw new Fault('RESPONSE_OUT_OF_TURN', { event: 'head', state: 'body' });
    this.#responded = { head, bodyLength };
  }

  write(piece: Piece): boolean {
    if (!this.#mayWrite('data')) return true;
    this.#sendHead();
    if (this.#owner.engine.takesMore) this.bodyBytes += piece.length;
    this.#report(this.#owner.engine.sendData(piece));
    return this.#owner.flush();
  }

  get wantsBody(): boolean {
    return !this.#isHeadSent || this.#state !== 'open' || this.#owner.engine.takesMore;
  }

  end(trailers: Fields = Fields.none): void {
    if (!this.#mayWrite('end')) return;
    const checked = trailers.size === 0 ? trailers : checkedFields(trailers.flat);
    this.#sendHead();
    this.#complete(checked);
  }

  /** True: go on. False: the client has gone, and what is said now is dropped. Faults: RESPONSE_OUT_OF_TURN after the end. */
  #mayWrite(event: string): boolean {
    if (this.#state === 'complete') throw new Fault('RESPONSE_OUT_OF_TURN', { event, state: 'done' });
    return this.#state === 'open';
  }

  #sendHead(): void {
    if (this.#isHeadSent) return;
    if (this.#responded === undefined) throw new Fault('RESPONSE_OUT_OF_TURN', { event: 'data', state: 'owed' });
    this.#isHeadSent = true;
    this.#owner.engine.sendHead(this.#responded.head, this.#responded.bodyLength);
    this.#answered(this.#responded.head);
    this.#owner.counters.answered(this.#responded.head.status);
  }

  #answered(head: ResponseHead): void {
    this.status = head.status;
    this.answer = head;
  }

  #complete(trailers: Fields): void {
    this.#report(this.#owner.engine.sendEnd(trailers));
    this.#finish('complete');
  }

  #report(fault: Fault | undefined): void {
    if (fault !== undefined) this.#owner.log.error(`${this.#requestLine()}: ${fault.message}; ${this.#owner.misfit}`);
  }

  #requestLine(): string {
    return `${this.head.method} ${this.head.target}`;
  }

  async drained(): Promise<void> {
    if (this.#state !== 'open' || this.#owner.flush()) return;
    await new Promise<void>((resolve) => (this.#waiters ??= []).push(resolve));
  }

  /** The client has kept up again. */
  wakeWriters(): void {
    const waiters = this.#waiters;
    this.#waiters = undefined;
    for (const wake of waiters ?? []) wake();
  }

  inform(status: number, flat: readonly string[]): void {
    if (!this.#mayWrite('inform')) return;
    this.#owner.engine.sendInformational(status, checkedFields(flat).flat);
    this.#owner.flush();
  }

  takeOver(): TakenConnection {
    if (this.#state !== 'open' || this.#responded !== undefined)
      throw new Fault('RESPONSE_OUT_OF_TURN', { event: 'upgrade', state: 'body' });
    const taken = this.#owner.handOver();
    this.status = SWITCHING;
    this.#finish('complete');
    return taken;
  }

  abort(): void {
    if (this.#state !== 'open') return;
    this.#owner.engine.abort();
    this.#finish('gone', new Fault('PEER_GONE', {}));
  }

  fail(error: unknown): void {
    if (this.#state === 'complete') {
      this.#tell('the app failed after its answer', error);
      return;
    }
    // Whatever fails because the client has left is the client's leave, not a failure.
    if (this.#state === 'gone') return;
    const fault =
      error instanceof Fault && error.blame === 'peer' ? error : new Fault('APP_FAILED', { message: messageOf(error) });
    if (fault !== error) {
      this.#tell('the app failed', error);
      this.story?.failed(error);
    }
    this.refuse(fault);
  }

  #tell(what: string, error: unknown): void {
    this.#owner.log.failed({ what: `${this.#requestLine()}: ${what}`, error, requestId: this.requestId });
  }

  /** Answers with the fault's status, or breaks off an answer that has begun. */
  refuse(fault: Fault): void {
    if (this.#state !== 'open') return;
    const bodyBytes = this.#owner.engine.refuse(fault);
    if (bodyBytes !== undefined) {
      this.status = fault.status;
      this.bodyBytes = bodyBytes;
      this.#owner.counters.answered(fault.status);
    }
    this.#finish('gone', fault);
  }

  /** The client has gone, or has broken the rules in its body: `fault` is what the app sees. */
  leave(fault: Fault): void {
    if (this.#state === 'open') this.#finish('gone', fault);
  }

  #finish(state: State, fault?: Fault): void {
    this.#state = state;
    if (this.incoming?.isEnded === false) this.incoming.fail(fault ?? bodyLeft);
    if (fault !== undefined) this.#controller?.abort(fault);
    if (state === 'gone') this.#onGone?.();
    this.#owner.access?.answered(this);
    this.wakeWriters();
    this.#owner.exchangeOver(this);
  }
}

function bodyLeft(): Fault {
  return new Fault('BODY_LEFT', {});
}

/** Early hints and trailers are held to what a response is: they are ways to split it too (CVE-2020-5249). */
function checkedFields(flat: readonly string[]): Fields {
  const { fields, contentLength } = new ResponseHead(200, '', flat);
  if (contentLength !== -1)
    throw new Fault('RESPONSE_FIELD_INVALID', { name: 'Content-Length', why: 'it belongs to the head of the answer' });
  return fields;
}

type Refused = Pick<Answered, 'head' | 'connection' | 'status' | 'bodyBytes'>;

/** A request that got no exchange, or what was none at all, as the access log sees it. */
export function refusal(refused: Refused): Answered {
  const requestId = (refused.head && requestIdIn(refused.head)) ?? newRequestId();
  return { ...refused, cgi: undefined, answer: undefined, beganMs: performance.now(), requestId };
}
