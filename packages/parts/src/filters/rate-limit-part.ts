// filters/rate-limit-part.ts: the options of `@appserve/parts#rate_limit`.

import { count, option, optional, parsed, required, seconds } from '@appserve/core/options';
import { part } from '../part.ts';

export const rateLimitPart = part({
  group: 'filter_factory',
  does: `Answers whoever asks too often with 429 and Retry-After. Each client may ask \`requests\` times \`per\` so long, all of them at once if it
likes; they come back evenly. **Each worker counts for itself**: with 4 workers a client may get four times as much. Clients are told apart by their
address, of IPv6 by the first 64 bits; behind a proxy *proxy_headers* comes first.`,
  options: {
    requests: option(count({ min: 1 }), required, 'How many requests.'),
    per: option(seconds({ minMs: 1 }), '60', 'In which time.'),
    header: optional(
      parsed((text) => (/^[A-Za-z0-9-]+$/.test(text) ? text : undefined), 'the name of a header', 'NAME'),
      'Tell clients apart by this header, such as X-Api-Key, where it is there. Only for a header that a proxy in front has checked: whoever may invent one has no limit.',
    ),
    max_clients: option(
      count({ min: 1 }),
      '10000',
      'How many clients are remembered; those who have asked least lately are forgotten.',
    ),
  },
  example: `
[app:main]
use = @appserve/parts#test
filter-with = calm

[filter:calm]
use = @appserve/parts#rate_limit
requests = 100
per = 1m
`,
});
