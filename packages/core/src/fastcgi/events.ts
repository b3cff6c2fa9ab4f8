// fastcgi/events.ts: what a web server can say, and the two reasons why there is nothing to say yet.

import type { Fault } from '../faults.ts';
import type { BodyStream, FastcgiRequest } from './request.ts';

export type FastcgiEvent<T = unknown> =
  /** A request has begun; its variables follow. */
  | { readonly type: 'begin'; readonly request: FastcgiRequest<T> }
  /** Its variables are complete: it has a head. */
  | { readonly type: 'request'; readonly request: FastcgiRequest<T> }
  /** Bytes of a stream, lent: copy what must outlive `keep`. */
  | { readonly type: 'data'; readonly request: FastcgiRequest<T>; readonly stream: BodyStream; readonly bytes: Uint8Array }
  | { readonly type: 'end'; readonly request: FastcgiRequest<T>; readonly stream: BodyStream }
  /** The web server wants no answer any more: `abort` it. */
  | { readonly type: 'abort'; readonly request: FastcgiRequest<T> }
  /** The request broke the rules: `refuse` it. Without a request it was the connection: nothing more is read. */
  | { readonly type: 'fault'; readonly request: FastcgiRequest<T> | undefined; readonly fault: Fault }
  /** Nothing wrong, only early. */
  | { readonly type: 'need-data' }
  /** A further request is here, but the caller wants none now. */
  | { readonly type: 'paused' }
  /** Nothing more will come, or be read: close when the output is flushed. */
  | { readonly type: 'closed' };

export const NEED_DATA = Object.freeze({ type: 'need-data' } as const);
export const PAUSED = Object.freeze({ type: 'paused' } as const);
export const CLOSED = Object.freeze({ type: 'closed' } as const);
