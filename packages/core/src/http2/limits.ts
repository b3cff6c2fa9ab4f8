// http2/limits.ts: what one request may cost. The numbers are those of HTTP/1.1, counted as they would be counted there: what is
// answered over one is answered over the other.

export interface Http2Limits {
  /** Method, target and version, as a request line would have them. */
  readonly requestLineBytesMax: number;
  /** That line and all fields, as text of HTTP/1.1. */
  readonly headBytesMax: number;
  /** Fields without pseudo-headers; cookies that came in crumbs are one. */
  readonly fieldsMax: number;
  readonly bodyBytesMax: number;
}

export const HTTP2_LIMITS: Http2Limits = Object.freeze({
  requestLineBytesMax: 8_190,
  headBytesMax: 32 * 1_024,
  fieldsMax: 32,
  bodyBytesMax: 1_024 ** 3,
});

/** Method tokens, as in http1/limits.ts. */
export const METHOD_BYTES_MAX = 64;
/** A whole trailer section, as in http1/limits.ts. */
export const TRAILER_BYTES_MAX = 8 * 1_024;
