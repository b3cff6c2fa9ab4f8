// peer-faults.ts: the client's side of HTTP. RFC 9112 unless another source is named.

import { peer } from './fault-row.ts';

/** Of a connection that is to begin with a PROXY header, and does not. */
export const SAY_ONE =
  'let the proxy say one (send-proxy-v2 of HAProxy, proxy_protocol on of nginx), or set proxy_protocol = off here';

export const PEER_FAULTS = {
  REQUEST_LINE_INVALID: peer(
    400,
    'The first line of a request is not `method SP target SP version CRLF` (RFC 9112 §3).',
    (d: { why: string }) => `invalid request line: ${d.why}`,
  ),
  REQUEST_LINE_TOO_LONG: peer(
    414,
    'The request line is longer than `max_request_line`.',
    (d: { limit: number }) => `the request line exceeds ${d.limit} bytes`,
  ),
  VERSION_UNSUPPORTED: peer(
    505,
    'The request speaks a major version of HTTP other than 1 (RFC 9110 §15.6.6).',
    (d: { version: string }) => `${d.version} is not spoken here`,
  ),
  TARGET_INVALID: peer(
    400,
    'The request target is none of the four forms of RFC 9112 §3.2, or holds a byte that no URI may hold.',
    (d: { why: string }) => `invalid request target: ${d.why}`,
  ),
  METHOD_UNKNOWN: peer(
    501,
    'A fetch app was sent a method that a Request cannot have: TRACE, TRACK, or a common one in lower case, which Request would change.',
    (d: { method: string }) => `the method ${d.method} is not known here`,
  ),
  METHOD_REFUSED: peer(
    405,
    'CONNECT asks for a tunnel, which an origin server does not open.',
    (d: { method: string }) => `the method ${d.method} is refused`,
  ),
  MISDIRECTED: peer(
    421,
    'The target is an https URL, but the connection is not secure (RFC 9110 §7.4).',
    (d: { target: string }) => `${JSON.stringify(d.target)} is not answered over an insecure connection`,
  ),
  HEAD_TOO_LARGE: peer(
    431,
    'Request line and fields together, or a trailer section, are larger than `max_head_size`.',
    (d: { limit: number }) => `the head exceeds ${d.limit} bytes`,
  ),
  FIELDS_TOO_MANY: peer(
    431,
    'A head or a trailer section has more fields than `max_number_headers`.',
    (d: { limit: number }) => `more than ${d.limit} header fields`,
  ),
  FIELD_INVALID: peer(
    400,
    'A field line is not `name ":" OWS value OWS CRLF`: folded, without a colon, with white space before the colon, or with a byte that is not allowed (RFC 9112 §5).',
    (d: { why: string }) => `invalid field line: ${d.why}`,
  ),
  FIELD_REPEATED: peer(
    400,
    'A field that has one value stands more than once.',
    (d: { name: string }) => `${d.name} stands more than once`,
  ),
  HOST_MISSING: peer(400, 'An HTTP/1.1 request has no Host field (RFC 9112 §3.2).', () => 'there is no Host field'),
  HOST_INVALID: peer(
    400,
    'The value of Host, or the authority of an absolute target, is not `uri-host [":" port]` (RFC 9112 §3.2).',
    (d: { value: string }) => `invalid Host ${JSON.stringify(d.value)}`,
  ),
  LENGTH_INVALID: peer(
    400,
    'Content-Length is not one decimal number. Lists of equal numbers are refused too: a proxy in front may count another one.',
    (d: { value: string }) => `invalid Content-Length ${JSON.stringify(d.value)}`,
  ),
  LENGTH_AND_CODING: peer(
    400,
    'Content-Length and Transfer-Encoding stand in one request: two readings, so it is refused (RFC 9112 §6.3).',
    () => 'Content-Length and Transfer-Encoding together',
  ),
  CODING_INVALID: peer(
    400,
    'Transfer-Encoding does not end in one `chunked`, or stands in an HTTP/1.0 request (RFC 9112 §6.1, §6.3).',
    (d: { why: string }) => `invalid Transfer-Encoding: ${d.why}`,
  ),
  CODING_UNKNOWN: peer(
    501,
    'Transfer-Encoding names a coding other than chunked (RFC 9112 §6.1).',
    (d: { coding: string }) => `unknown transfer coding ${JSON.stringify(d.coding)}`,
  ),
  EXPECTATION_UNKNOWN: peer(
    417,
    'Expect names something other than 100-continue (RFC 9110 §10.1.1).',
    (d: { value: string }) => `unknown expectation ${JSON.stringify(d.value)}`,
  ),
  BODY_TOO_LARGE: peer(
    413,
    'The request body is larger than `max_body_size`.',
    (d: { limit: number }) => `the body exceeds ${d.limit} bytes`,
  ),
  CHUNK_INVALID: peer(
    400,
    'The chunked body breaks the grammar of RFC 9112 §7.1, or its chunk extensions are too long.',
    (d: { why: string }) => `invalid chunked body: ${d.why}`,
  ),
  BODY_INCOMPLETE: peer(
    400,
    'The client closed its side before the body was complete; the app sees this error and never a short body (RFC 9112 §6.3).',
    () => 'the connection ended within the request body',
  ),
  HEAD_INCOMPLETE: peer(
    400,
    'The client closed its side in the middle of a request head.',
    () => 'the connection ended within the request head',
  ),
  HEAD_TIMEOUT: peer(
    408,
    'A head did not arrive within `head_timeout`.',
    (d: { limitMs: number }) => `no complete head within ${d.limitMs} ms`,
  ),
  BODY_TIMEOUT: peer(
    408,
    'The client was silent for `body_timeout` while its body was awaited.',
    (d: { limitMs: number }) => `no byte of the body for ${d.limitMs} ms`,
  ),
  SEND_TIMEOUT: peer(
    408,
    'The client took no byte of the answer for `send_timeout`; the connection is cut.',
    (d: { limitMs: number }) => `the client took no byte for ${d.limitMs} ms`,
  ),
  PEER_GONE: peer(
    400,
    'The client closed the connection while its request was being answered. The reason of `exchange.signal`.',
    () => 'the client has gone',
  ),
  PROXY_HEADER_INVALID: peer(
    400,
    'A proxy that must say a PROXY header says none, a wrong one, or one of a version that is not spoken (`proxy_protocol`). The connection is closed without an answer.',
    (d: { why: string; hint?: string | undefined }) => `invalid PROXY header: ${d.why}`,
    (d) => d.hint,
  ),
  PROXY_HEADER_TIMEOUT: peer(
    408,
    'A proxy has not said its PROXY header within `head_timeout`, or `handshake_timeout` where TLS follows. The connection is closed without an answer.',
    (d: { limitMs: number }) => `no whole PROXY header within ${d.limitMs} ms`,
    () => SAY_ONE,
  ),
  FORWARDED_CONFLICT: peer(
    400,
    'A proxy of `forwarded_allow` has sent both Forwarded and X-Forwarded-*, and of what `forwarded_believe` names they do not say the same: one of them may be of the client, and nobody can tell which. Let the proxy take away the one that it does not write, or name the one that it writes in `forwarded_header`.',
    (d: { part: string; forwarded: string; others: string }) =>
      `the ${d.part} is ${d.forwarded} by Forwarded, and ${d.others} by X-Forwarded-*: let the proxy take away the one that it does not write, or name the one that it writes in forwarded_header`,
  ),
  PSEUDO_INVALID: peer(
    400,
    'The pseudo-header fields of an HTTP/2 request are not those that it must have, each once and before all others (RFC 9113 §8.3).',
    (d: { why: string }) => `invalid pseudo-header fields: ${d.why}`,
  ),
  FIELD_OF_CONNECTION: peer(
    400,
    'An HTTP/2 request has a field that says something of a connection of HTTP/1.1, or TE with something other than trailers (RFC 9113 §8.2.2).',
    (d: { name: string }) => `${d.name} has no place in HTTP/2`,
  ),
  RESETS_TOO_MANY: peer(
    429,
    'An HTTP/2 client breaks off more requests than `http2_max_resets` lets it: the connection is closed with ENHANCE_YOUR_CALM (RFC 9113 §10.5, CVE-2023-44487).',
    (d: { limit: number }) => `more than ${d.limit} requests were broken off in a short time`,
  ),
  FRAMES_TOO_MANY: peer(
    429,
    'An HTTP/2 client sends PING, SETTINGS or PRIORITY frames without end: the connection is closed with ENHANCE_YOUR_CALM (RFC 9113 §10.5).',
    (d: { limit: number }) => `more than ${d.limit} frames that carry no request came in a short time`,
  ),
  RECORD_INVALID: peer(
    400,
    'A FastCGI record breaks FastCGI 1.0: another version, an id that may not be, a length that its type cannot have. The connection is closed.',
    (d: { why: string }) => `invalid record: ${d.why}`,
  ),
  STREAM_OUT_OF_TURN: peer(
    400,
    'A FastCGI stream began before the one that it follows was complete: PARAMS, then STDIN, then DATA of a filter.',
    (d: { stream: string; before: string }) => `${d.stream} before the end of ${d.before}`,
  ),
  PARAMS_INVALID: peer(
    400,
    'PARAMS of a FastCGI request is not made of whole name-value pairs (FastCGI 1.0 §3.4).',
    (d: { why: string }) => `invalid PARAMS: ${d.why}`,
  ),
  PARAMS_TOO_LARGE: peer(
    431,
    'PARAMS of a FastCGI request is larger than `max_params_size`.',
    (d: { limit: number }) => `the variables exceed ${d.limit} bytes`,
  ),
  PARAMS_TOO_MANY: peer(
    431,
    'A FastCGI request has more variables than `max_params`.',
    (d: { limit: number }) => `more than ${d.limit} variables`,
  ),
  VARIABLE_INVALID: peer(
    400,
    'A CGI variable has a name or a value that RFC 3875 does not allow, or REQUEST_METHOD is not there.',
    (d: { name: string; why: string }) => `invalid variable ${JSON.stringify(d.name)}: ${d.why}`,
  ),
  STREAM_LENGTH_WRONG: peer(
    400,
    'STDIN or DATA of a FastCGI request is not as long as CONTENT_LENGTH or FCGI_DATA_LENGTH says; the app sees this error and never a short body (FastCGI 1.0 §6.2, §6.4).',
    (d: { stream: string; wanted: number }) => `${d.stream} is not the ${d.wanted} bytes that were announced`,
  ),
  REQUESTS_TOO_MANY: peer(
    503,
    'More FastCGI requests are under way than `max_reqs` or `max_reqs_per_conn` allows: FCGI_OVERLOADED.',
    (d: { limit: number }) => `${d.limit} requests are under way`,
  ),
  QUEUE_FULL: peer(
    503,
    'All `concurrency` app calls of the worker are busy and its request queue holds `queue_limit` requests.',
    (d: { limit: number }) => `the request queue is full (${d.limit})`,
  ),
} as const;
