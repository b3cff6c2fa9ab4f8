// files/conditions.ts: what a conditional request is answered with: a machine.
//
// Source: RFC 9110 §13.1 and, for the order in which the fields count, §13.2.2.

import { secondsOf } from './http-date.ts';

/** What the client would get. */
export interface Validators {
  /** Strong, with its quotes. */
  readonly etag: string;
  /** Seconds since 1970. */
  readonly modified: number;
}

export interface Conditions {
  readonly ifMatch: string | undefined;
  readonly ifUnmodifiedSince: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
}

/** For GET and HEAD. */
export function verdict(
  { ifMatch, ifUnmodifiedSince, ifNoneMatch, ifModifiedSince }: Conditions,
  { etag, modified }: Validators,
): 'send' | 'not modified' | 'failed' {
  if (ifMatch !== undefined) {
    if (!hasTag(ifMatch, etag, false)) return 'failed';
  } else if (ifUnmodifiedSince !== undefined) {
    const since = secondsOf(ifUnmodifiedSince);
    if (since !== undefined && modified > since) return 'failed';
  }
  if (ifNoneMatch !== undefined) return hasTag(ifNoneMatch, etag, true) ? 'not modified' : 'send';
  const since = ifModifiedSince === undefined ? undefined : secondsOf(ifModifiedSince);
  return since !== undefined && modified <= since ? 'not modified' : 'send';
}

/**
 * Whether a Range counts: with the very tag only. A date would have to be strong (RFC 9110 §13.1.5, §8.8.2.2), and nobody knows when in
 * its second the client has got its part: a file that was changed again would be put together of two. Whoever has a tag, and we always
 * send one, may not ask by date anyway.
 */
export function rangeCounts(ifRange: string | undefined, { etag }: Validators): boolean {
  return ifRange === undefined || ifRange === etag;
}

/** One entity-tag (RFC 9110 §8.8.3): its parts are tried at one place only, so that no list takes longer than its length. */
const TAG = /[ \t]*(W\/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?:,|$)/y;
const EMPTY = /[ \t]*,/y;

/** `*` is any; of two weak ones the opaque parts count where `isWeak`. What is no list has the tags before the mistake. */
function hasTag(list: string, etag: string, isWeak: boolean): boolean {
  if (/^[ \t]*\*[ \t]*$/.test(list)) return true;
  for (let at = 0; at < list.length;) {
    TAG.lastIndex = at;
    const found = TAG.exec(list);
    if (found !== null) {
      if (found[2] === etag && (isWeak || found[1] === undefined)) return true;
      at = TAG.lastIndex;
      continue;
    }
    EMPTY.lastIndex = at;
    if (!EMPTY.test(list)) return false;
    at = EMPTY.lastIndex;
  }
  return false;
}
