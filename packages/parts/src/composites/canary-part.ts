// composites/canary-part.ts: the options of `@appserve/parts#canary`.

import { choice, count, naming, option, others, seconds, together } from '@appserve/core/options';
import { part } from '../part.ts';
import { cookieName, fieldName } from '../token-part.ts';
import { Shares } from './shares.ts';

export const canaryPart = part({
  group: 'composite_factory',
  does: `Splits clients between apps by weight: a new version for a few. A client stays with its app, by a cookie or, without one, by what is
known of it. A weight of 0 gives an app to those alone who have its cookie already, such as testers; so a version can be taken back as well.
Caches are told what the choice was made by: Vary names the cookie or the field, and an answer that sets the cookie, or depends on the address,
is \`private\`. A WebSocket of a node app sets no cookie: the page in front of it has.`,
  options: together(
    {
      by: option(
        choice('cookie', 'address', 'field'),
        'cookie',
        'What keeps a client with its app: a cookie that the first answer sets, a hash of its address, or a hash of a field of its requests.',
      ),
      cookie: option(cookieName, 'canary', 'With `by = cookie`. Its value is the number of the app, from 1.'),
      cookie_max_age: option(seconds({ minMs: 1_000 }), '24h', 'How long a client stays with its app.'),
      field: option(fieldName, 'Authorization', 'With `by = field`. Where it is missing, the address.'),
      '*': naming(
        'key',
        others(
          count({ max: 1_000_000 }),
          'APP',
          'The weight of that app: its share of the clients is its part of the sum of all weights.',
          (key) => /^\S+$/.test(key),
        ),
      ),
    },
    ({ others: weighted }) => void new Shares(weighted),
  ),
  example: `
[composite:main]
use = @appserve/parts#canary
stable = 95
next = 5

[app:stable]
use = @appserve/parts#test
text = Version 1

[app:next]
use = @appserve/parts#test
text = Version 2
`,
});
