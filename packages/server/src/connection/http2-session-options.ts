// connection/http2-session-options.ts: what node:http2 itself holds a client to, of our own limits.
//
// Law: whatever we would answer with 431 must come as far as to us; what is beyond that costs as little as can be.

import type { SessionOptions } from 'node:http2';
import type { HttpSettings } from '../settings.ts';

/** Pseudo-header fields. */
const PSEUDO_MAX = 4;
/** Fields that we count as one: browsers send each cookie by itself (RFC 9113 §8.2.3). */
const CRUMBS_MAX = 256;
/** What a field counts beside its bytes (RFC 9113 §6.5.2). */
const FIELD_BYTES = 32;
/** Frames that break the rules of one stream, HEADERS of too many streams, settings of one frame: a client of good will sends none, or few. */
const INVALID_FRAMES_MAX = 100;
const REJECTED_STREAMS_MAX = 100;
const SETTINGS_MAX = 32;
/** What a session costs by itself, with the tables of HPACK. */
const SESSION_BYTES = 2_000_000;
/** Of an answer node:http2 is given at most a slice at a time (stream-output.ts). */
const SLICE_BYTES = 64 * 1_024;
const MB = 1_000_000;

/** With what the types of node:http2 leave out. */
export interface ServerSessionOptions extends SessionOptions {
  readonly maxSessionInvalidFrames: number;
  readonly maxSessionRejectedStreams: number;
}

interface OfSession {
  readonly session: ServerSessionOptions;
  readonly windowBytes: number;
}

/** Of what all streams together may send ahead, so much: it is consumed as it comes, and not when the app reads. */
const WINDOW_BYTES_MIN = 2 ** 20;

export function sessionOptions(settings: HttpSettings): OfSession {
  const {
    http2MaxConcurrentStreams: streams,
    http2InitialWindowSizeBytes: window,
    maxHeadSizeBytes,
    maxNumberHeaders,
  } = settings;
  const pairs = PSEUDO_MAX + 2 * maxNumberHeaders + CRUMBS_MAX;
  const headBytes = 2 * maxHeadSizeBytes + pairs * FIELD_BYTES;
  return {
    session: {
      maxHeaderListPairs: pairs,
      maxSessionInvalidFrames: INVALID_FRAMES_MAX,
      maxSessionRejectedStreams: REJECTED_STREAMS_MAX,
      maxSettings: SETTINGS_MAX,
      // In MB. All streams at once, each with a slice under way: what is more is none of ours.
      maxSessionMemory: Math.ceil((SESSION_BYTES + streams * (SLICE_BYTES + headBytes)) / MB),
      settings: { maxConcurrentStreams: streams, initialWindowSize: window, maxHeaderListSize: headBytes, enablePush: false },
    },
    windowBytes: Math.max(WINDOW_BYTES_MIN, window),
  };
}
