// migration/pserve.ts: Pyramid's pserve (2.2) and waitress (3.0.2).

import type { Peer } from './counterpart.ts';

export const PSERVE: Peer = {
  page: 'pserve.md',
  tables: {
    pserve: [
      ['config_uri', '', 'The first word, CONFIG. It may be left out, and its extension does not matter.'],
      ['name=value', '', 'The same; it may stand anywhere behind CONFIG, and wins over `[DEFAULT]` everywhere.'],
      ['-n, --app-name', '--app-name', 'The same; `-n` too.'],
      ['-s, --server', '--server', 'A server of any package: `-s @appserve/server#fastcgi`.'],
      ['--server-name', '--server-name', 'The same. `CONFIG#NAME` names the app alone, not the server as well.'],
      ['--reload', '--reload', 'The socket stays open meanwhile: no request fails.'],
      ['--reload-interval', '', 'The system tells of changes; nothing is asked in intervals.'],
      ['-b, --browser', '--browser', 'The same; `open_url` is read too.'],
      ['-v, --verbose', '--verbose, log_level', '`--trace` prints stacks with errors of the configuration.'],
      ['-q, --quiet', '--quiet', 'The same.'],
      ['watch_files', 'reload_dirs', '`[pserve]` is read as it stands; `[appserve]` is the same by another name.'],
      ['ignore_files', 'reload_ignore', '`[pserve]` is read as it stands.'],
    ],
    waitress: [
      ['host, port', 'host, port', 'The default is no address rather than 0.0.0.0:8080: say one, best as `socket`.'],
      ['listen', 'socket', 'The same form: addresses parted by white space.'],
      ['ipv4, ipv6', 'socket', 'The address says it: `0.0.0.0:8080`, `[::]:8080`, `:8080` for both.'],
      ['unix_socket', 'socket', 'A path, beside other addresses if need be.'],
      ['unix_socket_perms', 'socket_mode', 'The default is 0660, not 600.'],
      ['sockets', 'socket', '`fd:N`, `systemd` or `systemd:NAME`.'],
      ['backlog', 'backlog', 'The same.'],
      ['threads', 'workers', 'A thread of waitress answers one request at a time, a worker as many as its app awaits.'],
      ['connection_limit', 'max_connections', 'Both let further clients wait in the queue of the kernel.'],
      [
        'channel_timeout',
        'keepalive_timeout, head_timeout, body_timeout, send_timeout',
        'One for each thing that is waited for. Connections are kept only where `max_reuse_count` says so.',
      ],
      ['cleanup_interval', '', 'One timer for all connections looks every 100 ms.'],
      ['max_request_header_size', 'max_head_size, max_request_line, max_number_headers', '32 KiB where theirs is 256.'],
      ['max_request_body_size', 'max_body_size', 'The same default.'],
      ['channel_request_lookahead', '', 'Whether a client has gone, the app is told: `request.signal`, `wsgi.signal`.'],
      ['inbuf_overflow, recv_bytes', '', 'A body goes to the app as it comes; a client waits while 64 KiB are not read.'],
      [
        'outbuf_overflow, outbuf_high_watermark, send_bytes',
        '',
        'An answer goes on at the pace of its client; nothing is kept in a file.',
      ],
      [
        'trusted_proxy, trusted_proxy_headers',
        '@appserve/parts#proxy_headers',
        '`trusted`, by address or network, and `header`.',
      ],
      ['trusted_proxy_count', '@appserve/parts#proxy_headers', 'Proxies are known by their addresses, not counted.'],
      ['clear_untrusted_proxy_headers', '@appserve/parts#proxy_headers', 'Always: what is not believed is taken away.'],
      ['log_untrusted_proxy_headers', '', 'Taken away without a word.'],
      ['url_scheme', 'url_scheme', ''],
      ['url_prefix', '@appserve/parts#prefix', '`prefix`.'],
      ['ident', 'server_header', 'Whether there is a Server field; off where theirs says waitress.'],
      [
        'server_name',
        'server_name',
        'Left out, SERVER_NAME is the address that a request came to; for a unix socket, what Host says.',
      ],
      ['expose_tracebacks', '--reload', 'While one develops. A server never shows them: they stand in the log.'],
      ['log_socket_errors', 'log_level', 'They are said at `debug`.'],
      ['asyncore_loop_timeout, asyncore_use_poll', '', 'Node has an event loop of its own.'],
    ],
  },
};
