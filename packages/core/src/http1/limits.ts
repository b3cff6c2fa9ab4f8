// http1/limits.ts: what one connection may cost. Units last; the number's reason beside it.
//
// These are the engine's own defaults; a server settles them from its options (max_request_line, max_head_size, ...).

export interface Http1Limits {
  /** The request line without its CRLF. RFC 9112 §3 asks for at least 8000; gevent has 8192, nginx 8 KiB. */
  readonly requestLineBytesMax: number;
  /** Request line and fields together, and likewise a trailer section. Node 16 KiB, nginx 32 KiB in all. */
  readonly headBytesMax: number;
  /** Field lines of a head, and likewise of a trailer section: Pyruvate's max_number_headers. */
  readonly fieldsMax: number;
  readonly bodyBytesMax: number;
  /** How many requests a connection serves. */
  readonly requestsMax: number;
}

export const HTTP1_LIMITS: Http1Limits = Object.freeze({
  requestLineBytesMax: 8_190,
  headBytesMax: 32 * 1_024,
  fieldsMax: 32,
  bodyBytesMax: 1_024 ** 3,
  requestsMax: Number.POSITIVE_INFINITY,
});

/** Method tokens; the longest registered one, UPDATEREDIRECTREF, has 17 letters. */
export const METHOD_BYTES_MAX = 64;
/** Empty lines before a request line: RFC 9112 §2.2 asks for tolerance of "at least one". */
export const EMPTY_LINES_MAX = 4;
/** Digits of one chunk size: 13 hold every safe integer, three more are for leading zeros. */
export const CHUNK_SIZE_DIGITS_MAX = 16;
/** One line with a chunk size and its extensions; gevent 8192, puma 4096. */
export const CHUNK_LINE_BYTES_MAX = 4_096;
/** All extensions of one body together: Node and puma 16 KiB (CVE-2024-22019, CVE-2024-21647). */
export const CHUNK_EXTENSIONS_BYTES_MAX = 16 * 1_024;
/** A whole trailer section; gevent allows as much for each line. */
export const TRAILER_BYTES_MAX = 8 * 1_024;
/** What is read and dropped of a body that the app did not want, to keep the connection. */
export const DRAIN_BYTES_MAX = 64 * 1_024;
