// filters/proxy-headers-part.ts: the options of `@appserve/parts#proxy_headers`.

import { choice, option } from '@appserve/core/options';
import { part } from '../part.ts';
import { trustedOption } from './addresses-part.ts';
import { believeOption } from './believed-part.ts';

export const proxyHeadersPart = part({
  group: 'filter_factory',
  does: `Believes the proxies in front, and nobody else: REMOTE_ADDR, the scheme, the host and the port become those of the client. The list of
a header is read from its end, which the nearest proxy has written, up to the first address that is no trusted proxy; what a client has
written in front of that is not believed. Of a list of schemes, hosts or ports the last one counts. A header that is not believed, or comes from somebody who is not trusted, is taken away, so that
no app behind believes it. With \`believe = for proto host\` the proxy must set X-Forwarded-Host itself, whatever its client sends.`,
  options: {
    trusted: trustedOption,
    header: option(
      choice('x-forwarded', 'forwarded'),
      'x-forwarded',
      'What the proxies write: X-Forwarded-*, or Forwarded (RFC 7239). One of them: a proxy that knows the other one only passes on what its client says.',
    ),
    believe: believeOption,
  },
  example: `
[app:main]
use = @appserve/parts#test
filter-with = proxied

[filter:proxied]
use = @appserve/parts#proxy_headers
trusted = 10.0.0.0/8 unix
`,
});
