// app/native-response.ts: what a native Response was made of, where it lets one see that.
//
// In Node 20 and 22 it is kept under a symbol, undocumented: a probe tells whether it is there, and is what it seems to be; where it is
// not, as from Node 24 on, the Response is read as a stream, which costs less there. Reading text back as a stream costs 14 us on Node 20,
// which is twice as much as the whole HTTP/1.1 engine; its fields in alphabetical order 7.

import { Buffer } from 'node:buffer';
import type { LightParts } from './light-response.ts';
import { nativeClasses } from './native-classes.ts';

interface State {
  readonly status: number;
  readonly statusText: string;
  readonly headersList: Iterable<readonly [name: string, value: string]> & { readonly cookies: readonly string[] | null };
  readonly body?: { readonly source: unknown } | null;
}

const TYPE = 'text/x';

interface Window {
  readonly prototype: object;
  /** Nothing where it cannot be seen. */
  readonly state: symbol | undefined;
}

let known: Window | undefined;

function look(): Window {
  const { Response: NativeResponse } = nativeClasses();
  const state = Object.getOwnPropertySymbols(new NativeResponse('')).find(({ description }) => description === 'state');
  const isKnown = state !== undefined && answersAProbe(NativeResponse, state);
  return { prototype: NativeResponse.prototype, state: isKnown ? state : undefined };
}

function stateOf(response: object, state: symbol): State {
  return (response as Record<symbol, State>)[state]!;
}

function answersAProbe(NativeResponse: typeof Response, state: symbol): boolean {
  const probe = new NativeResponse('text', { status: 201, statusText: 'x', headers: { 'Content-Type': TYPE } });
  probe.headers.append('Set-Cookie', 'a=1');
  probe.headers.append('Set-Cookie', 'b=2');
  const bytes = new NativeResponse(Buffer.from('bytes'));
  try {
    const { status, statusText, headersList, body } = stateOf(probe, state);
    const isHead = status === 201 && statusText === 'x' && new Map(headersList).get('content-type') === TYPE;
    const isBody = body?.source === 'text' && stateOf(bytes, state).body?.source instanceof Uint8Array;
    return isHead && isBody && String(headersList.cookies) === 'a=1,b=2';
  } catch {
    return false;
  }
}

/** All of it, where it is native itself, was made of text or bytes, and nobody has begun to read it. */
export function nativeParts(response: unknown): LightParts | undefined {
  const { prototype, state } = (known ??= look());
  // What is made from it may answer otherwise than its state says.
  if (state === undefined || !isOf(response, prototype)) return undefined;
  const { status, statusText, headersList, body } = stateOf(response as Response, state);
  const source = body === null || body === undefined ? undefined : body.source;
  // Of a stream, a form or a Blob; or somebody reads it.
  if (source !== undefined && (!isPlain(source) || isTouched(response as Response))) return undefined;
  const flat: string[] = [];
  for (const [name, value] of headersList) {
    if (name !== 'set-cookie') flat.push(name, value);
    else for (const cookie of headersList.cookies ?? []) flat.push(name, cookie);
  }
  return { status, statusText, flat, body: source ?? null };
}

function isOf(value: unknown, prototype: object): boolean {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === prototype;
}

function isPlain(source: unknown): source is string | Uint8Array {
  return typeof source === 'string' || source instanceof Uint8Array;
}

function isTouched({ bodyUsed, body }: Response): boolean {
  return bodyUsed || body!.locked;
}
