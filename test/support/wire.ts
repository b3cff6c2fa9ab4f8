// wire.ts: a connection without sockets: drives the engine as the server does, and writes down what it says.
//
// Law: it lends bytes and takes them back. After `keep` the lent buffer is overwritten, as the server's one read buffer is by
// the next socket: what the engine or an event still points at would then be X.

import { Fault } from '@appserve/core';
import {
  HTTP1_LIMITS,
  Http1Connection,
  type Http1Event,
  type Http1Limits,
  type ResponseStyle,
  type TargetPolicy,
} from '@appserve/core/http1';
import { ResponseHead, type RequestHead } from '@appserve/core/message';

export interface WireSettings extends Partial<Http1Limits>, Partial<ResponseStyle>, Partial<TargetPolicy> {}

/** What an app does for one request. */
export interface Answer {
  /** As soon as the head is here, or when the body is complete. */
  readonly at: 'request' | 'end';
  readonly steps: readonly Step[];
}

export type Step =
  | { readonly type: 'head'; readonly status: string; readonly flat: readonly string[] }
  | { readonly type: 'inform'; readonly status: number; readonly flat: readonly string[] }
  /** The whole body, its length known. */
  | { readonly type: 'body'; readonly bytes: Uint8Array }
  /** A piece of a body whose length nobody knows. */
  | { readonly type: 'piece'; readonly bytes: Uint8Array }
  | { readonly type: 'end' }
  /** The app throws. */
  | { readonly type: 'fail' }
  /** The server begins to drain. */
  | { readonly type: 'last' };

/** What the engine said, and where the app was told of its own mistake. */
export type Heard =
  | Exclude<Http1Event, { type: 'need-data' | 'paused' | 'closed' }>
  | { readonly type: 'app-fault'; readonly fault: Fault };

// A Buffer, as the server's is: its slice() shares memory, that of a Uint8Array does not.
const LENT = Buffer.alloc(64 * 1_024);
const X = 0x58;

export class Wire {
  readonly engine: Http1Connection;
  /** What the engine sent, as latin1. */
  output = '';
  readonly #answers: readonly Answer[];
  readonly #heard: Heard[] = [];
  #requests = 0;
  #isClosed = false;

  constructor(settings: WireSettings = {}, answers: readonly Answer[] = []) {
    this.engine = new Http1Connection(
      { ...HTTP1_LIMITS, ...settings },
      { dateLine: '', viaLine: '', serverLine: '', chunkedTransfer: true, ...settings },
      { isSecure: false, allowsConnect: false, ...settings },
    );
    this.#answers = answers;
  }

  /** One read of the socket. */
  receive(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += LENT.length) {
      const part = bytes.subarray(at, at + LENT.length);
      LENT.set(part);
      this.engine.receive(LENT, part.length);
      this.#pump(part.length);
      LENT.fill(X, 0, part.length);
    }
  }

  /** The client closes its side. */
  endSending(): void {
    this.engine.receive(null);
    this.#pump(0);
  }

  /** Events in order, the bytes of data copied, pieces of data put together. */
  get heard(): readonly Heard[] {
    return this.#heard;
  }

  /** What the connection is up to, now that all is said: only what does not go without saying. */
  get rest(): 'need-data' | 'paused' | 'idle' | 'closed' | 'answer' {
    if (this.#isClosed) return 'closed';
    const { phase, unreadBytes } = this.engine;
    if (phase === 'answer') return unreadBytes > 0 ? 'paused' : 'answer';
    return phase === 'idle' ? 'idle' : 'need-data';
  }

  #pump(received: number): void {
    // A byte begins at most one event, and few events begin without one.
    for (let left = 2 * (received + this.engine.unreadBytes) + 16; !this.#isClosed; left -= 1) {
      if (left === 0) throw new Error('the engine gives events without end');
      const event = this.engine.next();
      if (!this.#hear(event)) break;
    }
    this.engine.keep();
    this.#send();
  }

  #send(): void {
    const output = this.engine.output.take();
    for (const piece of typeof output === 'string' || output instanceof Uint8Array ? [output] : output) {
      this.output += typeof piece === 'string' ? piece : Buffer.from(piece).toString('latin1');
    }
  }

  /** Whether there may be more. */
  #hear(event: Http1Event): boolean {
    switch (event.type) {
      case 'need-data':
        // An app that waits for its body asks for it.
        if (this.engine.phase === 'body' && this.#answer?.at === 'end') this.engine.sendContinue();
        return false;
      case 'paused':
        return false;
      case 'closed':
        this.#isClosed = true;
        return false;
      case 'request':
        this.#heard.push(event);
        this.#requests += 1;
        if (this.#answer?.at === 'request') this.#perform(this.#answer.steps);
        return true;
      case 'data':
        this.#addData(event.bytes);
        return true;
      case 'end':
        this.#heard.push(event);
        if (this.#answer?.at === 'end') this.#perform(this.#answer.steps);
        return true;
      case 'fault':
        this.#heard.push(event);
        this.engine.refuse(event.fault);
        return true;
    }
  }

  #addData(bytes: Uint8Array): void {
    const last = this.#heard.at(-1);
    if (last?.type === 'data') this.#heard[this.#heard.length - 1] = { type: 'data', bytes: Buffer.concat([last.bytes, bytes]) };
    else this.#heard.push({ type: 'data', bytes: Buffer.from(bytes) });
  }

  get #answer(): Answer | undefined {
    return this.#answers[this.#requests - 1];
  }

  #perform(steps: readonly Step[]): void {
    const whole = steps.find((step) => step.type === 'body');
    const isStreamed = steps.some(({ type }) => type === 'piece' || type === 'end');
    const { engine } = this;
    for (const step of steps) {
      switch (step.type) {
        case 'head':
          engine.sendHead(ResponseHead.fromStatusText(step.status, [...step.flat]), isStreamed ? -1 : (whole?.bytes.length ?? 0));
          break;
        case 'inform':
          engine.sendInformational(step.status, step.flat);
          break;
        case 'body':
        case 'piece':
          this.#report(engine.sendData(step.bytes));
          break;
        case 'end':
          this.#report(engine.sendEnd());
          break;
        case 'fail':
          engine.refuse(new Fault('APP_FAILED', { message: 'it was the app' }));
          break;
        case 'last':
          engine.lastRequest();
      }
    }
    if (!isStreamed && !steps.some(({ type }) => type === 'fail')) this.#report(engine.sendEnd());
  }

  #report(fault: Fault | undefined): void {
    if (fault !== undefined) this.#heard.push({ type: 'app-fault', fault });
  }
}

/** One event as the lines of a scene. A request has a line for everything that is known of it. */
export function linesOf(event: Heard): string[] {
  switch (event.type) {
    case 'request':
      return [`request ${event.head.method} ${event.head.target} ${event.head.version}`, ...detailsOf(event.head)];
    case 'data':
      return [`data "${shown(Buffer.from(event.bytes).toString('latin1'))}"`];
    case 'end':
      return ['end', ...Array.from(event.trailers, ([name, value]) => `trailer ${name}: ${shown(value)}`)];
    case 'fault':
      return [`fault ${event.fault.code} ${event.fault.status}`];
    case 'app-fault':
      return [`app-fault ${event.fault.code}`];
  }
}

function detailsOf({ fields, pathAndQuery, framing, keepAlive, expectsContinue }: RequestHead): string[] {
  return [
    `path ${pathAndQuery}`.trimEnd(),
    ...Array.from(fields, ([name, value]) => `field ${name}: ${shown(value)}`.trimEnd()),
    framing.type === 'length' ? `length ${framing.length}` : framing.type,
    keepAlive ? 'persists' : 'closes',
    expectsContinue ? 'expects 100' : 'expects nothing',
  ];
}

/** Latin1 text so that every byte can be seen. */
function shown(text: string): string {
  return text
    .replaceAll(/["\\]/g, (char) => `\\${char}`)
    .replaceAll('\r', '\\r')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replaceAll(/[^\x20-\x7e]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
