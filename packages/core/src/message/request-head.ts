// message/request-head.ts: the head of a request. Whoever holds one need not check it again: engines make them, and only of
// what they have checked.

import type { Fields } from './fields.ts';

/** How a request body is delimited. `length` 0 stands for no body at all. */
export type Framing =
  | { readonly type: 'length'; readonly length: number }
  | { readonly type: 'chunked' }
  | { readonly type: 'unknown' };

export const NO_BODY: Framing = Object.freeze({ type: 'length', length: 0 });
export const CHUNKED: Framing = Object.freeze({ type: 'chunked' });

export interface RequestParts {
  readonly method: string;
  /** As it was sent. */
  readonly target: string;
  /** Path and query of the target: `/a%20b?c`. `*` for the asterisk-form. */
  readonly pathAndQuery: string;
  /** What a mount has taken from the front of the path, as it was sent; empty, or left out, without one. */
  readonly mountPath?: string;
  /** The version of the client: `HTTP/1.1`. */
  readonly version: string;
  /** Host is the effective one: an absolute target replaces it (RFC 9112 §3.2.2). */
  readonly fields: Fields;
  readonly framing: Framing;
  /** The client waits for 100 Continue before it sends its body. */
  readonly expectsContinue: boolean;
  /** Whether the client lets the connection be used again (RFC 9112 §9.3). */
  readonly keepAlive: boolean;
}

/** Not frozen: it is made for every request, and freezing costs as much as making it. Its fields are readonly in the types. */
export class RequestHead implements RequestParts {
  readonly method: string;
  readonly target: string;
  readonly pathAndQuery: string;
  readonly mountPath: string;
  readonly version: string;
  readonly fields: Fields;
  readonly framing: Framing;
  readonly expectsContinue: boolean;
  readonly keepAlive: boolean;

  constructor(parts: RequestParts) {
    this.method = parts.method;
    this.target = parts.target;
    this.pathAndQuery = parts.pathAndQuery;
    this.mountPath = parts.mountPath ?? '';
    this.version = parts.version;
    this.fields = parts.fields;
    this.framing = parts.framing;
    this.expectsContinue = parts.expectsContinue;
    this.keepAlive = parts.keepAlive;
  }

  /** Before the first "?", percent-encoded as it was sent. */
  get path(): string {
    const at = this.pathAndQuery.indexOf('?');
    return at === -1 ? this.pathAndQuery : this.pathAndQuery.slice(0, at);
  }

  /** After the first "?", raw; empty when there is none. */
  get query(): string {
    const at = this.pathAndQuery.indexOf('?');
    return at === -1 ? '' : this.pathAndQuery.slice(at + 1);
  }

  get hasBody(): boolean {
    return this.framing.type !== 'length' || this.framing.length > 0;
  }
}
