// filters/security-headers-part.ts: the options of `@appserve/parts#security_headers`.

import { option, parsed } from '@appserve/core/options';
import { part } from '../part.ts';

/** A value that may stand in a header; `None` leaves the header out. */
const value = parsed<string | false>(
  (text) => (text === 'None' ? false : /^[\x20-\x7e]+$/.test(text) ? text : undefined),
  'a value of one line, or None for no such header',
  'VALUE',
);

export const securityHeadersPart = part({
  group: 'filter_factory',
  does: `Adds the headers that tell browsers to be careful, those that the app has not set itself. Content-Security-Policy is a part of its own:
*csp*.`,
  options: {
    strict_transport_security: option(value, 'max-age=31536000', 'Sent over https only (RFC 6797 §7.2).'),
    x_content_type_options: option(value, 'nosniff', 'Types are what the app says they are.'),
    x_frame_options: option(value, 'SAMEORIGIN', 'Who may show the page in a frame.'),
    referrer_policy: option(value, 'strict-origin-when-cross-origin', 'What other sites learn of where somebody came from.'),
    cross_origin_opener_policy: option(value, 'same-origin', 'Pages that were opened from elsewhere are apart.'),
    cross_origin_resource_policy: option(value, 'same-origin', 'Who may embed what the app sends.'),
    permissions_policy: option(value, 'None', 'What the page may ask the browser for.'),
  },
  example: `
[app:main]
use = @appserve/parts#test
filter-with = careful

[filter:careful]
use = @appserve/parts#security_headers
x_frame_options = DENY
cross_origin_resource_policy = None
`,
});
