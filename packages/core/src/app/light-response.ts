// app/light-response.ts: a Response that is little more than what it was made of: status, fields and a body of text or bytes. The
// native one costs ten times as much to make, and as much again to read (docs/reference/fetch.md).
//
// Law: whatever it cannot say itself it asks of a native Response, which is made then. So it is one: `instanceof` too.

import { nativeClasses } from './native-classes.ts';

/** By the names of the standard. */
type BodyInit = NonNullable<ConstructorParameters<typeof Response>[0]>;
type HeadersInit = NonNullable<ConstructorParameters<typeof Headers>[0]>;

/** What can be sent as it is; of others a native Response is made at once. */
type PlainBody = string | Uint8Array | null;

export interface LightParts {
  readonly status: number;
  readonly statusText: string;
  /** name, value, name, value, ... */
  readonly flat: readonly string[];
  readonly body: PlainBody;
}

/** RFC 9110 §15; WHATWG Fetch: a "null body status". */
const NULL_BODY_STATUS: ReadonlySet<number> = new Set([101, 204, 205, 304]);
const TEXT_TYPE = 'text/plain;charset=UTF-8';

class Light {
  #body: PlainBody = null;
  #status = 200;
  #statusText = '';
  #given: HeadersInit | undefined;
  #headers: Headers | undefined;
  #native: Response | undefined;

  constructor(body?: BodyInit | null, init?: ResponseInit) {
    const status = init?.status ?? 200;
    const isPlain = body === undefined || body === null || typeof body === 'string' || body instanceof Uint8Array;
    const isUsual =
      typeof status === 'number' &&
      status >= 200 &&
      status <= 599 &&
      !(NULL_BODY_STATUS.has(status) && body !== undefined && body !== null);
    if (!isPlain || !isUsual || init instanceof nativeClasses().Response) {
      // Also what is wrong: it is told there, in the words of the standard.
      this.#native = new (nativeClasses().Response)(body, init);
      return;
    }
    this.#body = body ?? null;
    if (init === undefined) return;
    this.#status = Math.trunc(status);
    if (init.statusText !== undefined) this.#statusText = init.statusText;
    this.#given = copyOf(init.headers);
  }

  get status(): number {
    return this.#native?.status ?? this.#status;
  }

  get statusText(): string {
    return this.#native?.statusText ?? this.#statusText;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  get headers(): Headers {
    if (this.#native !== undefined) return this.#native.headers;
    if (this.#headers !== undefined) return this.#headers;
    const headers = new Headers(this.#given);
    if (typeof this.#body === 'string' && !headers.has('content-type')) headers.set('content-type', TEXT_TYPE);
    return (this.#headers = headers);
  }

  get bodyUsed(): boolean {
    return this.#native?.bodyUsed ?? false;
  }

  native(): Response {
    if (this.#native === undefined) {
      const headers = this.headers;
      this.#native = new (nativeClasses().Response)(this.#body, { status: this.#status, statusText: this.#statusText, headers });
      // Text brings a type of its own, which somebody may have taken away.
      if (!headers.has('content-type')) this.#native.headers.delete('content-type');
    }
    return this.#native;
  }

  /** All of it, where nobody has asked for more than the head. */
  static partsOf(response: unknown): LightParts | undefined {
    const isOurs = typeof response === 'object' && response !== null && #native in response;
    // What is made from it may answer otherwise than its parts say.
    if (!isOurs || response.#native !== undefined || Object.getPrototypeOf(response) !== Light.prototype) return undefined;
    const { status, statusText } = response;
    return { status, statusText, flat: response.#flat(), body: response.#body };
  }

  #flat(): string[] {
    const given = this.#given;
    const isRecord = this.#headers === undefined && (given === undefined || isPlainRecord(given));
    if (!isRecord) return Array.from(this.headers).flat();
    const flat: string[] = [];
    let hasType = typeof this.#body !== 'string';
    for (const name in given as Record<string, string> | undefined) {
      flat.push(name, String((given as Record<string, string>)[name]));
      hasType ||= name.length === TYPE.length && name.toLowerCase() === TYPE;
    }
    if (!hasType) flat.push(TYPE, TEXT_TYPE);
    return flat;
  }
}

const TYPE = 'content-type';

/** What was given may be changed for the next answer while this one is on its way. */
function copyOf(given: HeadersInit | undefined): HeadersInit | undefined {
  if (given === undefined) return undefined;
  return isPlainRecord(given) ? { ...(given as Record<string, string>) } : new Headers(given);
}

/** Neither Headers nor pairs. */
function isPlainRecord(given: HeadersInit): boolean {
  const prototype: unknown = Object.getPrototypeOf(given);
  return prototype === Object.prototype || prototype === null;
}

/** What else a Response has is asked of the native one. */
function delegateTheRest(NativeResponse: typeof Response): void {
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(NativeResponse.prototype))) {
    if (Object.hasOwn(Light.prototype, name)) continue;
    const descriptor: PropertyDescriptor =
      typeof value === 'function' ? { value: callNative(name), writable: true } : { get: getNative(name) };
    Object.defineProperty(Light.prototype, name, { ...descriptor, configurable: true });
  }
  Object.setPrototypeOf(Light.prototype, NativeResponse.prototype);
}

function callNative(name: string): (...args: unknown[]) => unknown {
  return function (this: Light, ...args) {
    const native = this.native();
    return (Reflect.get(native, name) as (...args: unknown[]) => unknown).apply(native, args);
  };
}

function getNative(name: string): () => unknown {
  return function (this: Light) {
    return Reflect.get(this.native(), name) as unknown;
  };
}

/** `Response.error()` and `redirect()` are the native ones, `json()` is one of ours. */
function staticsOf(NativeResponse: typeof Response): PropertyDescriptorMap {
  return {
    name: { value: 'Response' },
    error: { value: () => NativeResponse.error() },
    redirect: { value: (...args: Parameters<typeof Response.redirect>) => NativeResponse.redirect(...args) },
    json: { value: lightJson },
    // A Response that fetch() has given is one too.
    [Symbol.hasInstance]: {
      value(this: unknown, value: unknown): boolean {
        return this === Light ? value instanceof NativeResponse : Function.prototype[Symbol.hasInstance].call(this, value);
      },
    },
  };
}

function lightJson(data: unknown, init: ResponseInit = {}): Light {
  const headers = new Headers(init.headers);
  if (!headers.has(TYPE)) headers.set(TYPE, 'application/json');
  const text = JSON.stringify(data) as string | undefined;
  if (text === undefined) throw new TypeError('the value cannot be written as JSON');
  return new Light(text, { ...init, headers });
}

let isReady = false;

/** To be used instead of the global Response, by its name. The same at every call. */
export function lightResponse(): typeof Response {
  if (!isReady) {
    const { Response: NativeResponse } = nativeClasses();
    delegateTheRest(NativeResponse);
    Object.defineProperties(Light, staticsOf(NativeResponse));
    isReady = true;
  }
  return Light as unknown as typeof Response;
}

export const lightParts = (response: unknown): LightParts | undefined => Light.partsOf(response);
