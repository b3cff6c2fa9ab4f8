// app/request-of.ts: the Request of an exchange: one that makes nothing before it is asked, or the native one.

import { Fault } from '../faults.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { RequestBody } from '../exchange/body.ts';
import { nativeClasses } from './native-classes.ts';
import { urlOf } from './request-url.ts';

/** What Request would write in upper case, which is another method (RFC 9110 §9.1), and what it refuses. */
const NORMALISED = /^(?:delete|get|head|options|post|put|patch)$/i;
const FORBIDDEN = /^(?:connect|trace|track)$/i;

/** Faults: METHOD_UNKNOWN, HOST_INVALID: what no Request can say is not an error of the app. */
export function requestOf(exchange: Exchange): Request {
  const { method } = exchange.head;
  const isUsual = method === 'GET' || method === 'POST';
  if (!isUsual && (FORBIDDEN.test(method) || (NORMALISED.test(method) && method !== method.toUpperCase())))
    throw new Fault('METHOD_UNKNOWN', { method });
  const url = urlOf(exchange);
  return isLazy() ? (new LazyRequest(exchange, url) as unknown as Request) : nativeRequest(exchange, url, headersOf(exchange));
}

function headersOf({ head }: Exchange): Headers {
  const headers = new Headers();
  const { flat } = head.fields;
  for (let at = 0; at < flat.length; at += 2) headers.append(flat[at]!, flat[at + 1]!);
  return headers;
}

/** The standard allows no body with GET and HEAD; what a client sent with one is read past. */
function hasBody({ head }: Exchange): boolean {
  return head.hasBody && head.method !== 'GET' && head.method !== 'HEAD';
}

function nativeRequest(exchange: Exchange, url: string, headers: Headers, body = streamOf(exchange.body)): Request {
  const init: RequestInit = { method: exchange.head.method, headers, signal: exchange.signal };
  return new (nativeClasses().Request)(url, hasBody(exchange) ? { ...init, body, duplex: 'half' } : init);
}

/** Pulled, not pushed: nothing is read from the client before the app asks for it. */
function streamOf(body: RequestBody): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const piece = await body.read();
        if (piece === null) controller.close();
        else controller.enqueue(piece);
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * Answers from the head of the exchange, and reads a body without a stream. What it cannot say itself it asks of a native Request,
 * which is made then and no earlier: that costs 5 us.
 */
class LazyRequest {
  readonly #exchange: Exchange;
  readonly #url: string;
  #headers: Headers | undefined;
  #native: Request | undefined;
  #isRead = false;

  constructor(exchange: Exchange, url: string) {
    this.#exchange = exchange;
    this.#url = url;
  }

  get method(): string {
    return this.#exchange.head.method;
  }

  get url(): string {
    return this.#url;
  }

  get headers(): Headers {
    return (this.#headers ??= headersOf(this.#exchange));
  }

  get signal(): AbortSignal {
    return this.#exchange.signal;
  }

  get bodyUsed(): boolean {
    return this.#isRead ? hasBody(this.#exchange) : this.#native?.bodyUsed === true;
  }

  /** The same as a native one; once it is there, it has the body. */
  native(): Request {
    if (this.#native !== undefined) return this.#native;
    if (!this.#isRead) return (this.#native = nativeRequest(this.#exchange, this.#url, this.headers));
    this.#native = nativeRequest(this.#exchange, this.#url, this.headers, new Blob([]).stream());
    // What was read here is read there too.
    this.#native.arrayBuffer().catch(() => undefined);
    return this.#native;
  }

  text(): Promise<string> {
    return this.#isHere ? this.#read().then((bytes) => decoder.decode(bytes)) : this.native().text();
  }

  json(): Promise<unknown> {
    return this.#isHere ? this.text().then((text) => JSON.parse(text) as unknown) : this.native().json();
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#isHere ? this.#read().then(ownBuffer) : this.native().arrayBuffer();
  }

  /** Nobody has a stream of the body. */
  get #isHere(): boolean {
    return this.#native === undefined && !this.#isRead;
  }

  async #read(): Promise<Uint8Array> {
    this.#isRead = true;
    if (!hasBody(this.#exchange)) return EMPTY;
    const { body } = this.#exchange;
    const pieces: Uint8Array[] = [];
    for (;;) {
      const piece = body.read();
      const bytes = piece instanceof Promise ? await piece : piece;
      if (bytes === null) break;
      pieces.push(bytes);
    }
    return pieces.length === 1 ? pieces[0]! : joined(pieces);
  }

  [Symbol.for('nodejs.util.inspect.custom')](): Request {
    return this.native();
  }
}

const EMPTY = new Uint8Array(0);
const decoder = new TextDecoder();

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function ownBuffer({ buffer, byteOffset, length }: Uint8Array): ArrayBuffer {
  return (buffer as ArrayBuffer).slice(byteOffset, byteOffset + length);
}

/** What else a Request has, and what undici keeps in one by symbols: `new Request(request)` and `fetch(request)` look there. */
function delegateTheRest(): void {
  const { Request: NativeRequest } = nativeClasses();
  const own: object = LazyRequest.prototype;
  const symbols = Object.getOwnPropertySymbols(new NativeRequest('http://a'));
  const theirs = [
    ...Object.entries(Object.getOwnPropertyDescriptors(NativeRequest.prototype)),
    ...symbols.map((name) => [name, {}] as const),
  ];
  for (const [name, { value }] of theirs as [PropertyKey, PropertyDescriptor][]) {
    if (Object.hasOwn(own, name) || name === Symbol.toStringTag) continue;
    const descriptor: PropertyDescriptor =
      typeof value === 'function'
        ? { value: callNative(name), writable: true }
        : {
            get: function (this: LazyRequest): unknown {
              return Reflect.get(this.native(), name);
            },
          };
    Object.defineProperty(own, name, { ...descriptor, configurable: true });
  }
  Object.setPrototypeOf(own, NativeRequest.prototype);
}

function callNative(name: PropertyKey): (...args: unknown[]) => unknown {
  return function (this: LazyRequest, ...args) {
    const native = this.native();
    return (Reflect.get(native, name) as (...args: unknown[]) => unknown).apply(native, args);
  };
}

let laziness: boolean | undefined;

/**
 * Whether a native Request can be made of one of ours, so that apps need not know the difference: with undici 6 (Node 20 and 22), whose
 * Requests keep all under symbols. Those of later ones have private fields: there `nativeOf` must come between.
 */
function isLazy(): boolean {
  if (laziness === undefined) {
    delegateTheRest();
    laziness = worksAsNative();
  }
  return laziness;
}

/** From here on Requests are lazy: whoever asks for it sees to it that native ones are made by way of `nativeOf`. False: they were. */
export function makeLazy(): boolean {
  if (isLazy()) return false;
  return (laziness = true);
}

/** What a native Request can be made of. */
export function nativeOf<T>(input: T): T | Request {
  return input instanceof LazyRequest ? input.native() : input;
}

function worksAsNative(): boolean {
  const { Request: NativeRequest } = nativeClasses();
  const url = 'http://a/b';
  const probe = Object.create(LazyRequest.prototype) as LazyRequest;
  Object.defineProperty(probe, 'native', { value: () => new NativeRequest(url, { headers: { a: 'b' } }) });
  try {
    const copy = new NativeRequest(probe as unknown as Request);
    return copy.url === url && copy.headers.get('a') === 'b';
  } catch {
    return false;
  }
}
