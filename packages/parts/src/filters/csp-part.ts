// filters/csp-part.ts: the options of `@appserve/parts#csp`.

import { bool, option, parsed } from '@appserve/core/options';
import { part } from '../part.ts';

/** Directives may stand in lines of their own; nothing else may end a header. */
function policyOf(text: string): string | undefined {
  const policy = text
    .split(/[;\r\n]+/)
    .map((directive) => directive.trim())
    .filter((directive) => directive !== '')
    .join('; ');
  return policy !== '' && /^[\x20-\x7e]+$/.test(policy) ? policy : undefined;
}

export const cspPart = part({
  group: 'filter_factory',
  does: `Sends a Content-Security-Policy with every answer that has none. \`{nonce}\` in it stands for 'nonce-...' with a number that is new
for each request; the app finds the number in \`environ['appserve.csp_nonce']\` and puts it into its script and style tags. A 304 has no policy with a number: the page that the browser has kept has the old one.`,
  options: {
    policy: option(
      parsed(policyOf, 'directives, parted by ; or line ends', 'POLICY'),
      "default-src 'self'; object-src 'none'; base-uri 'self'; frame-ancestors 'self'",
      'The directives.',
    ),
    report_only: option(bool(), 'false', 'Browsers tell what they would refuse, and refuse nothing.'),
  },
  example: `
[app:main]
use = @appserve/parts#test
filter-with = csp

[filter:csp]
use = @appserve/parts#csp
policy =
    default-src 'self'
    script-src 'self' {nonce}
    object-src 'none'
`,
});
