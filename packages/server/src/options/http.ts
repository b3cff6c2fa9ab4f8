// options/http.ts: how HTTP is spoken, and the limits of those who speak it.

import { bool, count, countOr, option, seconds, size, type Options } from '@appserve/core/options';
import { FIELDS_MAX } from '@appserve/core/message';

const UNLIMITED = { unlimited: Number.POSITIVE_INFINITY } as const;

export const httpOptions = {
  chunked_transfer: option(
    bool(),
    'false',
    'Use chunked coding when the app gives no Content-Length; else the response ends with its connection.',
    'Pyruvate',
  ),
  keepalive_timeout: option(seconds({ minMs: 1 }), '60', 'How long a connection may be idle between two requests.', 'Pyruvate'),
  max_number_headers: option(count({ min: 1, max: FIELDS_MAX }), '32', 'More header fields than this: 431.', 'Pyruvate'),
  max_reuse_count: option(
    countOr(UNLIMITED),
    '0',
    'How many further requests a connection may serve; 0: no keep-alive.',
    'Pyruvate',
  ),
  max_connections: option(
    count({ min: 1 }),
    '16384',
    'Open connections of the process; beyond it the kernel queues.',
    'gevent-fastcgi',
  ),
  send_timeout: option(
    seconds({ minMs: 1_000 }),
    '60',
    'A client that takes no byte of its answer for this long is dropped.',
    'Pyruvate',
  ),
  head_timeout: option(seconds({ minMs: 1 }), '30', 'How long a request line and its fields may take to arrive: then 408.'),
  body_timeout: option(seconds({ minMs: 1 }), '60', 'How long a client may be silent while its body is awaited: then 408.'),
  min_body_rate: option(size(), '0', 'Bytes a second below which a request body is too slow: 408 after body_timeout; 0: off.'),
  max_request_line: option(size({ min: 64 }), '8190', 'A longer request line: 414.', 'gevent'),
  max_head_size: option(size({ min: 256 }), '32KiB', 'Request line and fields together larger than this: 431.'),
  max_body_size: option(size({ unlimited: true }), '1GiB', 'A larger request body: 413.'),
  h2c: option(
    bool(),
    'false',
    'Speak HTTP/2 in clear too, beside HTTP/1.1 on the same addresses, with clients that begin with it (prior knowledge). Over TLS alpn says it. See docs/guide/http2.md.',
    'gunicorn',
  ),
  http2_max_concurrent_streams: option(
    count({ min: 1, max: 10_000 }),
    '100',
    'Requests under way on one HTTP/2 connection; further ones are refused with REFUSED_STREAM, and may be sent again.',
    'gunicorn',
  ),
  http2_initial_window_size: option(
    size({ min: 16 * 2 ** 10, max: 16 * 2 ** 20 }),
    '64KiB',
    'Bytes of a request body that an HTTP/2 client may send ahead of the app. It bounds the memory of a stream, and the speed of an upload over a long way.',
    'gunicorn',
  ),
  http2_max_requests: option(
    countOr(UNLIMITED, { min: 1 }),
    'unlimited',
    'From this request on an HTTP/2 connection ends, with GOAWAY, as soon as none is under way. max_reuse_count is of HTTP/1.1.',
  ),
  http2_max_resets: option(
    count({ min: 1 }),
    '200',
    'Requests that an HTTP/2 client may break off at once, and again in each ten seconds: then its connection is closed with ENHANCE_YOUR_CALM.',
  ),
  via: option(bool(), 'true', 'Send Via: 1.1 appserve.', 'Pyruvate'),
  server_header: option(bool(), 'false', 'Send Server: appserve.'),
  date: option(bool(), 'true', 'Send Date.'),
} as const satisfies Options;
