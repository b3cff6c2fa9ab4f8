// http1/framing.ts: where a request body ends, whose host it is for, and whether the connection stays: RFC 9112 §3.2, §6, §9.
//
// Smuggling is decided in this room. Law: when two readings are possible we refuse; we never repair.

import { fromLatin1 } from '../bytes.ts';
import { Fault } from '../faults.ts';
import { sameName } from '../message/fields.ts';
import { CONTENT_LENGTH, listItems, stripOws, TOKEN } from '../message/grammar.ts';
import { isHost } from '../message/host.ts';
import { CHUNKED, NO_BODY, type Framing } from '../message/request-head.ts';
import { NO_ROLE, ROLE, type Role } from './field-names.ts';

// Nearly every request names the same host as the one before: its text is made once, and checked once.
let lastHost = '';
let lastHostBytes: Uint8Array = new Uint8Array(0);

/** The host of the last request that had a right one, when the same bytes stand here. */
export function knownHost(bytes: Uint8Array, from: number, to: number): string | undefined {
  const wanted = lastHostBytes;
  if (wanted.length !== to - from) return undefined;
  for (let at = 0; at < wanted.length; at += 1) if (wanted[at] !== bytes[from + at]) return undefined;
  return lastHost;
}

/**
 * The fields of a head that decide about the connection, collected while it is read, then judged together. One object for all
 * heads, since reading one is not interrupted: `reset` first.
 */
export class FramingFacts {
  #host: string | undefined;
  #length: string | undefined;
  #codings: string[] | undefined;
  #connection: string | undefined;
  #expect: string | undefined;
  #contentType: string | undefined;

  reset(): void {
    this.#host = undefined;
    this.#length = undefined;
    this.#codings = undefined;
    this.#connection = undefined;
    this.#expect = undefined;
    this.#contentType = undefined;
  }

  see(role: Role, value: string): void {
    switch (role) {
      case NO_ROLE:
        return;
      case ROLE.host:
        this.#host = once('Host', this.#host, value);
        return;
      case ROLE.contentLength:
        this.#length = onceLength(this.#length, value);
        return;
      case ROLE.transferEncoding:
        (this.#codings ??= []).push(value);
        return;
      case ROLE.connection:
        this.#connection = joined(this.#connection, value);
        return;
      case ROLE.expect:
        this.#expect = joined(this.#expect, value);
        return;
      case ROLE.contentType:
        this.#contentType = once('Content-Type', this.#contentType, value);
    }
  }

  /** The authority of an absolute-form target takes the place of Host, whatever that says; it must be there all the same (RFC 9112 §3.2.2). */
  replaceHost(flat: string[], authority: string): void {
    const at = flat.findIndex((name, index) => index % 2 === 0 && sameName(name, 'Host'));
    if (at === -1) flat.push('Host', authority);
    else flat[at + 1] = authority;
  }

  /** RFC 9112 §9.3: "close" wins; HTTP/1.1 persists, HTTP/1.0 only when it asks to. */
  keepAlive(version: string): boolean {
    if (this.#connection === undefined) return version !== 'HTTP/1.0';
    if (this.#connection === 'keep-alive') return true;
    const options = listItems(this.#connection);
    return !options.includes('close') && (version !== 'HTTP/1.0' || options.includes('keep-alive'));
  }

  /** Faults: HOST_MISSING, HOST_INVALID. */
  checkHost(version: string): void {
    const host = this.#host;
    if (host === undefined) {
      if (version !== 'HTTP/1.0') throw new Fault('HOST_MISSING', {});
      return;
    }
    if (host === lastHost) return;
    if (!isHost(host)) throw new Fault('HOST_INVALID', { value: host });
    lastHost = host;
    lastHostBytes = fromLatin1(host);
  }

  /** In the order of RFC 9112 §6.3. Faults: LENGTH_*, CODING_*. */
  framing(version: string): Framing {
    if (this.#codings !== undefined) {
      checkCodings(this.#codings, this.#length !== undefined);
      if (version === 'HTTP/1.0') throw new Fault('CODING_INVALID', { why: 'HTTP/1.0 has no transfer codings' });
      return CHUNKED;
    }
    if (this.#length === undefined) return NO_BODY;
    const length = Number(this.#length);
    if (!CONTENT_LENGTH.test(this.#length)) throw new Fault('LENGTH_INVALID', { value: this.#length });
    if (!Number.isSafeInteger(length)) throw new Fault('BODY_TOO_LARGE', { limit: Number.MAX_SAFE_INTEGER });
    return length === 0 ? NO_BODY : { type: 'length', length };
  }

  expectsContinue(version: string): boolean {
    // An HTTP/1.0 client cannot take a 100 (RFC 9110 §10.1.1).
    return this.#expect !== undefined && version !== 'HTTP/1.0' && listItems(this.#expect).length > 0;
  }

  /** Faults: EXPECTATION_UNKNOWN. */
  checkExpectations(version: string): void {
    if (this.#expect === undefined || version === 'HTTP/1.0') return;
    if (listItems(this.#expect).some((expectation) => expectation !== '100-continue'))
      throw new Fault('EXPECTATION_UNKNOWN', { value: this.#expect });
  }
}

function once(name: string, before: string | undefined, value: string): string {
  if (before !== undefined) throw new Fault('FIELD_REPEATED', { name });
  return value;
}

/** RFC 9110 §8.6 lets equal lengths be taken as one; a proxy that takes the other way counts differently, so they are refused. */
function onceLength(before: string | undefined, value: string): string {
  if (before !== undefined) throw new Fault('LENGTH_INVALID', { value: `${before}, ${value}` });
  return value;
}

function joined(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`;
}

/** Codings that HTTP has or had: with one of them, what is wrong is their order; any other name is not understood. */
const CODINGS = new Set(['chunked', 'gzip', 'x-gzip', 'compress', 'x-compress', 'deflate', 'identity']);

/** Passes for one exact `chunked` without a length beside it, and for nothing else. */
function checkCodings(lines: readonly string[], hasLength: boolean): void {
  if (lines.length === 1 && lines[0]!.toLowerCase() === 'chunked' && !hasLength) return;
  const codings = lines
    .join(',')
    .split(',')
    .map((coding) => stripOws(coding).toLowerCase());
  const value = lines.join(', ');
  if (codings.some((coding) => coding === '' || /[^\x21-\x7e]/.test(coding)))
    throw new Fault('CODING_INVALID', { why: JSON.stringify(value) });
  const unknown = codings.find((coding) => !TOKEN.test(coding) || !CODINGS.has(coding));
  if (unknown !== undefined) throw new Fault('CODING_UNKNOWN', { coding: unknown });
  // §6.3 lets a server take chunked and drop the length. A proxy in front that does the opposite would see another request
  // begin in the middle of this body.
  if (hasLength) throw new Fault('LENGTH_AND_CODING', {});
  if (codings.at(-1) !== 'chunked') throw new Fault('CODING_INVALID', { why: `${value} does not end in chunked` });
  if (codings.indexOf('chunked') !== codings.length - 1)
    throw new Fault('CODING_INVALID', { why: 'chunked stands more than once' });
  throw new Fault('CODING_UNKNOWN', { coding: codings[0]! });
}
