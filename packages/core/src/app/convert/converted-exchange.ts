// app/convert/converted-exchange.ts: an exchange whose other side is not a protocol but another contract: what all of them share.
//
// Law: as for every exchange, once it is over nothing its app says goes any further; nothing is collected that could be passed on.

import { bytesOf, type Piece } from '../../bytes.ts';
import { Fault } from '../../faults.ts';
import type { ConnectionFacts, Exchange, Handler, TakenConnection } from '../../exchange/exchange.ts';
import type { RequestBody } from '../../exchange/body.ts';
import { requestIdIn } from '../../exchange/request-id.ts';
import { Fields } from '../../message/fields.ts';
import type { RequestHead } from '../../message/request-head.ts';
import type { ResponseHead } from '../../message/response-head.ts';
import { isBodyless } from '../../message/status.ts';
import { logAlone } from './standing-alone.ts';

type State = 'open' | 'complete' | 'gone';

export abstract class ConvertedExchange implements Exchange {
  abstract readonly head: RequestHead;
  abstract readonly body: RequestBody;
  abstract readonly connection: ConnectionFacts;
  /** A reader of a Response, or of a result, keeps what he is given. */
  readonly givesBack = false;
  /** The exchange of the server's that this one stands on, where it is known. */
  protected readonly under: Exchange | undefined;
  #state: State = 'open';
  #responded: { readonly head: ResponseHead; readonly bodyLength: number } | undefined;
  #isHeadSent = false;
  #controller: AbortController | undefined;
  #listeners: (() => void)[] = [];
  /** What the signal says, where it is not the client that has gone. */
  protected goneReason: unknown;

  constructor(under: Exchange | undefined) {
    this.under = under;
  }

  /** The head goes, and a body follows. */
  protected abstract begin(head: ResponseHead, bodyLength: number): void;
  /** The whole answer. */
  protected abstract whole(head: ResponseHead, pieces: readonly Uint8Array[]): void;
  /** A piece of the body. False: enough for now. */
  protected abstract put(bytes: Uint8Array): boolean;
  protected abstract finish(trailers: Fields): void;
  /** No answer, or not the rest of it. */
  protected abstract cut(error: unknown): void;
  abstract drained(): Promise<void>;
  protected abstract tell(status: number, flat: readonly string[]): void;

  /** Of the server's exchange; what stands alone has none of its own making. */
  get requestId(): string {
    return this.under?.requestId ?? requestIdIn(this.head) ?? '-';
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      this.whenGone(() => controller.abort(this.goneReason ?? new Fault('PEER_GONE', {})));
    }
    return this.#controller.signal;
  }

  whenGone(listener: () => void): void {
    if (this.#state === 'gone') listener();
    else if (this.#state === 'open') this.#listeners.push(listener);
  }

  get isOver(): boolean {
    return this.#state !== 'open';
  }

  get isHeadSent(): boolean {
    return this.#isHeadSent;
  }

  get wantsBody(): boolean {
    return !this.#isHeadSent || this.#state !== 'open' || this.#hasBody(this.#responded!.head.status);
  }

  #hasBody(status: number): boolean {
    return this.head.method !== 'HEAD' && !isBodyless(status) && status !== 205;
  }

  send(head: ResponseHead, pieces: readonly Piece[]): void {
    if (!this.#mayWrite('head')) return;
    if (this.#responded !== undefined) throw new Fault('RESPONSE_OUT_OF_TURN', { event: 'head', state: 'body' });
    this.whole(head, pieces.map(bytesOf));
    // Not before: what the other contract refuses is no answer yet, and its failure not one behind it.
    this.#isHeadSent = true;
    this.#state = 'complete';
  }

  respond(head: ResponseHead, bodyLength = -1): void {
    if (!this.#mayWrite('head')) return;
    if (this.#responded !== undefined) throw new Fault('RESPONSE_OUT_OF_TURN', { event: 'head', state: 'body' });
    this.#responded = { head, bodyLength };
  }

  write(piece: Piece): boolean {
    if (!this.#mayWrite('data')) return true;
    const { head } = this.#sendHead();
    return this.#hasBody(head.status) ? this.put(bytesOf(piece)) : true;
  }

  end(trailers = Fields.none): void {
    if (!this.#mayWrite('end')) return;
    this.#sendHead();
    this.finish(trailers);
    this.#state = 'complete';
  }

  #sendHead(): { readonly head: ResponseHead } {
    if (this.#responded === undefined) throw new Fault('RESPONSE_OUT_OF_TURN', { event: 'data', state: 'owed' });
    if (!this.#isHeadSent) {
      this.begin(this.#responded.head, this.#responded.bodyLength);
      // Not before: what the other contract refuses has not been said.
      this.#isHeadSent = true;
    }
    return this.#responded;
  }

  #mayWrite(event: string): boolean {
    if (this.#state === 'complete') throw new Fault('RESPONSE_OUT_OF_TURN', { event, state: 'done' });
    return this.#state === 'open';
  }

  inform(status: number, flat: readonly string[]): void {
    if (!this.#mayWrite('inform')) return;
    if (this.under === undefined) this.tell(status, flat);
    else this.under.inform(status, flat);
  }

  /** Faults: CONNECTION_OUT_OF_REACH where no exchange of the server's is below. */
  takeOver(): TakenConnection {
    this.#refuseBegun();
    if (this.under === undefined) throw new Fault('CONNECTION_OUT_OF_REACH', {});
    const taken = this.under.takeOver();
    this.#state = 'complete';
    this.takenOver();
    return taken;
  }

  /** What `answer` does is the whole answer. Faults: RESPONSE_OUT_OF_TURN; those of `answer`, after which it is not given. */
  protected answerBy(answer: () => void): void {
    this.#refuseBegun();
    answer();
    this.#state = 'complete';
  }

  #refuseBegun(): void {
    if (this.#state !== 'open' || this.#responded !== undefined)
      throw new Fault('RESPONSE_OUT_OF_TURN', { event: 'upgrade', state: 'body' });
  }

  /** Nothing is to be answered any more. */
  protected abstract takenOver(): void;

  abort(): void {
    if (this.#state !== 'open') return;
    if (this.under === undefined) this.cut(new Fault('PEER_GONE', {}));
    else this.under.abort();
    this.leave();
  }

  fail(error: unknown): void {
    if (this.#state === 'gone') return;
    if (this.#state === 'open') {
      this.#state = 'gone';
      this.cut(error);
      this.#tellGone();
    } else if (this.under === undefined) {
      logAlone(error);
    } else {
      this.under.fail(error);
    }
  }

  /** The client has gone. */
  leave(): void {
    if (this.#state !== 'open') return;
    this.#state = 'gone';
    this.#tellGone();
  }

  #tellGone(): void {
    for (const listener of this.#listeners.splice(0)) listener();
  }
}

/** What a handler throws, at once or later, ends in its exchange. */
export function run(handler: Handler, exchange: Exchange): void {
  try {
    const running = handler(exchange);
    if (running !== undefined) void running.then(undefined, (error: unknown) => exchange.fail(error));
  } catch (error) {
    exchange.fail(error);
  }
}

/** What cannot be read of a request is a rejection, as what its app throws is. */
export function promised<T>(answer: () => Promise<T>): Promise<T> {
  try {
    return answer();
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Fields as pairs, with what a head keeps apart. */
export function pairsOf(head: ResponseHead): [name: string, value: string][] {
  const pairs = Array.from(head.fields, ([name, value]): [string, string] => [name, value]);
  if (head.wantsClose) pairs.push(['Connection', 'close']);
  return pairs;
}
