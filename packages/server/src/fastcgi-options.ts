// fastcgi-options.ts: every option of the FastCGI server: what it shares with HTTP, in the rows that stand there, and its own.
//
// Names and defaults marked gevent-fastcgi are a contract: an ini written for it means the same here.

import { bool, choice, count, countOr, list, option, optional, seconds, size, text, type Options } from '@appserve/core/options';
import { isAddress } from './connection/admission.ts';
import { serverOptions } from './options.ts';
import { WORKERS_MAX } from './workers/fleet.ts';

/** What says something of HTTP only, or is called otherwise here. */
const OF_HTTP = [
  'alpn',
  'ca_certs',
  'cert_reqs',
  'certfile',
  'certificates',
  'chunked_transfer',
  'ciphers',
  'crlfile',
  'date',
  'forwarded_allow',
  'forwarded_believe',
  'forwarded_header',
  'h2c',
  'http2_initial_window_size',
  'http2_max_concurrent_streams',
  'http2_max_requests',
  'http2_max_resets',
  'handshake_timeout',
  'keyfile',
  'keyfile_password',
  'max_connections',
  'max_handshakes',
  'max_head_size',
  'max_number_headers',
  'max_request_line',
  'max_reuse_count',
  'server_header',
  'server_name',
  'ssl_version',
  'url_scheme',
  'via',
  'websocket_max_message',
  'websocket_ping',
] as const;

/** Functions of gevent.monkey that inis name, with and without `patch_`. */
const MONKEY = [
  'all',
  'builtins',
  'contextvars',
  'dns',
  'os',
  'queue',
  'select',
  'selectors',
  'signal',
  'socket',
  'ssl',
  'subprocess',
  'sys',
  'thread',
  'time',
] as const;
type MonkeyKey = `gevent.monkey.${'patch_' | ''}${(typeof MONKEY)[number]}`;

/** Taken for the sake of old inis; there is nothing to patch here. */
export const monkeyOptions = Object.fromEntries(
  MONKEY.flatMap((name) => [`gevent.monkey.patch_${name}`, `gevent.monkey.${name}`]).map((key) => [
    key,
    optional(bool(), 'Without effect: there is nothing to patch in Node.', 'gevent-fastcgi'),
  ]),
) as Readonly<Record<MonkeyKey, ReturnType<typeof optional<boolean, ''>>>>;

/** The table that docs/reference/fastcgi.md shows. */
export const shownFastcgiOptions = {
  ...without(serverOptions, OF_HTTP),
  host: optional(
    text('a host name or address', 'HOST'),
    'Where to listen, with port: 127.0.0.1 when left out.',
    'gevent-fastcgi',
  ),
  port: optional(
    count({ max: 65_535 }),
    'Where to listen, with host: 5000 when left out, unless standard input is a listening socket.',
    'gevent-fastcgi',
  ),
  workers: optional(
    countOr({ auto: 'auto' } as const, { min: 1, max: WORKERS_MAX }),
    'How many workers; auto: one for each available core. 1 when left out.',
    'Pyruvate',
  ),
  max_conns: option(
    count({ min: 1 }),
    '1024',
    'Open connections of the process; beyond it the kernel queues. The answer to FCGI_MAX_CONNS.',
    'gevent-fastcgi',
  ),
  max_reqs: optional(
    count({ min: 1 }),
    'Requests under way in the process, each worker having its share; further ones get 503 and FCGI_OVERLOADED. The answer to FCGI_MAX_REQS. max_conns x 1024 when left out.',
    'gevent-fastcgi',
  ),
  max_reqs_per_conn: option(
    count({ min: 1, max: 65_535 }),
    '1024',
    'Requests under way on one connection; further ones get FCGI_OVERLOADED.',
  ),
  mpxs_conns: option(
    bool(),
    'true',
    'Whether a connection may have several requests at the same time: else further ones get FCGI_CANT_MPX_CONN. The answer to FCGI_MPXS_CONNS.',
  ),
  role: option(
    choice('responder', 'authorizer', 'filter'),
    'responder',
    'What the app is to the web server; requests for another role get FCGI_UNKNOWN_ROLE.',
    'gevent-fastcgi',
  ),
  buffer_size: option(
    size({ min: 1 }),
    '64KiB',
    'Unread bytes of a request body at which the web server is made to wait.',
    'gevent-fastcgi',
  ),
  fastcgi_allow: optional(
    list('IP addresses such as 127.0.0.1 or ::1, parted by white space', 'ADDRESS', isAddress),
    'The web servers that are let in, by their addresses; others, and unix sockets, are closed at once. Left out, what the variable FCGI_WEB_SERVER_ADDRS says; without it everybody.',
    'FastCGI 1.0',
  ),
  script_name: optional(
    text('a path that begins with /', 'PATH'),
    'Where the app is mounted: SCRIPT_NAME and PATH_INFO are parted there, however the web server parts them; / for an app that has the whole site. Left out, they stay as they are sent.',
  ),
  max_params_size: option(
    size({ min: 256 }),
    '128KiB',
    'Names and values of the variables of a request together larger than this: 431.',
  ),
  max_params: option(count({ min: 16 }), '512', 'More variables than this: 431.'),
  keepalive_timeout: option(
    seconds({ minMs: 1, off: true }),
    '0',
    'How long a connection may be idle between two requests before we close it; 0: for ever, as FCGI_KEEP_CONN asks for.',
    'Pyruvate',
  ),
  head_timeout: option(
    seconds({ minMs: 1 }),
    '30',
    'How long the variables of a request may take to arrive: then 408; and a new connection its first request: then it is closed.',
  ),
} as const satisfies Options;

export const fastcgiOptions = { ...shownFastcgiOptions, ...monkeyOptions } as const satisfies Options;

function without<T extends object, const K extends readonly (keyof T)[]>(table: T, keys: K): Omit<T, K[number]> {
  return Object.fromEntries(Object.entries(table).filter(([key]) => !keys.includes(key as keyof T))) as Omit<T, K[number]>;
}
