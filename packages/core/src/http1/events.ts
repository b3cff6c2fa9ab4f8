// http1/events.ts: what a client can say, and the two reasons why there is nothing to say yet.

import type { Fault } from '../faults.ts';
import type { Fields } from '../message/fields.ts';
import type { RequestHead } from '../message/request-head.ts';

export type Http1Event =
  | { readonly type: 'request'; readonly head: RequestHead }
  /** Bytes of the request body, lent: copy what must outlive `keep`. */
  | { readonly type: 'data'; readonly bytes: Uint8Array }
  | { readonly type: 'end'; readonly trailers: Fields }
  /** The client broke the rules. Nothing more is read; answer with `refuse`. `head`: of the request that is wrong, as far as it goes. */
  | { readonly type: 'fault'; readonly fault: Fault; readonly head: RequestHead | undefined }
  /** Nothing wrong, only early. */
  | { readonly type: 'need-data' }
  /** A further request may be here, but it waits until the response under way is complete. */
  | { readonly type: 'paused' }
  /** Nothing more will come, or be read: close when the output is flushed. */
  | { readonly type: 'closed' };

export const NEED_DATA: Http1Event = Object.freeze({ type: 'need-data' });
export const PAUSED: Http1Event = Object.freeze({ type: 'paused' });
export const CLOSED: Http1Event = Object.freeze({ type: 'closed' });
