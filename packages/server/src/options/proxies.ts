// options/proxies.ts: what proxies say of clients, and what is said where nobody says it.

import { checked, choice, list, option, optional, type Options } from '@appserve/core/options';
import { isHost } from '@appserve/core/message';
import { ADDRESS_WORDS, BELIEVABLE, FORWARDED_KINDS, whyNoAddressWord, type Believable } from '@appserve/core/peers';

const proxies = list(ADDRESS_WORDS, 'ADDRESSES', (word) => whyNoAddressWord(word) === undefined, whyNoAddressWord);

function isBelievable(word: string): word is Believable {
  return (BELIEVABLE as readonly string[]).includes(word);
}

function whyNoName(name: string): string | undefined {
  return isHost(name) && !/:[0-9]*$/.test(name.replace(/^\[.*\]/, '')) ? undefined : 'it is no host, or has a port';
}

export const proxiesOptions = {
  proxy_protocol: option(
    choice('off', 'v1', 'v2', 'any'),
    'off',
    'Each connection begins with a PROXY header of this version, any: of either, which says who the client is. One without, or of somebody whom proxy_allow does not name, is closed. The header comes before TLS. See docs/guide/proxies.md.',
    'gunicorn',
  ),
  proxy_allow: optional(proxies, 'Who may connect with proxy_protocol: the proxies. It needs proxy_protocol.', 'gunicorn'),
  forwarded_allow: optional(
    proxies,
    'The proxies whose Forwarded and X-Forwarded-* say who the client is, and by what scheme and host it asks; of others these fields are taken away. Left out, they are the affair of the app and its filters. See docs/guide/proxies.md.',
    'gunicorn',
  ),
  forwarded_believe: option(
    list<Believable>(`some of ${BELIEVABLE.join(', ')}`, 'WORDS', isBelievable),
    'for proto',
    'Which of X-Forwarded-For, -Proto, -Host and -Port the proxies of forwarded_allow write; the others are taken away. Most pass on what a client says in one that they do not write, so name host and port only where the proxy sets them.',
  ),
  forwarded_header: option(
    choice(...FORWARDED_KINDS),
    'any',
    'Which fields the proxies of forwarded_allow write: X-Forwarded-*, or Forwarded (RFC 7239); the other ones are taken away. any: either; where a request has both and they differ, it is refused.',
  ),
  url_scheme: option(
    choice('http', 'https'),
    'http',
    'The scheme of requests in clear of which nobody tells another: https where a proxy has the TLS and does not say so.',
    'waitress',
  ),
  server_name: optional(
    checked(whyNoName, 'a host name or an address, without a port', 'NAME'),
    'What the server is called where nothing else tells it: SERVER_NAME, and the host in URLs of requests without one. Left out, the address that the client has reached.',
    'waitress',
  ),
} as const satisfies Options;
