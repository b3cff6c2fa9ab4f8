// apps/proxy-part.ts: the options of `@appserve/parts#proxy`.

import { bool, choice, count, list, option, parsed, required, seconds, size } from '@appserve/core/options';
import { part } from '../part.ts';
import { isToken } from '../token.ts';

/** Without a slash at its end. */
function addressOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, host, username, password, search, hash, pathname } = new URL(text);
  if (!/^https?:$/.test(protocol) || `${username}${password}${search}${hash}` !== '') return undefined;
  return `${protocol}//${host}${pathname.replace(/\/$/, '')}`;
}

export const proxyPart = part({
  group: 'app_factory',
  does: `Passes requests on to another server, and its answers back, as they come: bodies are never collected, and each side waits for the other.
WebSockets are passed on too. Fields of one connection stay behind (RFC 9110 §7.6.1), as do paths with \`..\` in them. A server that cannot be
reached, or breaks off before it has answered, is a 502, one that is too slow a 504; one that breaks off later has the client's connection cut.
A request without a body whose connection breaks is sent once more where its method is safe.`,
  options: {
    address: option(
      parsed(addressOf, 'an address such as http://127.0.0.1:8080 or https://api.example.com/v1', 'URL'),
      required,
      'Where to. Its path stands before that of each request.',
      'Paste',
    ),
    allowed_request_methods: option(
      list('methods parted by white space, such as GET HEAD', 'METHODS', isToken),
      '',
      'Others get 405; all are allowed when left out. A WebSocket begins with GET.',
      'Paste',
    ),
    suppress_http_headers: option(
      list('names of fields parted by white space', 'NAMES', isToken),
      '',
      'Fields of requests that are not passed on.',
      'Paste',
    ),
    preserve_host: option(bool(), 'false', 'Whether Host stays what the client has sent; else it is that of `address`.'),
    forwarded: option(
      choice('set', 'append', 'keep'),
      'set',
      'X-Forwarded-For, -Proto and -Host: say who the client is, and nothing of what it says itself in these, in other X-Forwarded-*, Forwarded or X-Real-IP; add to what stands there, behind a proxy that one trusts; or leave them as they are.',
    ),
    connect_timeout: option(seconds({ minMs: 10 }), '5s', 'How long a connection may take.'),
    timeout: option(seconds({ minMs: 10 }), '60s', 'How long it may take until an answer begins, and between two pieces of it.'),
    connections: option(
      count({ min: 1 }),
      '64',
      'Connections to the server from one worker, WebSockets not counted; further requests wait.',
    ),
    waiting: option(count(), '1024', 'How many requests of one worker may wait for a connection; further ones get 503.'),
    waiting_timeout: option(seconds({ minMs: 10 }), '30s', 'How long one may wait for a connection; then it gets 503.'),
    response_head_limit: option(size({ min: 1_024 }), '16KiB', 'How long the head of an answer may be; a longer one is a 502.'),
  },
  example: `
[app:main]
use = @appserve/parts#proxy
address = http://127.0.0.1:8080
timeout = 30s
`,
  legacy: ['Paste#proxy'],
});
