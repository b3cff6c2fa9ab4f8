// options.ts: every option of the HTTP server, once. Validation, flags, --help, the reference page and the types read this table.
//
// Names and defaults marked Pyruvate are a contract: an ini written for it means the same here.

import {
  bool,
  choice,
  count,
  countOr,
  exported,
  fileMask,
  fileMode,
  list,
  option,
  optional,
  parsed,
  seconds,
  secret,
  size,
  text,
  textOr,
  textOrNone,
  type Options,
} from '@appserve/core/options';
import { FIELDS_MAX } from '@appserve/core/message';
import { ALPN_PROTOCOLS, isAlpnProtocol, type AlpnProtocol } from './connection/alpn.ts';
import { ADDRESS_FORMS } from './listen/address.ts';
import { LEVELS } from './log.ts';
import { isLogObject, type LogObject } from './logging/log-object.ts';
import { CERTIFICATES_FORM, readCertificates } from './tls/certificates-option.ts';
import { PASSPHRASE_FORMS, readPassphraseSource } from './tls/passphrase.ts';

const UNLIMITED = { unlimited: Number.POSITIVE_INFINITY } as const;

export const serverOptions = {
  socket: optional(
    list(`addresses: ${ADDRESS_FORMS}`, 'ADDRESS'),
    `Where to listen: ${ADDRESS_FORMS}; several may be given, parted by white space. Port 0 takes any free port, no host every interface, a host name all of its addresses; a relative path begins at the working directory. fd:N is a descriptor that listens already, systemd (or None) all that systemd passed, systemd:NAME those of one FileDescriptorName. See docs/guide/sockets.md.`,
    'Pyruvate',
  ),
  host: optional(
    text('a host name or address', 'HOST'),
    'Another spelling of one TCP socket, with port; 127.0.0.1 where port stands alone.',
    'gevent-fastcgi',
  ),
  port: optional(count({ max: 65_535 }), 'Another spelling of one TCP socket, with or without host.', 'gevent-fastcgi'),
  socket_mode: option(
    fileMode(),
    '0660',
    'Who may connect to a unix socket: the owner, the group and the others, as for files; whatever the umask is.',
    'gevent-fastcgi',
  ),
  socket_owner: optional(
    text('a user, by name or number', 'USER'),
    'Whom a unix socket belongs to; the user that starts the server when left out.',
    'gevent-fastcgi',
  ),
  socket_group: optional(
    text('a group, by name or number', 'GROUP'),
    'The group of a unix socket; that of the user that starts the server when left out.',
    'gevent-fastcgi',
  ),
  backlog: option(
    count({ min: 1 }),
    '1024',
    'Connections that the kernel queues for the workers; an inherited socket keeps the queue that it has.',
    'gevent',
  ),
  workers: optional(
    countOr({ auto: 'auto' } as const, { min: 1 }),
    'How many workers; auto: one for each available core. An ini file must say it, here or as num_workers; in serve() 1 when left out.',
    'Pyruvate',
  ),
  interface: option(
    choice('auto', 'gateway', 'fetch', 'node', 'cgi', 'websocket'),
    'auto',
    'Which contract the app keeps; auto: told by its shape, see docs/guide/frameworks.md. To be said of what two contracts could mean, such as a minified (request, response) function.',
  ),
  worker_class: option(
    choice('thread', 'process', 'inline'),
    'thread',
    'What a worker is: a thread; a process, for apps whose native parts do not bear threads; or, inline, the main thread itself, for a debugger: one worker that nobody can replace.',
    'gevent-fastcgi, uvwsgi',
  ),
  num_workers: optional(count({ min: 1 }), 'Another spelling of workers with worker_class = process.', 'gevent-fastcgi'),
  dispatch: option(
    choice('shared', 'balanced'),
    'shared',
    'shared: workers accept connections by themselves. balanced: the main thread accepts, and gives each connection to the worker with the least to do.',
    'uvwsgi',
  ),
  async_logging: option(
    bool(),
    'true',
    'Write log records on a thread of its own, one for the whole process: no worker waits for its log. false: a worker waits until its record is written.',
    'Pyruvate',
  ),
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
  qmon_warn_threshold: optional(
    countOr({ None: undefined }, { min: 1 }),
    'Warn when the request queue of a worker reaches this length; None: never.',
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
  concurrency: option(
    countOr(UNLIMITED, { min: 1 }),
    'unlimited',
    'App calls at once in a worker; further requests wait in its request queue.',
    'gevent',
  ),
  queue_limit: option(countOr(UNLIMITED), '1024', 'When this many requests wait, further ones get 503 at once.'),
  head_timeout: option(seconds({ minMs: 1 }), '30', 'How long a request line and its fields may take to arrive: then 408.'),
  body_timeout: option(seconds({ minMs: 1 }), '60', 'How long a client may be silent while its body is awaited: then 408.'),
  min_body_rate: option(size(), '0', 'Bytes a second below which a request body is too slow: 408 after body_timeout; 0: off.'),
  max_request_line: option(size({ min: 64 }), '8190', 'A longer request line: 414.', 'gevent'),
  max_head_size: option(size({ min: 256 }), '32KiB', 'Request line and fields together larger than this: 431.'),
  max_body_size: option(size({ unlimited: true }), '1GiB', 'A larger request body: 413.'),
  graceful_timeout: option(seconds(), '30', 'How long requests in flight may take when the server stops.', 'gevent'),
  worker_timeout: option(
    seconds({ minMs: 1_000, off: true }),
    '0',
    'A worker whose event loop does not turn for this long is logged with its request and its stack, ended and replaced; 0: never. Loading the app does not count.',
    'gunicorn',
  ),
  max_requests: option(
    count(),
    '0',
    'A worker that has answered this many requests is replaced, and no connection is refused; 0: never.',
    'gunicorn',
  ),
  max_requests_jitter: option(
    count(),
    '0',
    'Up to so many requests more, another number for each worker, so that they are not all replaced at once; it needs max_requests.',
    'gunicorn',
  ),
  max_worker_memory: option(
    size(),
    '0',
    'A worker that holds more memory, heap and buffers together, is replaced as with max_requests; 0: never.',
  ),
  max_worker_lifetime: option(
    seconds(),
    '0',
    'A worker that has served for this long is replaced as with max_requests; 0: never.',
  ),
  heap_limit: optional(
    size({ min: 16 * 2 ** 20 }),
    'JavaScript heap of a worker, without its buffers: one that needs more ends, and is replaced. Left out, V8 decides.',
  ),
  stack_limit: optional(
    size({ min: 512 * 2 ** 10 }),
    'Stack that JavaScript may use in a worker. Left out, it is 4MiB in a thread, and 984KiB in a process, which cannot have more than ulimit -s.',
  ),
  light_fetch: option(
    bool(),
    'false',
    'For fetch apps: put a Response that costs a tenth to make in the place of the global one, in every worker. See docs/reference/fetch.md.',
  ),
  websocket_max_message: option(
    size({ min: 1, max: 2 ** 31 - 1 }),
    '16MiB',
    'A larger WebSocket message closes its connection with 1009; an endpoint may say otherwise.',
    'uvicorn',
  ),
  websocket_ping: option(
    seconds(),
    '20',
    'How often a silent WebSocket client is asked whether it is there; one that has not answered until the next time is dropped. 0: never.',
    'uvicorn',
  ),
  certfile: optional(
    text('the path of a PEM file', 'PATH'),
    'TLS on all TCP sockets, with this certificate; those of its issuers follow it in the file, but for the root. It needs keyfile. Read again at a reload. A relative path begins at the working directory that the server is started in. See docs/guide/tls.md.',
    'gevent',
  ),
  keyfile: optional(text('the path of a PEM file', 'PATH'), 'The private key of certfile.', 'gevent'),
  keyfile_password: optional(
    secret(parsed(readPassphraseSource, PASSPHRASE_FORMS, 'SOURCE')),
    'Where the passphrase of keyfile, and of the keys in certificates, is found: the first line of a file, or a variable of the environment. It is not written here, so that nothing shows it.',
    'uvicorn',
  ),
  certificates: optional(
    parsed(readCertificates, CERTIFICATES_FORM, 'LIST'),
    'Certificates for further names that clients ask for (SNI), one a line: a name, or several parted by commas, and the paths of its certificate and its key. *.example.org stands for one label. Who asks for another name gets certfile.',
  ),
  ca_certs: optional(
    text('the path of a PEM file', 'PATH'),
    'Whose certificates of clients are believed; it needs cert_reqs.',
    'gevent',
  ),
  cert_reqs: option(
    choice('none', 'optional', 'required'),
    'none',
    'Whether clients show a certificate: optional: they may, and a wrong one is refused; required: nobody else is let in. It needs ca_certs.',
    'gevent',
  ),
  ciphers: optional(
    text('names of ciphers as OpenSSL has them, parted by colons', 'LIST'),
    'Which ciphers clients may choose from; left out, those of Node.',
    'gevent',
  ),
  ssl_version: option(choice('TLSv1.2', 'TLSv1.3'), 'TLSv1.2', 'The oldest version of TLS that is spoken.', 'gevent'),
  alpn: option(
    list<AlpnProtocol>(`protocols, the preferred one first: ${ALPN_PROTOCOLS.join(', ')}`, 'LIST', isAlpnProtocol),
    ALPN_PROTOCOLS.join(' '),
    'What is offered to clients over TLS (ALPN). Who offers none of it is refused; who offers nothing speaks http/1.1.',
    'hypercorn',
  ),
  handshake_timeout: option(
    seconds({ minMs: 1 }),
    '10',
    'How long the handshake of TLS may take: then the connection is closed.',
  ),
  max_handshakes: option(
    count({ min: 1 }),
    '1024',
    'Handshakes of TLS under way in a worker; where there are more, the one that has taken longest is closed.',
  ),
  via: option(bool(), 'true', 'Send Via: 1.1 appserve.', 'Pyruvate'),
  server_header: option(bool(), 'false', 'Send Server: appserve.'),
  date: option(bool(), 'true', 'Send Date.'),
  pidfile: optional(
    text('the path of a file', 'PATH'),
    'A file that holds the process id while the server runs; one of a process that is gone is replaced. A relative path begins at the working directory.',
  ),
  user: optional(
    text('a user, by name or number', 'USER'),
    'Become this user when all sockets are open and before any app is loaded: with its groups, for good. Only root can.',
  ),
  group: optional(text('a group, by name or number', 'GROUP'), 'Become this group; that of user when left out.'),
  umask: optional(fileMask(), 'What new files of the app do not get; as it is inherited when left out.'),
  chdir: optional(
    text('the path of a folder', 'PATH'),
    'The working directory of the app; sockets, the pidfile and the log still begin at the one that the server is started in.',
  ),
  log: optional(
    textOr<LogObject>(
      isLogObject,
      'the path of a file, - for standard output, a logger of the ini, or None; from TypeScript also an object with write or log',
      'LOG',
    ),
    'Where the access log goes, a line for each answer; left out, or None: there is none. A file is appended to and opened again at SIGUSR1.',
    'gevent',
  ),
  access_log_format: option(
    text('common, combined, json, or a format with atoms such as %(h)s', 'FORMAT'),
    'combined',
    'What a line of the access log has: common and combined as Apache has them, json, or a format with the atoms of gunicorn. A percent sign of an ini is written %%. See docs/guide/logging.md.',
    'gunicorn',
  ),
  error_log: optional(
    textOr<LogObject>(
      isLogObject,
      'the path of a file, - for stderr, a logger of the ini, or None; from TypeScript also an object with write or log',
      'LOG',
    ),
    'Where the log goes: a file that is appended to and opened again at SIGUSR1, or -, which is stderr; a logger of the logging sections of the ini; None: nowhere. Left out, where the logging sections say, else stderr. It is opened as user and group. A relative path begins at the working directory that the server is started in.',
    'gevent',
  ),
  log_format: option(
    choice('auto', 'text', 'pretty', 'json'),
    'auto',
    'How records look where no logging section says it: text; pretty: with colours; json: as pino writes them. auto: pretty on a terminal, else text.',
  ),
  log_request_id: option(
    bool(),
    'false',
    'Give each record that an app logs while it answers a request the id of that request, without being asked to. It costs each request some time: see docs/guide/logging.md.',
  ),
  idle_exit: option(
    seconds(),
    '0',
    'Stop when no connection has been open for this long; 0: never. With socket activation the service is started again by the next client.',
  ),
  metrics: optional(
    textOrNone('an address: host:port, [v6]:port, :port, /path.sock or unix:path', 'ADDRESS'),
    'Where the main thread tells how it goes, apart from the app: a status page at /, Prometheus at /metrics, /-/live and /-/ready. Nobody is asked who he is there: an address that only those reach who may know. None, or left out: nowhere. See docs/guide/observability.md.',
    'granian',
  ),
  control_socket: optional(
    textOrNone('the path of a unix socket', 'PATH'),
    'Where appserve status, top, reload, scale and stop find the server: a unix socket with mode 0600, made as user and group. A relative path begins at the working directory that the server is started in. None, or left out: nowhere.',
    'gunicorn',
  ),
  handler_class: optional(
    exported(
      'a class that extends GatewayHandler, as `pkg#Name` or `./module.js#Name`; from TypeScript the URL of its module with #Name',
      'CLASS',
    ),
    'What answers each request of a gateway app, with its own getEnviron, startResponse, handleError, logRequest, ... A relative path begins at the folder of the ini. See docs/reference/gateway.md.',
    'gevent',
  ),
  environ_class: optional(
    exported(
      'a class of environs, as `pkg#Name` or `./module.js#Name`; from TypeScript the URL of its module with #Name',
      'CLASS',
    ),
    'What the app gets as environ: @appserve/core#SecureEnviron and #WSGISecureEnviron do not show cookies and credentials when they are printed.',
    'gevent',
  ),
  reload: option(
    bool(),
    'false',
    'For development, as --reload: watch what is read and imported, and load it again when it changes; show errors in the browser. See docs/guide/development.md.',
    'uvicorn',
  ),
  reload_dirs: optional(
    list('folders, or globs of files', 'PATH'),
    'Watched with --reload beside what is read and imported. A relative path begins at the working directory.',
    'uvicorn',
  ),
  reload_ignore: optional(
    list('globs; one without a slash is a name, wherever it stands', 'GLOB'),
    'What does not count with --reload, whoever reads it.',
    'uvicorn',
  ),
  log_level: optional(
    choice(...LEVELS),
    'What is logged: this level and above. Left out, what the logging sections of the ini say, else info.',
  ),
} as const satisfies Options;
