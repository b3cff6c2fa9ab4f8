// filters/ip-allow-part.ts: the options of `@appserve/parts#ip_allow`.

import { option, optional } from '@appserve/core/options';
import { part } from '../part.ts';
import { addresses } from './addresses-part.ts';

export const ipAllowPart = part({
  group: 'filter_factory',
  does: `Lets in whoever comes from certain addresses; everybody else is answered with 403. Behind a proxy every address is the proxy's: there
*proxy_headers* comes first.`,
  options: {
    allow: option(addresses, '127.0.0.1 ::1 unix', 'Who is let in: addresses, networks, and `unix` for unix sockets.'),
    deny: optional(addresses, 'Who is not, though `allow` has them.'),
  },
  example: `
[app:main]
use = @appserve/parts#test
filter-with = inside

[filter:inside]
use = @appserve/parts#ip_allow
allow = 192.0.2.0/24 2001:db8::/32
deny = 192.0.2.1
`,
});
