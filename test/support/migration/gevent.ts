// migration/gevent.ts: gevent.pywsgi (26.5) and gevent-fastcgi (1.1).

import type { Peer } from './counterpart.ts';

export const GEVENT: Peer = {
  page: 'gevent.md',
  tables: {
    pywsgi: [
      ['listener', 'socket', '`host:port`, `:port`, `[v6]:port`; a socket that is open already: `fd:N`.'],
      ['-b, --bind', 'socket', 'Of `python -m gevent.pywsgi`: `appserve ./app.ts#app :8080`.'],
      ['application', '', '`use` of `[app:main]`, or `appserve ./app.ts#app`.'],
      ['backlog', 'backlog', 'The default is 1024, not 128.'],
      [
        'spawn',
        'concurrency, queue_limit',
        'A pool of N is `concurrency = N`; who finds it full waits, and beyond `queue_limit` gets 503.',
      ],
      ['log', 'log', 'A file, `-`, a logger of the ini, an object with `write` or `log`; the default is none, not stderr.'],
      ['error_log', 'error_log', 'The same forms; `wsgi.errors` goes there.'],
      [
        'handler_class',
        'handler_class',
        'The methods have the names of theirs in camelCase: [gateway.md](../reference/gateway.md).',
      ],
      ['environ', '', 'A filter may add to an environ.'],
      ['environ_class', 'environ_class', '`@appserve/core#SecureEnviron`, `#WSGISecureEnviron`, or your own.'],
      ['secure_environ_class', '', 'The server prints no environ with an error.'],
      ['base_env', '', 'A filter may add to an environ.'],
      ['stop_timeout', 'graceful_timeout', 'The default is 30 seconds, not 1.'],
      ['min_delay, max_delay', '', 'When descriptors run short, accepting goes on as soon as some are free.'],
      ['max_accept', 'dispatch', '`balanced` gives connections to the worker with the least to do.'],
      ['reuse_addr', '', 'Always on.'],
      [
        'keyfile, certfile',
        'keyfile, certfile, certificates',
        'Of `ssl_args`. Read again at a reload; `certificates` are those for further names.',
      ],
      ['ca_certs, ciphers', 'ca_certs, ciphers', 'The same.'],
      ['cert_reqs', 'cert_reqs', 'none, optional or required instead of `ssl.CERT_NONE` and its like.'],
      ['ssl_version', 'ssl_version', 'The oldest version that is spoken: TLSv1.2 or TLSv1.3.'],
      ['do_handshake_on_connect', 'handshake_timeout, max_handshakes', 'A handshake keeps nobody else waiting, and has limits.'],
      ['suppress_ragged_eofs', '', 'Who leaves without a word has left.'],
      ['ssl_context, server_hostname', '', 'What the options do not say, `createHttpServer().listen(address, { tls })` does.'],
      ['fatal_errors', '', 'What cannot be mended ends the process with a code: [operations.md](../guide/operations.md).'],
    ],
    fastcgi: [
      ['host', 'fastcgi:host', 'The same.'],
      ['port', 'fastcgi:port', 'The same: 5000 when left out.'],
      ['socket', 'fastcgi:socket', 'The same; several addresses too.'],
      ['socket_mode, --socket-mode', 'fastcgi:socket_mode', 'Octal, as its manual says; its code reads decimal.'],
      ['max_conns, --max-conns', 'fastcgi:max_conns', 'The same.'],
      ['max_reqs', 'fastcgi:max_reqs', 'Taken, and kept; there it is in the manual alone.'],
      ['num_workers, --num-workers', 'fastcgi:num_workers', 'Processes, as there. `workers` are threads.'],
      [
        'buffer_size, --buffer-size',
        'fastcgi:buffer_size',
        'Not a size of reads: how much of a body is kept that the app has not read.',
      ],
      ['backlog', 'fastcgi:backlog', 'The default is 1024.'],
      ['role', 'fastcgi:role', 'In the ini too.'],
      [
        'gevent.monkey.patch_all, --monkey-patch',
        '',
        'Keys of this kind are taken, as booleans, and do nothing: there is nothing to patch.',
      ],
      ['--work-dir', 'fastcgi:chdir', ''],
      ['--stdout, --stderr', 'fastcgi:error_log, fastcgi:log', 'The logs; what an app prints stays where it prints it.'],
      ['--daemon', '', 'A service manager starts it: [examples/systemd](../../examples/systemd/README.md).'],
    ],
  },
};
